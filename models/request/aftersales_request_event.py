from odoo import api, fields, models
from odoo.exceptions import UserError

from ..sla.aftersales_sla import PRIORITIES
from .aftersales_request import WAITING
from .aftersales_request_target import KINDS as TARGET_KINDS

KINDS = [
    ("received", "Received"),
    ("acknowledged", "Receipt acknowledged"),
    ("assigned", "Assigned"),
    ("responded", "First answer"),
    ("updated", "News to the customer"),
    ("arrived", "Arrived on site"),
    ("level", "Service level or priority changed"),
    ("paused", "Clock stopped"),
    ("resumed", "Clock goes on"),
    ("resolved", "Resolved"),
    ("reopened", "Reopened"),
    ("closed", "Closed"),
    ("ended", "Ended without an answer"),
    ("warned", "Warned"),
    ("breached", "Promised time missed"),
]


class AftersalesRequestEvent(models.Model):
    """What happened to a request, and when: append-only. All clocks are derived from it."""

    _name = "aftersales.request.event"
    _description = "Request Event"
    _order = "date, id"
    _rec_name = "kind"
    _check_company_auto = True

    request_id = fields.Many2one(
        "aftersales.request", required=True, ondelete="cascade", index=True, check_company=True,
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, index=True, precompute=True,
    )
    date = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    kind = fields.Selection(KINDS, string="What", required=True)
    user_id = fields.Many2one(
        "res.users", string="By", default=lambda self: self.env.user, index="btree_not_null",
    )
    # What the clock goes by from here on (kinds received and level).
    sla_id = fields.Many2one("aftersales.sla", index="btree_not_null", ondelete="restrict")
    calendar_id = fields.Many2one(
        "resource.calendar", string="Service Hours", ondelete="restrict", index="btree_not_null",
    )
    clock_tz = fields.Char(string="Time Zone")
    priority = fields.Selection(
        selection=PRIORITIES,
    )
    # Why it rests (paused), who had it and has it (assigned), which target (warned, breached).
    reason = fields.Selection(WAITING)
    from_user_id = fields.Many2one("res.users", index="btree_not_null")
    to_user_id = fields.Many2one("res.users", index="btree_not_null")
    target = fields.Selection(
        selection=TARGET_KINDS,
    )
    minutes = fields.Integer(
        aggregator=None, help="Working minutes late, or the per cent of the time used up.",
    )
    # Which promise that was: its time, and when its clock began (news are promised many times).
    promised_seconds = fields.Integer(string="Promised (s)", aggregator=None)
    since = fields.Datetime()
    note = fields.Char()

    # One warning per promise and step, one breach per promise, in whatever process.
    _warned_once = models.UniqueIndex(
        "(request_id, target, promised_seconds, since, minutes) WHERE kind = 'warned'",
        "This warning has been given already.",
    )
    _breached_once = models.UniqueIndex(
        "(request_id, target, promised_seconds, since) WHERE kind = 'breached'",
        "This missed time has been noted already.",
    )
    _by_request = models.Index("(request_id, date, id)")

    def write(self, vals):
        if (self._fields.keys() - {"company_id", *models.MAGIC_COLUMNS}) & vals.keys():
            raise UserError(self.env._(
                "What happened to %(request)s is history and stays as it was written. Use the "
                "buttons of the request for what happens now.",
                request=self[:1].request_id.display_name,
            ))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._(
            "What happened to %(request)s is history and stays. Cancel the request instead.",
            request=self[:1].request_id.display_name,
        ))
