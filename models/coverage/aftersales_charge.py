from odoo import fields, models


class AftersalesCharge(models.Model):
    """One priced item of work: quantity, price and basis, and who pays which share of it."""

    _name = "aftersales.charge"
    _description = "Charge"
    _order = "statement_id, sequence, id"
    _check_company_auto = True

    statement_id = fields.Many2one(
        "aftersales.statement", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        selection=[
            ("part", "Part"), ("labour", "Labour"), ("travel", "Travel"),
            ("inspection", "Inspection"), ("other", "Other"),
        ],
        string="Type", required=True, default="part",
    )
    product_id = fields.Many2one(
        "product.product", string="Part or Service", check_company=True, index="btree_not_null",
    )
    name = fields.Text(string="Description", required=True)
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    product_uom_id = fields.Many2one("uom.uom", string="Unit")
    price_unit = fields.Float(string="Unit Price", digits="Product Price")
    basis = fields.Char(help='How the amount comes about, for example "2.5 h × hourly rate 80.00".')
    amount_gross = fields.Monetary(string="Gross")
    amount_covered = fields.Monetary(string="Covered")
    discount_percent = fields.Float(string="Discount (%)", digits="Discount")
    discount_reason = fields.Char()
    goodwill_percent = fields.Float(string="Goodwill (%)", digits="Discount")
    goodwill_reason = fields.Char()
    goodwill_approved_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False,
    )
    goodwill_approved_on = fields.Datetime(readonly=True, copy=False)
    amount_discount = fields.Monetary(string="Discount Amount")
    amount_net = fields.Monetary(string="Customer Pays")
    tax_ids = fields.Many2many("account.tax", string="Taxes", check_company=True)
    cover_ids = fields.One2many("aftersales.charge.cover", "charge_id", string="Who Pays")

    def _get_hours(self):
        """Return the quantity in hours; 0 for a unit that measures no time."""
        self.ensure_one()
        # Not env.ref(), which asks the database each time whether the unit exists.
        hour_id = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_hour")
        hour, unit = self.product_uom_id.browse(hour_id), self.product_uom_id
        if unit == hour or not unit:
            return self.quantity
        if not unit._has_common_reference(hour):
            return 0.0
        return unit._compute_quantity(self.quantity, hour, round=False)
