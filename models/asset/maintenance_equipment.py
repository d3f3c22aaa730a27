from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MaintenanceEquipment(models.Model):
    """Customer equipment (the installed base) beside the company's own, internal equipment.

    Core's ``partner_id`` is the *vendor* and ``serial_no`` is unique over all products and
    companies. The serial number of customer equipment is therefore its lot.
    """

    _inherit = "maintenance.equipment"

    customer_id = fields.Many2one(
        "res.partner", index="btree_not_null", tracking=True,
        check_company=True,
    )
    site_id = fields.Many2one(
        "res.partner", index="btree_not_null", check_company=True,
        domain="[('id', 'child_of', customer_id)]",
        help="Address of the customer where the equipment stands.",
    )
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", check_company=True,
    )
    lot_id = fields.Many2one(
        "stock.lot", string="Lot/Serial", index="btree_not_null", check_company=True,
        domain="[('product_id', '=', product_id)]", copy=False,
    )
    install_date = fields.Date(string="Installed On", tracking=True)
    specification = fields.Text(help="What matters for service: load, voltage, options fitted.")
    usage_factor = fields.Float(
        default=1.0,
        help="How hard it is used compared with the usual: 1 = as usual, 2 = twice as much.",
    )
    criticality = fields.Selection(
        selection=[("a", "A: stops the business"), ("b", "B: hinders"), ("c", "C: hardly noticed")],
        default="b", tracking=True, help="What a failure means to the customer (EN 13306).",
    )
    condition = fields.Selection(
        selection=[("up", "Up"), ("degraded", "Degraded"), ("down", "Down")],
        default="up", required=True, tracking=True, copy=False,
        help="EN 13306: up, degraded or down state.",
    )
    is_regulated = fields.Boolean(
        string="Statutory Checks",
        help="The law requires checks by an authorised body, for example lifts and boilers.",
    )
    next_statutory_check = fields.Date(index="btree_not_null", tracking=True, copy=False)
    retired_on = fields.Date(tracking=True, copy=False, readonly=True)
    retire_reason = fields.Char(copy=False, readonly=True)
    replaced_by_id = fields.Many2one(
        "maintenance.equipment", index="btree_not_null", copy=False, readonly=True,
        check_company=True,
    )
    meter_ids = fields.One2many("aftersales.meter", "equipment_id", string="Meters", copy=True)
    event_ids = fields.One2many(
        "aftersales.equipment.event", "equipment_id", string="Events",
    )
    part_ids = fields.One2many(
        "aftersales.equipment.part", "equipment_id", string="Fitted Parts",
    )
    warranty_start = fields.Date(related="lot_id.aftersales_warranty_start")
    warranty_end = fields.Date(
        related="lot_id.aftersales_warranty_end", string="Warranty Until", store=True,
    )

    _lot_uniq = models.UniqueIndex(
        "(lot_id, company_id) WHERE lot_id IS NOT NULL",
        "This serial number already belongs to another equipment of the company. "
        "Open that equipment instead of creating a second one.",
    )

    @api.constrains("product_id", "lot_id")
    def _check_lot_product(self):
        for equipment in self:
            if equipment.lot_id and equipment.lot_id.product_id != equipment.product_id:
                raise ValidationError(self.env._(
                    "%(equipment)s: serial number %(lot)s belongs to product %(lot_product)s, "
                    "not to %(product)s. Choose a serial number of that product.",
                    equipment=equipment.name, lot=equipment.lot_id.name,
                    lot_product=equipment.lot_id.product_id.display_name,
                    product=equipment.product_id.display_name or "-",
                ))

    @api.depends("lot_id.name")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for equipment in self.filtered(lambda eq: eq.lot_id and not eq.serial_no):
            equipment.display_name = f"{equipment.name}/{equipment.lot_id.name}"
        return result

    # Is it under warranty now? The serial number knows.
    warranty_state = fields.Selection(
        related="lot_id.aftersales_warranty_state", string="Warranty",
    )
    warranty_text = fields.Char(
        related="lot_id.aftersales_warranty_text", string="Under Warranty Now?",
    )
