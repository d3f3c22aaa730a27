from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools import proration
from ...tools.periods import ONE_DAY, Period, Recurrence
from .aftersales_contract_line_mixin import PRICE_GROUPS, RECURRENCES_PER_YEAR

# A line may catch up years at once, but one wrong date must not write rows without end.
MAX_PERIODS_PER_RUN = 1000


class AftersalesContractLine(models.Model):
    """What a contract covers and what it costs; a line may also be only one of the two."""

    _name = "aftersales.contract.line"
    _description = "Service Contract Line"
    _inherit = ["aftersales.contract.line.mixin", "analytic.mixin"]
    _order = "contract_id, sequence, id"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    partner_id = fields.Many2one(related="contract_id.partner_id")
    is_content_open = fields.Boolean(related="contract_id.is_content_open")

    # What is covered
    equipment_id = fields.Many2one(
        "maintenance.equipment", check_company=True, index="btree_not_null",
    )
    lot_id = fields.Many2one(
        "stock.lot", string="Serial Number", check_company=True, index="btree_not_null",
    )
    scope_label = fields.Char(string="Scope", compute="_compute_scope_label")

    # When and for how much
    date_start = fields.Date(
        string="From", help="First day of this line. Empty: the start of the contract.",
    )
    date_end = fields.Date(
        string="Until", help="Last day of this line. Empty: the end of the contract.",
    )
    date_anchor = fields.Date(
        string="Counted From", copy=False,
        help="The day from which periods are counted, when it lies before the first day: a line "
             "that replaces another one keeps its periods.",
    )
    date_charge_from = fields.Date(
        string="Charged From", copy=False, readonly=True,
        help="The first day that is charged, when days before it are paid already: by the line "
             "that this one follows.",
    )
    previous_line_id = fields.Many2one(
        "aftersales.contract.line", string="Replaces", copy=False, readonly=True,
        index="btree_not_null", ondelete="restrict",
    )
    next_line_ids = fields.One2many(
        "aftersales.contract.line", "previous_line_id", string="Replaced By",
    )
    price_unit = fields.Float(
        string="Unit Price", digits="Product Price",
        compute="_compute_price_unit", store=True, readonly=False, precompute=True,
        groups=PRICE_GROUPS,
        help="Price of one unit for one full period, in the currency of the contract.",
    )
    price_subtotal = fields.Monetary(
        string="Per Period", compute="_compute_price_subtotal", store=True, groups=PRICE_GROUPS,
        help="Net price of one full period, before tax.",
    )
    amount_annual = fields.Monetary(
        string="Annual Value", compute="_compute_amount_annual", store=True, groups=PRICE_GROUPS,
        help="Nothing for a line that is over or that another one has replaced.",
    )
    # The books of the company are none of the customer's, who reads the lines on the portal.
    analytic_distribution = fields.Json(groups="base.group_user")
    distribution_analytic_account_ids = fields.Many2many(groups="base.group_user")
    obligation_ids = fields.One2many(
        "aftersales.obligation", "line_id", string="Obligations", groups="base.group_user",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    def _get_text_lang(self):
        return self.contract_id.partner_id.lang or super()._get_text_lang()

    @api.depends(
        "product_id", "product_uom_id", "quantity", "price_source",
        "contract_id.pricelist_id", "contract_id.currency_id",
    )
    def _compute_price_unit(self):
        """Fill the price; a fixed price follows only its product, unit and currency."""
        for line in self:
            if not line.contract_id.is_content_open:
                continue
            if not line.product_id:
                line.price_unit = 0.0
            elif line.price_source == "pricelist":
                line.price_unit = line._get_pricelist_price(line.contract_id.date_start)
            elif line._has_new_price_base():
                line.price_unit = line._get_list_price()

    @api.depends("quantity", "price_unit", "discount", "contract_id.currency_id")
    def _compute_price_subtotal(self):
        for line in self:
            line.price_subtotal = line._get_period_price(line.price_unit)

    @api.depends(
        "price_subtotal", "recurrence_unit", "recurrence_interval", "date_end", "next_line_ids",
        "contract_id.state", "contract_id.date_end",
    )
    def _compute_amount_annual(self):
        contracts = self.contract_id
        past = set((contracts.line_ids - contracts._get_present_lines())._origin.ids)
        for line in self:
            counts = line._origin.id not in past and not line._is_over()
            line.amount_annual = counts and line._get_annual_price(line.price_unit)

    @api.depends_context("lang")
    @api.depends(
        "scope_type", "equipment_id.display_name", "lot_id.name",
        "covered_product_id.display_name", "covered_category_id.display_name",
    )
    def _compute_scope_label(self):
        labels = dict(self._fields["scope_type"]._description_selection(self.env))
        for line in self:
            target = (
                line.equipment_id or line.lot_id or line.covered_product_id
                or line.covered_category_id
            )
            line.scope_label = target.display_name or labels.get(line.scope_type)

    @api.depends_context("aftersales_show_scope", "lang")
    @api.depends("scope_label")
    def _compute_display_name(self):
        """Tell lines of the same service apart by what they cover, where one is to be chosen."""
        result = super()._compute_display_name()
        if self.env.context.get("aftersales_show_scope"):
            for line in self.filtered("scope_label"):
                line.display_name = f"{line.display_name} · {line.scope_label}"
        return result

    def _get_scope_target(self):
        """Return what the line takes in, to be compared with what an equipment belongs to."""
        self.ensure_one()
        owner = self.contract_id.commercial_partner_id
        return {
            "equipment": ("equipment", self.equipment_id.id),
            "lot": ("lot", self.lot_id.id),
            "product": ("product", owner.id, self.covered_product_id.id),
            "category": ("category", owner.id, self.covered_category_id.id),
            "all": ("all", owner.id),
        }.get(self.scope_type)

    def _get_covered_text(self):
        """Return which single unit the line is for, e.g. "Lift 1 (SN-17)"; empty for others."""
        self.ensure_one()
        if self.scope_type == "lot":
            return f"{self.lot_id.product_id.name} ({self.lot_id.name})"
        equipment = self.equipment_id
        if self.scope_type != "equipment" or equipment.name in (self.name or ""):
            return ""
        serial = equipment.lot_id.name or equipment.serial_no
        return f"{equipment.name} ({serial})" if serial else equipment.name

    # -------------------------------------------------------------------------
    # Constraints and CRUD
    # -------------------------------------------------------------------------

    @api.constrains("date_start", "date_end", "contract_id")
    def _check_dates(self):
        for line in self:
            first, last = line._get_term()
            if last and last < first and not line._is_taken_back():
                line._raise_invalid(self.env._(
                    "it ends on %(end)s, before it starts on %(start)s. Enter an end on or "
                    "after the start.",
                    end=format_date(self.env, last), start=format_date(self.env, first),
                ))

    def _get_retired_warnings(self):
        """Return which equipment of these lines is out of service on days they cover."""
        return [
            self.env._(
                'Line "%(line)s": %(equipment)s was retired on %(date)s. Choose the unit in its '
                "place, take it off the contract, or put it back into service.",
                line=line._get_error_label(), equipment=equipment.display_name,
                date=format_date(self.env, equipment.retired_on),
            )
            for line in self for equipment in line._get_named_equipment()
            if equipment.retired_on
            and (not (last := line._get_term()[1]) or last >= equipment.retired_on)
        ]

    def _get_named_equipment(self):
        """Return the equipment that the line names: itself, or by its serial number.

        A serial number that is also equipment in use is served there.
        """
        if self.scope_type == "equipment":
            return self.equipment_id
        if self.scope_type != "lot":
            return self.equipment_id.browse()
        units = self.with_context(active_test=False).lot_id.aftersales_equipment_ids
        units = units.filtered("customer_id")
        return units if all(units.mapped("retired_on")) else units.browse()

    def _get_date_warnings(self):
        """Return which own dates of these lines lie outside the contract, where they are void."""
        warnings = []
        for line in self:
            contract = line.contract_id
            values = {
                "line": (line.name or line.product_id.display_name or "").split("\n")[0],
                "start": format_date(self.env, contract.date_start),
                "end": format_date(self.env, contract.date_end),
            }
            if line.date_start and contract.date_start and line.date_start < contract.date_start:
                warnings.append(self.env._(
                    'Line "%(line)s" would begin on %(date)s, but the contract begins on '
                    "%(start)s. Change one of the two days, or leave the line's empty.",
                    **values, date=format_date(self.env, line.date_start),
                ))
            if line.date_end and contract.date_end and line.date_end > contract.date_end:
                warnings.append(self.env._(
                    'Line "%(line)s" would last until %(date)s, but the contract ends on '
                    "%(end)s. Change one of the two days, or leave the line's empty.",
                    **values, date=format_date(self.env, line.date_end),
                ))
        return warnings

    def _is_taken_back(self):
        """Whether the line of a signed contract was ended, by agreement, before it began."""
        contract, first = self.contract_id, self._get_term()[0]
        return not contract.is_content_open and (
            self.date_end == first - ONE_DAY
            or bool(contract.date_end) and contract.date_end < first
        )

    @api.constrains("price_unit", "product_id")
    def _check_price_has_product(self):
        for line in self:
            if line.price_unit and not line.product_id:
                line._raise_invalid(self.env._(
                    "it has a price of %(price)s but no service to invoice. Choose a service, "
                    "or set the price to zero.",
                    price=line.price_unit,
                ))

    @api.constrains("equipment_id", "contract_id")
    def _check_equipment_customer(self):
        for line in self:
            owner = line.equipment_id.customer_id.commercial_partner_id
            # What a line takes over from the one it replaces may change hands with the contract.
            is_taken_over = line.equipment_id == line.previous_line_id.equipment_id
            if owner != line.contract_id.commercial_partner_id and owner and not is_taken_over:
                line._raise_invalid(self.env._(
                    "equipment %(equipment)s belongs to %(owner)s, not to %(customer)s. Choose "
                    "equipment of this customer.",
                    equipment=line.equipment_id.display_name, owner=owner.display_name,
                    customer=line.contract_id.commercial_partner_id.display_name,
                ))

    @api.constrains(lambda self: (
        "contract_id", "date_start", "date_end", "scope_type",
        *self._get_scope_fields().values(), *self._get_cover_fields(),
    ))
    def _check_cover_overlap(self):
        contracts = self.filtered(lambda line: line._get_covered_kinds()).contract_id
        for contract in contracts:
            if not contract._is_cover_checked_later():
                contract.line_ids._check_covered_once()

    def _get_covered_target(self):
        """A unit is the same one, whether a line names it or its serial number."""
        if self.scope_type == "equipment" and self.equipment_id.lot_id:
            return "lot", self.equipment_id.lot_id
        return super()._get_covered_target()

    def _get_overlap_message(self, other, kinds):
        if self.scope_type == other.scope_type:
            return super()._get_overlap_message(other, kinds)
        return self.env._(
            "it covers the same unit as line “%(other)s” at the same time, one by the equipment, "
            "the other by its serial number: %(kinds)s. Let one pay for other kinds of work, "
            "begin after the other has ended, or set its share to 0 %%.",
            other=other._get_error_label(), kinds=kinds,
        )

    def _is_same_time(self, other):
        first, last = self._get_term()
        other_first, other_last = other._get_term()
        # A line that was taken back ends before it begins.
        return all(
            not end or start <= end
            for start in (first, other_first) for end in (last, other_last)
        )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.contract_id._check_content_open()
        return lines

    def write(self, vals):
        if not self._get_content_fields() & vals.keys():
            return super().write(vals)
        self.contract_id._check_content_open()
        result = super().write(vals)
        self.contract_id._check_content_open()  # a line may have moved to another contract
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self.contract_id._check_content_open()

    @api.model
    def _get_content_fields(self):
        """Return the fields both parties agree on; the bookkeeping of a line stays free."""
        return set(self._fields) - {
            "analytic_distribution", "distribution_analytic_account_ids", "analytic_precision",
            "obligation_ids", "next_line_ids", "recurrence_label", "sequence", "price_subtotal",
            "amount_annual", "cover_label", *models.MAGIC_COLUMNS,
        }

    # -------------------------------------------------------------------------
    # Price
    # -------------------------------------------------------------------------

    def _has_new_price_base(self):
        """Whether product, unit or currency differ from those the stored price was made for."""
        origin = self._origin
        return not origin.price_unit if not origin else (
            origin.product_id != self.product_id
            or origin.product_uom_id != self.product_uom_id
            or origin.contract_id.currency_id != self.contract_id.currency_id
        )

    def _get_list_price(self):
        """Return the product's sales price per unit of the line, in the contract's currency."""
        product = self.product_id.with_company(self.company_id)
        price = product.uom_id._compute_price(product.list_price, self.product_uom_id)
        return product.currency_id._convert(
            price, self.contract_id.currency_id, self.company_id,
            self.contract_id.date_start or self.company_id._get_aftersales_today(), round=False,
        )

    def _get_pricelist_price(self, date):
        """Return the price list's price at ``date``, in the contract's currency."""
        return self.contract_id.pricelist_id._get_product_price(
            self.product_id.with_company(self.company_id), self.quantity,
            currency=self.contract_id.currency_id, uom=self.product_uom_id, date=date,
        )

    def _get_price_at(self, date):
        """Return the unit price that counts for an invoice of ``date``."""
        if self.price_source == "pricelist":
            return self._get_pricelist_price(date)
        return self.price_unit

    def _get_period_price(self, price_unit):
        """Return the net price of one full period, rounded to the contract's currency."""
        currency = self.contract_id.currency_id or self.env.company.currency_id
        return currency.round(self.quantity * price_unit * (1 - self.discount / 100.0))

    def _get_annual_price(self, price_unit):
        """Return the net price of a year at this unit price; nothing for what is charged once."""
        per_year = RECURRENCES_PER_YEAR.get(self.recurrence_unit, 0)
        return self._get_period_price(price_unit) * per_year / (self.recurrence_interval or 1)

    def _is_over(self):
        """Whether nothing of the line is promised any more."""
        end = self._get_own_end()
        return self.contract_id.state in self.contract_id._OVER_STATES or bool(
            end and end < self.contract_id.company_id._get_aftersales_today()
        )

    @api.model
    def _refresh_annual_amounts(self, batch_size):
        """Count no more, batch by batch, the lines whose own end has passed."""
        for company in self.env["aftersales.contract"]._get_companies():
            domain = (
                Domain("company_id", "=", company.id) & Domain("amount_annual", "!=", 0)
                & Domain("date_end", "<", company._get_aftersales_today())
            )
            last_id = 0
            while batch := self.search(
                domain & Domain("id", ">", last_id), limit=batch_size, order="id",
            ):
                last_id = batch[-1].id
                batch.modified(["date_end"])
                batch.flush_recordset()
                if not self.env["ir.cron"]._commit_progress(len(batch)):
                    return

    # -------------------------------------------------------------------------
    # Schedule
    # -------------------------------------------------------------------------

    @api.model
    def _search_agreed(self, name, records, limit=None):
        """Return lines whose term ``name`` is one of the records, of contracts that are closed:
        before the customer, or signed."""
        return self.search([
            (name, "in", records.ids),
            ("contract_id.state", "not in", self.env["aftersales.contract"]._OPEN_STATES),
        ], limit=limit)

    def _get_term(self):
        """Return the first and last covered day of the line; the last is False when open."""
        contract = self.contract_id
        first = max(filter(None, [self.date_start, contract.date_start]), default=False)
        last = min(filter(None, [self.date_end, contract.date_end]), default=False)
        return first, last

    def _is_in_force_on(self, day, further_states=()):
        """Whether the line covers ``day``, in a contract in force (or in a further state)."""
        first, last = self._get_term()
        return self.contract_id.state in ("active", *further_states) and (
            bool(first) and first <= day and (not last or day <= last)
        )

    def _get_periods(self, covered_until, horizon):
        """Yield the periods after ``covered_until`` (False: none yet) that begin by ``horizon``."""
        first, last = self._get_term()
        if self.recurrence_unit == "once":
            if not covered_until and first <= min(horizon, last or horizon):
                yield Period(first, first, first, first)
            return
        recurrence = self._get_recurrence()
        begin = max(
            covered_until + ONE_DAY if covered_until else first, self.date_charge_from or first,
        )
        # Without a fixed end a period that begins by the horizon is still a whole one.
        end = last or recurrence.cycle_of(max(horizon, begin))[1]
        for period in recurrence.periods(begin, end):
            if period.start > horizon:
                return
            yield period

    def _get_recurrence(self):
        contract = self.contract_id
        return Recurrence(
            self.recurrence_unit, self.recurrence_interval,
            self.date_anchor or self._get_term()[0],
            contract.billing_alignment, contract.billing_day,
        )

    def _prepare_obligations_vals(self, horizon):
        """Return the values of the obligations missing from the register until ``horizon``."""
        covered_until = dict(self.env["aftersales.obligation"].sudo()._read_group(
            [("line_id", "in", self.ids), ("kind", "=", "payment")],
            ["line_id"], ["period_end:max"],
        ))
        vals_list = []
        for line in self:
            for count, period in enumerate(line._get_periods(covered_until.get(line), horizon)):
                if count == MAX_PERIODS_PER_RUN:
                    break
                vals_list.append(line._prepare_payment_obligation_vals(period))
        return vals_list

    def _prepare_payment_obligation_vals(self, period):
        """Return the values of the customer's duty to pay one period."""
        contract = self.contract_id
        return {
            "contract_id": contract.id,
            "line_id": self.id,
            "side": "customer",
            "kind": "payment",
            "period_start": period.start,
            "period_end": period.end,
            "cycle_start": period.cycle_start,
            "cycle_end": period.cycle_end,
            "date_planned": self._get_invoice_date(period),
            "amount": proration.prorate(
                self.price_subtotal, contract.proration, period, contract.currency_id.round,
            ),
        }

    def _get_invoice_date(self, period):
        """Return the day on which the period is to be invoiced."""
        in_arrears = self.billing_timing == "arrears" and self.recurrence_unit != "once"
        base = period.end + ONE_DAY if in_arrears else period.start
        return base + timedelta(days=self.contract_id.invoice_offset_days)

    # -------------------------------------------------------------------------
    # Agreed changes of lines in force
    # -------------------------------------------------------------------------

    def _end_on(self, last_day, reason, credit=True):
        """End lines in force: ``last_day`` is the last one that is covered and charged.

        The register is cut accordingly, and what was charged beyond is given back.

        :param str reason: why, in words the customer may read
        :param bool credit: False to let stand what was charged beyond
        :return: the obligations that were cut
        """
        lines = self.filtered(lambda line: not line.date_end or line.date_end > last_day)
        for line in self.env["aftersales.contract"]._as_agreed(lines):
            line.date_end = max(last_day, line._get_term()[0] - ONE_DAY)
        # Of a line that ended earlier, more may have been charged than it lasted.
        return self.obligation_ids._cut_after(last_day, reason, credit=credit)

    def _get_agreed_end(self):
        """Return the last day as agreed, whatever interrupts the line (hook); False when open."""
        self.ensure_one()
        return self.date_end

    def _get_own_end(self):
        """Return the agreed end where it is the line's own: before that of its contract.

        What ends on the last day of the contract ends because the contract does.
        """
        end, contract_end = self._get_agreed_end(), self.contract_id.date_end
        return end if end and (not contract_end or end < contract_end) else False

    def _get_ending_with_contract(self):
        """Return the lines whose typed end is the last day of their contract."""
        return self.filtered(
            lambda line: line._get_agreed_end()
            and line._get_agreed_end() == line.contract_id.date_end
        )

    def _follow_contract_end(self):
        """Let lines that end with their contract follow its end, wherever that is moved."""
        lines = self._get_ending_with_contract()
        self.env["aftersales.contract"]._as_agreed(lines).write({"date_end": False})

    def _get_last_line(self):
        """Return the line of this contract with which the chain of replacements ends so far."""
        line = self
        while following := line.next_line_ids.filtered(
            lambda following, contract=line.contract_id: following.contract_id == contract
        ):
            line = following[-1:]
        return line

    def _get_first_line(self):
        """Return the line of this contract with which the chain of replacements began."""
        line = self
        while line.previous_line_id.contract_id == line.contract_id:
            line = line.previous_line_id
        return line

    def _get_continuation(self):
        """Return the line that goes on with the same promise after an interruption (hook)."""
        self.ensure_one()
        return self

    def _get_cut_blockers(self, day):
        """Return why the line can neither end nor be replaced with ``day`` (hook)."""
        self.ensure_one()
        return []

    def _get_paid_until(self):
        """Return the last day the customer owes for by this line; False for none.

        Without proration a started cycle is owed whole, so that nothing else charges its rest.
        """
        whole = self.contract_id.proration == "none"
        obligations = self.obligation_ids.filtered(
            lambda o: o.kind == "payment" and not o.waive_reason
        )
        days = obligations.mapped("cycle_end" if whole else "period_end")
        if self.date_charge_from:
            days.append(self.date_charge_from - ONE_DAY)
        return max(days, default=False)

    def _replace_from(self, day, vals, reason):
        """End lines on the eve of ``day`` and let lines with ``vals`` follow in their periods.

        :param vals: values of the new lines that differ from the old ones
        :return: the new lines, their obligations not yet scheduled
        """
        dates_end = {line: line._get_agreed_end() for line in self}
        following = {line: line.next_line_ids for line in self}
        self._end_on(day - ONE_DAY, reason)
        successors = self.browse()
        for line in self:
            successor = line._copy_as_successor(day, {"date_end": dates_end[line], **vals})
            # What was agreed to follow on a later day follows the new line.
            self.env["aftersales.contract"]._as_agreed(following[line]).write({
                "previous_line_id": successor.id,
            })
            successors |= successor
        return successors

    def _copy_as_successor(self, day, vals):
        self.ensure_one()
        first = self._get_term()[0]
        [line_vals] = self.copy_data({
            "contract_id": self.contract_id.id,
            "date_start": max(day, first),
            "date_anchor": self.date_anchor or first,
            "date_charge_from": self.date_charge_from,
            "previous_line_id": self.id,
            **vals,
        })
        lines = self.env["aftersales.contract"]._as_agreed(self.browse())
        return lines.create(line_vals).with_env(self.env)

    def _get_content_blockers(self):
        """Return why this line cannot be promised; all reasons at once."""
        contract = self.contract_id
        blockers = []
        if not self.product_id:
            return blockers
        if not self.product_id.active:
            blockers.append(self.env._(
                'Line "%(line)s": service %(product)s is archived. Unarchive it or choose another.',
                line=self._get_error_label(), product=self.product_id.display_name,
            ))
        if self.price_source == "pricelist" and not contract.pricelist_id:
            blockers.append(self.env._(
                'Line "%(line)s" takes its price from the price list, but the contract has none. '
                "Choose a price list on the contract or a fixed price on the line.",
                line=self._get_error_label(),
            ))
        return blockers

    def _get_error_label(self):
        return f"{self.contract_id.name} / {super()._get_error_label()}"
