from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date

GROUNDS = [
    ("agreement", "Agreement of both parties"),
    ("notice", "Ordinary notice"),
    ("customer_breach", "For cause: breach by the customer"),
    ("provider_breach", "For cause: breach by us"),
    ("lapse", "Purpose lapsed, force majeure"),
    ("insolvency", "Insolvency"),
    ("dissolution", "Death or dissolution"),
    ("transfer", "Transfer to another customer"),
    ("other", "Other"),
]
SIDES = [("customer", "The customer"), ("provider", "We"), ("both", "Both together")]
# The right to terminate lapses one year after its ground became known, e.g. Civil Code of
# China, art. 564, unless law or contract say otherwise.
LAPSE = relativedelta(years=1)


class AftersalesTermination(models.Model):
    """The end of a contract before its time: by whom, on which ground, and as of when."""

    _name = "aftersales.termination"
    _description = "Contract Termination"
    _inherit = ["aftersales.lifecycle.mixin"]
    _order = "contract_id, id desc"
    _check_company_auto = True

    _TRANSITIONS = {"planned": ("done", "withdrawn"), "done": (), "withdrawn": ()}

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="restrict", index=True, readonly=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    date_last = fields.Date(string="Last Covered Day", required=True, readonly=True)
    ground = fields.Selection(GROUNDS, required=True, default="agreement", readonly=True)
    side = fields.Selection(
        SIDES, string="Terminated By", required=True, default="both", readonly=True,
    )
    reason = fields.Char(
        required=True, readonly=True, help="As the customer reads it on the credit notes.",
    )
    date_notice = fields.Date(string="Notice Received", readonly=True)
    date_earliest = fields.Date(string="Earliest End", readonly=True)
    override_reason = fields.Char(string="Earlier Because", readonly=True)
    date_known = fields.Date(string="Ground Known Since", readonly=True)
    mitigation = fields.Text(
        string="Loss Kept Small By", readonly=True,
        help="What both parties did to keep the loss small.",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Documents", readonly=True)
    date_end_before = fields.Date(
        string="End Without It", readonly=True, help="The end the contract had until then.",
    )
    next_contract_id = fields.Many2one(
        "aftersales.contract", string="Passed On To", readonly=True, check_company=True,
        index="btree_not_null", ondelete="restrict",
    )
    state = fields.Selection(
        selection=[("planned", "Planned"), ("done", "Done"), ("withdrawn", "Withdrawn")],
        string="Status", default="planned", required=True, copy=False, index=True,
    )

    @api.depends_context("lang")
    @api.depends("contract_id.name", "date_last")
    def _compute_display_name(self):
        for termination in self:
            day = format_date(self.env, termination.date_last)
            termination.display_name = f"{termination.contract_id.name} · {day}"

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        successor = self.next_contract_id
        if target == "withdrawn" and successor.state not in (
            False, *successor._OPEN_STATES, "to_sign",
        ):
            blockers.append(self.env._(
                "The contract has passed on to %(contract)s, which is in force. Terminate that "
                "one instead.", contract=successor.display_name,
            ))
        return blockers

    def _withdraw(self):
        """Let the contract go on as if it had never been terminated.

        What was credited is billed again; what was waived for it is owed again.
        """
        self.ensure_one()
        contract = self.env["aftersales.contract"]._as_agreed(self.contract_id)
        contract.date_end = self.date_end_before
        obligations = contract.obligation_ids
        obligations.filtered(lambda o: o.waive_reason == self.reason).write({
            "waive_reason": False, "is_cut": False,
        })
        obligations._go_on_after(self.date_last)
        self.next_contract_id.filtered(lambda c: c.state != "cancelled")._transition_to("cancelled")
        self._transition_to("withdrawn")
        self.contract_id.filtered(lambda c: c.state == "active")._schedule_obligations()

    def _on_transition(self, target):
        if target == "done":
            self.filtered("next_contract_id")._hand_over_equipment()
        return super()._on_transition(target)

    def _hand_over_equipment(self):
        """Let the equipment of transferred contracts belong to the new customer."""
        for termination in self:
            successor = termination.next_contract_id
            equipment = termination.contract_id.line_ids.equipment_id.filtered(
                lambda eq, owner=termination.contract_id.commercial_partner_id:
                eq.customer_id.commercial_partner_id == owner
            )
            if successor.state != "cancelled":
                equipment.write({
                    "customer_id": successor.partner_id.id,
                    "site_id": successor.site_partner_id.id,
                })
