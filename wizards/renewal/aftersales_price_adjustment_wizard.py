from odoo import fields, models


class AftersalesPriceAdjustmentWizard(models.TransientModel):
    """Propose the next price adjustment of contracts; the proposals are the preview."""

    _name = "aftersales.price.adjustment.wizard"
    _description = "Adjust Prices"

    contract_ids = fields.Many2many(
        "aftersales.contract", string="Contracts", required=True,
        domain="[('state', '=', 'active'), ('indexation_mode', '!=', 'none')]",
        default=lambda self: self.env.context.get("active_ids"),
    )
    date = fields.Date(
        string="Takes Effect On",
        help="Empty: on the next anniversary, or as soon as the notice allows.",
    )

    def action_propose(self):
        """Compute the new prices and show them; nothing changes before they are announced."""
        self.ensure_one()
        self.contract_ids.check_access("write")
        adjustments = self.env["aftersales.price.adjustment"]._propose(
            self.contract_ids, self.date,
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_price_adjustment_action"
        )
        action.update({"domain": [("id", "in", adjustments.ids)], "context": {}})
        if len(adjustments) == 1:
            action.update({"views": [(False, "form")], "res_id": adjustments.id})
        return action
