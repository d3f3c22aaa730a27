from odoo import fields, models


class AftersalesMeterReading(models.Model):
    """What a meter showed at a moment."""

    _name = "aftersales.meter.reading"
    _description = "Meter Reading"
    _order = "date desc, id desc"

    meter_id = fields.Many2one(
        "aftersales.meter", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(related="meter_id.company_id", store=True, index="btree_not_null")
    date = fields.Datetime(string="Read On", required=True, default=fields.Datetime.now)
    value = fields.Float(string="Shown", digits="Product Unit", required=True)
    is_reset = fields.Boolean(
        string="Reset", help="The counter was set back or exchanged before this reading.",
    )
