from odoo import api, fields, models
from odoo.tools import SQL

KINDS = [
    ("acknowledge", "Acknowledge"),
    ("response", "First answer"),
    ("on_site", "On site"),
    ("resolution", "Resolution"),
    ("update", "Next news"),
]


class AftersalesRequestTarget(models.Model):
    """One promised time of a request and how it is kept: derived from the events, stored."""

    _name = "aftersales.request.target"
    _description = "Request Clock"
    _order = "request_id, id"
    _rec_name = "kind"
    _check_company_auto = True

    request_id = fields.Many2one(
        "aftersales.request", required=True, ondelete="cascade", index=True, check_company=True,
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, index=True, precompute=True,
    )
    kind = fields.Selection(KINDS, string="Target", required=True)
    status = fields.Selection(
        selection=[
            ("running", "Running"),
            ("paused", "Paused"),
            ("overdue", "Overdue"),
            ("met", "Met"),
            ("late", "Missed"),
            ("dropped", "No longer due"),
        ],
        required=True, default="running",
    )
    promised_seconds = fields.Integer(
        string="Promised (s)", aggregator=None, help="Working time promised, in seconds.",
    )
    worked_seconds = fields.Integer(
        string="Used (s)", aggregator=None,
        help="Working time used when it last changed, in seconds.",
    )
    left_seconds = fields.Integer(string="Left (s)", aggregator=None)
    late_minutes = fields.Integer(
        string="Late (min)", aggregator="sum", help="Working minutes after the promised time.",
    )
    miss_count = fields.Integer(
        string="Times Missed", aggregator="sum", help="News may be late more than once.",
    )
    due = fields.Datetime(
        string="Due By", index=True,
        help="When the promised time is over. Empty while the clock rests.",
    )
    done_on = fields.Datetime(string="Kept On")

    # For analysis; computed before a row is written, so that it is written once
    contract_id = fields.Many2one(
        related="request_id.contract_id", store=True, index=True, precompute=True,
    )
    commercial_partner_id = fields.Many2one(
        related="request_id.commercial_partner_id", string="Customer", store=True, index=True,
        precompute=True,
    )
    team_id = fields.Many2one(
        related="request_id.team_id", store=True, index=True, precompute=True,
    )
    user_id = fields.Many2one(
        related="request_id.user_id", string="Owner", store=True, index=True, precompute=True,
    )
    priority = fields.Selection(related="request_id.priority", store=True, precompute=True)
    sla_id = fields.Many2one(
        related="request_id.sla_id", string="Service Level", store=True, index="btree_not_null",
        precompute=True,
    )
    received_on = fields.Datetime(
        related="request_id.received_on", string="Received", store=True, index=True,
        precompute=True,
    )
    compliance = fields.Float(
        string="Met (%)", compute="_compute_compliance", store=True, aggregator="avg",
        precompute=True,
        help="Met ÷ (met + missed), of targets that fell due.",
    )
    is_decided = fields.Boolean(
        string="Fell Due", compute="_compute_compliance", store=True, precompute=True,
        help="Met, missed or overdue: counts for compliance.",
    )

    _kind_uniq = models.Constraint(
        "UNIQUE (request_id, kind)", "A request has one clock of each kind.",
    )

    @api.depends("status")
    def _compute_compliance(self):
        for target in self:
            target.is_decided = target.status in ("met", "late", "overdue")
            target.compliance = 100.0 if target.status == "met" else 0.0

    def _read_group_select(self, aggregate_spec, query):
        """Count for the share that is met only what fell due, whatever else is shown."""
        sql = super()._read_group_select(aggregate_spec, query)
        if aggregate_spec != "compliance:avg":
            return sql
        return SQL(
            "%s FILTER (WHERE %s)", sql, self._field_to_sql(self._table, "is_decided", query))
