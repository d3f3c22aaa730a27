from odoo import fields, models
from odoo.tools import SQL

from ..sla.aftersales_sla import PRIORITIES
from .aftersales_request import CHANNELS

# Each reason to wait is a phase of its own: "wait_" and the reason.
PHASES = [
    ("unowned", "Without owner"),
    ("work", "With an owner"),
    ("wait_customer", "Waiting for the customer"),
    ("wait_parts", "Waiting for parts"),
    ("wait_access", "Waiting for access to the site"),
    ("wait_third_party", "Waiting for a third party"),
    ("wait_force_majeure", "Waiting, force majeure"),
    ("resolved", "Resolved, not confirmed yet"),
]


class AftersalesRequestPhase(models.Model):
    """How long requests lay where: each stretch of time between two events, told by the events."""

    _name = "aftersales.request.phase"
    _description = "Time per State"
    _auto = False
    _order = "date_from, id"
    _rec_name = "phase"
    _depends = {
        "aftersales.request": [
            "company_id", "commercial_partner_id", "contract_id", "category_id", "team_id",
            "priority", "channel", "received_on",
        ],
        "aftersales.request.event": ["request_id", "date", "kind", "reason", "to_user_id"],
    }

    # The index is that of the events.
    request_id = fields.Many2one("aftersales.request", readonly=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contract_id = fields.Many2one("aftersales.contract", readonly=True)
    category_id = fields.Many2one("aftersales.request.category", readonly=True)
    team_id = fields.Many2one("maintenance.team", readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    received_on = fields.Datetime(string="Received", readonly=True)
    phase = fields.Selection(PHASES, string="State", readonly=True)
    date_from = fields.Datetime(string="From", readonly=True)
    date_to = fields.Datetime(string="Until", readonly=True)
    hours = fields.Float(
        readonly=True, help="By the wall clock, nights and holidays included.",
    )

    @property
    def _table_query(self):
        """Return the stretches between events that move a request, in the state they lead to.

        What an event says holds until another says otherwise: who owns it, what it rests for.
        """
        return SQL("""
            WITH told AS (
                SELECT id, request_id, date,
                       CASE kind WHEN 'paused' THEN 'wait_' || reason
                                 WHEN 'resolved' THEN 'resolved'
                                 WHEN 'closed' THEN 'over' WHEN 'ended' THEN 'over'
                                 WHEN 'received' THEN '' WHEN 'resumed' THEN ''
                                 WHEN 'reopened' THEN '' END AS rest,
                       CASE kind WHEN 'received' THEN 0
                                 WHEN 'assigned' THEN COALESCE(to_user_id, 0) END AS owner,
                       LEAD(date) OVER (PARTITION BY request_id ORDER BY date, id) AS date_to
                  FROM aftersales_request_event
                 WHERE kind IN ('received', 'assigned', 'paused', 'resumed', 'resolved',
                                'reopened', 'closed', 'ended')
            ), numbered AS (
                SELECT *,
                       COUNT(rest) OVER w AS rest_number,
                       COUNT(owner) OVER w AS owner_number
                  FROM told
                WINDOW w AS (PARTITION BY request_id ORDER BY date, id)
            ), carried AS (
                SELECT id, request_id, date, date_to,
                       MAX(rest) OVER (PARTITION BY request_id, rest_number) AS rest,
                       MAX(owner) OVER (PARTITION BY request_id, owner_number) AS owner
                  FROM numbered
            )
            SELECT c.id, c.request_id, r.company_id, r.commercial_partner_id, r.contract_id,
                   r.category_id, r.team_id, r.priority, r.channel, r.received_on,
                   c.date AS date_from, c.date_to,
                   CASE WHEN c.rest <> '' THEN c.rest
                        WHEN c.owner > 0 THEN 'work' ELSE 'unowned' END AS phase,
                   EXTRACT(EPOCH FROM COALESCE(c.date_to, %s) - c.date) / 3600.0 AS hours
              FROM carried c
              JOIN aftersales_request r ON r.id = c.request_id
             WHERE c.rest IS DISTINCT FROM 'over'
        """, fields.Datetime.now())
