from datetime import date

from odoo.tests import freeze_time

from .contract_life_common import ContractLifeCommon


class TestContractLifeTour(ContractLifeCommon):
    """The life of one contract by mouse: officer, Legal and customer click, the nights pass."""

    def _walk(self, moment, tour, record=None, login="test_officer"):
        """Let a user take a tour that begins at the record, or in the portal, at that moment."""
        paths = {
            "aftersales.contract": "service-contracts",
            "aftersales.contract.change": "contract-changes",
            "aftersales.renewal": "contract-renewals",
        }
        url = f"/odoo/{paths[record._name]}/{record.id}" if record else "/my"
        with freeze_time(moment):
            self.start_tour(url, tour, login=login)
        self.env.invalidate_all()

    def test_from_the_draft_to_the_last_credit_note(self):
        contract = self._create_lift_contract(renewal_mode="agreement")

        # The draft fails its review, is mended and approved.
        self._walk("2026-01-15 09:00", "aftersales_life_submit_and_mend", contract)
        self.assertEqual((contract.state, contract.deposit_amount), ("review", 700.0))
        self._walk("2026-01-16 09:00", "aftersales_life_approve", contract, "test_legal")
        self.assertEqual((contract.state, contract.compliance_state), ("to_sign", "passed"))

        # The customer is asked by mail and signs in the portal; the officer countersigns.
        self._walk("2026-01-16 10:00", "aftersales_life_invite", contract)
        self.assertTrue(contract.sudo().invited_on)
        self._walk("2026-01-19 09:00", "aftersales_portal_sign", login="test_portal")
        self.assertEqual((contract.state, contract.signed_by), ("to_sign", "Nora Northside"))
        self._walk("2026-01-20 09:00", "aftersales_countersign", contract)
        self.assertEqual(contract.state, "active")
        self._live_through("2026-01-20", "2026-02-01", "2026-03-01")

        # A second lift from 17 March on, confirmed in the portal.
        self._walk("2026-03-03 09:00", "aftersales_life_request_change", contract)
        change = contract.sudo().change_ids
        self._walk("2026-03-04 09:00", "aftersales_life_approve_change", change, "test_legal")
        self._walk("2026-03-05 09:00", "aftersales_life_confirm_change", login="test_portal")
        self.assertEqual(change.customer_signed_by, "Nora Northside")
        self._walk("2026-03-06 09:00", "aftersales_life_countersign_change", change)
        self._live_through("2026-03-17")
        self.assertEqual(change.state, "applied")
        self.assertEqual(self._get_credits(contract).mapped("amount_untaxed"), [150.0])

        # Renewed by agreement, at 5 % more.
        self._live_through("2026-11-01")
        self._walk("2026-11-19 09:00", "aftersales_life_renew", contract)
        renewal = contract.sudo().renewal_ids
        self.assertEqual(renewal.state, "offered")
        self._walk("2026-11-25 09:00", "aftersales_life_agree_renewal", renewal)
        self.assertEqual(contract.date_end, date(2028, 1, 31))
        self._live_through("2027-02-01", "2027-04-01")

        # Suspended for a month, and ended in the middle of another.
        self._walk("2027-04-06 09:00", "aftersales_life_suspend", contract)
        self._live_through("2027-04-11")
        self.assertEqual(contract.state, "suspended")
        self._live_through("2027-05-11", "2027-06-01")
        self.assertEqual(contract.state, "active")
        self._walk("2027-06-02 09:00", "aftersales_life_terminate", contract)
        self._live_through("2027-06-21")

        self.assertEqual((contract.state, contract.date_end), ("terminated", date(2027, 6, 20)))
        credits = self._get_credits(contract)
        self.assertEqual(credits.mapped("amount_untaxed"), [150.0, 260.4, 130.2])
        self.assertEqual(
            [str(move.invoice_date) for move in credits.reversed_entry_id],
            ["2026-03-01", "2027-04-01", "2027-06-01"],
        )
        self.assertEqual(self._read_versions(contract), [
            (1, "superseded", "2026-02-01", "2026-03-16", "typed"),
            (2, "superseded", "2026-03-17", "2027-01-31", "typed"),
            (3, "signed", "2027-02-01", None, "word"),
        ])
