from datetime import date
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ...tools import indexation

_TEMPLATE = "aftersales.mail_template_price_adjustment"
# Days before the last day for an announcement in which the adjustment is proposed.
LEAD_DAYS = 14


class Base(NamedTuple):
    """The period of an index and its value at which prices stand; the period may be unknown."""

    date: date | bool
    value: float


class AftersalesPriceAdjustment(models.Model):
    """One adjustment of the prices of a contract: how it was computed, announced and applied.

    Nobody edits it: a wrong one is cancelled and another one proposed.
    """

    _name = "aftersales.price.adjustment"
    _description = "Price Adjustment"
    _inherit = ["aftersales.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"

    _TRANSITIONS = {
        "proposed": ("announced", "cancelled"),
        "announced": ("applied", "cancelled"),
        "applied": (),
        "cancelled": (),
    }

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade", index=True, readonly=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", string="Customer", store=True)
    user_id = fields.Many2one(related="contract_id.user_id", string="Contract Manager", store=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    date = fields.Date(string="Takes Effect On", required=True, readonly=True)

    # How it was computed
    mode = fields.Selection(
        selection=[("fixed", "Fixed percentage"), ("index", "Index")],
        string="Computed From", required=True, readonly=True,
    )
    method = fields.Selection(
        selection=[("last", "Last adjusted price"), ("base", "Base")],
        string="Counted From", required=True, readonly=True,
    )
    percent = fields.Float(string="Fixed Change (%)", readonly=True)
    index_id = fields.Many2one(
        "aftersales.price.index", readonly=True, ondelete="restrict", index="btree_not_null",
    )
    base_date = fields.Date(string="Base Period", readonly=True)
    base_value = fields.Float(digits=(16, 4), readonly=True)
    value_date = fields.Date(string="Index Period", readonly=True)
    value = fields.Float(string="Index Value", digits=(16, 4), readonly=True)
    cap_percent = fields.Float(string="Increase Limit (%)", readonly=True)
    floor_percent = fields.Float(string="Lower Limit (%)", readonly=True)
    raw_factor = fields.Float(string="Factor Before Limits", digits=(16, 8), readonly=True)
    factor = fields.Float(
        digits=(16, 8), readonly=True,
        help="What prices are multiplied with. From the base, lines may differ by their history.",
    )
    line_ids = fields.One2many(
        "aftersales.price.adjustment.line", "adjustment_id", string="Prices", readonly=True,
    )
    calculation = fields.Text(compute="_compute_calculation")
    amount_before = fields.Monetary(string="Annual Value So Far", compute="_compute_amounts")
    amount_after = fields.Monetary(string="New Annual Value", compute="_compute_amounts")

    # What came of it
    date_announced = fields.Date(string="Announced On", readonly=True, copy=False)
    message_id = fields.Char(string="Message-ID", readonly=True, copy=False)
    state = fields.Selection(
        selection=[
            ("proposed", "Proposed"),
            ("announced", "Announced"),
            ("applied", "Applied"),
            ("cancelled", "Cancelled"),
        ],
        string="Status", default="proposed", required=True, copy=False, index=True, tracking=True,
    )

    _date_uniq = models.UniqueIndex(
        "(contract_id, date) WHERE state != 'cancelled'",
        "The contract already has a price adjustment on this day. Cancel that one first.",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends("mode", "percent", "index_id", "base_value", "value", "factor", "raw_factor")
    def _compute_calculation(self):
        for adjustment in self:
            adjustment.calculation = "\n".join(adjustment._get_calculation())

    def _get_calculation(self):
        """Return the calculation as lines of text, as the customer reads it."""
        self.ensure_one()
        raw = self._format_change(self.raw_factor)
        if self.mode == "fixed":
            lines = [self.env._("Agreed change: %(change)s", change=raw)]
        else:
            lines = [self.env._(
                "%(index)s: %(value)s (%(date)s) / %(base)s (%(base_date)s) = %(factor)s, "
                "that is %(change)s",
                index=self.index_id.name, value=f"{self.value:g}", base=f"{self.base_value:g}",
                date=format_date(self.env, self.value_date),
                base_date=format_date(self.env, self.base_date) or "-",
                factor=f"{self.raw_factor:.6f}", change=raw,
            )]
            lines += [line._get_own_base_text() for line in self.line_ids if line._has_own_base()]
        if self.line_ids.filtered(lambda line: line.limit == "cap"):
            lines.append(self.env._(
                "Limited to %(percent)s by the largest increase agreed for one year.",
                percent=self._format_change(1 + self.cap_percent / 100),
            ))
        if self.line_ids.filtered(lambda line: line.limit == "floor"):
            lines.append(self.env._(
                "Limited to %(percent)s by the smallest change agreed for one year.",
                percent=self._format_change(1 + self.floor_percent / 100),
            ))
        return lines

    def _format_change(self, factor):
        return f"{(factor - 1) * 100:+.2f} %"

    @api.depends("line_ids.amount_before", "line_ids.amount_after")
    def _compute_amounts(self):
        for adjustment in self:
            adjustment.amount_before = sum(adjustment.line_ids.mapped("amount_before"))
            adjustment.amount_after = sum(adjustment.line_ids.mapped("amount_after"))

    @api.depends_context("lang")
    @api.depends("contract_id.name", "date")
    def _compute_display_name(self):
        for adjustment in self:
            day = format_date(self.env, adjustment.date)
            adjustment.display_name = f"{adjustment.contract_id.name}: {day}"

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    def write(self, vals):
        if not self.env.su and vals.keys() & self._get_history_fields():
            raise UserError(self.env._(
                "The price adjustment %(adjustment)s is history and cannot be edited. Cancel it "
                "and propose another one.", adjustment=self[:1].display_name,
            ))
        return super().write(vals)

    @api.model
    def _get_history_fields(self):
        return {
            "contract_id", "date", "mode", "method", "percent", "index_id", "base_date",
            "base_value", "value_date", "value", "cap_percent", "floor_percent", "raw_factor",
            "factor", "line_ids", "message_id",
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for adjustment in self:
            raise UserError(self.env._(
                "The price adjustment %(adjustment)s stays: it is the history of the prices. "
                "Cancel it instead.", adjustment=adjustment.display_name,
            ))

    # -------------------------------------------------------------------------
    # Proposal
    # -------------------------------------------------------------------------

    @api.model
    def _propose(self, contracts, day=None):
        """Compute the next adjustment of these contracts; nothing changes yet.

        :param day: when it takes effect; by default the next anniversary, moved behind the notice
        :raises UserError: naming the contract and what is missing
        """
        return self.sudo().create([
            self._prepare_adjustment_vals(contract, day) for contract in contracts
        ]).with_env(self.env)

    @api.model
    def _prepare_adjustment_vals(self, contract, day=None):
        self._check_may_adjust(contract)
        today = contract.company_id._get_aftersales_today()
        earliest = today + relativedelta(days=contract.indexation_notice_days)
        day = day or max(contract.next_adjustment_date, earliest)
        try:
            vals = self._prepare_factor_vals(contract, today)
            return {
                "contract_id": contract.id,
                "date": day,
                "method": contract.index_method,
                "cap_percent": contract.index_cap_percent,
                "floor_percent": contract.index_floor_percent,
                **vals,
                "line_ids": [
                    Command.create(line_vals)
                    for line_vals in self._prepare_lines_vals(contract, day, vals)
                ],
            }
        except ValueError as error:
            raise UserError(self.env._(
                "The prices of contract %(contract)s cannot be adjusted: %(reason)s. Check the "
                "base and the values of the index.",
                contract=contract.display_name, reason=error,
            )) from error

    @api.model
    def _check_may_adjust(self, contract):
        reasons = contract._get_index_blockers()
        if contract.state != "active":
            reasons.append(self.env._("It is not active."))
        if contract.indexation_mode == "none":
            reasons.append(self.env._("Its prices stay: no price adjustment was agreed."))
        if reasons:
            raise UserError(self.env._(
                "The prices of contract %(contract)s cannot be adjusted:\n%(reasons)s",
                contract=contract.display_name,
                reasons="\n".join(f"- {reason}" for reason in reasons),
            ))

    @api.model
    def _prepare_factor_vals(self, contract, today):
        """Return how the index or the agreed percentage moves the prices, before its limits."""
        if contract.indexation_mode == "fixed":
            raw = indexation.percent_factor(contract.indexation_percent)
            vals = {"percent": contract.indexation_percent}
        else:
            value = contract.index_id._get_value_at(today)
            if not value:
                raise UserError(self.env._(
                    "Contract %(contract)s follows index %(index)s, which has no value yet. Enter "
                    "its values under Configuration ▸ Price Indices.",
                    contract=contract.display_name, index=contract.index_id.name,
                ))
            base_date, base_value = self._get_base(contract)
            raw = indexation.index_factor(base_value, value.value)
            vals = {
                "index_id": contract.index_id.id, "base_date": base_date,
                "base_value": base_value, "value_date": value.date, "value": value.value,
            }
        change = indexation.limit_factor(
            raw, contract.index_cap_percent, contract.index_floor_percent,
        )
        return {
            "mode": contract.indexation_mode, "raw_factor": float(raw),
            "factor": float(change.factor), **vals,
        }

    @api.model
    def _get_base(self, contract):
        """Return the period and value on which the prices in force are based."""
        return self._get_standing(contract) if contract.index_method == "last" else Base(
            contract.index_base_date, contract.index_base_value,
        )

    @api.model
    def _get_standing(self, contract):
        """Return the period and value of the index at which the prices of a contract stand.

        Where lines were agreed anew one by one, it is the latest one.
        """
        bases = [self._get_last_base(contract)] + [
            base for base, line in self._get_line_bases(contract, "last").values()
            if line.previous_line_id
        ]
        return max(bases, key=lambda base: base.date or date.min)

    @api.model
    def _get_last_base(self, contract):
        last = self._get_last_applied(contract)
        return Base(last.value_date, last.value) if last else Base(
            contract.index_base_date, contract.index_base_value,
        )

    @api.model
    def _get_last_applied(self, contract):
        return contract.adjustment_ids.filtered(
            lambda adjustment: adjustment.state == "applied" and adjustment.mode == "index"
        ).sorted("date")[-1:]

    @api.model
    def _get_line_bases(self, contract, method):
        """Return a dict line → base of its price, and the line that was agreed at that price.

        A price agreed on after the start stands at the newest value of the index on its day.
        """
        lines = contract._get_present_lines()
        last = self._get_last_applied(contract) if method == "last" else self.browse()
        general = self._get_last_base(contract) if last else Base(
            contract.index_base_date, contract.index_base_value,
        )
        adjusted = self.env["aftersales.price.adjustment.line"].sudo().search([
            ("adjustment_id.contract_id", "=", contract.id), ("new_line_id", "!=", False),
        ]).new_line_id.with_env(self.env)
        bases = {}
        for line in lines:
            agreed = line._get_agreed_price_line(adjusted)
            base, day = general, agreed._get_term()[0]
            is_new = agreed.previous_line_id.contract_id == contract
            if is_new and contract.index_id and (not last or day > last.date):
                value = contract.index_id._get_value_at(day)
                base = Base(value.date, value.value) if value else general
            bases[line] = base, agreed
        return bases

    @api.model
    def _prepare_lines_vals(self, contract, day, factor_vals):
        digits = self.env["decimal.precision"].precision_get("Product Price")
        limits = contract.index_cap_percent, contract.index_floor_percent
        bases = self._get_line_bases(contract, contract.index_method)
        vals_list = []
        for line in contract.line_ids.filtered(lambda line: line._is_adjustable(day)):
            base, agreed = bases.get(line, (self._get_base(contract), line))
            if factor_vals["mode"] == "fixed":
                raw = indexation.percent_factor(contract.indexation_percent)
            else:
                raw = indexation.index_factor(base.value, factor_vals["value"])
            if factor_vals["mode"] == "index" and contract.index_method == "base":
                change = indexation.change_since_base(
                    raw, agreed.price_unit, line.price_unit, *limits)
            else:
                change = indexation.limit_factor(raw, *limits)
            vals_list.append({
                "line_id": line.id,
                "price_base": agreed.price_unit,
                "base_date": factor_vals["mode"] == "index" and base.date,
                "base_value": factor_vals["mode"] == "index" and base.value,
                "price_before": line.price_unit,
                "factor": float(change.factor),
                "limit": change.limit,
                "price_after": indexation.adjust_price(line.price_unit, change.factor, digits),
            })
        if not vals_list:
            raise UserError(self.env._(
                "Contract %(contract)s has no line whose price would be adjusted on %(date)s.",
                contract=contract.display_name, date=format_date(self.env, day),
            ))
        return vals_list

    # -------------------------------------------------------------------------
    # Cron
    # -------------------------------------------------------------------------

    @api.model
    def _propose_due(self, contracts):
        """Propose what is to be announced soon, and ask the managers to look at it."""
        due = contracts.filtered(
            lambda contract: contract.next_adjustment_date - relativedelta(
                days=contract.indexation_notice_days + LEAD_DAYS,
            ) <= contract.company_id._get_aftersales_today()
        )
        if due:
            self._propose(due)
            due.filtered("indexation_problem").indexation_problem = False
            due._ask_managers(due, self.env._("Check and announce the price adjustment."))

    @api.model
    def _get_due_domain(self, today):
        """Return the contracts with an announced adjustment whose day has come."""
        return Domain("adjustment_ids", "any", [
            ("state", "=", "announced"), ("date", "<=", today),
        ])

    @api.model
    def _apply_due(self, contracts):
        """Apply what is due; prices of contracts that rest move when these go on."""
        for contract in contracts:
            today = contract.company_id._get_aftersales_today()
            contract.sudo()._catch_up(today)
            if contract.state != "active":
                continue
            contract.adjustment_ids.filtered(
                lambda adjustment, day=today: adjustment.state == "announced"
                and adjustment.date <= day
            ).sorted("date")._transition_to("applied")

    # -------------------------------------------------------------------------
    # Life
    # -------------------------------------------------------------------------

    def action_announce(self):
        """Tell the customers, with the calculation; the prices change on the day announced."""
        for adjustment in self:
            adjustment._transition_to(
                "announced", date_announced=adjustment.company_id._get_aftersales_today(),
            )
        return True

    def action_cancel(self):
        """Give adjustments up; the prices stay, and the next year's is proposed in its turn."""
        return self._transition_to("cancelled")

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        if target == "announced":
            blockers += self._get_notice_blockers()
        if target in ("announced", "applied"):
            blockers += [
                blocker for line in self.line_ids for blocker in line._get_blockers()
            ]
        return blockers

    def _get_notice_blockers(self):
        """An increase is announced in time; a decrease may come at once."""
        contract = self.contract_id
        earliest = contract.company_id._get_aftersales_today() + relativedelta(
            days=contract.indexation_notice_days,
        )
        factor = max([self.factor, *self.line_ids.mapped("factor")])
        if factor <= 1 or self.date >= earliest:
            return []
        return [self.env._(
            "An increase is announced %(days)s days before it takes effect, so from today it can "
            "take effect on %(date)s at the earliest. Cancel this one and propose another.",
            days=contract.indexation_notice_days, date=format_date(self.env, earliest),
        )]

    def _on_transition(self, target):
        if target == "announced":
            self._announce()
        elif target == "applied":
            for adjustment in self:
                adjustment._apply()
        return super()._on_transition(target)

    def _announce(self):
        # Who may announce may send its mail, whatever their rights on mail templates.
        template = self.env.ref(_TEMPLATE).sudo()
        for adjustment in self.sudo():
            adjustment.message_id = template.send_mail_batch(adjustment.ids)[0].message_id

    def _apply(self):
        """Let lines at the new prices follow those in force, from the day of the adjustment."""
        self.ensure_one()
        # Agreed in the contract and announced: roles need no rights on its consequences.
        contract = self.contract_id.sudo()
        reason = self.env._(
            "Price adjustment of %(date)s", date=format_date(self.env, self.date),
        )
        for line in self.sudo().line_ids.filtered(lambda line: line._is_to_apply()):
            line.new_line_id = line._get_contract_line()._replace_from(
                line._get_day(), {"price_unit": line.price_after}, reason,
            )
        contract._schedule_obligations()
        contract.renewal_ids._follow_prices(reason)
        contract._log_together(reason)
