"""Sale side of the contract line: the order line that sold it."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    sale_line_id = fields.Many2one(
        "sale.order.line", string="Sales Order Item", copy=False, readonly=True,
        ondelete="set null", check_company=True, index="btree_not_null",
        help="The order line that sold this service. Its quantity and price are those of one "
             "period of this line.",
        groups="base.group_user",
    )

    _sale_line_uniq = models.UniqueIndex(
        "(sale_line_id) WHERE sale_line_id IS NOT NULL",
        "This order line already has its line in a service contract.",
    )

    @api.model
    def _get_content_fields(self):
        return super()._get_content_fields() - {"sale_line_id"}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sold(self):
        for line in self:
            sale_line_sudo = line.sale_line_id.sudo()  # only its order is named
            if sale_line_sudo.state == "sale":
                raise UserError(self.env._(
                    'Line "%(line)s" was sold by order %(order)s, which leaves it to this '
                    "contract to bill it. Cancel the order before you delete the line.",
                    line=line._get_error_label(), order=sale_line_sudo.order_id.name,
                ))
