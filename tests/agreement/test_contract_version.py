import hashlib
import json

from odoo.exceptions import UserError
from odoo.fields import Command

from ..common import AftersalesCommon


class TestContractVersion(AftersalesCommon):
    """What is signed never changes under its signature (invariant 4)."""

    def _create_to_sign(self, **vals):
        contract = self._create_contract(clause_ids=[
            Command.create({"name": "Liability", "body": "<p>Up to 1,000.</p>"}),
        ], **vals)
        contract.action_submit()
        contract.action_approve()
        return contract

    # -------------------------------------------------------------------------
    # Freezing
    # -------------------------------------------------------------------------

    def test_approval_freezes_terms_lines_and_clauses(self):
        contract = self._create_to_sign()

        version = contract.version_id
        self.assertRecordValues(version, [{
            "number": 1, "state": "pending", "date_from": contract.date_start,
            "customer_signed_on": False, "date_signed": False,
        }])
        content = json.loads(version.content)
        self.assertEqual(content["number"], contract.name)
        self.assertEqual(content["terms"]["date_end"], "2026-12-31")
        self.assertEqual(content["lines"][0]["price_unit"], 100.0)
        self.assertEqual(content["clauses"][0]["text"], "<p>Up to 1,000.</p>")
        self.assertEqual(
            version.content_hash, hashlib.sha256(version.content.encode()).hexdigest(),
        )

    def test_document_is_printed_once_and_kept_with_its_hash(self):
        version = self._create_to_sign().version_id

        document = version._ensure_document()

        self.assertEqual(version._ensure_document(), document)
        self.assertEqual(
            version.document_hash, hashlib.sha256(document.sudo().raw).hexdigest(),
        )
        self.assertEqual(version._verify(), {"content": True, "document": True})

    def test_reopened_contract_gets_a_version_nobody_has_signed(self):
        contract = self._create_to_sign()
        first = contract.version_id
        first._sign_as_customer("Nora Northside", "typed")

        contract.action_draft()
        contract.action_submit()
        contract.action_approve()

        self.assertEqual(first.state, "void")
        second = contract.version_id
        self.assertNotEqual(second, first)
        self.assertRecordValues(second, [{
            "number": 1, "state": "pending", "customer_signed_by": False,
            "customer_signed_on": False,
        }])
        with self.assertRefused("can no longer be signed", "Void"):
            first._sign_as_company()

    # -------------------------------------------------------------------------
    # Signing
    # -------------------------------------------------------------------------

    def test_contract_takes_effect_with_the_second_signature(self):
        contract = self._create_to_sign()
        version = contract.version_id

        version._sign_as_customer("Nora Northside", "typed", ip="192.0.2.7")
        self.assertEqual(contract.state, "to_sign")
        version._sign_as_company()

        self.assertEqual(contract.state, "active")
        self.assertRecordValues(version, [{
            "state": "signed", "customer_signed_by": "Nora Northside",
            "customer_method": "typed", "customer_ip": "192.0.2.7",
            "company_signed_by_id": self.officer.id,
        }])
        self.assertEqual(str(contract.date_signed), "2026-01-15")
        self.assertEqual(contract.signed_by, "Nora Northside")

    def test_nobody_signs_twice(self):
        version = self._create_to_sign().version_id
        version._sign_as_customer("Nora Northside", "typed")

        with self.assertRefused("already signed by Nora Northside"):
            version._sign_as_customer("Somebody Else", "typed")

        self.assertEqual(version.customer_signed_by, "Nora Northside")

    def test_content_changed_in_the_database_cannot_be_signed(self):
        contract = self._create_to_sign()
        self.env.cr.execute(
            "UPDATE aftersales_contract_line SET price_unit = 1 WHERE contract_id = %s",
            [contract.id],
        )
        self.env.invalidate_all()

        with self.assertRefused(contract.name, "was changed after"):
            contract.version_id._sign_as_customer("Nora Northside", "typed")

        self.assertFalse(contract.version_id.customer_signed_on)

    # -------------------------------------------------------------------------
    # Nothing changes afterwards
    # -------------------------------------------------------------------------

    def test_signed_version_is_closed_to_everybody(self):
        version = self._create_active().version_id
        version.invalidate_recordset()
        before = version.read()

        for vals in (
            {"content": "{}"}, {"content_hash": "0" * 64}, {"customer_signed_by": "Eve"},
            {"date_signed": "2020-01-01"},
        ):
            with self.assertRaises(UserError):
                version.sudo().write(vals)
        with self.assertRefused("cannot be written directly"):
            version.sudo().state = "void"
        with self.assertRefused("was signed and stays"):
            version.sudo().unlink()

        version.invalidate_recordset()
        self.assertEqual(version.read(), before)

    def test_document_cannot_be_replaced_or_deleted(self):
        version = self._create_to_sign().version_id
        document = version._ensure_document().with_user(self.officer)

        with self.assertRefused(version.contract_id.name, "cannot be changed"):
            document.raw = b"%PDF forged"
        with self.assertRefused(version.contract_id.name, "cannot be changed"):
            document.sudo().unlink()

        self.assertEqual(version._verify()["document"], True)

    def test_forged_document_is_found_out(self):
        version = self._create_to_sign().version_id
        document = version._ensure_document().sudo()
        document.raw = b"%PDF forged"

        self.assertEqual(version._verify(), {"content": True, "document": False})
        self.assertEqual(version.action_verify()["params"]["type"], "danger")
