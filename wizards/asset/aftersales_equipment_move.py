from odoo import api, fields, models


class AftersalesEquipmentMove(models.TransientModel):
    """Note that equipment stands elsewhere: at another site, or with another customer."""

    _name = "aftersales.equipment.move"
    _description = "Move Equipment"
    _inherit = ["aftersales.equipment.step.mixin"]

    customer_id = fields.Many2one(
        "res.partner", required=True, compute="_compute_customer_id", store=True, readonly=False,
    )
    site_id = fields.Many2one(
        "res.partner", string="New Site", compute="_compute_site_id", store=True, readonly=False,
        domain="[('id', 'child_of', customer_id)]",
    )

    @api.depends("equipment_ids")
    def _compute_customer_id(self):
        for wizard in self:
            owners = wizard.equipment_ids.customer_id
            wizard.customer_id = owners if len(owners) == 1 else wizard.customer_id

    @api.depends("customer_id")
    def _compute_site_id(self):
        for wizard in self:
            if wizard.site_id.commercial_partner_id != wizard.customer_id.commercial_partner_id:
                wizard.site_id = False

    def action_confirm(self):
        """Move the equipment; contracts that name it let it go when the customer changes."""
        self.ensure_one()
        self.equipment_ids._move(
            self.customer_id, self.site_id, self.date, self.reason, self._get_agreement(),
        )
        return True
