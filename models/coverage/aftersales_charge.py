from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import float_compare

from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS
from .aftersales_charge_cover import RULES

KINDS = [
    ("part", "Part"), ("labour", "Labour"), ("travel", "Travel"),
    ("inspection", "Inspection"), ("other", "Other"),
]
APPROVERS = "aftersales.group_contract_officer"
# Only the approval itself writes these.
APPROVAL_FIELDS = {"goodwill_approved_by_id", "goodwill_approved_on"}
# What an approval was given for.
APPROVED_FIELDS = {"goodwill_percent", "goodwill_reason"}


class AftersalesCharge(models.Model):
    """One priced item of work: quantity, price and basis, and who pays which share of it.

    What the customer pays, what others pay for him and the discount make up the gross amount.
    """

    _name = "aftersales.charge"
    _description = "Charge"
    _order = "statement_id, sequence, id"
    _check_company_auto = True

    statement_id = fields.Many2one(
        "aftersales.statement", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="statement_id.currency_id", store=True)
    partner_id = fields.Many2one(
        related="statement_id.partner_id", string="Customer", store=True, index=True,
    )
    equipment_id = fields.Many2one(
        related="statement_id.equipment_id", store=True, index="btree_not_null",
    )
    date = fields.Datetime(related="statement_id.date", string="Work Done On", store=True)
    state = fields.Selection(related="statement_id.state", store=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, string="Type", required=True, default="part")
    product_id = fields.Many2one(
        "product.product", string="Part or Service", check_company=True, index="btree_not_null",
    )
    name = fields.Text(
        string="Description", required=True,
        compute="_compute_name", store=True, readonly=False, precompute=True,
    )
    quantity = fields.Float(digits="Product Unit", default=1.0, required=True)
    product_uom_id = fields.Many2one(
        "uom.uom", string="Unit",
        compute="_compute_product_uom_id", store=True, readonly=False, precompute=True,
    )
    pricelist_id = fields.Many2one(
        "product.pricelist", string="Price List", compute="_compute_price_listed", store=True,
        check_company=True,
        help="Of the contract that pays for such a charge, else of the one for the unit, else of "
             "the customer.",
    )
    price_listed = fields.Float(
        string="Listed Price", digits="Product Price", compute="_compute_price_listed",
        store=True, groups=PRICE_GROUPS, aggregator=None,
        help="What the price list says for this quantity on the day of the work.",
    )
    price_unit = fields.Float(
        string="Unit Price", digits="Product Price", aggregator=None, groups=PRICE_GROUPS,
        compute="_compute_price_unit", store=True, readonly=False,
    )
    basis = fields.Char(
        compute="_compute_basis", store=True, groups=PRICE_GROUPS,
        help='How the amount comes about, for example "2.5 h × hourly rate 80.00".',
    )
    amount_gross = fields.Monetary(
        string="Gross", compute="_compute_amount_gross", store=True, groups=PRICE_GROUPS,
    )
    amount_covered = fields.Monetary(
        string="Covered Amount", compute="_compute_amount_covered", store=True, groups=PRICE_GROUPS,
        help="What others than the customer pay, goodwill included.",
    )
    amount_contract = fields.Monetary(
        string="Paid by Contract", compute="_compute_amount_covered", store=True,
        groups=PRICE_GROUPS,
    )
    amount_provider = fields.Monetary(
        string="Paid by Our Company", compute="_compute_amount_covered", store=True,
        groups=PRICE_GROUPS, help="By warranty or rework; goodwill stands apart.",
    )
    amount_vendor = fields.Monetary(
        string="Paid by Vendor", compute="_compute_amount_covered", store=True,
        groups=PRICE_GROUPS,
    )
    amount_goodwill = fields.Monetary(
        string="Goodwill", compute="_compute_amount_covered", store=True, groups=PRICE_GROUPS,
    )
    main_rule = fields.Selection(
        RULES, string="Rule", compute="_compute_amount_covered", store=True,
        help="By which the largest share is paid.",
    )
    is_decided = fields.Boolean(
        string="Decided", compute="_compute_amount_covered", store=True,
        help="Somebody pays for every cent of it.",
    )
    discount_percent = fields.Float(
        string="Discount (%)", digits="Discount", aggregator=None, groups=PRICE_GROUPS,
        help="For loyalty or volume, on what is left to the customer.",
    )
    discount_reason = fields.Char(groups=PRICE_GROUPS)
    goodwill_percent = fields.Float(string="Goodwill (%)", digits="Discount", aggregator=None)
    goodwill_reason = fields.Char()
    goodwill_approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    goodwill_approved_on = fields.Datetime(readonly=True, copy=False)
    is_goodwill_pending = fields.Boolean(
        string="Goodwill to Approve", compute="_compute_is_goodwill_pending",
        search="_search_is_goodwill_pending",
    )
    amount_discount = fields.Monetary(
        string="Discount Amount", compute="_compute_amount_net", store=True, groups=PRICE_GROUPS,
    )
    amount_net = fields.Monetary(
        string="Customer Pays", compute="_compute_amount_net", store=True, groups=PRICE_GROUPS,
    )
    tax_ids = fields.Many2many(
        "account.tax", string="Taxes", check_company=True,
        compute="_compute_tax_ids", store=True, readonly=False,
    )
    cover_ids = fields.One2many("aftersales.charge.cover", "charge_id", string="Who Pays")
    cover_label = fields.Text(string="Paid By", compute="_compute_cover_text")
    cover_text = fields.Text(
        string="Who Pays and Why", compute="_compute_cover_text",
    )

    # -------------------------------------------------------------------------
    # What was done, and its price
    # -------------------------------------------------------------------------

    @api.depends("product_id")
    def _compute_name(self):
        for charge in self:
            if charge.product_id:
                product = charge.product_id.with_context(
                    lang=charge.statement_id.partner_id.lang or self.env.lang)
                charge.name = product.get_product_multiline_description_sale()
            else:
                charge.name = charge.name or False

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for charge in self:
            charge.product_uom_id = charge.product_id.uom_id or charge.product_uom_id

    @api.depends(
        "kind", "product_id", "product_uom_id", "quantity", "statement_id.partner_id",
        "statement_id.site_id", "statement_id.currency_id", "statement_id.date",
        "statement_id.equipment_id", "statement_id.product_id", "statement_id.lot_id",
        "statement_id.service_mode", "statement_id.cause_code_id",
    )
    def _compute_price_listed(self):
        charges = self.filtered(lambda charge: charge.statement_id._is_open())
        contracts = charges._get_price_contracts()
        for charge in charges:
            statement = charge.statement_id
            customer = statement.partner_id.with_company(statement.company_id)
            contract = contracts.get(charge)
            pricelist = (
                contract.pricelist_id if contract else customer.property_product_pricelist)
            charge.pricelist_id = pricelist if charge.product_id else False
            charge.price_listed = pricelist._get_product_price(
                charge.product_id.with_company(statement.company_id), charge.quantity or 1.0,
                currency=statement.currency_id, uom=charge.product_uom_id, date=statement.date,
            ) if charge.product_id else 0.0

    def _get_price_contracts(self):
        """Return by charge the contract whose price list counts for it."""
        charges = self.sudo().filtered(
            lambda charge: charge.product_id and charge.statement_id._is_placed())
        contracts = self.env["aftersales.coverage"].sudo()._get_price_contracts(
            charges) if charges else {}
        return {charge.with_env(self.env): contract for charge, contract in contracts.items()}

    @api.depends("price_listed")
    def _compute_price_unit(self):
        """Take the listed price; one entered by hand stays while the listed one does."""
        for charge in self:
            before = charge._origin
            is_kept = not charge.product_id or (
                before.price_unit and before.product_id == charge.product_id
                and before.price_listed == charge.price_listed)
            charge.price_unit = charge.price_unit if is_kept else charge.price_listed

    @api.depends(
        "kind", "quantity", "product_uom_id", "price_unit", "statement_id.currency_id",
        "statement_id.partner_id",
    )
    def _compute_basis(self):
        for charge in self:
            if charge.statement_id._is_open():
                charge.basis = charge._get_basis()

    def _get_basis(self):
        """Return in the customer's language how the gross amount comes about."""
        self.ensure_one()
        charge = self.with_context(lang=self.statement_id.partner_id.lang or self.env.lang)
        if not charge.price_unit or not charge.currency_id:
            return False
        texts = {
            "quantity": f"{charge.quantity:g}", "unit": charge.product_uom_id.name,
            "price": charge.currency_id.format(charge.price_unit),
        }
        if charge.kind in ("labour", "inspection") and charge._is_in_hours():
            return charge.env._("%(quantity)s h × hourly rate %(price)s", **texts)
        if charge.quantity == 1 and charge.kind != "part":
            return charge.env._("Flat rate %(price)s", **texts)
        if charge.product_uom_id:
            return charge.env._("%(quantity)s %(unit)s × %(price)s", **texts)
        return charge.env._("%(quantity)s × %(price)s", **texts)

    @api.depends("quantity", "price_unit", "statement_id.currency_id")
    def _compute_amount_gross(self):
        for charge in self:
            currency = charge.currency_id or self.env.company.currency_id
            charge.amount_gross = currency.round(charge.quantity * charge.price_unit)

    # -------------------------------------------------------------------------
    # Who pays
    # -------------------------------------------------------------------------

    def _get_live_covers(self):
        """Return the decision that counts."""
        return self.cover_ids.filtered(lambda cover: not cover.superseded_on).sorted("id")

    @api.depends(
        "amount_gross", "cover_ids.amount", "cover_ids.payer", "cover_ids.rule",
        "cover_ids.superseded_on",
    )
    def _compute_amount_covered(self):
        """Sum the shares by payer; a decision on another gross amount counts no longer."""
        for charge in self:
            covers = charge._get_live_covers()
            currency = charge.currency_id or self.env.company.currency_id
            charge.is_decided = bool(covers) and not currency.compare_amounts(
                sum(covers.mapped("amount")), charge.amount_gross)
            if not charge.is_decided:
                covers = covers.browse()
            goodwill = covers.filtered(lambda cover: cover.rule == "goodwill")
            amounts = (covers - goodwill).grouped("payer")
            for payer in ("contract", "provider", "vendor"):
                charge[f"amount_{payer}"] = sum(
                    amounts.get(payer, covers.browse()).mapped("amount"))
            charge.amount_goodwill = sum(goodwill.mapped("amount"))
            charge.amount_covered = (
                charge.amount_contract + charge.amount_provider + charge.amount_vendor
                + charge.amount_goodwill)
            charge.main_rule = covers and max(covers, key=lambda cover: cover.percent).rule

    @api.depends("amount_gross", "amount_covered", "discount_percent")
    def _compute_amount_net(self):
        for charge in self:
            currency = charge.currency_id or self.env.company.currency_id
            left = charge.amount_gross - charge.amount_covered
            charge.amount_discount = currency.round(left * charge.discount_percent / 100.0)
            charge.amount_net = currency.round(left - charge.amount_discount)

    @api.depends_context("lang")
    @api.depends("cover_ids.reason", "cover_ids.superseded_on", "is_decided")
    def _compute_cover_text(self):
        for charge in self:
            covers = charge._get_live_covers() if charge.is_decided else charge.cover_ids.browse()
            charge.cover_label = "\n".join(
                map(charge.statement_id._get_share_label, covers))
            charge.cover_text = "\n".join(covers.mapped("reason"))

    @api.depends("product_id", "statement_id.fiscal_position_id")
    def _compute_tax_ids(self):
        for charge in self:
            statement = charge.statement_id
            taxes = charge.product_id.taxes_id._filter_taxes_by_company(statement.company_id)
            charge.tax_ids = statement.fiscal_position_id.map_tax(taxes)

    def _prepare_tax_base_line(self, rate=1.0):
        """Return what the customer pays, for Odoo's tax engine."""
        statement = self.statement_id
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            self, id=self.id or self._origin.id, price_unit=self.amount_net, quantity=1.0,
            discount=0.0, tax_ids=self.tax_ids, currency_id=statement.currency_id,
            partner_id=statement.partner_id, product_id=self.product_id,
            product_uom_id=self.product_uom_id, rate=rate,
        )

    # -------------------------------------------------------------------------
    # Goodwill
    # -------------------------------------------------------------------------

    @api.depends("goodwill_percent", "goodwill_approved_by_id")
    def _compute_is_goodwill_pending(self):
        for charge in self:
            charge.is_goodwill_pending = (
                charge.goodwill_percent > 0 and not charge.goodwill_approved_by_id)

    def _search_is_goodwill_pending(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("goodwill_percent", ">", 0), ("goodwill_approved_by_id", "=", False)]

    def action_open(self):
        """Show the charge with all decisions there were on it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Charge"),
            "res_model": self._name, "res_id": self.id, "views": [(False, "form")],
            "target": "new",
        }

    def action_approve_goodwill(self):
        """Let the company pay what was asked for as goodwill, and decide anew."""
        if not self.env.user.has_group(APPROVERS):
            raise AccessError(self.env._(
                "Goodwill is approved by a contract officer or a manager. Ask one of them.",
            ))
        self._check_open()
        self.check_access("write")
        pending = self.filtered("is_goodwill_pending")
        pending.sudo().write({
            "goodwill_approved_by_id": self.env.uid,
            "goodwill_approved_on": fields.Datetime.now(),
        })
        pending.statement_id._decide()
        return True

    # -------------------------------------------------------------------------
    # Constraints and CRUD
    # -------------------------------------------------------------------------

    @api.constrains("quantity", "price_unit", "product_uom_id")
    def _check_quantity(self):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        for charge in self:
            if float_compare(charge.quantity, 0.0, precision_digits=digits) <= 0:
                charge._raise_invalid(self.env._(
                    "the quantity is %(quantity)s. Enter a quantity above zero.",
                    quantity=f"{charge.quantity:g}",
                ))
            if charge.sudo().price_unit < 0:
                charge._raise_invalid(self.env._(
                    "the unit price is below zero. Enter a price, and a discount if it is due.",
                ))

    @api.constrains("discount_percent", "discount_reason", "goodwill_percent", "goodwill_reason")
    def _check_percents(self):
        for charge in self.sudo():
            for percent, reason, label in (
                (charge.discount_percent, charge.discount_reason, self.env._("discount")),
                (charge.goodwill_percent, charge.goodwill_reason, self.env._("goodwill")),
            ):
                if not 0 <= percent <= 100:
                    charge._raise_invalid(self.env._(
                        "the %(label)s is %(percent)s %%. Enter 0 to 100 %%.",
                        label=label, percent=f"{percent:g}",
                    ))
                if percent and not reason:
                    charge._raise_invalid(self.env._(
                        "the %(label)s of %(percent)s %% has no reason. Enter one; the customer "
                        "reads it.",
                        label=label, percent=f"{percent:g}",
                    ))

    def _raise_invalid(self, reason):
        raise ValidationError(self.env._(
            'Statement %(statement)s, charge "%(charge)s": %(reason)s',
            statement=self.statement_id.name, charge=self._get_label(), reason=reason,
        ))

    def _get_label(self):
        return (self.name or self.product_id.display_name or "").split("\n")[0]

    @api.depends("name", "statement_id.name")
    def _compute_display_name(self):
        for charge in self:
            charge.display_name = f"{charge.statement_id.name}: {charge._get_label()}"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_approval_is_given(vals)
        charges = super().create(vals_list)
        charges._check_open()
        return charges

    def write(self, vals):
        self._check_approval_is_given(vals)
        self._check_open()
        if APPROVED_FIELDS & vals.keys() and not APPROVAL_FIELDS & vals.keys():
            asked_anew = self.filtered(lambda charge: charge._differs(vals))
            asked_anew.filtered("goodwill_approved_by_id").sudo().write(
                dict.fromkeys(APPROVAL_FIELDS, False))
        return super().write(vals)

    def _differs(self, vals):
        """Whether the values would change what was approved."""
        return any(
            (vals[name] or False) != (self[name] or False)
            for name in APPROVED_FIELDS & vals.keys()
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_record(self):
        self._check_open()

    def _check_approval_is_given(self, vals):
        if not self.env.su and any(vals.get(name) for name in APPROVAL_FIELDS):
            raise UserError(self.env._(
                "Nobody can write the approval of goodwill. Use the button “Approve Goodwill”.",
            ))

    def _check_open(self):
        self.statement_id._check_open()

    # -------------------------------------------------------------------------
    # Units
    # -------------------------------------------------------------------------

    def _get_hour_uom(self):
        # Not env.ref(), which asks the database each time whether the unit exists.
        hour_id = self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_hour")
        return self.env["uom.uom"].browse(hour_id)

    def _is_in_hours(self):
        return not self.product_uom_id or self.product_uom_id == self._get_hour_uom()

    def _get_hours(self):
        """Return the quantity in hours; 0 for a unit that measures no time."""
        self.ensure_one()
        hour, unit = self._get_hour_uom(), self.product_uom_id
        if unit == hour or not unit:
            return self.quantity
        if not unit._has_common_reference(hour):
            return 0.0
        return unit._compute_quantity(self.quantity, hour, round=False)
