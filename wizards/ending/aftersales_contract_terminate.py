from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...models.ending.aftersales_termination import GROUNDS, LAPSE, SIDES

_FEE_PRODUCT = "aftersales.product_early_fee"
_SIDES_BY_GROUND = {
    "agreement": "both",
    "notice": "customer",
    "provider_breach": "customer",
    "customer_breach": "provider",
}


class AftersalesContractTerminate(models.TransientModel):
    """End a contract before its time, and see beforehand what is credited and what falls away."""

    _name = "aftersales.contract.terminate"
    _description = "Terminate Contract"
    _inherit = ["aftersales.ending.preview.mixin"]

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    currency_id = fields.Many2one(related="contract_id.currency_id")
    ground = fields.Selection(
        [ground for ground in GROUNDS if ground[0] != "transfer"], required=True,
        default="agreement",
    )
    side = fields.Selection(
        SIDES, string="Terminated By", required=True, compute="_compute_side", store=True,
        readonly=False, precompute=True,
    )
    date_notice = fields.Date(
        string="Notice Received", default=fields.Date.context_today,
        help="The day on which the notice reached the other party.",
    )
    date_earliest = fields.Date(string="Earliest End", compute="_compute_date_earliest")
    date_last = fields.Date(
        string="Last Covered Day", required=True, compute="_compute_date_last", store=True,
        readonly=False, precompute=True,
    )
    is_early = fields.Boolean(string="Before Earliest End", compute="_compute_is_early")
    override_reason = fields.Char(string="Earlier Because")
    date_known = fields.Date(
        string="Ground Known Since",
        help="The day on which the terminating party knew, or had to know, the ground.",
    )
    date_lapse = fields.Date(string="Right Lapses On", compute="_compute_date_lapse")
    is_lapsed = fields.Boolean(string="Right Lapsed", compute="_compute_date_lapse")
    mitigation = fields.Text(
        string="Loss Kept Small By",
        help="What both parties did to keep the loss small: who lets it grow is not compensated.",
    )
    reason = fields.Char(
        required=True, compute="_compute_reason", store=True, readonly=False, precompute=True,
        help="As the customer reads it on the credit notes.",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Notice or Agreement")
    line_ids = fields.One2many(
        "aftersales.contract.terminate.line", "wizard_id", string="Preview",
        compute="_compute_line_ids", store=True,
    )

    fee_agreed = fields.Monetary(
        string="Fee for Ending Early", compute="_compute_fee_agreed",
        help="As the contract says, for the price of the rest of the term.",
    )
    is_fee_waived = fields.Boolean(
        string="Waive the Fee", help="As a courtesy: the customer does not owe it.",
    )
    fee_product_id = fields.Many2one(
        "product.product", string="Fee Billed As",
        domain="[('sale_ok', '=', True), ('type', '=', 'service')]",
        default=lambda self: self.env.ref(_FEE_PRODUCT, raise_if_not_found=False),
    )
    fee_tax_warning = fields.Char(compute="_compute_fee_tax_warning")

    @api.model
    def default_get(self, fields):
        """Begin with the notice the customer gave on the portal."""
        vals = super().default_get(fields)
        contract = self.env["aftersales.contract"].browse(vals.get("contract_id"))
        if notice := contract.notice_id:
            for name in ("ground", "side", "date_notice", "date_last", "reason"):
                if name in fields:
                    vals[name] = notice[name]
        return vals

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("ground")
    def _compute_side(self):
        """Propose who terminates: the one who suffered the breach, the customer by notice."""
        for wizard in self:
            wizard.side = _SIDES_BY_GROUND.get(wizard.ground, wizard.side or "both")

    @api.depends("contract_id", "ground", "side", "date_last")
    def _compute_fee_agreed(self):
        for wizard in self:
            wizard.fee_agreed = wizard.contract_id and wizard.contract_id._get_early_fee(
                wizard.date_last, wizard.ground, wizard.side,
            )

    @api.depends("contract_id", "fee_product_id")
    def _compute_fee_tax_warning(self):
        """Tell that the service of the fee has no tax here, where others have one."""
        for wizard in self:
            # Whoever ends the contract may know whether the fee is taxed, whatever their rights.
            company_sudo = wizard.contract_id.company_id.sudo()
            taxes_sudo = wizard.fee_product_id.sudo().taxes_id
            is_untaxed = wizard.fee_product_id and company_sudo.account_sale_tax_id and not (
                taxes_sudo.filtered_domain(taxes_sudo._check_company_domain(company_sudo))
            )
            wizard.fee_tax_warning = is_untaxed and self.env._(
                "Service %(service)s has no sales tax of %(company)s. Enter one on the service "
                "before the fee is invoiced, unless none is due.",
                service=wizard.fee_product_id.display_name, company=company_sudo.name,
            )

    @api.depends("contract_id", "ground", "date_notice")
    def _compute_date_earliest(self):
        for wizard in self:
            has_notice = wizard.contract_id and wizard.ground != "agreement" and wizard.date_notice
            wizard.date_earliest = has_notice and wizard.contract_id._get_earliest_end(
                wizard.ground, wizard.date_notice,
            )

    @api.depends("contract_id", "ground", "date_notice")
    def _compute_date_last(self):
        for wizard in self:
            today = wizard.contract_id.company_id._get_aftersales_today() if (
                wizard.contract_id) else fields.Date.context_today(wizard)
            wizard.date_last = wizard.date_earliest or wizard.date_last or today

    @api.depends("date_earliest", "date_last")
    def _compute_is_early(self):
        for wizard in self:
            wizard.is_early = bool(
                wizard.date_earliest and wizard.date_last
                and wizard.date_last < wizard.date_earliest
            )

    @api.depends("date_known", "date_notice")
    def _compute_date_lapse(self):
        for wizard in self:
            wizard.date_lapse = wizard.date_known and wizard.date_known + LAPSE
            declared = wizard.date_notice or fields.Date.context_today(wizard)
            wizard.is_lapsed = bool(wizard.date_lapse) and declared > wizard.date_lapse

    @api.depends("contract_id", "ground")
    def _compute_reason(self):
        for wizard in self:
            lang = wizard.contract_id.partner_id.lang or self.env.lang
            field = self.env["aftersales.termination"]._fields["ground"]
            labels = dict(field._description_selection(self.with_context(lang=lang).env))
            wizard.reason = labels.get(wizard.ground)

    @api.depends("contract_id", "date_last")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear(), *wizard._prepare_lines_vals()]

    @api.depends("contract_id", "date_last")
    def _compute_preview(self):
        return super()._compute_preview()

    def _get_last_charged_day(self):
        return self.date_last

    def _prepare_lines_vals(self):
        """Return what the chosen day would do to each payment that reaches beyond it."""
        if not (self.contract_id and self.date_last):
            return []
        # The preview tells amounts of the register and names of invoices, as the result will.
        obligations_sudo = self.contract_id.obligation_ids.sudo().filtered(
            lambda o: o.kind == "payment" and o.period_end > self.date_last and not o.waive_reason
        )
        # Invoice by invoice, and at the end what was never invoiced.
        vals_list = [
            self.line_ids._prepare_preview_vals(obligation, self.date_last)
            for obligation in obligations_sudo.sorted(
                lambda o: (not o.move_id, o.move_id.id, o.period_start, o.line_id.id)
            )
        ]
        return [Command.create(vals) for vals in vals_list if vals["amount"]]

    # -------------------------------------------------------------------------
    # Action
    # -------------------------------------------------------------------------

    def action_confirm(self):
        """Terminate the contract as previewed; a day to come leaves it active until then."""
        for wizard in self:
            wizard._check_grounds()
            contract = wizard.contract_id
            wizard.attachment_ids.write({"res_model": contract._name, "res_id": contract.id})
            contract._terminate(wizard._prepare_termination_vals())
        return True

    def _check_grounds(self):
        contract = self.contract_id
        if self.ground != "agreement" and not self.date_notice:
            raise UserError(self.env._(
                "Contract %(contract)s: enter the day on which the notice was received; without "
                "notice a contract ends by agreement only.", contract=contract.display_name,
            ))
        if self.is_early and not self.override_reason:
            raise UserError(self.env._(
                "Contract %(contract)s can end on %(date)s at the earliest. Choose that day or a "
                "later one, or write in “Earlier Because” why it ends before.",
                contract=contract.display_name, date=format_date(self.env, self.date_earliest),
            ))

        if self.fee_agreed and not self.is_fee_waived and not self.fee_product_id:
            raise UserError(self.env._(
                "Contract %(contract)s: choose the service as which the fee for ending early is "
                "billed, or waive it.", contract=contract.display_name,
            ))

    def _prepare_termination_vals(self):
        has_fee = self.fee_agreed and not self.is_fee_waived
        return {
            "fee_amount": has_fee and self.fee_agreed,
            "fee_product_id": has_fee and self.fee_product_id.id,
            "date_last": self.date_last,
            "ground": self.ground,
            "side": self.side,
            "reason": self.reason,
            "date_notice": self.ground != "agreement" and self.date_notice,
            "date_earliest": self.date_earliest,
            "override_reason": self.is_early and self.override_reason,
            "date_known": self.date_known,
            "mitigation": self.mitigation,
            "attachment_ids": [Command.set(self.attachment_ids.ids)],
        }
