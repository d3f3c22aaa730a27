from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ...tools.periods import ONE_DAY
from ...tools.renewal import Term

_OFFER_TEMPLATE = "aftersales.mail_template_renewal_offer"


class AftersalesRenewal(models.Model):
    """A renewal both parties agree on: the next term and its prices.

    Agreed as a new term of the same contract, it takes effect with the second signature; agreed
    as a successor, that contract is signed like any other.
    """

    _name = "aftersales.renewal"
    _description = "Contract Renewal"
    _inherit = ["aftersales.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    _TRANSITIONS = {
        "draft": ("offered", "agreed", "declined", "lapsed"),
        "offered": ("agreed", "declined", "lapsed"),
        "agreed": (),
        "declined": (),
        "lapsed": (),
    }

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade", index=True, readonly=True,
        check_company=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", string="Customer", store=True)
    user_id = fields.Many2one(related="contract_id.user_id", string="Contract Manager", store=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    term_id = fields.Many2one(
        "aftersales.contract.term", string="Follows", required=True, readonly=True,
        ondelete="cascade", index=True, copy=False,
    )

    # What is offered
    form = fields.Selection(
        selection=[("term", "Same contract, new term"), ("successor", "Successor contract")],
        string="Renewed As", required=True, default="term",
    )
    date_start = fields.Date(string="From", required=True, readonly=True)
    months = fields.Integer(required=True, default=12)
    date_end = fields.Date(
        string="Until", required=True, compute="_compute_date_end", store=True, readonly=False,
        precompute=True,
    )
    price_percent = fields.Float(
        string="Price Change (%)", help="Fills the new prices; each can be changed by hand.",
    )
    line_ids = fields.One2many("aftersales.renewal.line", "renewal_id", string="Prices", copy=True)
    amount_before = fields.Monetary(string="Annual Value So Far", compute="_compute_amounts")
    amount_after = fields.Monetary(string="New Annual Value", compute="_compute_amounts")
    note = fields.Text(help="What else is offered; the customer reads it.")
    date_offered = fields.Date(readonly=True, copy=False)
    successor_id = fields.Many2one(
        "aftersales.contract", readonly=True, copy=False, ondelete="set null",
        index="btree_not_null",
    )

    # Who agreed
    customer_signed_by = fields.Char(
        string="Agreed By", copy=False, help="Who agreed for the customer.",
    )
    customer_signed_on = fields.Datetime(readonly=True, copy=False)
    customer_method = fields.Selection(
        selection=[
            ("drawn", "Drawn online"),
            ("typed", "Typed online"),
            ("scan", "Signed document"),
            ("word", "Acknowledged without a document"),
        ],
        string="Agreed How", readonly=True, copy=False,
    )
    customer_signature = fields.Image(readonly=True, copy=False, max_width=1024, max_height=1024)
    customer_ip = fields.Char(string="Customer IP Address", readonly=True, copy=False)
    document_ids = fields.Many2many(
        "ir.attachment", "aftersales_renewal_document_rel", string="Signed Documents", copy=False,
    )
    company_signed_by_id = fields.Many2one(
        "res.users", string="Agreed for Us By", readonly=True, copy=False, ondelete="restrict",
    )
    company_signed_on = fields.Datetime(readonly=True, copy=False)
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("offered", "Offered"),
            ("agreed", "Agreed"),
            ("declined", "Declined"),
            ("lapsed", "Lapsed"),
        ],
        string="Status", default="draft", required=True, copy=False, index=True, tracking=True,
    )

    _open_uniq = models.UniqueIndex(
        "(term_id) WHERE state IN ('draft', 'offered', 'agreed')",
        "The term already has a renewal under way. Decline that one first.",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("date_start", "months")
    def _compute_date_end(self):
        for offer in self:
            if offer.date_start and offer.months > 0:
                offer.date_end = offer.date_start + relativedelta(months=offer.months) - ONE_DAY

    @api.depends("line_ids.amount_before", "line_ids.amount_after")
    def _compute_amounts(self):
        for offer in self:
            offer.amount_before = sum(offer.line_ids.mapped("amount_before"))
            offer.amount_after = sum(offer.line_ids.mapped("amount_after"))

    @api.depends_context("lang")
    @api.depends("contract_id.name", "date_start", "date_end")
    def _compute_display_name(self):
        for offer in self:
            days = (format_date(self.env, day) for day in (offer.date_start, offer.date_end))
            offer.display_name = f"{offer.contract_id.name}: {' – '.join(days)}"

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    def write(self, vals):
        content = {"form", "months", "date_end", "price_percent", "line_ids", "note"}
        if content & vals.keys() and not self._is_transition():
            self._check_content_open()
        return super().write(vals)

    def _check_content_open(self):
        for offer in self:
            if offer.state != "draft":
                raise UserError(self.env._(
                    "The renewal %(renewal)s was put before the customer and cannot be changed. "
                    "Decline it and offer another one.", renewal=offer.display_name,
                ))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for offer in self:
            if offer.state != "draft":
                raise UserError(self.env._(
                    "The renewal %(renewal)s stays: it is no longer a draft. Decline it instead.",
                    renewal=offer.display_name,
                ))

    # -------------------------------------------------------------------------
    # Preparation
    # -------------------------------------------------------------------------

    @api.model
    def _prepare_offers(self, contracts):
        """Draft the renewals of these contracts and ask their managers to offer them."""
        for contract in contracts:
            if not contract.date_end or contract.state != "active":
                raise UserError(self.env._(
                    "Contract %(contract)s cannot be renewed: only an active contract with an "
                    "end is. Write a new contract instead.", contract=contract.display_name,
                ))
        offers = self.create([self._prepare_offer_vals(contract) for contract in contracts])
        contracts._ask_managers(contracts, self.env._("Send the customer the renewal offer."))
        return offers

    @api.model
    def _prepare_offer_vals(self, contract):
        months = max(contract.renewal_term_months, 1)
        term = contract._get_next_term()
        lines = contract.line_ids.filtered(
            lambda line: line.product_id and line.recurrence_unit != "once"
            and not line._get_agreed_end()
        )
        return {
            "contract_id": contract.id,
            "term_id": contract.term_id.id,
            "form": contract.renewal_form,
            "date_start": term.start,
            "months": months,
            "date_end": term.end,
            "line_ids": [
                Command.create({"line_id": line.id, "price_before": line.price_unit})
                for line in lines
            ],
        }

    # -------------------------------------------------------------------------
    # Actions
    # -------------------------------------------------------------------------

    def action_offer(self):
        """Put drafts before the customer: by mail, or as a successor to be signed."""
        for offer in self:
            offer._transition_to("offered", date_offered=offer.company_id._get_aftersales_today())
        return True

    def action_agree(self):
        """Record that both parties agreed: the customer as named on the form, we as the user."""
        for offer in self:
            if not offer.customer_signed_by:
                raise UserError(self.env._(
                    "The renewal %(renewal)s: enter who agreed for the customer, and attach the "
                    "signed document if there is one.", renewal=offer.display_name,
                ))
            if not offer.customer_signed_on:
                method = "scan" if offer.document_ids else "word"
                offer._sign_as_customer(offer.customer_signed_by, method)
            offer._sign_as_company()
        return True

    def action_decline(self):
        """Record that the parties do not agree; the contract then ends with its term."""
        return self._transition_to("declined")

    def action_open_successor(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "aftersales.contract",
            "res_id": self.successor_id.id,
            "view_mode": "form",
        }

    # -------------------------------------------------------------------------
    # Agreement
    # -------------------------------------------------------------------------

    def _sign_as_customer(self, name, method, *, signature=False, ip=False):
        """Store that the customer agrees; with our agreement the renewal takes effect.

        :param str method: drawn, typed, scan or word
        """
        self._check_may_sign()
        if self.customer_signed_on:
            raise UserError(self.env._(
                "The renewal %(renewal)s was already agreed to by %(name)s.",
                renewal=self.display_name, name=self.customer_signed_by,
            ))
        self.sudo().write({
            "customer_signed_by": name,
            "customer_signed_on": fields.Datetime.now(),
            "customer_method": method,
            "customer_signature": signature,
            "customer_ip": ip,
        })
        self._take_effect_when_agreed()

    def _sign_as_company(self):
        """Agree as the user; with the customer's agreement the renewal takes effect."""
        self._check_may_sign()
        self.sudo().write({
            "company_signed_by_id": self.env.uid,
            "company_signed_on": fields.Datetime.now(),
        })
        self._take_effect_when_agreed()

    def _check_may_sign(self):
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset()
        if self.state not in ("draft", "offered"):
            raise UserError(self.env._(
                "The renewal %(renewal)s can no longer be agreed on: it is \"%(state)s\".",
                renewal=self.display_name,
                state=dict(self._fields["state"]._description_selection(self.env))[self.state],
            ))
        if self.form == "successor":
            raise UserError(self.env._(
                "The renewal %(renewal)s is agreed on by signing the successor contract.",
                renewal=self.display_name,
            ))

    def _take_effect_when_agreed(self):
        if self.customer_signed_on and self.company_signed_on:
            self._transition_to("agreed")

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        if target in ("offered", "agreed"):
            blockers += self._get_content_blockers()
        if target == "agreed" and self.form == "term" and not (
            self.customer_signed_on and self.company_signed_on
        ):
            blockers.append(self.env._("Both parties have to agree."))
        if target == "agreed" and self.form == "successor" and self.successor_id.state != "active":
            blockers.append(self.env._("The successor has to be signed first."))
        return blockers

    def _get_content_blockers(self):
        """Return what is wrong with the offer: every reason."""
        contract = self.contract_id
        blockers = []
        if self.form == "term" and contract.state != "active":
            blockers.append(self.env._(
                "Contract %(contract)s is no longer active. Offer a successor instead.",
                contract=contract.display_name,
            ))
        if self.term_id != contract.term_id or (
            self.form == "term" and self.date_start != contract.date_end + ONE_DAY
        ):
            blockers.append(self.env._(
                "The end of contract %(contract)s has changed since. Decline this renewal and "
                "prepare another one.", contract=contract.display_name,
            ))
        if self.date_end < self.date_start:
            blockers.append(self.env._("The new term ends before it begins."))
        return blockers + [
            blocker for line in self.line_ids for blocker in line._get_blockers()
        ]

    def _on_transition(self, target):
        if target == "offered":
            self._send_offers()
        elif target == "agreed":
            for offer in self.filtered(lambda offer: offer.form == "term"):
                offer._apply()
        elif target in ("declined", "lapsed"):
            self.flush_recordset()  # another one may follow in the same transaction
        return super()._on_transition(target)

    def _send_offers(self):
        for offer in self.filtered(lambda offer: offer.form == "successor"):
            offer._create_successor()
        # Who may offer a renewal may send its mail, whatever their rights on mail templates.
        self.env.ref(_OFFER_TEMPLATE).sudo().send_mail_batch(self.ids)

    # -------------------------------------------------------------------------
    # Effect
    # -------------------------------------------------------------------------

    def _get_prices(self):
        """Return the prices that change: contract line → new unit price."""
        return {
            line.line_id._get_continuation(): line.price_after for line in self.line_ids
            if line.price_after != line.price_before
        }

    def _create_successor(self):
        self.ensure_one()
        vals = self.contract_id._prepare_successor_vals(
            Term(self.date_start, self.date_end), self._get_prices(),
        )
        self.sudo().successor_id = self.env["aftersales.contract"].create(vals)

    def _apply(self):
        """Append the agreed term, change the prices from its first day, freeze the version."""
        self.ensure_one()
        # The agreement of both parties is on record; roles need no rights on its consequences.
        contract = self.contract_id.sudo()
        version = contract.version_id
        term = self.env["aftersales.contract.term"].sudo().create({
            "contract_id": contract.id,
            "number": contract.term_id.number + 1,
            "date_start": self.date_start,
            "date_end": self.date_end,
            "origin": "renewal",
            "evidence": self._get_evidence(),
        })
        contract._move_ends(term)
        reason = self.env._("Renewed from %(date)s", date=format_date(self.env, self.date_start))
        for line, price in self._get_prices().items():
            line.sudo()._replace_from(self.date_start, {"price_unit": price}, reason)
        contract._schedule_obligations()
        self._freeze_version(version)

    def _get_evidence(self):
        return self.env._(
            "Agreed by %(customer)s on %(customer_date)s and %(user)s on %(user_date)s.",
            customer=self.customer_signed_by,
            customer_date=format_date(self.env, self.customer_signed_on.date()),
            user=self.company_signed_by_id.name,
            user_date=format_date(self.env, self.company_signed_on.date()),
        )

    def _freeze_version(self, previous):
        """Write down the renewed contract as a version that bears both signatures."""
        previous.flush_recordset()  # it may have been signed in this very transaction
        versions = self.env["aftersales.contract.version"].sudo()
        version = versions.create({
            **versions._prepare_frozen_vals(
                self.contract_id.sudo(), previous.number + 1, self.date_start,
            ),
            "scan_ids": [Command.set(self.document_ids.ids)],
        })
        version.write({
            "customer_signed_by": self.customer_signed_by,
            "customer_signed_on": self.customer_signed_on,
            "customer_method": self.customer_method,
            "customer_signature": self.customer_signature,
            "customer_ip": self.customer_ip,
            "company_signed_by_id": self.company_signed_by_id.id,
            "company_signed_on": self.company_signed_on,
            "date_signed": self.company_id._get_aftersales_today(),
        })
        version._transition_to("signed")
        previous._transition_to("superseded", date_to=self.date_start - ONE_DAY)
