from odoo import fields, models


class AftersalesContractResume(models.TransientModel):
    """Let a suspended contract go on."""

    _name = "aftersales.contract.resume"
    _description = "Resume Contract"

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    suspension_id = fields.Many2one(related="contract_id.suspension_id")
    date = fields.Date(
        string="Goes On From", required=True, default=fields.Date.context_today,
        help="First day of service and charge. In the future: the daily job resumes it then.",
    )

    def action_confirm(self):
        """Resume the contract on the chosen day; what was suspended is never charged."""
        for wizard in self:
            wizard.contract_id._resume_on(wizard.date)
        return True
