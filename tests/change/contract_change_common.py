from unittest.mock import patch

from odoo.fields import Command

from odoo.addons.base.models.ir_cron import IrCron

from ..common import AftersalesCommon


class ContractChangeCommon(AftersalesCommon):
    """Changes of a contract of 2026 over 100.00 a month, as the officer drafts them."""

    @classmethod
    def _create_change(cls, contract, *lines, **vals):
        return cls.env["aftersales.contract.change"].with_user(cls.officer).create({
            "contract_id": contract.id,
            "reason": "The clinic grows.",
            "date_effective": "2026-01-16",
            "line_ids": [Command.create(line) for line in lines],
            **vals,
        })

    @classmethod
    def _price(cls, contract, price=200.0, **vals):
        """Return a change of the price of the contract's present line."""
        return {
            "kind": "line", "contract_line_id": contract._get_present_lines()[:1].id,
            "price_unit": price, **vals,
        }

    @classmethod
    def _put(cls, change):
        """Submit as the officer and approve as Legal."""
        change.action_submit()
        change.with_user(cls.legal).action_approve()
        return change

    @classmethod
    def _confirm(cls, change):
        """Let the customer sign online and the officer countersign."""
        change.sudo()._sign_as_customer("Nora Northside", "typed", ip="192.0.2.7")
        change.action_countersign()
        return change

    @classmethod
    def _agree(cls, change):
        return cls._confirm(cls._put(change))

    def _apply_by_cron(self, **kwargs):
        """Run the nightly job; a test cannot commit, so its steps are counted."""
        steps = []

        def commit_progress(_cron, processed=0, *, remaining=None, **_kwargs):
            self.env.flush_all()
            steps.append(processed)
            return float("inf")

        with patch.object(IrCron, "_commit_progress", commit_progress):
            self.env["aftersales.contract.change"]._cron_apply(**kwargs)
        return len(steps)

    def _read_versions(self, contract):
        return [
            (version.number, version.state, str(version.date_from),
             str(version.date_to) if version.date_to else None, version.customer_signed_by)
            for version in contract.sudo().version_ids.sorted("number")
        ]

    def _get_state(self, contract):
        """Return what must stay the same when a change is refused."""
        self.env.invalidate_all()
        contract = contract.sudo()
        return (
            contract._get_signed_content(), self._get_periods(contract),
            self._get_amounts(contract), contract.version_ids.ids,
            contract.obligation_ids.mapped("waive_reason"),
        )
