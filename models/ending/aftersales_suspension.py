from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...tools.periods import ONE_DAY
from .aftersales_termination import SIDES

POLICIES = [
    ("skip", "Not charged; what was invoiced stays"),
    ("credit", "Not charged; credited where already invoiced"),
    ("extend", "Not charged; what was invoiced stays, and the contract ends later"),
]


class AftersalesSuspension(models.Model):
    """A pause of a contract: for its days nothing is scheduled, charged or performed.

    The lines end on the eve, as soon as the pause is agreed, and lines that follow them in the
    same periods begin on the day of the resumption. Nothing of it is ever charged later.
    """

    _name = "aftersales.suspension"
    _description = "Contract Suspension"
    _inherit = ["aftersales.lifecycle.mixin"]
    _order = "contract_id, date_from desc, id desc"
    _check_company_auto = True

    _TRANSITIONS = {
        "planned": ("running", "withdrawn"),
        "running": ("ended",),
        "ended": (),
        "withdrawn": (),
    }

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="restrict", index=True, readonly=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    date_from = fields.Date(
        string="Suspended From", required=True, readonly=True, help="First suspended day.",
    )
    date_to = fields.Date(
        string="Suspended Until", readonly=True,
        help="Last suspended day. Empty: until somebody resumes the contract.",
    )
    policy = fields.Selection(POLICIES, required=True, default="skip", readonly=True)
    side = fields.Selection(
        SIDES, string="Who Asked", required=True, default="customer", readonly=True,
    )
    reason = fields.Char(required=True, readonly=True)
    line_ids = fields.One2many(
        "aftersales.contract.line", "suspension_id", string="Interrupted Lines",
    )
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("running", "Running"),
            ("ended", "Ended"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Status", default="planned", required=True, copy=False, index=True,
    )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for suspension in self:
            if suspension.date_to and suspension.date_to < suspension.date_from:
                raise ValidationError(self.env._(
                    "The suspension of %(contract)s would end on %(end)s, before it begins on "
                    "%(start)s. Enter a later last day, or leave it empty.",
                    contract=suspension.contract_id.display_name,
                    start=format_date(self.env, suspension.date_from),
                    end=format_date(self.env, suspension.date_to),
                ))

    @api.depends_context("lang")
    @api.depends("contract_id.name", "date_from", "date_to")
    def _compute_display_name(self):
        for suspension in self:
            start = format_date(self.env, suspension.date_from)
            end = format_date(self.env, suspension.date_to) or "…"
            suspension.display_name = f"{suspension.contract_id.name} · {start} – {end}"

    # -------------------------------------------------------------------------
    # Lines
    # -------------------------------------------------------------------------

    def _end_lines(self):
        """End the recurring lines on the eve; safe to repeat for lines that came later.

        A one-off fee is not paid for days: it waits until the contract goes on.
        """
        self.ensure_one()
        eve = self.date_from - ONE_DAY
        lines = self.contract_id.line_ids.filtered(
            lambda line: line.recurrence_unit != "once" and line._is_in_force_after(eve)
        )
        ends = {line: line.date_end for line in lines}
        lines._end_on(eve, self.reason, credit=self.policy == "credit")
        for line in self.env["aftersales.contract"]._as_agreed(lines):
            line.write({"suspension_id": self.id, "date_end_before": ends[line]})

    def _continue_lines(self, day):
        """Let lines follow the interrupted ones from ``day`` on, in the periods they had.

        Days that were invoiced and stay so are not charged again.
        """
        self.ensure_one()
        delay = timedelta(days=self._get_delay(day))
        for line in self._get_lines_to_continue():
            following = line.next_line_ids
            # What ends because another line follows on an agreed day ends on its eve all the same.
            is_moved = line.date_end_before and not following
            date_end = line.date_end_before + delay if is_moved else line.date_end_before
            if date_end and date_end < day:
                continue
            paid_until = line._get_paid_until()
            is_paid = paid_until and paid_until >= day
            successor = line._copy_as_successor(day, {
                "date_end": date_end,
                "date_charge_from": paid_until + ONE_DAY if is_paid else False,
            })
            self.env["aftersales.contract"]._as_agreed(following).previous_line_id = successor

    def _get_lines_to_continue(self):
        """Return the lines that ended for the suspension alone."""
        eve = self.date_from - ONE_DAY
        return self.line_ids.filtered(lambda line: line.date_end >= eve)

    def _get_delay(self, day):
        """Return by how many days all ends move when the contract goes on at ``day``."""
        return (day - self.date_from).days if self.policy == "extend" else 0

    # -------------------------------------------------------------------------
    # What else may change meanwhile
    # -------------------------------------------------------------------------

    def _is_in_the_way_of(self, day):
        """Whether nothing can take effect on ``day``, as it rests then or has rested since."""
        self.ensure_one()
        has_begun = self.state in ("running", "ended")
        return (
            self.state != "withdrawn" and (has_begun or day >= self.date_from)
            and (not self.date_to or day <= self.date_to)
        )

    def _get_rest_message(self):
        start = format_date(self.env, self.date_from)
        if not self.date_to:
            return self.env._(
                "It is suspended from %(start)s until somebody resumes it. Resume it first, and "
                "choose that day or a later one.", start=start,
            ) if self.state == "running" else self.env._(
                "It is suspended from %(start)s until somebody resumes it. Choose an earlier day.",
                start=start,
            )
        values = {
            "start": start, "end": format_date(self.env, self.date_to),
            "next": format_date(self.env, self.date_to + ONE_DAY),
        }
        if self.state == "planned":
            return self.env._(
                "It is suspended from %(start)s to %(end)s. Choose an earlier day, or %(next)s or "
                "later.", **values,
            )
        return self.env._(
            "It is suspended from %(start)s to %(end)s. Choose %(next)s or later.", **values,
        )

    # -------------------------------------------------------------------------
    # Life
    # -------------------------------------------------------------------------

    def _apply(self, today):
        """Begin or end the suspension when its day has come; safe to repeat."""
        self.ensure_one()
        if self.state == "planned" and self.date_from <= today:
            self._end_lines()
            self._transition_to("running")
        if self.state == "running" and self.date_to and self.date_to < today:
            self._resume()

    def _resume(self):
        """Let the contract go on the day after the last suspended one.

        A contract whose end has come in the meantime does not go on.
        """
        self.ensure_one()
        contract = self.contract_id
        day = self.date_to + ONE_DAY
        if self.policy != "extend" and contract.date_end and contract.date_end < day:
            return
        contract._extend_end(self._get_delay(day))
        self._continue_lines(day)
        self._transition_to("ended")
        contract._schedule_obligations()

    def _withdraw(self):
        """Give up a suspension that has not begun: its lines go on as if nothing had been."""
        self.ensure_one()
        self._continue_lines(self.date_from)
        self._transition_to("withdrawn")
        self.contract_id._schedule_obligations()

    def _on_transition(self, target):
        if target == "running":
            self.contract_id._transition_to("suspended")
        elif target == "ended":
            self.contract_id.filtered(lambda c: c.state == "suspended")._transition_to("active")
        return super()._on_transition(target)

    def action_withdraw(self):
        """Take a planned suspension back."""
        for suspension in self:
            contract = suspension.contract_id
            # Nobody writes suspensions by hand; the lock has checked who may withdraw them.
            suspension_sudo = suspension.with_env(contract._lock_for_ending().env)
            suspension_sudo._check_transition("withdrawn")
            suspension_sudo._withdraw()
            contract.message_post(body=self.env._(
                "The suspension from %(date)s was withdrawn.",
                date=format_date(self.env, suspension.date_from),
            ))
        return True
