from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_repr, formatLang

from .aftersales_sla import PRIORITIES

# Kind of target → the field of its promised hours, in the order of a request's life.
TARGETS = {
    "acknowledge": "acknowledge_hours",
    "response": "response_hours",
    "on_site": "on_site_hours",
    "resolution": "resolution_hours",
    "update": "update_hours",
}
MAX_HOURS = 5000.0
# What comes first, and what cannot be promised sooner.
ORDER = [
    ("acknowledge_hours", "response_hours"),
    ("acknowledge_hours", "resolution_hours"),
    ("response_hours", "resolution_hours"),
    ("on_site_hours", "resolution_hours"),
]


class AftersalesSlaTarget(models.Model):
    """The times promised for one priority, in hours of the service hours; 0 is no promise."""

    _name = "aftersales.sla.target"
    _description = "Service Level Target"
    _order = "sla_id, priority, id"
    _rec_name = "priority"

    sla_id = fields.Many2one("aftersales.sla", required=True, ondelete="cascade", index=True)
    priority = fields.Selection(selection=PRIORITIES, required=True)
    acknowledge_hours = fields.Float(
        string="Acknowledge Within", digits=(8, 2), aggregator=None,
        help="Until the customer knows that the request has arrived. 0: not promised.",
    )
    response_hours = fields.Float(
        string="Respond Within", digits=(8, 2), aggregator=None,
        help="Until the first answer of a person, or arrival on site. 0: not promised.",
    )
    on_site_hours = fields.Float(
        string="On Site Within", digits=(8, 2), aggregator=None,
        help="Until somebody arrives at the equipment. 0: not promised.",
    )
    resolution_hours = fields.Float(
        string="Resolve Within", digits=(8, 2), aggregator=None,
        help="Until the request is resolved. 0: not promised.",
    )
    update_hours = fields.Float(
        string="Update Every", digits=(8, 2), aggregator=None,
        help="The customer hears from us at least this often until the request is resolved. "
             "0: not promised.",
    )
    times_label = fields.Char(string="Times", compute="_compute_times_label")

    _priority_uniq = models.Constraint(
        "UNIQUE (sla_id, priority)", "Each priority has one row of targets only.",
    )

    @api.depends_context("lang")
    @api.depends(*TARGETS.values())
    def _compute_times_label(self):
        for target in self:
            target.times_label = " · ".join(
                f"{label} {target._format_hours(target[name])}"
                for name, label in target._get_kind_labels().items() if target[name]
            ) or False

    def _get_kind_labels(self):
        return {
            "acknowledge_hours": self.env._("acknowledged within"),
            "response_hours": self.env._("answered within"),
            "on_site_hours": self.env._("on site within"),
            "resolution_hours": self.env._("resolved within"),
            "update_hours": self.env._("news every"),
        }

    def _format_hours(self, hours):
        """Return hours as people say them: 0.5 is 30 min, 8 is 8 h."""
        if hours < 1:
            return self.env._("%(count)s min", count=round(hours * 60))
        decimals = len(float_repr(hours, 2).rstrip("0").partition(".")[2])
        return self.env._("%(count)s h", count=formatLang(self.env, hours, digits=decimals))

    def _get_priority_label(self):
        return dict(self._fields["priority"]._description_selection(self.env)).get(self.priority)

    def _get_seconds(self, kind):
        """Return the promised working time of a kind of target in seconds; 0 is no promise."""
        return round(self[TARGETS[kind]] * 3600) if self else 0

    @api.constrains(*TARGETS.values())
    def _check_hours(self):
        for target in self:
            for name in TARGETS.values():
                if not 0 <= target[name] <= MAX_HOURS:
                    raise ValidationError(self.env._(
                        "%(sla)s, %(priority)s: “%(field)s” is %(hours)s hours. Enter hours from 0 "
                        "(not promised) to %(most)s.",
                        sla=target.sla_id.name, priority=target._get_priority_label(),
                        field=self._fields[name]._description_string(self.env),
                        hours=target[name], most=int(MAX_HOURS),
                    ))
            target._check_order()

    def _check_order(self):
        """A promise to do later what comes first is a slip of the keyboard."""
        labels = self._get_kind_labels()
        for first, last in ORDER:
            if self[first] and self[last] and self[first] > self[last]:
                raise ValidationError(self.env._(
                    "%(sla)s, %(priority)s: it would be %(last)s %(last_time)s, but %(first)s "
                    "%(first_time)s. What comes first cannot take longer: correct one of the "
                    "times.",
                    sla=self.sla_id.name, priority=self._get_priority_label(),
                    last=labels[last], last_time=self._format_hours(self[last]),
                    first=labels[first], first_time=self._format_hours(self[first]),
                ))

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets.sla_id._check_not_promised()
        return targets

    def write(self, vals):
        if set(vals) & {"priority", *TARGETS.values()}:
            self.sla_id._check_not_promised()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_promised(self):
        self.sla_id._check_not_promised()
