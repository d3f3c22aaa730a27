from unittest.mock import patch

from odoo.exceptions import LockError
from odoo.tests import freeze_time

from .portal_common import SignatureCommon


class TestSigningDay(SignatureCommon):
    """Which day a signature on paper may bear, and how the time of a signature is told."""

    def _sign_on(self, contract, day, **vals):
        self.env["aftersales.contract.sign"].with_user(self.officer).create({
            "record_ref": f"{contract._name},{contract.id}", "method": "word",
            "signed_by": "Nora Northside", "date_signed": day, **vals,
        }).action_confirm()

    def assertStaysUnsigned(self, contract):
        self.assertEqual(contract.state, "to_sign")
        self.assertRecordValues(contract.version_id, [{
            "customer_signed_on": False, "customer_signed_day": False, "date_signed": False,
        }])

    # -------------------------------------------------------------------------
    # The day on paper
    # -------------------------------------------------------------------------

    def test_a_contract_to_come_is_not_signed_before_its_text_was_approved(self):
        contract = self._create_to_sign(date_start="2026-02-01")

        with self.assertRefused(
            contract.name, "01/14/2026", "its text was approved only then", "from 01/15/2026 on",
        ):
            self._sign_on(contract, "2026-01-14")

        self.assertStaysUnsigned(contract)
        self._sign_on(contract, "2026-01-15")
        self.assertEqual(contract.state, "active")

    def test_a_contract_that_has_begun_was_signed_a_year_before_at_most(self):
        contract = self._create_to_sign()

        for day in ("1999-01-01", "2024-12-31"):
            with self.assertRefused(
                contract.name, "at most one year before", "from 01/01/2025 on",
            ):
                self._sign_on(contract, day)

        self.assertStaysUnsigned(contract)
        self._sign_on(contract, "2025-12-10")
        self.assertEqual(str(contract.date_signed), "2025-12-10")

    def test_nobody_signs_tomorrow(self):
        contract = self._create_to_sign()

        with self.assertRefused(contract.name, "cannot lie in the future", "Enter the day"):
            self._sign_on(contract, "2026-01-16")

        self.assertStaysUnsigned(contract)

    # -------------------------------------------------------------------------
    # How it is told
    # -------------------------------------------------------------------------

    def test_online_the_moment_with_the_time_zone_of_the_company(self):
        contract = self._create_to_sign()
        self.company.partner_id.tz = "Asia/Shanghai"

        self._sign_online(contract)
        contract.action_countersign()

        version = contract.version_id
        self.assertEqual(str(version.customer_signed_on), "2026-01-15 09:00:00")
        text = "2026-01-15 17:00 CST, Asia/Shanghai"
        self.assertEqual((version.customer_signed_text, version.company_signed_text), (text, text))
        self.assertFalse(version.customer_signed_day)
        for zone, text in (
            ("UTC", "2026-01-15 09:00 UTC"),
            ("Asia/Dubai", "2026-01-15 13:00 +04, Asia/Dubai"),
            ("Europe/Berlin", "2026-01-15 10:00 CET, Europe/Berlin"),
        ):
            self.company.partner_id.tz = zone
            version.invalidate_recordset(["customer_signed_text"])
            self.assertEqual(version.customer_signed_text, text)

    def test_on_paper_the_day_it_bears_and_the_moment_it_was_recorded(self):
        contract = self._create_to_sign()

        self._sign_on(contract, "2026-01-10")

        self.assertRecordValues(contract.version_id, [{
            "customer_signed_text": "01/10/2026 (recorded on 2026-01-15 09:00 UTC)",
            "company_signed_text": "01/10/2026 (recorded on 2026-01-15 09:00 UTC)",
        }])

    def test_on_paper_of_the_day_it_is_recorded_the_day_alone(self):
        contract = self._create_to_sign()

        self._sign_on(contract, "2026-01-15")

        self.assertEqual(contract.version_id.customer_signed_text, "01/15/2026")

    def test_paper_recorded_before_its_day_was_kept(self):
        contract = self._create_to_sign()
        self._sign_on(contract, "2026-01-10")
        self.env.cr.execute(
            "UPDATE aftersales_contract_version SET customer_signed_day = NULL WHERE id = %s",
            [contract.version_id.id],
        )
        contract.version_id.invalidate_recordset()

        self.assertEqual(
            contract.version_id.customer_signed_text,
            "01/10/2026 (recorded on 2026-01-15 09:00 UTC)",
        )

    @freeze_time("2026-01-15 20:00")
    def test_the_day_is_that_of_the_company(self):
        self.company.partner_id.tz = "Asia/Shanghai"
        contract = self._create_to_sign(date_start="2026-02-01")

        self._sign_on(contract, "2026-01-16")

        self.assertEqual(contract.version_id.customer_signed_text, "01/16/2026")

    def test_certificate_tells_both(self):
        contract = self._create_to_sign()
        self._sign_on(contract, "2026-01-10")

        html = self.env["ir.actions.report"].sudo()._render_qweb_html(
            "aftersales.action_report_aftersales_signature_certificate", contract.version_id.ids,
        )[0].decode()

        self.assertEqual(html.count("01/10/2026 (recorded on 2026-01-15 09:00 UTC)"), 2)
        self.assertIn("On the signed document, recorded under the user", html)

    # -------------------------------------------------------------------------
    # Two at once
    # -------------------------------------------------------------------------

    def test_who_signs_at_the_same_moment_is_told_so(self):
        contract = self._create_to_sign()
        version = contract.version_id
        for sign in (
            lambda: self._sign_online(contract),
            lambda: self._sign_on(contract, "2026-01-15"),
            contract.action_countersign,
        ):
            with patch.object(
                type(version), "lock_for_update", side_effect=LockError("Cannot grab a lock"),
            ), self.assertRefused(
                "Somebody else is signing or changing", contract.name, "load the page again",
            ):
                sign()

        self.assertStaysUnsigned(contract)
        self.assertFalse(version.scan_ids)
