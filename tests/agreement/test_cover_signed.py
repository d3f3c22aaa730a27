import json

from odoo.fields import Command

from ..contract.cover_common import CoverCommon


class TestCoverSigned(CoverCommon):
    """Cover is part of what both parties sign; who promises none signs what was signed before."""

    def _create_to_sign(self, **cover):
        contract = self._create_contract(lines=[self._on(self.lift, **cover)])
        contract.action_submit()
        contract.action_approve()
        return contract

    def _get_signed_line(self, contract):
        [line] = json.loads(contract.sudo().version_id.content)["lines"]
        return line

    def _write_past_the_orm(self, contract, name, value):
        self.env.flush_all()
        line = contract.sudo().line_ids
        field = line._fields[name]
        if field.type == "many2many":
            self.env.cr.execute(
                f"DELETE FROM {field.relation} WHERE {field.column1} = %s", [line.id])
            for [_command, _id, ids] in value:
                for record_id in ids:
                    self.env.cr.execute(
                        f"INSERT INTO {field.relation} ({field.column1}, {field.column2}) "
                        "VALUES (%s, %s)", [line.id, record_id])
        else:
            self.env.cr.execute(
                f"UPDATE aftersales_contract_line SET {name} = %s WHERE id = %s",
                [value, line.id])
        self.env.invalidate_all()

    def test_every_cover_term_stands_in_the_signed_content(self):
        line = self._get_signed_line(self._create_to_sign(**self.cover))

        self.assertEqual({name: line[name] for name in self.cover}, {
            **self.cover,
            "excluded_cause_ids": (self.misuse + self.storm).ids,
            "excluded_category_ids": self.lift_category.ids,
        })

    def test_a_line_without_cover_signs_what_it_signed_before_there_was_cover(self):
        line = self._get_signed_line(self._create_to_sign())

        self.assertFalse(set(self.cover) & line.keys())

    def test_terms_a_line_does_not_have_are_left_out(self):
        line = self._get_signed_line(self._create_to_sign(cover_parts=50.0, quota_visits=4))

        self.assertEqual(
            {name: line[name] for name in self.cover if name in line},
            {"cover_parts": 50.0, "quota_visits": 4, "quota_period": "year"},
        )

    def test_a_version_made_before_there_was_cover_verifies_and_can_be_signed(self):
        contract = self._create_to_sign()
        version = contract.version_id
        old = json.loads(version.sudo().content)
        self.assertFalse(set(self.cover) & old["lines"][0].keys())

        self.assertEqual(version._verify()["content"], True)
        version._sign_as_customer("Nora Northside", "typed")
        version._sign_as_company()

        self.assertEqual(contract.state, "active")
        self.assertEqual(version._verify()["content"], True)
        self.assertTrue(version.sudo()._is_content_unchanged())

    def test_a_signed_version_verifies_after_cover_was_agreed_later(self):
        contract = self._create_active(lines=[self._on(self.lift)])
        version = contract.version_id
        contract.sudo()._as_agreed(contract.sudo().line_ids).write({"cover_parts": 50.0})

        self.assertEqual(version._verify()["content"], True)

    def test_any_cover_term_changed_in_the_database_stops_the_signature(self):
        for name, value in self.cover.items():
            with self.subTest(added=name):
                contract = self._create_to_sign()
                self._write_past_the_orm(contract, name, value)
                with self.assertRefused(contract.name, "was changed after"):
                    contract.version_id._sign_as_customer("Nora Northside", "typed")
                self.assertFalse(contract.version_id.customer_signed_on)

    def test_any_cover_term_removed_in_the_database_stops_the_signature(self):
        no_cover = self.env["aftersales.contract.line"]._get_no_cover()
        for name in self.cover:
            with self.subTest(removed=name):
                contract = self._create_to_sign(**self.cover)
                field = contract.line_ids._fields[name]
                empty = [] if field.type == "many2many" else no_cover[name] or (
                    None if field.type == "many2one" else field.falsy_value)
                self._write_past_the_orm(contract, name, empty)
                with self.assertRefused(contract.name, "was changed after"):
                    contract.version_id._sign_as_customer("Nora Northside", "typed")
                self.assertFalse(contract.version_id.customer_signed_on)

    def test_an_archived_or_sorted_cause_leaves_the_signature_valid(self):
        contract = self._create_to_sign(**self.cover)

        self.misuse.write({"active": False, "sequence": 99})
        self.env.invalidate_all()

        self.assertTrue(contract.version_id.sudo()._is_content_unchanged())

    def test_reopening_lets_cover_change_and_makes_a_new_version(self):
        contract = self._create_to_sign(cover_parts=50.0)
        first = contract.version_id

        contract.action_draft()
        contract.line_ids.write({"excluded_cause_ids": [Command.link(self.misuse.id)]})
        contract.action_submit()
        contract.action_approve()

        self.assertEqual(first.state, "void")
        self.assertEqual(
            self._get_signed_line(contract)["excluded_cause_ids"], self.misuse.ids)
