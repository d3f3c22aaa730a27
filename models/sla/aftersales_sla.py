from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

PRIORITIES = [("1", "P1 Critical"), ("2", "P2 High"), ("3", "P3 Medium"), ("4", "P4 Low")]


class AftersalesSla(models.Model):
    """How fast we promise to act, by priority, and in which hours the clock runs (ITIL SLA).

    What a contract in force names is promised: its terms stay as they are.
    """

    _name = "aftersales.sla"
    _description = "Service Level"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: all companies may promise it.",
        default=lambda self: self.env.company,
    )
    description = fields.Text(
        string="In Words", translate=True, help="What customers read beside the times.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar", string="Service Hours", required=True, check_company=True,
        ondelete="restrict", tracking=True, default=lambda self: self._get_default_calendar(),
        help="The clock runs within these hours only, holidays left out. The service window of a "
             "contract line goes first.",
    )
    tz_source = fields.Selection(
        selection=[("calendar", "Of the service hours"), ("site", "Of the customer's site")],
        string="Time Zone", required=True, default="calendar",
        help="Of the customer's site: 8 o'clock is 8 o'clock where the equipment stands, as far "
             "as its address has a time zone.",
    )
    target_ids = fields.One2many("aftersales.sla.target", "sla_id", string="Targets", copy=True)
    warn_percents = fields.Char(
        string="Warn At (%)", required=True, default="50, 80, 100",
        help="Shares of a target's time at which owner and escalation user are warned, each once.",
    )
    escalation_user_id = fields.Many2one(
        "res.users", string="Escalate To", ondelete="set null", tracking=True,
        domain="[('share', '=', False)]",
        help="Is warned with the owner of a request. Empty: the team's escalation user.",
    )
    compliance_target = fields.Float(
        string="Compliance Target (%)", digits=(5, 2), default=95.0, aggregator=None,
        help="Share of the targets that we promise to meet.",
    )
    targets_label = fields.Text(string="Promised Times", compute="_compute_targets_label")

    _compliance_share = models.Constraint(
        "CHECK (compliance_target >= 0 AND compliance_target <= 100)",
        "The compliance target is a share: enter a number from 0 to 100.",
    )

    @api.model
    def _get_default_calendar(self):
        return self.env.company.resource_calendar_id

    @api.model
    def default_get(self, fields_list):
        """Offer one row for each priority, to be filled in."""
        values = super().default_get(fields_list)
        if "target_ids" in fields_list and "target_ids" not in values:
            values["target_ids"] = [
                fields.Command.create({"priority": priority}) for priority, _label in PRIORITIES
            ]
        return values

    @api.depends_context("lang")
    @api.depends("target_ids.times_label", "target_ids.priority")
    def _compute_targets_label(self):
        for sla in self:
            sla.targets_label = "\n".join(
                f"{target._get_priority_label()}: {target.times_label}"
                for target in sla.target_ids.sorted("priority") if target.times_label
            ) or False

    def _get_target(self, priority):
        """Return what is promised for a priority; empty when nothing is."""
        return self.target_ids.filtered(lambda target: target.priority == priority)[:1]

    def _get_warn_percents(self):
        """Return the shares at which people are warned, the lowest first."""
        self.ensure_one()
        parts = self.warn_percents.replace("%", " ").replace("，", ",").replace(";", ",").split(",")
        return sorted({int(part) for part in parts if part.strip()})

    # -------------------------------------------------------------------------
    # Checks
    # -------------------------------------------------------------------------

    @api.constrains("warn_percents")
    def _check_warn_percents(self):
        for sla in self:
            try:
                percents = sla._get_warn_percents()
            except ValueError:
                percents = []
            if not percents or not all(1 <= percent <= 100 for percent in percents):
                raise ValidationError(self.env._(
                    "%(sla)s: “%(percents)s” are no shares to warn at. Enter whole numbers from 1 "
                    "to 100, separated by commas, for example 50, 80, 100.",
                    sla=sla.name, percents=sla.warn_percents,
                ))

    @api.constrains("calendar_id")
    def _check_calendar(self):
        for sla in self:
            if not sla.calendar_id.attendance_ids:
                raise ValidationError(self.env._(
                    "%(sla)s: the service hours “%(calendar)s” have no working hours, so no "
                    "deadline could ever be computed. Enter its hours, or choose other ones.",
                    sla=sla.name, calendar=sla.calendar_id.name,
                ))

    @api.model
    def _get_promised_fields(self):
        """Return the fields that are part of the promise."""
        return ["name", "calendar_id", "tz_source", "target_ids", "compliance_target"]

    def _get_promises(self):
        """Return texts naming who has been promised these levels (hook)."""
        return []

    def _check_not_promised(self):
        for sla in self:
            if promises := sla._get_promises():
                raise UserError(self.env._(
                    "“%(sla)s” is promised in %(contracts)s and cannot be changed by one side. "
                    "Duplicate it, and let new contracts and agreed changes name the copy.",
                    sla=sla.name, contracts=format_list(self.env, promises),
                ))

    def _get_holders(self):
        """Return texts naming to whom these levels are given without a contract (hook)."""
        # Whoever archives the level may not see all companies that give it.
        companies_sudo = self.env["res.company"].sudo().search(
            [("aftersales_sla_id", "in", self.ids)])
        return companies_sudo.mapped("name")

    def _check_not_held(self):
        for sla in self.filtered("active"):
            if holders := sla._get_holders():
                raise UserError(self.env._(
                    "“%(sla)s” is still the service level of %(holders)s: their new requests "
                    "would go on by it. Choose another level there first, then archive this one.",
                    sla=sla.name, holders=format_list(self.env, holders),
                ))

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_not_held()
        if set(vals) & set(self._get_promised_fields()):
            self._check_not_promised()
        return super().write(vals)

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%(name)s (copy)", name=sla.name)}
            if "name" not in (default or {}) else vals
            for sla, vals in zip(self, super().copy_data(default), strict=True)
        ]
