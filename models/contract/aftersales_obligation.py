from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools import proration
from ...tools.periods import ONE_DAY, Period
from .aftersales_contract_line_mixin import PRICE_GROUPS


class AftersalesObligation(models.Model):
    """The register: who owes what for which period, and whether the promise was kept.

    One row per contract (or line), kind and period start; unique in the database. It is the
    only memory of what has been scheduled. Whether it is kept is always *derived*: from the
    invoice for payments, from the visit, report or measurement for other kinds.
    """

    _name = "aftersales.obligation"
    _description = "Contract Obligation"
    _order = "date_planned, contract_id, id"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="restrict", index=True,
    )
    line_id = fields.Many2one(
        "aftersales.contract.line", string="Contract Line", ondelete="restrict",
        index="btree_not_null",
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id", store=True)
    partner_id = fields.Many2one(
        related="contract_id.partner_id", string="Customer", store=True, index=True,
    )
    side = fields.Selection(
        selection=[("customer", "Customer"), ("provider", "Us")],
        string="Owed By", required=True,
    )
    kind = fields.Selection(selection=[("payment", "Payment")], required=True)
    period_start = fields.Date(required=True)
    period_end = fields.Date(required=True)
    cycle_start = fields.Date(
        required=True, help="First day of the whole period of which this may be a part.",
    )
    cycle_end = fields.Date(required=True)
    date_planned = fields.Date(
        string="Planned For", required=True,
        help="The day to act: for payments, the day to invoice.",
    )
    date_due = fields.Date(
        string="Deadline", compute="_compute_performance", store=True,
        help="Last day on which the promise is kept in time.",
    )
    date_done = fields.Date(string="Kept On", compute="_compute_performance", store=True)
    days_late = fields.Integer(
        compute="_compute_state", store=True, help="Days after the deadline.",
    )
    amount = fields.Monetary(
        string="Planned Amount", groups=PRICE_GROUPS,
        help="Net amount of the period as agreed, before tax.",
    )
    waive_reason = fields.Char(
        string="Waived Because", copy=False,
        help="Why the company does not insist on this promise.",
    )
    is_cut = fields.Boolean(
        string="Waived for an End", readonly=True, copy=False,
        help="It lies beyond an agreed end; should the end move, it is owed again.",
    )
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("due", "Due"),
            ("late", "Late"),
            ("breached", "Breached"),
            ("met", "Met"),
            ("waived", "Waived"),
        ],
        string="Status", compute="_compute_state", store=True, index=True,
    )

    _period_uniq = models.UniqueIndex(
        "(contract_id, COALESCE(line_id, 0), kind, period_start)",
        "This period is already in the register of the contract.",
    )
    _waiting_idx = models.Index(
        "(state, date_planned) WHERE state IN ('planned', 'due', 'late', 'breached')"
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("kind")
    def _compute_performance(self):
        """Derive deadline and fulfilment from the evidence (each kind in its own domain)."""
        for obligation in self:
            obligation.date_due = False
            obligation.date_done = False

    @api.depends("date_planned", "date_due", "date_done", "waive_reason")
    def _compute_state(self):
        todays = {company: company._get_aftersales_today() for company in self.company_id}
        for obligation in self:
            today = todays[obligation.company_id]
            obligation.state = obligation._get_state(today)
            until = obligation.date_done or today
            is_late = obligation.date_due and until > obligation.date_due
            obligation.days_late = (until - obligation.date_due).days if is_late else 0

    def _get_state(self, today):
        if self.waive_reason:
            return "waived"
        if self.date_done:
            return "met"
        if self.date_due and today > self.date_due:
            grace = self.company_id.aftersales_grace_days
            return "breached" if (today - self.date_due).days > grace else "late"
        return "due" if self.date_planned <= today else "planned"

    @api.depends_context("lang")
    @api.depends("line_id.name", "contract_id.name", "period_start", "period_end")
    def _compute_display_name(self):
        for obligation in self:
            subject = (obligation.line_id.name or "").split("\n")[0]
            days = (obligation.period_start, obligation.period_end)
            period = " – ".join(format_date(self.env, day) for day in days)
            obligation.display_name = " · ".join(
                filter(None, [obligation.contract_id.name, subject, period])
            )

    # -------------------------------------------------------------------------
    # CRUD and cron
    # -------------------------------------------------------------------------

    def write(self, vals):
        if not self.env.su and vals.keys() - self._get_user_fields():
            raise UserError(self.env._(
                "%(obligation)s follows from the contract and its evidence and cannot be edited. "
                "To give it up, write the reason in “Waived Because”.",
                obligation=self[:1].display_name,
            ))
        result = super().write(vals)
        if "waive_reason" in vals and not self.env["aftersales.contract"]._is_agreed():
            self._log_waiver()
        return result

    def _log_waiver(self):
        """Tell on the contract who gave up what, and why."""
        for obligation in self:
            obligation.contract_id._message_log(body=self.env._(
                "Waived: %(obligation)s. Reason: %(reason)s",
                obligation=obligation.display_name, reason=obligation.waive_reason,
            ) if obligation.waive_reason else self.env._(
                "Owed again: %(obligation)s", obligation=obligation.display_name,
            ))

    @api.model
    def _get_user_fields(self):
        """Return the fields people may write; all others belong to the register."""
        return {"waive_reason"}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_register(self):
        if self.env["aftersales.contract"]._is_agreed():
            return
        raise UserError(self.env._(
            "%(obligation)s stays in the register: it records what was promised. Waive it "
            "when the company does not insist on it.",
            obligation=self[:1].display_name,
        ))

    # -------------------------------------------------------------------------
    # Agreed ends
    # -------------------------------------------------------------------------

    def _cut_after(self, last_day, reason, credit=True):
        """Let promises end with ``last_day``: what is owed beyond it is owed no more.

        A period that goes on beyond is shortened; one that would begin later is forgotten when
        it is a mere plan, and waived when something has come of it.

        :param str reason: why, for the waived ones
        :param bool credit: False to let stand what was charged already
        :return: the obligations that changed and still exist
        """
        obligations = self.env["aftersales.contract"]._as_agreed(self.sudo()).filtered(
            lambda obligation: obligation.period_end > last_day
            and (credit or not obligation._is_charged())
        )
        later = obligations.filtered(lambda obligation: obligation.period_start > last_day)
        plans = later.filtered(lambda obligation: obligation._is_mere_plan())
        kept = later - plans
        kept.filtered(lambda obligation: not obligation.waive_reason).write({
            "waive_reason": reason, "is_cut": True,
        })
        shortened = obligations - later
        for obligation in shortened:
            obligation.write(obligation._prepare_shortened_vals(last_day))
        plans.unlink()
        return (kept | shortened).with_env(self.env)

    def _go_on_after(self, last_day):
        """Let promises that ended with ``last_day`` go on as far as their contract and lines do.

        What was waived for that end is owed again; a period that was cut is owed to its end, at
        once or, when it was charged, as a rest.
        """
        obligations = self.env["aftersales.contract"]._as_agreed(self.sudo())
        obligations.filtered(
            lambda obligation: obligation.is_cut and obligation.period_start > last_day
            and obligation._is_within_term()
        ).write({"waive_reason": False, "is_cut": False})
        obligations._restore_periods(last_day)

    def _is_within_term(self):
        """Whether the period begins within the term of its line."""
        last = self.line_id._get_term()[1]
        return not last or self.period_start <= last

    def _restore_periods(self, last_day):
        """Let the periods that were cut on ``last_day`` be owed to their end again."""
        rests = []
        cut = self.filtered(
            lambda o: o.kind == "payment" and o.period_end == last_day < o.cycle_end
            and not o.waive_reason
        )
        for obligation in cut:
            end = obligation._get_full_end()
            if end <= last_day:
                continue
            if obligation._is_mere_plan() or obligation.contract_id.proration == "none":
                obligation.write(obligation._prepare_shortened_vals(end))
            else:
                rest = obligation._get_period()._replace(start=last_day + ONE_DAY, end=end)
                rests.append(obligation.line_id._prepare_payment_obligation_vals(rest))
        starts = {(o.line_id.id, o.period_start) for o in self.line_id.obligation_ids}
        self.create([
            vals for vals in rests if (vals["line_id"], vals["period_start"]) not in starts
        ])

    def _get_full_end(self):
        """Return the last day of the period if nothing but its contract and line ended it."""
        ends = (self.cycle_end, self.contract_id.date_end, self._get_promised_end())
        return min(filter(None, ends))

    def _get_promised_end(self):
        """Return the last day that was promised in this period (hook)."""
        return self.line_id._get_term()[1]

    def _is_charged(self):
        """Whether the other party was asked to fulfil this promise (hook)."""
        return False

    def _is_mere_plan(self):
        """Whether nothing has come of this promise yet (hook)."""
        return not self.date_done and not self.waive_reason

    def _prepare_shortened_vals(self, last_day):
        """Return the values of a period that ends on ``last_day``."""
        self.ensure_one()
        vals = {"period_end": last_day}
        if self.kind == "payment":
            period = self._get_period()._replace(end=last_day)
            vals["amount"] = proration.prorate(
                self.line_id.price_subtotal, self.contract_id.proration, period,
                self.currency_id.round,
            )
            if self.state == "planned":
                vals["date_planned"] = self.line_id._get_invoice_date(period)
        return vals

    def _get_period(self):
        return Period(self.period_start, self.period_end, self.cycle_start, self.cycle_end)

    @api.model
    def _refresh_states(self, batch_size):
        """Bring the stored states of waiting obligations to today's date, batch by batch."""
        for company in self.env["aftersales.contract"]._get_companies():
            domain = self._get_outdated_domain(company)
            last_id = 0
            while batch := self.search(
                domain & Domain("id", ">", last_id), limit=batch_size, order="id",
            ):
                last_id = batch[-1].id
                batch.modified(["date_planned"])
                batch.flush_recordset()
                if not self.env["ir.cron"]._commit_progress(len(batch)):
                    return

    @api.model
    def _get_outdated_domain(self, company):
        """Return the waiting obligations whose state or lateness is no longer that of today."""
        today = company._get_aftersales_today()
        return Domain("company_id", "=", company.id) & (
            Domain("state", "=", "planned") & Domain("date_planned", "<=", today)
            | Domain("state", "in", ("due", "late")) & Domain("date_due", "<", today)
            | Domain("state", "=", "breached")
        )
