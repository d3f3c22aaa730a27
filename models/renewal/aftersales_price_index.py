from odoo import api, fields, models


class AftersalesPriceIndex(models.Model):
    """A published series of values that prices follow."""

    _name = "aftersales.price.index"
    _description = "Price Index"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    source = fields.Char(help="Who publishes it, and where.")
    value_ids = fields.One2many("aftersales.price.index.value", "index_id", string="Values")
    latest_value_id = fields.Many2one(
        "aftersales.price.index.value", string="Latest", compute="_compute_latest_value_id",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null",
        help="Leave empty to share the index with every company.",
    )

    @api.depends("value_ids.date")
    def _compute_latest_value_id(self):
        for index in self:
            index.latest_value_id = index.value_ids.sorted("date")[-1:]

    def _get_value_at(self, day):
        """Return the latest value published by ``day``; an empty record when there is none."""
        self.ensure_one()
        return self.value_ids.filtered(lambda value: value.date <= day).sorted("date")[-1:]
