from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class AftersalesPriceIndexValue(models.Model):
    _name = "aftersales.price.index.value"
    _description = "Price Index Value"
    _order = "index_id, date desc"

    index_id = fields.Many2one(
        "aftersales.price.index", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(
        related="index_id.company_id", store=True, index="btree_not_null",
    )
    date = fields.Date(required=True, help="First day of the period the value stands for.")
    value = fields.Float(digits=(16, 4), required=True)

    _date_uniq = models.UniqueIndex(
        "(index_id, date)", "The index already has a value for this period.",
    )

    @api.constrains("value")
    def _check_value(self):
        for value in self:
            if value.value <= 0:
                raise ValidationError(self.env._(
                    "Index %(index)s, %(date)s: the value is %(value)s. Enter a value above zero.",
                    index=value.index_id.name, date=format_date(self.env, value.date),
                    value=value.value,
                ))

    @api.depends("date", "value")
    def _compute_display_name(self):
        for value in self:
            value.display_name = (
                f"{value.value:g} ({format_date(self.env, value.date)})" if value.date else ""
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for value, vals in zip(self, vals_list, strict=True):
            if not default or "date" not in default:
                latest = max(value.index_id.value_ids.mapped("date"))
                vals["date"] = latest + relativedelta(months=1)
        return vals_list
