"""Ending side of the contract line: what interrupts it, and which equipment it covered when."""

from odoo import api, fields, models
from odoo.tools import format_date

from ...tools import proration
from ...tools.periods import ONE_DAY


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    suspension_id = fields.Many2one(
        "aftersales.suspension", string="Interrupted By", copy=False, readonly=True,
        index="btree_not_null", ondelete="restrict",
        groups="base.group_user",
    )
    date_end_before = fields.Date(
        string="Until, Without Interruption", copy=False, readonly=True,
    )
    equipment_change_ids = fields.One2many(
        "aftersales.equipment.change", "line_id", string="Equipment Changes",
        groups="base.group_user",
    )

    @api.depends(
        "date_end_before", "suspension_id.state", "suspension_id.date_from",
        "contract_id.equipment_change_ids",
    )
    def _compute_amount_annual(self):
        return super()._compute_amount_annual()

    @api.model
    def _get_content_fields(self):
        return super()._get_content_fields() - {
            "suspension_id", "date_end_before", "equipment_change_ids",
        }

    # -------------------------------------------------------------------------
    # Interruption
    # -------------------------------------------------------------------------

    def _is_interrupted(self):
        """Whether a suspension, and nothing else, ended the line."""
        suspension = self.sudo().suspension_id
        return bool(
            suspension and self.date_end and self.date_end >= suspension.date_from - ONE_DAY
        )

    def _rests(self):
        """Whether the line is to go on after a suspension that is planned or runs."""
        return self._is_interrupted() and self.sudo().suspension_id.state in ("planned", "running")

    def _get_agreed_end(self):
        return self.date_end_before if self._rests() else super()._get_agreed_end()

    def _follow_contract_end(self):
        resting = self._get_ending_with_contract().filtered(lambda line: line._rests())
        self.env["aftersales.contract"]._as_agreed(resting).write({"date_end_before": False})
        return super(AftersalesContractLine, self - resting)._follow_contract_end()

    def _get_continuation(self):
        line = super()._get_continuation()
        while line._is_interrupted() and line.next_line_ids:
            line = line.next_line_ids[-1:]
        return line

    def _get_cut_blockers(self, day):
        """Days of a suspension that were invoiced and stay so cannot be given back by the way."""
        blockers = super()._get_cut_blockers(day)
        suspension = self.sudo().suspension_id
        if self._rests() and suspension.policy != "credit" and day <= suspension.date_from:
            paid_until = max(self.obligation_ids.sudo().filtered(
                lambda owed: owed._is_charged() and not owed.waive_reason
            ).mapped("period_end"), default=False)
            if paid_until and paid_until >= suspension.date_from:
                blockers.append(self.env._(
                    "Line “%(line)s” is invoiced until %(paid)s, and the days of the suspension "
                    "from %(start)s on stay invoiced. Choose a day after the suspension, or "
                    "withdraw it and agree on one with credit.",
                    line=self._get_error_label(), paid=format_date(self.env, paid_until),
                    start=format_date(self.env, suspension.date_from),
                ))
        return blockers

    def _end_on(self, last_day, reason, credit=True):
        """What rests ends with ``last_day`` too, when that comes before the agreed end."""
        for line in self.env["aftersales.contract"]._as_agreed(self):
            if line._rests() and (not line.date_end_before or line.date_end_before > last_day):
                line.date_end_before = last_day
        return super()._end_on(last_day, reason, credit=credit)

    def _is_in_force_after(self, day):
        """Whether the line covers anything after ``day``."""
        first, last = self._get_term()
        return not last or last > day and last >= first

    def _get_rest_price(self, last_day):
        """Return the net price of what is promised after ``last_day``, to the agreed end.

        Without proration the period under way on that day is owed whole, so it is not a rest.
        """
        contract = self.contract_id
        begin = max(last_day + ONE_DAY, self._get_term()[0])
        end = min(filter(None, [self._get_agreed_end(), contract.date_end]), default=False)
        if not end or begin > end or self.recurrence_unit == "once":
            return 0.0
        mode = contract.proration
        return sum(
            proration.prorate(self.price_subtotal, mode, period, contract.currency_id.round)
            for period in self._get_recurrence().periods(begin, end)
            if mode != "none" or period.cycle_start > last_day
        )

    def _get_unit(self):
        """Return the one equipment the line is for, named itself or by its serial number."""
        self.ensure_one()
        if self.scope_type != "lot":
            return self.equipment_id
        units = self.lot_id.with_context(active_test=False).aftersales_equipment_ids
        return units.filtered(lambda unit: unit.company_id == self.company_id)[:1]

    def _get_equipment_on(self, day):
        """Return the equipment this line covered on ``day``, whatever was swapped since."""
        self.ensure_one()
        later = self.equipment_change_ids.filtered(
            lambda change: change.kind == "swap" and change.date > day
        )
        first_later = later.sorted(lambda change: (change.date, change.id))[:1]
        return first_later.old_equipment_id or self._get_unit()
