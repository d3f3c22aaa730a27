import pytz
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS
from .aftersales_coverage import SPECIFICITY

# What was done and for whom: closed once the statement is confirmed.
CONTENT_FIELDS = {
    "name", "company_id", "currency_id", "partner_id", "site_id", "equipment_id", "product_id",
    "lot_id", "date", "kind", "service_mode", "mode_code_id", "cause_code_id", "recall_id",
    "rework_of_id", "charge_ids", "fiscal_position_id",
}


class AftersalesStatement(models.Model):
    """The statement of charges of one job: what was done, what it costs, who pays and why."""

    _name = "aftersales.statement"
    _description = "Statement of Charges"
    _inherit = [
        "aftersales.lifecycle.mixin", "portal.mixin", "mail.thread", "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    _TRANSITIONS = {
        "draft": ("confirmed", "cancelled"),
        "confirmed": ("draft", "cancelled"),
        "cancelled": ("draft",),
    }

    name = fields.Char(
        string="Number", required=True, readonly=True, copy=False, default="/", index="trigram",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"), ("confirmed", "Confirmed"), ("cancelled", "Cancelled"),
        ],
        default="draft", required=True, copy=False, tracking=True, index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        "res.currency", required=True,
        compute="_compute_currency_id", store=True, readonly=False, precompute=True,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, tracking=True,
        check_company=True,
        compute="_compute_partner_id", store=True, readonly=False, precompute=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Commercial Customer",
        store=True, index=True,
    )
    site_id = fields.Many2one(
        "res.partner", check_company=True, domain="[('id', 'child_of', partner_id)]",
        compute="_compute_site_id", store=True, readonly=False, precompute=True,
        help="Where the work was done; empty: at the customer's own address.",
    )
    equipment_id = fields.Many2one(
        "maintenance.equipment", check_company=True, index="btree_not_null",
        domain="[('customer_id', '!=', False)]", tracking=True,
    )
    product_id = fields.Many2one(
        "product.product", string="Serviced Product", check_company=True,
        compute="_compute_product_id", store=True, readonly=False, precompute=True,
        help="What was worked on; taken from the equipment when there is one.",
    )
    lot_id = fields.Many2one(
        "stock.lot", string="Serial Number", check_company=True, index="btree_not_null",
        domain="[('product_id', '=', product_id)]",
        compute="_compute_lot_id", store=True, readonly=False, precompute=True,
    )
    date = fields.Datetime(
        string="Work Done On", required=True, default=fields.Datetime.now, index=True,
        help="Decides which warranty, contract and prices count, on the date where the work is "
             "done.",
    )
    kind = fields.Selection(
        selection=[
            ("repair", "Repair"), ("maintenance", "Maintenance"), ("inspection", "Inspection"),
            ("other", "Other"),
        ],
        string="Job", default="repair", required=True,
    )
    service_mode = fields.Selection(
        selection=[
            ("on_site", "On site"), ("workshop", "In the workshop"),
            ("remote", "Remote"), ("mail_in", "Sent in"),
        ],
        default="on_site", required=True,
    )
    mode_code_id = fields.Many2one(
        "aftersales.failure.code", string="Failure Mode", domain="[('code_type', '=', 'mode')]",
        index="btree_not_null",
    )
    cause_code_id = fields.Many2one(
        "aftersales.failure.code", string="Failure Cause", domain="[('code_type', '=', 'cause')]",
        index="btree_not_null",
    )
    recall_id = fields.Many2one(
        "aftersales.recall", check_company=True, index="btree_not_null",
    )
    rework_of_id = fields.Many2one(
        "aftersales.statement", check_company=True, index="btree_not_null",
        help="The earlier job whose failure has returned.",
    )
    rework_ids = fields.One2many("aftersales.statement", "rework_of_id", string="Reworks")
    charge_ids = fields.One2many("aftersales.charge", "statement_id", copy=True)
    cover_ids = fields.One2many(
        "aftersales.charge.cover", "statement_id", string="Decisions", readonly=True,
    )

    fiscal_position_id = fields.Many2one(
        "account.fiscal.position", check_company=True,
        compute="_compute_fiscal_position_id", store=True, readonly=False, precompute=True,
        help="Maps the taxes of parts and services to those of the customer.",
    )
    amount_gross = fields.Monetary(
        string="Gross", compute="_compute_amounts", store=True, groups=PRICE_GROUPS,
    )
    amount_covered = fields.Monetary(
        string="Covered Amount", compute="_compute_amounts", store=True, groups=PRICE_GROUPS,
        help="What others than the customer pay, goodwill included.",
    )
    amount_goodwill = fields.Monetary(
        string="Goodwill", compute="_compute_amounts", store=True, groups=PRICE_GROUPS,
    )
    amount_discount = fields.Monetary(
        string="Discount", compute="_compute_amounts", store=True, groups=PRICE_GROUPS,
    )
    amount_net = fields.Monetary(
        string="Customer Pays", compute="_compute_amounts", store=True, groups=PRICE_GROUPS,
        help="Before tax.",
    )
    amount_total = fields.Monetary(
        string="Total with Tax", compute="_compute_amount_total", store=True, groups=PRICE_GROUPS,
    )
    tax_totals = fields.Binary(
        compute="_compute_tax_totals", exportable=False, groups=PRICE_GROUPS,
    )
    is_decided = fields.Boolean(
        string="Decided", compute="_compute_is_decided",
        help="It is decided who pays for every charge as it stands.",
    )
    has_cover = fields.Boolean(string="Ever Decided", compute="_compute_is_decided")
    is_goodwill_pending = fields.Boolean(
        string="Goodwill to Approve", compute="_compute_is_decided",
    )
    summary = fields.Html(
        string="Totals by Type and Payer", compute="_compute_summary", groups=PRICE_GROUPS,
    )

    # -------------------------------------------------------------------------
    # What was worked on, for whom
    # -------------------------------------------------------------------------

    @api.depends("equipment_id")
    def _compute_partner_id(self):
        for statement in self:
            statement.partner_id = statement.equipment_id.customer_id or statement.partner_id

    @api.depends("equipment_id")
    def _compute_site_id(self):
        for statement in self:
            statement.site_id = statement.equipment_id.site_id or statement.site_id

    @api.depends("equipment_id")
    def _compute_product_id(self):
        for statement in self:
            statement.product_id = statement.equipment_id.product_id or statement.product_id

    @api.depends("equipment_id")
    def _compute_lot_id(self):
        for statement in self:
            equipment = statement.equipment_id
            statement.lot_id = equipment.lot_id if equipment else statement.lot_id

    @api.depends("partner_id", "company_id", "equipment_id")
    def _compute_currency_id(self):
        contracts = self._get_price_contracts()
        for statement in self:
            contract = contracts.get(statement)
            customer = statement.partner_id.with_company(statement.company_id)
            statement.currency_id = (
                contract.currency_id if contract
                else customer.property_product_pricelist.currency_id
            ) or statement.company_id.currency_id

    @api.depends("partner_id", "site_id", "company_id")
    def _compute_fiscal_position_id(self):
        positions = self.env["account.fiscal.position"]
        for statement in self:
            statement.fiscal_position_id = positions.with_company(
                statement.company_id)._get_fiscal_position(
                    statement.partner_id, statement.site_id or None)

    def _get_price_contracts(self):
        """Return by statement the contract in whose currency it is: the most specific one."""
        engine = self.env["aftersales.coverage"].sudo()
        statements = self.sudo().filtered(lambda statement: statement._is_placed())
        matches = engine._match_lines(statements, is_covering=False) if statements else {}
        result = {}
        for statement, pairs in matches.items():
            lines = [line for line, _terms in pairs]
            if lines:
                best = min(lines, key=lambda line: (SPECIFICITY[line.scope_type], line.id))
                result[statement.with_env(self.env)] = best.contract_id
        return result

    def _is_placed(self):
        """Whether it is known whose work it is, and when it was done: contracts can be asked."""
        return bool(self.partner_id and self.date and self.company_id)

    # -------------------------------------------------------------------------
    # Amounts
    # -------------------------------------------------------------------------

    @api.depends(
        "charge_ids.amount_gross", "charge_ids.amount_covered", "charge_ids.amount_goodwill",
        "charge_ids.amount_discount", "charge_ids.amount_net",
    )
    def _compute_amounts(self):
        for statement in self:
            for name in ("gross", "covered", "goodwill", "discount", "net"):
                statement[f"amount_{name}"] = sum(
                    statement.charge_ids.mapped(f"amount_{name}"))

    @api.depends(
        "charge_ids.amount_net", "charge_ids.tax_ids", "currency_id", "company_id", "partner_id",
    )
    def _compute_amount_total(self):
        for statement in self:
            statement.amount_total = statement._get_tax_totals()["total_amount_currency"]

    @api.depends_context("lang")
    @api.depends(
        "charge_ids.amount_net", "charge_ids.tax_ids", "currency_id", "company_id", "partner_id",
    )
    def _compute_tax_totals(self):
        for statement in self:
            company = statement.company_id
            statement.tax_totals = statement._get_tax_totals(
                self.env["res.currency"]._get_conversion_rate(
                    company.currency_id, statement.currency_id, company, statement._get_day(),
                ) if statement._is_placed() else 1.0)

    def _get_tax_totals(self, rate=1.0):
        """Let Odoo's tax engine say what an invoice of the customer's share would come to.

        :param rate: of the statement's currency, for amounts in that of the company
        """
        engine, company = self.env["account.tax"], self.company_id or self.env.company
        base_lines = [
            charge._prepare_tax_base_line(rate) for charge in self.charge_ids if charge.amount_net
        ]
        engine._add_tax_details_in_base_lines(base_lines, company)
        engine._round_base_lines_tax_details(base_lines, company)
        return engine._get_tax_totals_summary(
            base_lines=base_lines, currency=self.currency_id or company.currency_id,
            company=company,
        )

    @api.depends(
        "charge_ids.is_decided", "charge_ids.cover_ids", "charge_ids.is_goodwill_pending")
    def _compute_is_decided(self):
        for statement in self:
            charges = statement.charge_ids
            statement.is_decided = bool(charges) and all(charges.mapped("is_decided"))
            statement.has_cover = bool(charges.cover_ids)
            statement.is_goodwill_pending = any(charges.mapped("is_goodwill_pending"))

    def _get_totals_by_kind(self):
        """Return (label, charges) of the types that occur, in their order."""
        labels = self.charge_ids._fields["kind"]._description_selection(self.env)
        return [
            (label, charges) for kind, label in labels
            if (charges := self.charge_ids.filtered(lambda charge, kind=kind: charge.kind == kind))
        ]

    def _get_totals_by_payer(self):
        """Return (label, amount) of those who pay something, the customer last."""
        charges = self.charge_ids
        amounts = (
            (self._get_payer_label("contract"), sum(charges.mapped("amount_contract"))),
            (self._get_payer_label("provider"), sum(charges.mapped("amount_provider"))),
            (self._get_payer_label("vendor"), sum(charges.mapped("amount_vendor"))),
            (self.env._("Goodwill"), self.amount_goodwill),
            (self.env._("Discount"), self.amount_discount),
        )
        return [
            *((label, amount) for label, amount in amounts if amount),
            (self._get_payer_label("customer"), self.amount_net),
        ]

    def _get_payer_label(self, payer):
        payers = self.env["aftersales.charge.cover"]._fields["payer"]
        return dict(payers._description_selection(self.env))[payer]

    @api.depends_context("lang")
    @api.depends("charge_ids.amount_net", "charge_ids.amount_covered", "charge_ids.kind")
    def _compute_summary(self):
        for statement in self:
            statement.summary = self.env["ir.qweb"]._render(
                "aftersales.statement_totals", {"statement": statement},
            ) if statement.charge_ids else False

    # -------------------------------------------------------------------------
    # Names and CRUD
    # -------------------------------------------------------------------------

    @api.constrains("equipment_id", "partner_id")
    def _check_equipment_customer(self):
        """Equipment may change hands afterwards; what was done for its owner stays right."""
        for statement in self:
            owner = statement.equipment_id.customer_id.commercial_partner_id
            if owner and owner != statement.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(statement)s: equipment %(equipment)s belongs to %(owner)s, not to "
                    "%(customer)s. Choose the customer or the equipment that is right; for work "
                    "done before it changed hands, leave the equipment empty and enter product "
                    "and serial number.",
                    statement=statement.name, equipment=statement.equipment_id.display_name,
                    owner=owner.name, customer=statement.commercial_partner_id.name,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
                moment = fields.Datetime.to_datetime(vals.get("date")) or fields.Datetime.now()
                vals["name"] = company._get_aftersales_number(
                    self._name, company._get_aftersales_day(moment))
        return super().create(vals_list)

    def write(self, vals):
        if CONTENT_FIELDS & vals.keys():
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_record(self):
        self._check_open()

    def _is_open(self):
        """Whether its content may change."""
        return self.state == "draft"

    def _check_open(self):
        for statement in self:
            if not statement._is_open():
                raise UserError(self.env._(
                    "%(statement)s is no draft any more: nothing in it can be changed or deleted. "
                    "Set it to draft first.",
                    statement=statement.display_name,
                ))

    def _check_may_decide(self):
        """Drafts are decided by whoever writes them, confirmed statements by a manager."""
        self.check_access("write")  # what follows is decided as the super-user
        is_manager = self.env.su or self.env.user.has_group("aftersales.group_manager")
        for statement in self:
            if statement.state == "confirmed" and not is_manager:
                raise AccessError(self.env._(
                    "%(statement)s is confirmed: only a manager decides again who pays. Ask one, "
                    "or set the statement to draft first.",
                    statement=statement.display_name,
                ))
            if statement.state == "cancelled":
                raise UserError(self.env._(
                    "%(statement)s is cancelled and nobody pays it. Set it to draft first.",
                    statement=statement.display_name,
                ))

    # -------------------------------------------------------------------------
    # Life
    # -------------------------------------------------------------------------

    def action_decide(self):
        """Decide who pays, with the prices of the day of the work, and tell what has changed.

        A manager may do so with a confirmed statement, too; its prices stay.
        """
        self._check_may_decide()
        if self._decide():
            return True
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Nothing has changed: the same pay as before."),
            },
        }

    def action_confirm(self):
        """Decide once more and close the statement."""
        if not self.env.su and not self.env.user.has_group("aftersales.group_agent"):
            raise AccessError(self.env._(
                "Statements of charges are confirmed by an agent, because prices are agreed with "
                "them. Ask one to do it.",
            ))
        self.filtered(lambda statement: statement._is_open())._decide()
        return self._transition_to("confirmed")

    def action_cancel(self):
        return self._transition_to("cancelled")

    def action_draft(self):
        return self._transition_to("draft")

    def action_approve_goodwill(self):
        return self.charge_ids.action_approve_goodwill()

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        if target == "confirmed":
            blockers += self._get_confirmation_blockers()
        return blockers

    def _get_confirmation_blockers(self):
        blockers = []
        if not self.charge_ids:
            blockers.append(self.env._("It has no charge. Enter what was done."))
        if self.date > fields.Datetime.now():
            blockers.append(self.env._(
                "The work would be done in the future. Enter the moment when it was done."))
        for charge in self.charge_ids.sudo():
            if not charge.amount_gross:
                blockers.append(self.env._(
                    'Charge "%(charge)s" has no price. Enter one; what the customer need not pay '
                    "is a discount or goodwill.", charge=charge._get_label()))
            if charge.is_goodwill_pending:
                blockers.append(self.env._(
                    'Charge "%(charge)s": goodwill of %(percent)s %% is not approved. Have it '
                    "approved or take it back.",
                    charge=charge._get_label(), percent=f"{charge.goodwill_percent:g}"))
        return blockers

    # -------------------------------------------------------------------------
    # Decisions
    # -------------------------------------------------------------------------

    def _decide(self):
        """Decide who pays, and tell in the chatter for which charges it is somebody else."""
        charges = self.charge_ids
        priced_anew = self.filtered(lambda statement: statement._is_open()).charge_ids
        for name in ("price_listed", "price_unit"):
            self.env.add_to_compute(charges._fields[name], priced_anew)
        # Prices and their basis are of the draft: not left to be computed when it is closed.
        priced_anew.flush_recordset(["price_listed", "price_unit", "basis"])
        before = {charge: charge._get_live_covers() for charge in charges}
        changed = self.env["aftersales.coverage"]._decide_statements(self)
        changed.statement_id._message_log_batch({
            statement.id: statement._describe_decisions(
                {charge: before[charge] for charge in group})
            for statement, group in changed.grouped("statement_id").items()
        })
        return changed

    def _describe_decisions(self, before):
        """Say who paid and who pays now; without amounts, which not everybody may read."""
        items = Markup().join(
            Markup("<li>%s: %s<b>%s</b></li>") % (
                charge._get_label(),
                Markup("%s → ") % self._describe_payers(covers) if covers else "",
                self._describe_payers(charge._get_live_covers()),
            )
            for charge, covers in before.items()
        )
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self._get_decision_title(is_first=not any(before.values())), items)

    def _get_decision_title(self, is_first):
        if self.state == "confirmed":
            return self.env._("Who pays was decided again after the confirmation.")
        if is_first:
            return self.env._("Who pays was decided.")
        return self.env._("Who pays was decided again.")

    def _describe_payers(self, covers):
        """Return e.g. "Service contract 80 %, Customer 20 %"."""
        return ", ".join(map(self._get_share_label, covers))

    def _get_share_label(self, cover):
        """Return e.g. "Service contract 80 %"; goodwill is named as such."""
        label = self.env._("Goodwill") if cover.rule == "goodwill" else (
            self._get_payer_label(cover.payer))
        return f"{label} {cover.percent:.4g} %"

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = f"{statement.name} {statement.partner_id.name or ''}".strip()

    def _get_site(self):
        """Return the address where the work is done."""
        self.ensure_one()
        return self.site_id or self.partner_id

    def _get_day(self):
        """Return the date of the work where it is done."""
        self.ensure_one()
        zone = self.site_id.tz
        if not zone:
            return self.company_id._get_aftersales_day(self.date)
        return pytz.utc.localize(self.date).astimezone(pytz.timezone(zone)).date()
