from odoo import api, fields, models


class AftersalesContractTemplateLine(models.Model):
    _name = "aftersales.contract.template.line"
    _description = "Contract Template Line"
    _inherit = ["aftersales.contract.line.mixin"]
    _order = "template_id, sequence, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "aftersales.contract.template", required=True, ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="template_id.company_id", store=True, index="btree_not_null",
    )
    currency_id = fields.Many2one(related="template_id.currency_id")
    price_unit = fields.Float(string="Unit Price", digits="Product Price")

    @api.constrains(lambda self: (
        "template_id", "scope_type", *self._get_scope_fields().values(), *self._get_cover_fields(),
    ))
    def _check_cover_overlap(self):
        for template in self.template_id:
            template.line_ids._check_covered_once()

    @api.constrains("scope_type")
    def _check_scope_is_general(self):
        for line in self:
            if line.scope_type in ("equipment", "lot"):
                line._raise_invalid(self.env._(
                    "a template does not know whose equipment it will be. Let it cover a product, "
                    "a category or everything; the contract names the unit.",
                ))

    def _get_error_label(self):
        return f"{self.template_id.name} / {super()._get_error_label()}"

    def _prepare_contract_line_vals(self):
        self.ensure_one()
        vals = {
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            "name": self.name,
            "quantity": self.quantity,
            "product_uom_id": self.product_uom_id.id,
            "price_source": self.price_source,
            "discount": self.discount,
            "recurrence_unit": self.recurrence_unit,
            "recurrence_interval": self.recurrence_interval,
            "billing_timing": self.billing_timing,
            **self._prepare_cover_vals(),
        }
        if self.price_source == "fixed":
            vals["price_unit"] = self.price_unit
        return vals
