from odoo.tests import Form, freeze_time

from ..common import AftersalesCommon


class EndingCommon(AftersalesCommon):
    """What the officer does to contracts in force, and what the nightly job makes of it."""

    # -------------------------------------------------------------------------
    # Doing
    # -------------------------------------------------------------------------

    def _suspend(self, contract, date_from, date_to=False, policy="skip", **vals):
        contract.env["aftersales.contract.suspend"].create({
            "contract_id": contract.id, "date_from": date_from, "date_to": date_to,
            "policy": policy, "reason": "Renovation", **vals,
        }).action_confirm()
        return contract.suspension_ids.sorted("id")[-1:]

    def _resume(self, contract, date):
        contract.env["aftersales.contract.resume"].create({
            "contract_id": contract.id, "date": date,
        }).action_confirm()

    def _terminate(self, contract, date_last, **vals):
        contract.env["aftersales.contract.terminate"].create({
            "contract_id": contract.id, "date_last": date_last, **vals,
        }).action_confirm()
        return contract.termination_id

    def _get_form(self, wizard, contract):
        return Form(self.env[wizard].with_user(self.officer).with_context(active_id=contract.id))

    def _run_night(self, day):
        """Run the daily job in the night of ``day``."""
        with freeze_time(f"{day} 01:00"):
            self._run_cron("_cron_daily")
            self.env.invalidate_all()

    def _bill_on(self, contract, day):
        """Bill as on ``day``; return the net amount of the new invoices."""
        with freeze_time(f"{day} 02:00"):
            return sum(self._bill(contract, day).mapped("amount_untaxed"))

    @classmethod
    def _create_equipment(cls, name, customer=None):
        return cls.env["maintenance.equipment"].create({
            "name": name, "customer_id": (customer or cls.customer).id,
            "equipment_assign_to": "other",
        })

    @classmethod
    def _attach(cls, name="agreement.pdf"):
        return cls.env["ir.attachment"].with_user(cls.officer).create({
            "name": name, "raw": b"%PDF-1.4", "mimetype": "application/pdf",
        })

    # -------------------------------------------------------------------------
    # Looking
    # -------------------------------------------------------------------------

    def _get_credits(self, contract):
        lines = self.env["account.move.line"].search([
            ("aftersales_contract_id", "=", contract.id),
            ("move_id.move_type", "=", "out_refund"),
        ])
        return lines.move_id.sorted("id")

    @staticmethod
    def _get_owed(contract):
        """Return the promises that are still owed, as (first day, last day, amount)."""
        obligations = contract.obligation_ids.filtered(lambda o: not o.waive_reason)
        return [
            (str(o.period_start), str(o.period_end), o.amount)
            for o in obligations.sorted(lambda o: (o.period_start, o.line_id.id))
        ]

    def _get_snapshot(self, contract):
        """Return all that a refusal must leave as it was."""
        return (
            contract.state, contract.date_end, self._get_owed(contract),
            contract.line_ids.mapped("date_end"), contract.line_ids.equipment_id.ids,
            self._get_credits(contract).ids, contract.suspension_ids.mapped("state"),
            contract.termination_ids.mapped("state"), contract.next_contract_ids.ids,
        )
