"""Sale side of the product: the service contract it is sold with."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    aftersales_contract_template_id = fields.Many2one(
        "aftersales.contract.template", string="Contract Template", company_dependent=True,
        check_company=True, copy=True,
        help="Confirming a quotation with this service prepares a service contract from this "
             "template, one per order and template; the contract bills the service, not the "
             "order. Quantity, unit price and discount of the order line are those of ONE "
             "billing period: 2 lifts at 185.00 with a monthly template mean 370.00 a month. "
             "How often it recurs, and whether in advance or in arrears, is taken from the "
             "template's line of the same service, or else from its first recurring line.",
    )

    @api.constrains("type", "aftersales_contract_template_id")
    def _check_aftersales_contract_template(self):
        for product in self:
            if product.aftersales_contract_template_id and product.type != "service":
                raise ValidationError(self.env._(
                    "Product %(product)s has a contract template, but only services are sold "
                    "by contract. Change its type to Service, or remove the contract template.",
                    product=product.display_name,
                ))
