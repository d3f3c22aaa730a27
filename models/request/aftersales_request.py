from odoo import api, fields, models

from ..sla.aftersales_sla import PRIORITIES
from .aftersales_request_clock import STILL
from .aftersales_request_target import KINDS as TARGET_KINDS

# What stops the clock while a request waits, and for whom.
WAITING = [
    ("customer", "For the customer"),
    ("parts", "For parts"),
    ("access", "For access to the site"),
    ("third_party", "For a third party"),
    ("force_majeure", "Force majeure"),
]
STATES = [
    ("new", "New"),
    ("acknowledged", "Acknowledged"),
    ("assigned", "Assigned"),
    ("in_progress", "In progress"),
    ("waiting", "Waiting"),
    ("resolved", "Resolved"),
    ("closed", "Closed"),
    ("duplicate", "Duplicate"),
    ("cancelled", "Cancelled"),
]
OPEN_STATES = ("new", "acknowledged", "assigned", "in_progress", "waiting")
KINDS = [
    ("fault", "Fault"),
    ("consult", "Question"),
    ("complaint", "Complaint"),
    ("maintenance", "Maintenance"),
    ("invoice", "Invoice"),
    ("other", "Other"),
]
CHANNELS = [
    ("portal", "Portal"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("wechat", "WeChat"),
    ("qq", "QQ"),
    ("whatsapp", "WhatsApp"),
    ("telegram", "Telegram"),
    ("chat", "Live chat"),
    ("visit", "Visit"),
    ("api", "Other messenger"),
    ("backend", "Entered by staff"),
]
LEVELS = [("1", "High"), ("2", "Medium"), ("3", "Low")]
# Impact × urgency → priority (ITIL): both high is P1, both low is P4.
PRIORITY_OF = {
    ("1", "1"): "1", ("1", "2"): "2", ("2", "1"): "2", ("1", "3"): "3", ("2", "2"): "3",
    ("3", "1"): "3", ("2", "3"): "4", ("3", "2"): "4", ("3", "3"): "4",
}

# Only code of this process holds this object: no RPC call can leave clocks as they are.
_LATER = object()


class AftersalesRequest(models.Model):
    """What a customer asks of us: reported through any channel, answered within promised times."""

    _name = "aftersales.request"
    _description = "Service Request"
    _inherit = [
        "aftersales.request.life", "aftersales.request.talk", "aftersales.request.routing",
        "aftersales.request.link", "aftersales.request.rating", "aftersales.request.portal",
        "aftersales.request.correction", "aftersales.request.knowledge",
        "aftersales.request.intake", "aftersales.request.timeline.mixin", "portal.mixin",
        "rating.mixin", "mail.thread.cc", "mail.activity.mixin",
    ]
    _order = "is_open desc, next_due, priority, id desc"
    _primary_email = "email_from"
    _check_company_auto = True

    _TRANSITIONS = {
        "new": ("acknowledged", "assigned", "in_progress", "waiting", "resolved", "duplicate",
                "cancelled"),
        "acknowledged": ("assigned", "in_progress", "waiting", "resolved", "duplicate",
                         "cancelled"),
        "assigned": ("acknowledged", "in_progress", "waiting", "resolved", "duplicate",
                     "cancelled"),
        "in_progress": ("assigned", "waiting", "resolved", "duplicate", "cancelled"),
        "waiting": ("assigned", "in_progress", "resolved", "duplicate", "cancelled"),
        "resolved": ("in_progress", "closed"),
        "closed": ("in_progress",),
        "duplicate": (),
        "cancelled": (),
    }

    # Identity
    name = fields.Char(
        string="Request Number", required=True, readonly=True, copy=False, index="trigram",
        default=lambda self: self.env._("New"),
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company,
    )
    active = fields.Boolean(default=True)
    subject = fields.Char(required=True, tracking=True, index="trigram")
    kind = fields.Selection(KINDS, required=True, default="fault", tracking=True)
    channel = fields.Selection(CHANNELS, required=True, default="backend", readonly=True)
    category_id = fields.Many2one(
        "aftersales.request.category", index="btree_not_null", ondelete="restrict",
        check_company=True, tracking=True,
    )

    # Whose, and what for
    partner_id = fields.Many2one(
        "res.partner", string="Contact", index="btree_not_null", check_company=True,
        tracking=True, help="Who reports it.",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Customer", store=True,
        index="btree_not_null",
    )
    email_from = fields.Char(
        string="E-mail", compute="_compute_email_from", store=True, readonly=False,
    )
    phone = fields.Char(compute="_compute_phone", store=True, readonly=False)
    equipment_id = fields.Many2one(
        "maintenance.equipment", index="btree_not_null", check_company=True, tracking=True,
        domain="[('customer_id', 'child_of', commercial_partner_id)]",
    )
    lot_id = fields.Many2one(
        related="equipment_id.lot_id", string="Serial Number", store=True,
        index="btree_not_null",
    )
    product_id = fields.Many2one(
        "product.product", compute="_compute_product_id", store=True, readonly=False,
        index="btree_not_null", check_company=True,
    )
    serial_told = fields.Char(
        string="Serial as Told", help="What the customer read off, when it is no unit of theirs.",
    )
    site_id = fields.Many2one(
        "res.partner", compute="_compute_site_id", store=True, readonly=False,
        index="btree_not_null", check_company=True,
    )

    # The fault
    description = fields.Html(string="Symptom", help="What the customer sees, hears, reads.")
    environment = fields.Text(
        help="Load, temperature, since when, after what, error code: what helps to find the cause.",
    )
    impact = fields.Selection(LEVELS, required=True, default="2", tracking=True)
    urgency = fields.Selection(LEVELS, required=True, default="2", tracking=True)
    priority = fields.Selection(
        selection=PRIORITIES,
        compute="_compute_priority", store=True, readonly=False, precompute=True, required=True,
        tracking=True, help="From impact and urgency, until somebody sets it otherwise.",
    )
    mode_code_id = fields.Many2one(
        "aftersales.failure.code", string="Failure Mode", index="btree_not_null",
        domain="[('code_type', '=', 'mode')]", ondelete="restrict",
    )
    cause_code_id = fields.Many2one(
        "aftersales.failure.code", string="Failure Cause", index="btree_not_null",
        domain="[('code_type', '=', 'cause')]", ondelete="restrict",
    )

    # Who answers
    team_id = fields.Many2one(
        "maintenance.team", index="btree_not_null", check_company=True, tracking=True,
        domain="[('is_aftersales', '=', True)]",
    )
    user_id = fields.Many2one(
        "res.users", string="Owner", index="btree_not_null", tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    state = fields.Selection(
        STATES, required=True, default="new", readonly=True, copy=False, tracking=True, index=True,
    )
    stage_id = fields.Many2one(
        "aftersales.request.stage", index="btree_not_null", copy=False, ondelete="restrict",
        compute="_compute_stage_id", store=True, readonly=False, precompute=True,
        group_expand="_read_group_stage_ids",
    )
    is_open = fields.Boolean(
        string="Open", compute="_compute_is_open", store=True, index=True,
        help="Not resolved, closed, cancelled or found to be a duplicate.",
    )
    waiting_reason = fields.Selection(WAITING, readonly=True, copy=False, tracking=True)
    customer_wrote_on = fields.Datetime(
        string="Unanswered Since", readonly=True, copy=False,
        help="The customer wrote, and nobody has answered yet.",
    )

    # What is promised
    contract_line_id = fields.Many2one(
        "aftersales.contract.line", string="Under", index="btree_not_null", readonly=True,
        copy=False, check_company=True, help="The contract line that promises the service level.",
    )
    contract_id = fields.Many2one(
        "aftersales.contract", related="contract_line_id.contract_id", store=True,
        index="btree_not_null",
    )
    sla_id = fields.Many2one(
        "aftersales.sla", string="Service Level", index="btree_not_null", readonly=True,
        copy=False, ondelete="restrict",
    )
    calendar_id = fields.Many2one(
        "resource.calendar", string="Service Hours", readonly=True, copy=False,
        index="btree_not_null", ondelete="restrict",
    )
    clock_tz = fields.Char(string="Time Zone of the Clock", readonly=True, copy=False)
    sla_problem = fields.Char(string="Clock Problem", readonly=True, copy=False)

    # When, all derived from the events
    received_on = fields.Datetime(
        string="Received", required=True, readonly=True, copy=False, index=True,
        default=fields.Datetime.now,
    )
    acknowledged_on = fields.Datetime(string="Receipt Acknowledged", readonly=True, copy=False)
    responded_on = fields.Datetime(string="First Answer", readonly=True, copy=False)
    arrived_on = fields.Datetime(string="On Site Since", readonly=True, copy=False)
    resolved_on = fields.Datetime(readonly=True, copy=False, index=True)
    closed_on = fields.Datetime(readonly=True, copy=False)
    next_due = fields.Datetime(
        readonly=True, copy=False, help="The next promised time that has not been kept yet.",
    )
    next_target = fields.Selection(
        selection=TARGET_KINDS,
        string="What Is Due", readonly=True, copy=False,
    )
    paused_since = fields.Datetime(readonly=True, copy=False)
    is_breached = fields.Boolean(
        string="Breached", readonly=True, copy=False, help="A promised time has been missed.",
    )
    watch_on = fields.Datetime(
        string="Look Again On", readonly=True, copy=False,
        help="When the watch warns, notes a breach, or looks for another service level.",
    )

    # The end
    resolution = fields.Html(copy=False, help="What was done, in words for the customer.")
    solution_id = fields.Many2one(
        "aftersales.solution", string="Known Solution", index="btree_not_null", copy=False,
        check_company=True, ondelete="restrict",
    )
    solved_by_solution = fields.Boolean(
        string="Solved by Article", readonly=True, copy=False,
        help="The customer solved it with a known solution, without anybody's help.",
    )
    duplicate_of_id = fields.Many2one(
        "aftersales.request", index="btree_not_null", readonly=True, copy=False,
        check_company=True,
    )
    duplicate_ids = fields.One2many("aftersales.request", "duplicate_of_id", string="Duplicates")
    reopen_count = fields.Integer(string="Times Reopened", readonly=True, copy=False)
    handoff_count = fields.Integer(
        string="Hand-offs", readonly=True, copy=False,
        help="How often the request went from one owner to another.",
    )

    # What became of it
    repair_ids = fields.One2many("repair.order", "aftersales_request_id", string="Repairs")
    visit_ids = fields.One2many("maintenance.request", "aftersales_request_id", string="Visits")
    sale_order_ids = fields.One2many("sale.order", "aftersales_request_id", string="Quotations")

    # Other systems
    messenger_id = fields.Many2one(
        "aftersales.messenger", index="btree_not_null", readonly=True, copy=False,
    )
    external_reference = fields.Char(readonly=True, copy=False)

    event_ids = fields.One2many("aftersales.request.event", "request_id", string="Events")
    target_ids = fields.One2many("aftersales.request.target", "request_id", string="Clocks")
    phase_ids = fields.One2many(
        "aftersales.request.phase", "request_id", string="Where the Time Went",
        domain=["|", ("date_to", "=", False), ("hours", ">", 0)],
    )

    _external_reference_uniq = models.UniqueIndex(
        "(messenger_id, external_reference) WHERE external_reference IS NOT NULL",
        "This message has already opened a request.",
    )
    # The agents' list, in its order; what has ended has nothing due and stands at the end.
    _desk = models.Index("(next_due, priority, id DESC)")
    # What few requests are, and somebody looks for.
    _customer_wrote = models.Index("(customer_wrote_on) WHERE customer_wrote_on IS NOT NULL")
    _clock_problem = models.Index("(id) WHERE sla_problem IS NOT NULL")
    _archived = models.Index("(id) WHERE active IS NOT TRUE")
    # Each character of a subject: Chinese words are too short for trigrams.
    _subject_characters = models.Index("USING gin (string_to_array(lower(subject), NULL))")
    _waiting_for_something = models.Constraint(
        "CHECK (state != 'waiting' OR waiting_reason IS NOT NULL)",
        "A request that waits needs a reason: what is it waiting for?",
    )
    _duplicate_of_another = models.Constraint(
        "CHECK (state != 'duplicate' OR duplicate_of_id IS NOT NULL)",
        "A duplicate needs the request that it repeats.",
    )
    _watch = models.Index("(watch_on) WHERE watch_on IS NOT NULL")

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for request in self:
            request.display_name = " ".join(filter(None, (request.name, request.subject)))

    @api.depends("partner_id")
    def _compute_email_from(self):
        for request in self:
            request.email_from = request.partner_id.email or request.email_from

    # A method of its own: a phone number that is given must not leave the e-mail empty.
    @api.depends("partner_id")
    def _compute_phone(self):
        for request in self:
            request.phone = request.partner_id.phone or request.phone

    @api.depends("equipment_id")
    def _compute_product_id(self):
        for request in self:
            request.product_id = request.equipment_id.product_id or request.product_id

    @api.depends("equipment_id", "partner_id")
    def _compute_site_id(self):
        for request in self:
            request.site_id = request.equipment_id.site_id or request.partner_id

    @api.depends("impact", "urgency")
    def _compute_priority(self):
        for request in self:
            request.priority = PRIORITY_OF.get((request.impact, request.urgency), "3")

    @api.depends("state")
    def _compute_is_open(self):
        for request in self:
            request.is_open = request.state in OPEN_STATES

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for request in self:
            request.access_url = f"/my/aftersales/requests/{request.id}"
        return result

    # -------------------------------------------------------------------------
    # CRUD: every request begins with its event and its clocks
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._prepare_routed_vals(vals) for vals in vals_list]
        for vals in vals_list:
            if vals.get("name", self.env._("New")) == self.env._("New"):
                company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
                vals["name"] = company._get_aftersales_number(self._name)
        requests = super().create(vals_list)
        requests._apply_levels("received")
        requests._subscribe_contacts()
        requests._log_owners({})
        requests._assign_by_team()
        requests._on_received()
        return requests

    def write(self, vals):
        owners = {request: request.user_id for request in self} if "user_id" in vals else {}
        result = super().write(vals)
        if "user_id" in vals:
            self._log_owners(owners)
        if vals.keys() & self._get_level_fields():
            self._apply_levels("level")
        return result

    @api.model
    def _get_level_fields(self):
        """Return the fields that decide about the promised times."""
        return {
            "partner_id", "equipment_id", "product_id", "site_id", "company_id", "impact",
            "urgency", "priority",
        }

    # -------------------------------------------------------------------------
    # Events and clocks
    # -------------------------------------------------------------------------

    def _apply_levels(self, kind):
        """Find what is promised for these requests; write an event where it is something new.

        :param kind: "received" for new requests, else "level"
        """
        clock = self.env["aftersales.request.clock"]
        events = []
        for request, level in clock._get_levels(self).items():
            changes = {
                name: value for name, value in level.items()
                if (request[name].id if name != "clock_tz" else request[name]) != value
            }
            if changes:
                request.write(changes)
            if kind == "received" or request._is_other_level(level):
                events.append(request._prepare_event_vals(
                    kind, **request._prepare_level(kind, level)))
        self._add_events(events)

    def _prepare_level(self, kind, level):
        return {
            **{name: level[name] for name in ("sla_id", "calendar_id", "clock_tz")},
            "priority": self.priority,
            **({"date": self.received_on} if kind == "received" else {}),
        }

    def _is_other_level(self, level):
        """Whether the clock has gone by something else since the last event that says so."""
        last = self.event_ids.filtered(lambda event: event.kind in ("received", "level"))[-1:]
        return bool(last) and (
            last.sla_id.id, last.calendar_id.id, last.clock_tz, last.priority
        ) != (level["sla_id"], level["calendar_id"], level["clock_tz"], self.priority)

    def _prepare_event_vals(self, kind, **vals):
        self.ensure_one()
        return {
            "request_id": self.id, "kind": kind, "user_id": self.env.uid,
            "date": fields.Datetime.now(), **vals,
        }

    def _add_events(self, vals_list):
        """Write what happened, and derive the clocks anew: the only way events come about."""
        # Nobody has the right to write history by hand; what is written here has happened.
        events_sudo = self.env["aftersales.request.event"].sudo().create(vals_list)
        moving = events_sudo.filtered(lambda event: event.kind not in STILL)
        if moving and self.env.context.get("aftersales_clocks_later") is not _LATER:
            self.env["aftersales.request.clock"]._refresh(moving.request_id.with_env(self.env))
        return events_sudo

    def _with_clocks_later(self):
        """Return these requests for a step whose clocks are derived by another one's event.

        Whoever uses it writes that event at once, for each of them.
        """
        return self.with_context(aftersales_clocks_later=_LATER)

    def _log(self, kind, **vals):
        """Write an event of one kind for all of these requests."""
        return self._add_events([request._prepare_event_vals(kind, **vals) for request in self])
