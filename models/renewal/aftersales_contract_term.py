from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

OBJECTION_MAIL = "aftersales.mail_template_renewal_objection"
PROBLEM_ACTIVITY = "aftersales.mail_activity_type_renewal"


class AftersalesContractTerm(models.Model):
    """A term of a contract: the first one, and one more for each renewal.

    The latest term is the one under way; its end is the end of the contract. Who does not want
    it to be followed by another one says so on this term.
    """

    _name = "aftersales.contract.term"
    _description = "Contract Term"
    _order = "contract_id, number desc"

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade", index=True, readonly=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    number = fields.Integer(string="Term", required=True, readonly=True)
    date_start = fields.Date(string="From", required=True, readonly=True)
    date_end = fields.Date(string="Until", readonly=True)
    origin = fields.Selection(
        selection=[("initial", "First term"), ("renewal", "Renewal")],
        string="Begun By", required=True, readonly=True, default="initial",
    )
    evidence = fields.Text(readonly=True, help="On what the renewal rests.")

    # Who does not want the next term
    objection_party = fields.Selection(
        selection=[("customer", "Customer"), ("provider", "Us")],
        string="Ended By", readonly=True,
    )
    objection_by = fields.Char(string="Said By", readonly=True)
    objection_date = fields.Date(string="Said On", readonly=True)
    objection_note = fields.Text(string="Reason", readonly=True)
    objection_document_ids = fields.Many2many(
        "ir.attachment", "aftersales_contract_term_document_rel", string="Documents", readonly=True,
    )

    withdrawn_objections = fields.Text(
        readonly=True, help="Objections that were taken back: who said what, and when.",
    )

    _number_uniq = models.UniqueIndex(
        "(contract_id, number)", "The contract already has a term of this number.",
    )

    @api.depends("contract_id.name", "number")
    def _compute_display_name(self):
        for term in self:
            term.display_name = self.env._(
                "%(contract)s, term %(number)s",
                contract=term.contract_id.name, number=term.number,
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for term in self:
            raise UserError(self.env._(
                "%(term)s stays: it is the history of the contract.", term=term.display_name,
            ))

    def _follow_contracts(self):
        """Move the terms under way to the dates their contracts were given by agreement."""
        for term in self.sudo():
            contract = term.contract_id
            if term.number == 1:
                term.date_start = contract.date_start
            term.date_end = contract.date_end

    # -------------------------------------------------------------------------
    # Objection
    # -------------------------------------------------------------------------

    def _object(self, party, said_by, day, *, note=False, documents=None, author=None):
        """Record that a party does not want this term to be followed by another.

        :param str party: customer or provider
        :param day: when it was said
        :param author: the partner who says so in the thread, the user by default
        :raises UserError: too late, in the future, or there is nothing to object to
        """
        self._raise_problem(self._get_objection_problem(day))
        self.sudo().write({
            "objection_party": party,
            "objection_by": said_by,
            "objection_date": day,
            "objection_note": note,
            "objection_document_ids": [Command.set(documents.ids if documents else [])],
        })
        self.contract_id.sudo().activity_feedback([PROBLEM_ACTIVITY])
        self._tell(documents, author, self.env._(
            "Does not renew: %(name)s said so on %(date)s. The contract ends on %(end)s.",
            name=said_by, date=format_date(self.env, day),
            end=format_date(self.env, self.contract_id.date_end),
        ))

    def _object_online(self, author, reason=False):
        """Let the customer object on the portal, and confirm it by mail."""
        contract = self.contract_id
        if contract.renewal_mode != "auto":
            raise UserError(self.env._(
                "Contract %(contract)s does not renew by itself, so there is nothing to object "
                "to.", contract=contract.name,
            ))
        self._object(
            "customer", author.name, self.company_id._get_aftersales_today(),
            note=reason or False, author=author,
        )
        contract._post_mail(OBJECTION_MAIL)

    def _get_objection_problem(self, day):
        """Return why the objection cannot be recorded, or False."""
        self.ensure_one()
        contract = self.contract_id
        if contract.state not in ("active", "suspended") or contract.renewal_mode == "none":
            return self.env._("there is no renewal to object to.")
        if self.objection_date:
            return self.env._(
                "%(name)s already objected on %(date)s.", name=self.objection_by,
                date=format_date(self.env, self.objection_date),
            )
        if day > self.company_id._get_aftersales_today():
            return self.env._("an objection cannot lie in the future. Enter the day it came in.")
        if contract.objection_deadline and day > contract.objection_deadline:
            return self.env._(
                "the last day to object was %(date)s. The contract renews; to end it earlier, "
                "terminate it.", date=format_date(self.env, contract.objection_deadline),
            )
        return False

    def _withdraw_objection(self, said_by, *, note=False, documents=None, author=None):
        """Take the objection back: this term is followed by another again.

        What was said stays on the term, with who took it back.

        :param author: the partner who says so in the thread, the user by default
        :raises UserError: nobody objected, or the term is over
        """
        self._raise_problem(self._get_withdrawal_problem())
        history = self.env._(
            "%(name)s objected on %(date)s: %(reason)s. Taken back by %(who)s on %(today)s: "
            "%(note)s",
            name=self.objection_by, date=format_date(self.env, self.objection_date),
            reason=self.objection_note or "–", who=said_by, note=note or "–",
            today=format_date(self.env, self.company_id._get_aftersales_today()),
        )
        self.sudo().write({
            "objection_party": False, "objection_by": False, "objection_date": False,
            "objection_note": False, "objection_document_ids": [Command.clear()],
            "withdrawn_objections": "\n".join(filter(None, [self.withdrawn_objections, history])),
        })
        self._tell(documents, author, self.env._("May renew again. %(history)s", history=history))

    def _withdraw_objection_online(self, author):
        """Let the customer take back on the portal what they said, until the last day to object.
        """
        self._raise_problem(self._get_online_withdrawal_problem())
        self._withdraw_objection(author.name, author=author)

    def _get_withdrawal_problem(self):
        """Return why the objection cannot be taken back, or False."""
        self.ensure_one()
        if not self.objection_date:
            return self.env._("nobody has objected to the renewal.")
        contract = self.contract_id
        today = self.company_id._get_aftersales_today()
        if contract.state not in ("active", "suspended") or contract.date_end < today:
            return self.env._(
                "its term is over. Write a new contract instead, or renew it by agreement.",
            )
        return False

    def _get_online_withdrawal_problem(self):
        """Return why the customer cannot take the objection back alone, or False."""
        if problem := self._get_withdrawal_problem():
            return problem
        if self.objection_party != "customer":
            return self.env._("we have objected to the renewal. Please speak with us.")
        deadline = self.contract_id.objection_deadline or self.contract_id.date_end
        if deadline < self.company_id._get_aftersales_today():
            return self.env._(
                "the last day to take the objection back was %(date)s. Ask us for an offer to "
                "renew it.", date=format_date(self.env, deadline),
            )
        return False

    def _raise_problem(self, problem):
        if problem:
            raise UserError(self.env._(
                "Contract %(contract)s: %(problem)s",
                contract=self.contract_id.display_name, problem=problem,
            ))

    def _tell(self, documents, author, body):
        """Say in the thread of the contract what was said about this term."""
        contract = self.contract_id
        if documents:
            documents.write({"res_model": contract._name, "res_id": contract.id})
        contract.message_post(
            body=body, attachment_ids=documents.ids if documents else [],
            author_id=(author or self.env.user.partner_id).id,
        )
