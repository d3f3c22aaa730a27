from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.periods import ONE_DAY
from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS

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
# What a customer may declare online, and what we terminate for without a fee.
ONLINE_GROUNDS = ("notice", "provider_breach", "lapse")
FREE_GROUNDS = ("agreement", "provider_breach", "lapse", "transfer")
# The right to terminate lapses one year after its ground became known, e.g. Civil Code of
# China, art. 564, unless law or contract say otherwise.
LAPSE = relativedelta(years=1)
NOTICE_ACTIVITY = "aftersales.mail_activity_type_termination_notice"


class AftersalesTermination(models.Model):
    """The end of a contract before its time: by whom, on which ground, and as of when.

    A draft is what a customer declared on the portal; it ends nothing until it is confirmed.
    """

    _name = "aftersales.termination"
    _description = "Contract Termination"
    _inherit = ["aftersales.lifecycle.mixin"]
    _order = "contract_id, id desc"
    _check_company_auto = True

    _TRANSITIONS = {
        "draft": ("planned", "withdrawn"),
        "planned": ("done", "withdrawn"),
        "done": (),
        "withdrawn": (),
    }

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="restrict", index=True, readonly=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    date_last = fields.Date(string="Last Covered Day", required=True, readonly=True)
    ground = fields.Selection(GROUNDS, required=True, default="agreement", readonly=True)
    side = fields.Selection(
        SIDES, string="Terminated By", required=True, default="both", readonly=True,
    )
    reason = fields.Char(
        required=True, readonly=True, help="As the customer reads it on the credit notes.",
    )
    date_notice = fields.Date(string="Notice Received", readonly=True)
    notice_by = fields.Char(string="Notice Given By", readonly=True)
    note = fields.Text(string="Reason Given", readonly=True, help="In the customer's own words.")
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
    fee_amount = fields.Monetary(
        string="Fee for Ending Early", readonly=True, groups=PRICE_GROUPS,
    )
    fee_product_id = fields.Many2one(
        "product.product", string="Fee Billed As", readonly=True, check_company=True,
        index="btree_not_null",
    )
    fee_line_id = fields.Many2one(
        "aftersales.contract.line", string="Line of the Fee", readonly=True, copy=False,
        index="btree_not_null", ondelete="set null",
    )
    moves_equipment = fields.Boolean(
        readonly=True, help="The equipment then stands at the service address of the new contract.",
    )
    next_contract_id = fields.Many2one(
        "aftersales.contract", string="Passed On To", readonly=True, check_company=True,
        index="btree_not_null", ondelete="restrict",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Notice Received"),
            ("planned", "Planned"),
            ("done", "Done"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Status", default="draft", required=True, copy=False, index=True,
    )

    _draft_uniq = models.UniqueIndex(
        "(contract_id) WHERE state = 'draft'",
        "A notice of termination already waits to be confirmed. Confirm it or set it aside first.",
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
        self._take_fee_back()
        self.next_contract_id.filtered(lambda c: c.state != "cancelled")._transition_to("cancelled")
        self._transition_to("withdrawn")
        self.contract_id.filtered(lambda c: c.state == "active")._schedule_obligations()

    def action_set_aside(self):
        """Set notices aside that end nothing; the customer is told by whoever does."""
        for termination in self:
            contract_sudo = termination.contract_id._lock_for_ending()
            termination_sudo = termination.with_env(contract_sudo.env)
            if termination.state != "draft":
                raise UserError(self.env._(
                    "%(termination)s is no notice that waits. Use “Withdraw Termination” on the "
                    "contract.", termination=termination.display_name,
                ))
            termination_sudo._transition_to("withdrawn")
            termination.contract_id.message_post(body=self.env._(
                "The notice of %(date)s was set aside. Tell the customer why.",
                date=format_date(self.env, termination.date_notice),
            ))
        return True

    # -------------------------------------------------------------------------
    # The fee for ending early
    # -------------------------------------------------------------------------

    def _charge_fee(self):
        """Let the customer owe the fee on the last day: one line, once in the register."""
        self.ensure_one()
        contract = self.contract_id
        if not self.fee_amount or self.fee_line_id:
            return
        lines = self.env["aftersales.contract"]._as_agreed(contract.line_ids.browse())
        self.fee_line_id = lines.create({
            "contract_id": contract.id,
            "product_id": self.fee_product_id.id,
            "price_unit": self.fee_amount,
            "recurrence_unit": "once",
            "date_start": self.date_last,
            "sequence": max(contract.line_ids.mapped("sequence"), default=0) + 1,
        })
        contract._schedule_obligations()

    def _take_fee_back(self):
        """Owe the fee no more; what was charged of it is given back."""
        line = self.fee_line_id
        line._end_on(self.date_last - ONE_DAY, self.env._("the termination was withdrawn"))
        self.env["aftersales.contract"]._as_agreed(line.obligation_ids).is_cut = False

    def _on_transition(self, target):
        if target == "done":
            self.filtered("next_contract_id")._hand_over_equipment()
        elif target in ("planned", "withdrawn"):
            self.contract_id.activity_feedback([NOTICE_ACTIVITY])
        return super()._on_transition(target)

    def _hand_over_equipment(self):
        """Let the equipment of transferred contracts belong to the new customer."""
        for termination in self:
            successor = termination.next_contract_id
            equipment = termination.contract_id.line_ids.equipment_id.filtered(
                lambda eq, owner=termination.contract_id.commercial_partner_id:
                eq.customer_id.commercial_partner_id == owner
            )
            if successor.state == "cancelled":
                continue
            site = termination.moves_equipment and successor.site_partner_id
            for unit in equipment:
                # Without an address of its own it stood at its customer's, and stays there.
                stands_at = site or unit.site_id or unit.customer_id
                unit.write({"customer_id": successor.partner_id.id, "site_id": stands_at.id})
