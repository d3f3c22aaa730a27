from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .aftersales_cover_mixin import PRICE_GROUPS

RECURRENCES_PER_YEAR = {
    "day": 365, "week": 52, "month": 12, "quarter": 4, "half_year": 2, "year": 1,
}


class AftersalesContractLineMixin(models.AbstractModel):
    """What a contract line and a template line have in common: product, price and recurrence."""

    _name = "aftersales.contract.line.mixin"
    _description = "Priced Service"
    _inherit = ["aftersales.cover.mixin"]

    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product", string="Service", index="btree_not_null", check_company=True,
        domain="[('sale_ok', '=', True), ('type', '=', 'service')]",
        help="What is invoiced. A line without a service only describes what is covered.",
    )
    name = fields.Text(
        string="Description", compute="_compute_name", store=True, readonly=False, precompute=True,
        required=True,
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    product_uom_id = fields.Many2one(
        "uom.uom", string="Unit", compute="_compute_product_uom_id", store=True, readonly=False,
        precompute=True,
    )
    price_source = fields.Selection(
        selection=[("fixed", "Fixed price"), ("pricelist", "Price list of the invoice date")],
        string="Price From",
        default="fixed",
        required=True,
    )
    discount = fields.Float(string="Discount (%)", digits="Discount", groups=PRICE_GROUPS)
    recurrence_unit = fields.Selection(
        selection=[
            ("once", "Once"),
            ("day", "Day"),
            ("week", "Week"),
            ("month", "Month"),
            ("quarter", "Quarter"),
            ("half_year", "Half-year"),
            ("year", "Year"),
        ],
        string="Recurrence",
        default="month",
        required=True,
    )
    recurrence_interval = fields.Integer(string="Every", default=1, required=True)
    recurrence_label = fields.Char(string="Recurs", compute="_compute_recurrence_label")
    billing_timing = fields.Selection(
        selection=[("advance", "In advance"), ("arrears", "In arrears")],
        string="Charged",
        default="advance",
        required=True,
    )

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            if line.product_id:
                product = line.product_id.with_context(lang=line._get_text_lang())
                line.name = product.get_product_multiline_description_sale()
            else:
                line.name = line.name or False

    def _get_text_lang(self):
        """Return the language of the texts the customer reads (hook)."""
        return self.env.lang

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for line in self:
            line.product_uom_id = line.product_id.uom_id

    @api.constrains("quantity", "recurrence_interval", "discount", "product_id")
    def _check_quantity_and_interval(self):
        for line in self:
            if line.product_id and line.product_uom_id.compare(line.quantity, 0) <= 0:
                line._raise_invalid(self.env._(
                    "the quantity is %(quantity)s. Enter a quantity above zero.",
                    quantity=line.quantity,
                ))
            if line.recurrence_interval < 1:
                line._raise_invalid(self.env._(
                    "it recurs every %(interval)s %(unit)s. Enter an interval of at least 1.",
                    interval=line.recurrence_interval, unit=line._get_recurrence_label(),
                ))
            if not 0 <= line.discount <= 100:
                line._raise_invalid(self.env._(
                    "the discount is %(discount)s %%. Enter a discount from 0 to 100 %%.",
                    discount=line.discount,
                ))

    @api.constrains("price_unit")
    def _check_price_is_not_negative(self):
        for line in self:
            if line.sudo().price_unit < 0:
                line._raise_invalid(line._get_negative_price_reason(line.sudo().price_unit))

    def _get_negative_price_reason(self, price):
        return self.env._(
            "the price is %(price)s. Enter a price of zero or more; to charge less use the "
            "discount, to give money back a credit note.",
            price=price,
        )

    @api.depends_context("lang")
    @api.depends("recurrence_unit", "recurrence_interval")
    def _compute_recurrence_label(self):
        """Say it short, e.g. "Month" or "30 × Day"."""
        for line in self:
            unit, count = line._get_recurrence_label(), line.recurrence_interval
            several = count != 1 and line.recurrence_unit != "once"
            line.recurrence_label = f"{count} × {unit}" if several else unit

    def _get_recurrence_label(self):
        labels = dict(self._fields["recurrence_unit"]._description_selection(self.env))
        return labels.get(self.recurrence_unit, "")

    def _raise_invalid(self, reason):
        """Raise ``reason`` with the name of the line (and its document) in front."""
        raise ValidationError(self.env._(
            'Line "%(line)s": %(reason)s', line=self._get_error_label(), reason=reason,
        ))

    def _get_error_label(self):
        return (self.name or self.product_id.display_name or "").split("\n")[0]
