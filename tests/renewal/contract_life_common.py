from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time

from ..compliance.common import ComplianceCommon
from .renewal_common import RenewalCommon


class ContractLifeCommon(RenewalCommon, ComplianceCommon, HttpCase):
    """One contract from its draft to its end, and the law it has to pass: a lift in Testland."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.officer, cls.legal, cls.portal_user):
            user.password = user.login
        cls._create_rule(
            "T-DEPOSIT", name="Deposit", method="deposit_cap", argument="20",
            country_id=cls.country.id, remedy="Lower the deposit to 20 per cent or less.",
        )
        cls._create_rule(
            "T-PARTIES", name="Authority of the signer", country_id=cls.country.id,
            question="May the person who signs bind the customer?",
        )

    @classmethod
    def _create_lift_contract(cls, **vals):
        """Create a draft of 310.00 a month from February on, with too high a deposit."""
        return cls._create_contract(**{
            "subject": "Lift care",
            "contact_id": cls.portal_user.partner_id.id,
            "user_id": cls.officer.id,
            "date_start": "2026-02-01",
            "date_end": "2027-01-31",
            "jurisdiction_id": cls.country.id,
            "deposit_amount": 1000.0,
            "renewal_notice_days": 60,
            "lines": [{"name": "Lift 1", "price_unit": 310.0}],
            "clause_ids": [
                Command.create({"name": "Scope", "body": "<p>We care.</p>", "sequence": 1}),
                Command.create({
                    "name": "Liability", "body": "<p>Up to 1,000.</p>", "sequence": 2,
                    "is_onerous": True, "explanation": "We pay 1,000 at most.",
                }),
            ],
            **vals,
        })

    # -------------------------------------------------------------------------
    # Days and nights
    # -------------------------------------------------------------------------

    def _live_through(self, *days):
        """Let the nightly jobs run on these days, mails included."""
        for day in days:
            with freeze_time(f"{day} 03:00"):
                self._run_cron("_cron_apply", "aftersales.contract.change")
                for cron in ("_cron_renewal", "_cron_daily", "_cron_bill"):
                    self._run_cron(cron)
                self._send_mails()
                self.env.invalidate_all()

    def _pay_all(self, contract, day):
        """Let the accountant note that all invoices so far are paid."""
        unpaid = self._get_invoices(contract).filtered(lambda move: not move.matched_payment_ids)
        with freeze_time(f"{day} 08:00"):
            self._pay(unpaid.with_user(self.accountant), day)

    # -------------------------------------------------------------------------
    # Looking
    # -------------------------------------------------------------------------

    def _get_credits(self, contract):
        lines = self.env["account.move.line"].search([
            ("aftersales_contract_id", "=", contract.id),
            ("move_id.move_type", "=", "out_refund"),
        ])
        return lines.move_id.sorted("id")

    def _get_net_amounts(self, moves):
        return [(str(move.invoice_date), move.amount_untaxed) for move in moves]

    @staticmethod
    def _get_owed(contract):
        """Return the promises that are still owed, as (first day, last day, amount)."""
        obligations = contract.obligation_ids.filtered(lambda o: not o.waive_reason)
        return [
            (str(o.period_start), str(o.period_end), o.amount)
            for o in obligations.sorted(lambda o: (o.period_start, o.line_id.id))
        ]

    def _read_versions(self, contract):
        return [
            (version.number, version.state, str(version.date_from),
             str(version.date_to) if version.date_to else None, version.customer_method)
            for version in contract.sudo().version_ids.sorted("number")
        ]
