from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ...models.request.aftersales_request import KINDS, LEVELS

MAX_CANDIDATES = 8


class AftersalesPhoneIntake(models.TransientModel):
    """A call on the hotline: who calls, about what, and what was done about it."""

    _name = "aftersales.phone.intake"
    _description = "Phone Call"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company,
    )

    # Who calls
    phone = fields.Char(string="Phone Number")
    candidate_ids = fields.Many2many(
        "res.partner", string="Known under This Number", compute="_compute_candidate_ids",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Caller", compute="_compute_partner_id", store=True, readonly=False,
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Customer",
    )
    equipment_id = fields.Many2one(
        "maintenance.equipment", check_company=True,
        domain="[('customer_id', 'child_of', commercial_partner_id)]",
    )
    serial_told = fields.Char(string="Serial as Told")
    contract_ids = fields.Many2many(
        "aftersales.contract", compute="_compute_circumstances",
    )
    open_request_ids = fields.Many2many(
        "aftersales.request", string="Open Requests", compute="_compute_circumstances",
    )
    entitlement_warning = fields.Text(compute="_compute_entitlement_warning")

    # About what
    request_id = fields.Many2one(
        "aftersales.request", string="About an Open Request", check_company=True,
        domain="[('is_open', '=', True), ('commercial_partner_id', '=', commercial_partner_id)]",
        help="Empty: the call opens a new one.",
    )
    subject = fields.Char()
    kind = fields.Selection(
        selection=KINDS, default="fault",
        required=True,
    )
    category_id = fields.Many2one("aftersales.request.category", check_company=True)
    description = fields.Text(string="What the Caller Says")
    suggested_solution_ids = fields.Many2many(
        "aftersales.solution", string="Known Solutions That May Fit",
        compute="_compute_suggested_solution_ids",
    )
    environment = fields.Text(help="Load, temperature, since when, after what, error code.")
    impact = fields.Selection(
        selection=LEVELS, default="2",
        required=True,
    )
    urgency = fields.Selection(
        selection=LEVELS, default="2",
        required=True,
    )

    # What was done about it
    is_answered = fields.Boolean(
        string="Answered at Once", help="The call has settled it: the request is solved.",
    )
    answer = fields.Text(help="What the caller was told.")
    sends_confirmation = fields.Boolean(
        string="Confirm by E-mail", default=True,
        help="The caller gets the number and the promised times in writing.",
    )
    calls_back = fields.Boolean(string="Call Back")
    call_back_on = fields.Date(default=fields.Date.context_today)
    call_back_user_id = fields.Many2one(
        "res.users", string="Who Calls Back", default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    # -------------------------------------------------------------------------
    # Who calls
    # -------------------------------------------------------------------------

    @api.depends("phone")
    def _compute_candidate_ids(self):
        partners = self.env["res.partner"]
        for call in self:
            digits = [char for char in call.phone or "" if char.isdigit()]
            call.candidate_ids = partners.search(
                [("phone_mobile_search", "=", call.phone.strip())], limit=MAX_CANDIDATES,
            ) if len(digits) > 4 else partners

    @api.depends("candidate_ids")
    def _compute_partner_id(self):
        for call in self:
            if len(call.candidate_ids) == 1:
                call.partner_id = call.candidate_ids
            else:
                call.partner_id = call.partner_id

    @api.depends("partner_id", "company_id")
    def _compute_circumstances(self):
        for call in self:
            customer = call.partner_id.commercial_partner_id
            theirs = [
                ("commercial_partner_id", "=", customer.id),
                ("company_id", "=", call.company_id.id),
            ]
            call.contract_ids = self.env["aftersales.contract"].search(
                [*theirs, ("state", "=", "active")], limit=MAX_CANDIDATES,
            ) if customer else False
            call.open_request_ids = self.env["aftersales.request"].search(
                [*theirs, ("is_open", "=", True)], limit=MAX_CANDIDATES,
            ) if customer else False

    @api.depends("partner_id", "contract_ids.entitled_partner_ids")
    def _compute_entitlement_warning(self):
        for call in self:
            warnings = [
                self.env._(
                    "Contract %(contract)s names who may call: %(names)s. %(caller)s is not among "
                    "them.",
                    contract=contract.display_name, caller=call.partner_id.display_name,
                    names=", ".join(contract.entitled_partner_ids.mapped("name")),
                )
                for contract in call.contract_ids._origin
                if contract.entitled_partner_ids
                and call.partner_id._origin not in contract.entitled_partner_ids
            ]
            call.entitlement_warning = "\n".join(warnings) or False

    @api.depends("subject", "description", "equipment_id")
    def _compute_suggested_solution_ids(self):
        solutions = self.env["aftersales.solution"]
        for call in self:
            trouble = " ".join(filter(None, (call.subject, call.description)))
            call.suggested_solution_ids = solutions._suggest(trouble, call.equipment_id.product_id)

    # -------------------------------------------------------------------------
    # What was done about it
    # -------------------------------------------------------------------------

    def action_confirm(self):
        """Write the call down: in a new request, or in the open one it is about."""
        self.ensure_one()
        self._check_is_told()
        request = self.request_id or self._open_request()
        if self.request_id:
            self._note_call()
        if self.calls_back:
            self._plan_call_back(request)
        if self.is_answered:
            self._note_answer(request)
        return {
            "type": "ir.actions.act_window",
            "res_model": request._name,
            "res_id": request.id,
            "view_mode": "form",
        }

    def _check_is_told(self):
        missing = []
        if not self.request_id and not (self.subject or "").strip():
            missing.append(self.env._("what the call is about"))
        if self.is_answered and not (self.answer or "").strip():
            missing.append(self.env._("what the caller was told"))
        if self.calls_back and not (self.call_back_on and self.call_back_user_id):
            missing.append(self.env._("who calls back, and when"))
        if self.calls_back and not (self.phone or self.partner_id.phone):
            missing.append(self.env._("the number to call back"))
        if missing:
            raise UserError(self.env._(
                "Please enter: %(missing)s.", missing="; ".join(missing)))

    def _open_request(self):
        request = self.env["aftersales.request"].create(self._prepare_request_vals())
        if self.partner_id:
            request.message_subscribe(partner_ids=self.partner_id.ids)
        is_confirmed = (
            self.sends_confirmation and not self.is_answered and request._acknowledge_by_mail())
        if not is_confirmed:
            request._log("acknowledged", note=self.env._("on the phone"))
        return request

    def _prepare_request_vals(self):
        """Return the values of the request the call opens (hook)."""
        return {
            "company_id": self.company_id.id,
            "channel": "phone",
            "subject": self.subject.strip(),
            "kind": self.kind,
            "partner_id": self.partner_id.id,
            "equipment_id": self.equipment_id.id,
            "serial_told": self.serial_told,
            "description": plaintext2html(self.description) if self.description else False,
            "environment": self.environment,
            "impact": self.impact,
            "urgency": self.urgency,
            # What is left open, the words of the caller decide, or the contact.
            **({"category_id": self.category_id.id} if self.category_id else {}),
            **({"phone": self.phone} if self.phone else {}),
        }

    def _note_call(self):
        self.request_id._message_log(body=self.env._(
            "%(caller)s called: %(text)s",
            caller=self.partner_id.display_name or self.phone or self.env._("Somebody"),
            text=self.description or self.subject or "–",
        ))

    def _plan_call_back(self, request):
        request.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self.call_back_on,
            user_id=self.call_back_user_id.id,
            summary=self.env._(
                "Call back %(caller)s, %(phone)s",
                caller=self.partner_id.name or "", phone=self.phone or self.partner_id.phone,
            ),
            note=plaintext2html(self.description) if self.description else False,
        )

    def _note_answer(self, request):
        """Write down that the call has settled it: answered and solved in one."""
        if not request.user_id:
            request._assign(self.env.user)
        request._log("responded", note=self.env._("on the phone"))
        request.resolution = plaintext2html(self.answer)
        # They have just heard it.
        request.with_context(aftersales_tells_nothing=True)._transition_to("resolved")
