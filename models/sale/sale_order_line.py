"""Sale side of the order line: sold by contract, it is billed by the contract alone."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order import CONTRACT_READERS

# What the contract took over from the order.
_SOLD_FIELDS = ("product_id", "product_uom_qty", "product_uom_id", "price_unit", "discount")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # A plain column, not computed: installing must not touch every order line of the company,
    # and a product that gets a template later must not change what was confirmed before.
    aftersales_contract_template_id = fields.Many2one(
        "aftersales.contract.template", string="Sold by Contract", copy=False, readonly=True,
        index="btree_not_null",
        help="Set when the order is confirmed: the line is billed by a contract of this "
             "template, never by the order.",
    )
    aftersales_contract_line_ids = fields.One2many(
        "aftersales.contract.line", "sale_line_id", string="Contract Lines", copy=False,
        groups=CONTRACT_READERS,
    )

    # -------------------------------------------------------------------------
    # Nothing to invoice
    # -------------------------------------------------------------------------

    @api.depends("aftersales_contract_template_id")
    def _compute_qty_to_invoice(self):
        result = super()._compute_qty_to_invoice()
        self.filtered("aftersales_contract_template_id").qty_to_invoice = 0.0
        return result

    @api.depends("aftersales_contract_template_id")
    def _compute_invoice_status(self):
        result = super()._compute_invoice_status()
        self.filtered("aftersales_contract_template_id").invoice_status = "no"
        return result

    @api.depends("aftersales_contract_template_id")
    def _compute_untaxed_amount_to_invoice(self):
        result = super()._compute_untaxed_amount_to_invoice()
        self.filtered("aftersales_contract_template_id").untaxed_amount_to_invoice = 0.0
        return result

    @api.depends("aftersales_contract_template_id")
    def _compute_amount_to_invoice(self):
        result = super()._compute_amount_to_invoice()
        self.filtered("aftersales_contract_template_id").amount_to_invoice = 0.0
        return result

    def _compute_price_unit(self):
        lines = self._get_lines_with_own_price()
        return super(SaleOrderLine, lines)._compute_price_unit()

    def _compute_discount(self):
        lines = self._get_lines_with_own_price()
        return super(SaleOrderLine, lines)._compute_discount()

    def _get_lines_with_own_price(self):
        """Return the lines whose price no contract took over, to stay as it was sold."""
        return self.filtered(
            lambda line: line.state != "sale" or not line.sudo().aftersales_contract_line_ids
        )

    def _prepare_base_line_for_taxes_computation(self, **kwargs):
        if self.env.context.get("aftersales_down_payment") and self.aftersales_contract_template_id:
            kwargs["quantity"] = 0.0  # a down payment is a share of what the order itself bills
        return super()._prepare_base_line_for_taxes_computation(**kwargs)

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        confirmed = lines.filtered(lambda line: line.state == "sale")
        confirmed._mark_aftersales_contract_lines()
        confirmed.order_id._create_aftersales_contracts()
        return lines

    def write(self, vals):
        self._check_aftersales_sold_unchanged(vals)
        result = super().write(vals)
        confirmed = self.filtered(lambda line: line.state == "sale")
        if "product_id" in vals:
            confirmed._mark_aftersales_contract_lines()
        if "product_id" in vals or "product_uom_qty" in vals:
            confirmed.order_id._create_aftersales_contracts()
        return result

    def unlink(self):
        # A line taken off a quotation leaves the contract of its earlier confirmation, too.
        contract_lines_sudo = self.sudo().aftersales_contract_line_ids.filtered(
            "is_content_open")
        result = super().unlink()
        contract_lines_sudo.unlink()
        return result

    def _check_aftersales_sold_unchanged(self, vals):
        """Raise when ``vals`` change on a confirmed order what a contract took over from it."""
        names = [name for name in _SOLD_FIELDS if name in vals]
        if not names:
            return
        for line in self.sudo().filtered("aftersales_contract_line_ids"):
            if line.state == "sale" and any(line._is_changed_by(vals, name) for name in names):
                raise UserError(self.env._(
                    'Order %(order)s, line "%(line)s": service contract %(contract)s took over '
                    "its product, quantity, unit, price and discount, and bills them. To change "
                    "them, open a change request on the contract. While nobody has signed it, "
                    "you may also cancel the order, set it to quotation and confirm it anew.",
                    order=line.order_id.name, line=line.product_id.display_name,
                    contract=line.aftersales_contract_line_ids.contract_id.name,
                ))

    def _is_changed_by(self, vals, name):
        field = self._fields[name]
        value = field.convert_to_cache(vals[name], self)
        return field.convert_to_record(value, self) != self[name]

    # -------------------------------------------------------------------------
    # Contract
    # -------------------------------------------------------------------------

    def _mark_aftersales_contract_lines(self):
        """Decide which lines are sold by contract; what the order has invoiced, it goes on with."""
        for line in self.sudo():
            if line.qty_invoiced or line.aftersales_contract_line_ids:
                continue
            line.aftersales_contract_template_id = line.product_id.with_company(
                line.company_id).aftersales_contract_template_id

    def _is_sold_by_contract(self):
        """Whether a contract has to bill this line; without a quantity there is nothing to."""
        return bool(self.aftersales_contract_template_id) and not self.product_uom_id.is_zero(
            self.product_uom_qty)

    def _prepare_aftersales_contract_line_vals(self):
        """Return the contract line of this order line: its values count per period (hook)."""
        self.ensure_one()
        return {
            "sale_line_id": self.id,
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            # The contract line shows its recurrence itself.
            "name": self.name.removesuffix(f"\n{self._get_aftersales_price_note()}"),
            "quantity": self.product_uom_qty,
            "product_uom_id": self.product_uom_id.id,
            "price_source": "fixed",
            "price_unit": self.price_unit,
            "discount": self.discount,
            "analytic_distribution": self.analytic_distribution,
            **self.aftersales_contract_template_id._prepare_sold_line_vals(self.product_id),
        }

    def _prepare_aftersales_cover_vals(self):
        """Return what the contract line covers: the first line of a service brings its cover."""
        template = self.aftersales_contract_template_id
        alike = self.order_id.order_line.filtered(
            lambda line: line._is_sold_by_contract() and line.product_id == self.product_id
            and line.aftersales_contract_template_id == template
        )
        return template._prepare_sold_cover_vals(self.product_id) if self == alike[:1] else {}

    def _get_taxed_otherwise(self, fiscal_position):
        """Return the lines whose taxes are not those of their product in ``fiscal_position``."""
        return self.filtered(lambda line: line.tax_ids != fiscal_position.map_tax(
            line.product_id.taxes_id._filter_taxes_by_company(line.company_id)
        ))

    def _get_sale_order_line_multiline_description_sale(self):
        """Say on the quotation what the price counts for."""
        description = super()._get_sale_order_line_multiline_description_sale()
        note = self._get_aftersales_price_note()
        return f"{description}\n{note}" if note else description

    def _get_aftersales_price_note(self):
        """Return, in the customer's language, what the price counts for if sold by contract."""
        # Sellers need no right on templates to tell the customer how often the price is due.
        template = self.product_id.with_company(
            self.company_id).sudo().aftersales_contract_template_id
        lang = self.order_id._get_lang()
        return template and template.with_context(lang=lang)._get_price_note(self.product_id)
