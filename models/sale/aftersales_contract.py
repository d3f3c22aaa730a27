"""Sale side of the service contract: the order that sold it."""

from odoo import api, fields, models
from odoo.exceptions import UserError

# The states in which a contract is before the customer to sign, or binds both parties.
_BINDING_STATES = ("to_sign", "active", "suspended")


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    sale_order_id = fields.Many2one(
        "sale.order", string="Sales Order", copy=False, readonly=True, index="btree_not_null",
        check_company=True, help="The confirmed order this contract was prepared from.",
        groups="base.group_user",
    )
    sale_order_count = fields.Integer(
        string="Sales Orders", compute="_compute_sale_order_count",
        groups="base.group_user",
    )

    @api.depends_context("uid")
    @api.depends("sale_order_id")
    def _compute_sale_order_count(self):
        """Count the order for those who may open it."""
        readable = self.sale_order_id._filtered_access("read")
        for contract in self:
            contract.sale_order_count = len(contract.sale_order_id & readable)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sold(self):
        for contract in self:
            order_sudo = contract.sale_order_id.sudo()  # only its name is shown
            if order_sudo.state == "sale":
                raise UserError(self.env._(
                    "Contract %(contract)s cannot be deleted: order %(order)s leaves it to this "
                    "contract to bill what was sold. Cancel the order first.",
                    contract=contract.display_name, order=order_sudo.name,
                ))

    def action_view_sale_order(self):
        """Open the order that sold this contract."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.sale_order_id.id,
            "views": [(False, "form")],
        }

    def _submit_sold(self):
        """Hand contracts to review whose company wants that; incomplete ones stay drafts."""
        for contract in self.filtered("company_id.aftersales_submit_sold_contracts"):
            if blockers := contract._get_transition_blockers("review"):
                contract._message_log(body=self.env._(
                    "Not submitted for review: %(reasons)s", reasons=" ".join(blockers),
                ))
            else:
                contract.action_submit()

    def _check_order_may_be_cancelled(self):
        """Raise for contracts their order may not take back."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        binding = self.filtered(lambda contract: contract.state in _BINDING_STATES)
        if binding:
            raise UserError("\n".join(
                self.env._(
                    'Order %(order)s cannot be cancelled: its service contract %(contract)s is '
                    '"%(state)s". While nobody has signed, set the contract back to draft first; '
                    "a signed contract is terminated, and the order stays.",
                    order=contract.sale_order_id.name, contract=contract.name,
                    state=labels[contract.state],
                )
                for contract in binding
            ))

    def _log_tax_differences(self):
        """Note where the order was taxed otherwise than the contract's invoices will be.

        A contract has no taxes of its own: its invoices take those of the service, by the fiscal
        position of the service address, on the day of the invoice.
        """
        for contract in self:
            lines = contract.line_ids.sale_line_id._get_taxed_otherwise(
                contract._get_fiscal_position())
            if lines:
                contract._message_log(body=self.env._(
                    "The order taxed these lines otherwise than the invoices of this contract "
                    "will: %(lines)s. Correct the taxes of the service, or the address or "
                    "fiscal position of the customer.",
                    lines=", ".join(lines.mapped("product_id.display_name")),
                ))
