from odoo import api, fields, models


class AftersalesBillingWizardLine(models.TransientModel):
    """One period the billing run would invoice."""

    _name = "aftersales.billing.wizard.line"
    _description = "Billing Run Preview Line"
    _order = "is_held desc, date_planned, contract_id, id"

    wizard_id = fields.Many2one(
        "aftersales.billing.wizard", required=True, ondelete="cascade", index=True,
    )
    obligation_id = fields.Many2one("aftersales.obligation", required=True, ondelete="cascade")
    contract_id = fields.Many2one(related="obligation_id.contract_id")
    partner_id = fields.Many2one(related="contract_id.invoice_partner_id", string="Customer")
    name = fields.Text(related="obligation_id.line_id.name", string="Service")
    period_start = fields.Date(related="obligation_id.period_start")
    period_end = fields.Date(related="obligation_id.period_end")
    date_planned = fields.Date(related="obligation_id.date_planned", string="Invoice Day")
    currency_id = fields.Many2one(related="obligation_id.currency_id")
    amount = fields.Monetary(help="Net amount at the price of the invoice date, before tax.")
    invoice_action = fields.Selection(related="contract_id.invoice_action", string="Invoice Is")
    problem = fields.Text(
        string="Why Held", help="Why the contract of this line would be skipped.",
    )
    is_held = fields.Boolean(compute="_compute_is_held", store=True)

    @api.depends("problem")
    def _compute_is_held(self):
        for line in self:
            line.is_held = bool(line.problem)
