from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesEquipmentSwap(models.TransientModel):
    """Put another unit in the place of a faulty one."""

    _name = "aftersales.equipment.swap"
    _description = "Swap Equipment"
    _inherit = ["aftersales.equipment.step.mixin"]

    reason = fields.Char(required=True)
    equipment_id = fields.Many2one(
        "maintenance.equipment", string="Unit Taken Out", compute="_compute_equipment_id",
    )
    old_lot_id = fields.Many2one(related="equipment_id.lot_id", string="Its Serial Number")
    product_id = fields.Many2one(
        "product.product", string="Product Put In", compute="_compute_product_id", store=True,
        readonly=False,
    )
    lot_id = fields.Many2one(
        "stock.lot", string="Serial Number Put In", compute="_compute_lot_id", store=True,
        readonly=False, domain="[('product_id', '=', product_id), ('id', '!=', old_lot_id)]",
    )

    @api.depends("equipment_ids")
    def _compute_equipment_id(self):
        for wizard in self:
            wizard.equipment_id = wizard.equipment_ids[:1]

    @api.depends("equipment_ids")
    def _compute_product_id(self):
        for wizard in self:
            wizard.product_id = wizard.equipment_ids[:1].product_id

    @api.depends("product_id")
    def _compute_lot_id(self):
        for wizard in self:
            if wizard.lot_id.product_id != wizard.product_id:
                wizard.lot_id = False

    def action_confirm(self):
        """Swap, and open the new unit; its contracts and what is left of the warranty follow."""
        self.ensure_one()
        if len(self.equipment_ids) != 1:
            raise UserError(self.env._("Swap one unit at a time. Choose one equipment."))
        successor = self.equipment_ids._swap(
            self.date, self.reason, self.product_id, self.lot_id, self._get_agreement(),
        )
        return successor.get_formview_action()
