from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date

from ...tools.periods import ONE_DAY


class AftersalesContractTransfer(models.TransientModel):
    """Pass a contract on to another customer: the old one ends on the eve of the new one."""

    _name = "aftersales.contract.transfer"
    _description = "Transfer Contract"
    _inherit = ["aftersales.ending.preview.mixin"]

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    partner_id = fields.Many2one("res.partner", string="New Customer", required=True)
    date = fields.Date(
        string="Passes On From", required=True, default=fields.Date.context_today,
        help="First day of the new customer.",
    )
    contact_id = fields.Many2one(
        "res.partner", string="Service Contact", domain="[('id', 'child_of', partner_id)]",
    )
    invoice_partner_id = fields.Many2one(
        "res.partner", string="Invoicing Contact", compute="_compute_invoice_partner_id",
        store=True, readonly=False, precompute=True,
    )
    site_partner_id = fields.Many2one(
        "res.partner", string="Service Address", compute="_compute_site_partner_id", store=True,
        readonly=False, precompute=True,
    )
    agreed_by_old = fields.Char(string="Agreed for the Old Customer", required=True)
    agreed_by_new = fields.Char(string="Agreed for the New Customer", required=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Consent of Both")

    moves_equipment = fields.Boolean(
        string="Equipment Moves",
        help="The equipment will stand at the service address of the new customer. Otherwise it "
             "stays where it is, and only belongs to somebody else.",
    )

    @api.depends("partner_id")
    def _compute_invoice_partner_id(self):
        for wizard in self:
            wizard.invoice_partner_id = wizard.partner_id.address_get(["invoice"])["invoice"]

    @api.depends("partner_id", "moves_equipment", "contract_id")
    def _compute_site_partner_id(self):
        """Serve where the equipment stands: where it has stood, unless it moves."""
        for wizard in self:
            wizard.site_partner_id = (
                wizard.partner_id.address_get(["delivery"])["delivery"]
                if wizard.moves_equipment else wizard.contract_id.site_partner_id
            )

    @api.depends("contract_id", "date")
    def _compute_preview(self):
        return super()._compute_preview()

    def _get_last_charged_day(self):
        return self.date and self.date - ONE_DAY

    def action_confirm(self):
        """End the old contract on the eve, and put the new one before its customer to sign."""
        self.ensure_one()
        contract = self.contract_id
        contract._lock_for_ending()
        contract._check_no_blockers(self._get_transfer_blockers())
        lines = contract.line_ids.filtered(self._is_passed_on)
        successor = self._create_successor()
        self.attachment_ids.write({"res_model": contract._name, "res_id": contract.id})
        contract._terminate(self._prepare_termination_vals(successor))
        for line in lines:
            line._copy_as_successor(self.date, {
                "contract_id": successor.id,
                "date_charge_from": self._get_charge_from(line),
            })
        self._put_before_customer(successor)
        return {
            "type": "ir.actions.act_window",
            "res_model": successor._name,
            "res_id": successor.id,
            "views": [(False, "form")],
        }

    def _get_transfer_blockers(self):
        contract = self.contract_id
        eve = self.date - ONE_DAY
        blockers = contract._get_pass_on_blockers()
        if not blockers:
            blockers = contract._get_termination_blockers(eve)
        if self.partner_id.commercial_partner_id == contract.commercial_partner_id:
            blockers.append(self.env._(
                "%(customer)s already is its customer. Choose another one, or change the "
                "contacts on the contract.", customer=self.partner_id.display_name,
            ))
        if not self.attachment_ids:
            blockers.append(self.env._(
                "The consent of both customers is missing. Attach the document they signed.",
            ))
        if contract.date_end and self.date > contract.date_end:
            blockers.append(self.env._(
                "Nothing is left to pass on after %(end)s. Choose an earlier day.",
                end=format_date(self.env, contract.date_end),
            ))
        return blockers

    def _is_passed_on(self, line):
        """Whether the new customer takes the line over: not what ended, nor fees owed before."""
        is_past_fee = line.recurrence_unit == "once" and line._get_term()[0] < self.date
        return line._is_in_force_after(self.date - ONE_DAY) and not is_past_fee

    def _get_charge_from(self, line):
        """Return the first day to charge the new customer for, when not the day it begins.

        Without proration the old customer owes the whole period that was under way.
        """
        paid_until = self.contract_id.proration == "none" and line._get_paid_until()
        return paid_until and paid_until >= self.date and paid_until + ONE_DAY

    def _create_successor(self):
        contract = self.contract_id
        [vals] = contract.copy_data({
            "line_ids": [],
            "partner_id": self.partner_id.id,
            "contact_id": self.contact_id.id,
            "invoice_partner_id": self.invoice_partner_id.id,
            "site_partner_id": self.site_partner_id.id,
            "customer_reference": False,
            "date_start": self.date,
            "previous_contract_id": contract.id,
            **contract.sudo()._prepare_standing_vals(),
        })
        vals.pop("is_consumer", None)  # follows from the new customer
        return contract.create(vals)

    def _prepare_termination_vals(self, successor):
        contract = self.contract_id
        lang = contract.partner_id.lang or self.env.lang
        return {
            "date_last": self.date - ONE_DAY,
            "ground": "transfer",
            "side": "both",
            "reason": self.with_context(lang=lang).env._(
                "passed on to %(customer)s", customer=self.partner_id.display_name,
            ),
            "next_contract_id": successor.id,
            "moves_equipment": self.moves_equipment,
            "attachment_ids": [Command.set(self.attachment_ids.ids)],
        }

    def _put_before_customer(self, successor):
        """Have the new contract signed; what the review objects to is solved there first."""
        successor.message_post(body=self.env._(
            "Passed on from %(contract)s as of %(date)s; agreed by %(old)s and %(new)s.",
            contract=self.contract_id.display_name, date=format_date(self.env, self.date),
            old=self.agreed_by_old, new=self.agreed_by_new,
        ))
        self.contract_id.message_post(body=self.env._(
            "Passes on to %(contract)s of %(customer)s; agreed by %(old)s and %(new)s.",
            contract=successor.name, customer=self.partner_id.display_name,
            old=self.agreed_by_old, new=self.agreed_by_new,
        ))
        for state in ("review", "to_sign"):
            if reasons := successor._get_transition_blockers(state):
                successor.message_post(body=self.env._(
                    "Not yet before the customer to sign: %(reasons)s", reasons=" ".join(reasons),
                ))
                return
            successor._transition_to(state)
