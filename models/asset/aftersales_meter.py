from odoo import fields, models


class AftersalesMeter(models.Model):
    """A counter of use on an equipment: operating hours, trips, copies."""

    _name = "aftersales.meter"
    _description = "Meter"
    _order = "equipment_id, sequence, id"
    _check_company_auto = True

    equipment_id = fields.Many2one(
        "maintenance.equipment", required=True, ondelete="cascade", index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        related="equipment_id.company_id", store=True, index="btree_not_null",
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    uom_id = fields.Many2one("uom.uom", string="Unit", required=True)
    rollover = fields.Float(
        string="Rolls Over At", digits="Product Unit",
        help="The value at which the counter begins again at zero. 0: never.",
    )
    reading_ids = fields.One2many("aftersales.meter.reading", "meter_id", string="Readings")
