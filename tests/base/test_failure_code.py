from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import users
from odoo.tools import mute_logger

from ..common import AftersalesCommon


class TestFailureCode(AftersalesCommon):
    """The language of failures that comes with the addon."""

    def _get_shipped(self, code_type):
        data = self.env["ir.model.data"].search([
            ("module", "=", "aftersales"), ("model", "=", "aftersales.failure.code"),
        ])
        codes = self.env["aftersales.failure.code"].browse(data.mapped("res_id"))
        return codes.filtered(lambda code: code.code_type == code_type)

    def test_the_six_mechanisms_are_shipped_with_their_kinds(self):
        codes = self._get_shipped("mechanism").mapped("code")

        self.assertEqual(
            [code for code in codes if "." not in code], ["1", "2", "3", "4", "5", "6"])
        for group in "123456":
            self.assertGreater(sum(code.startswith(f"{group}.") for code in codes), 2)

    def test_every_type_is_shipped(self):
        self.assertEqual({
            code_type: len(self._get_shipped(code_type))
            for code_type in ("mode", "mechanism", "cause", "activity", "detection")
        }, {"mode": 25, "mechanism": 38, "cause": 29, "activity": 14, "detection": 12})

    def test_no_warranty_answers_for_what_the_customer_or_nobody_caused(self):
        causes = self._get_shipped("cause")

        self.assertEqual(causes.filtered("is_outside_warranty").mapped("name"), [
            "Operated outside its limits", "Operating error",
            "Maintenance of the customer left undone", "Expected wear", "Misuse",
            "Intervention of a third party", "Unsuitable parts or consumables",
            "Supply or surroundings", "Accident", "Vandalism or theft", "Force majeure",
        ])
        self.assertFalse(self.env["aftersales.failure.code"].search([
            ("code_type", "!=", "cause"), ("is_outside_warranty", "=", True),
        ]))

    @mute_logger("odoo.sql_db")
    def test_a_code_exists_once_for_each_type(self):
        codes = self.env["aftersales.failure.code"].with_user(self.officer)
        codes.create({"code": "9.9", "name": "Lightning"})
        codes.create({"code": "9.9", "name": "Melted", "code_type": "mechanism"})

        with self.assertRaises(IntegrityError), self.cr.savepoint():
            codes.create({"code": "9.9", "name": "Thunder"})

        self.assertEqual(codes.search_count([("code", "=", "9.9")]), 2)

    def test_a_code_is_found_by_name_and_by_code(self):
        codes = self.env["aftersales.failure.code"].with_user(self.technician)
        misuse = self.env.ref("aftersales.failure_cause_6_1")

        for text in ("isuse", "6.1"):
            found = codes.name_search(text, [("code_type", "=", "cause")])
            self.assertEqual(found, [(misuse.id, "Misuse")])

    @users("test_technician", "test_agent", "test_legal", "test_accountant")
    def test_only_officers_write_codes(self):
        misuse = self.env.ref("aftersales.failure_cause_6_1")
        self.assertEqual(misuse.name, "Misuse")

        with self.assertRaises(AccessError):
            misuse.name = "Use"
        with self.assertRaises(AccessError):
            self.env["aftersales.failure.code"].create({"code": "X", "name": "X"})

        self.assertEqual(misuse.name, "Misuse")
