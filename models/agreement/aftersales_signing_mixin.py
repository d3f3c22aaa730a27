from contextlib import contextmanager

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import format_date

from ...tools.evidence import is_picture

COUNTERSIGNERS = "aftersales.group_contract_officer"
COUNTERSIGN_ACTIVITY = "aftersales.mail_activity_type_countersign"
ONLINE_METHODS = ("drawn", "typed", "image")
MAX_NAME_LENGTH = 128
MAX_SIGNATURE_LENGTH = 4 * 1024 * 1024
CUSTOMER_FIELDS = (
    "customer_signed_by", "customer_signed_on", "customer_method", "customer_signature",
    "customer_ip", "customer_identified_by", "customer_signed_day",
)
# Written by the code that signs; nobody else writes them.
SIGNATURE_FIELDS = {
    *CUSTOMER_FIELDS, "company_signed_by_id", "company_signed_on", "company_signed_day",
    "date_signed", "scan_ids",
}
PAPER_METHODS = ("scan", "word")


class AftersalesSigningMixin(models.AbstractModel):
    """What two parties sign: the customer in the portal or on paper, the company as a user.

    The model brings ``contract_id``, ``company_id`` and a life with the state ``_SIGNED_STATE``,
    which it reaches with the second signature.
    """

    _name = "aftersales.signing.mixin"
    _description = "Signing by Two Parties"
    _inherit = ["aftersales.lifecycle.mixin"]

    _SIGNED_STATE = "signed"
    # Whether one paper bears both signatures, so that confirming it signs for us as well.
    _SIGNED_TOGETHER_ON_PAPER = True

    customer_signed_by = fields.Char(readonly=True, copy=False)
    customer_signed_on = fields.Datetime(readonly=True, copy=False)
    customer_signed_day = fields.Date(
        string="Day of the Customer's Signature", readonly=True, copy=False,
        help="The day on the signed paper, which may lie before the day it was recorded.",
    )
    customer_method = fields.Selection(
        selection=[
            ("drawn", "Drawn online"),
            ("typed", "Typed online"),
            ("image", "Picture uploaded online"),
            ("scan", "Signed document"),
            ("word", "Acknowledged without a document"),
        ],
        string="Customer Signed How", readonly=True, copy=False,
    )
    customer_signature = fields.Image(
        readonly=True, copy=False, max_width=1024, max_height=1024,
    )
    customer_ip = fields.Char(string="Customer IP Address", readonly=True, copy=False)
    customer_identified_by = fields.Char(
        string="Customer Came By", readonly=True, copy=False,
        help="How the signer reached the page: by portal login or by mailed link.",
    )
    company_signed_by_id = fields.Many2one(
        "res.users", string="Countersigned By", readonly=True, copy=False, ondelete="restrict",
        index="btree_not_null",
    )
    company_signed_on = fields.Datetime(string="Countersigned On", readonly=True, copy=False)
    company_signed_day = fields.Date(
        string="Day of Our Signature", readonly=True, copy=False,
    )
    customer_signed_text = fields.Char(
        string="Customer Signed When", compute="_compute_signed_texts",
    )
    company_signed_text = fields.Char(
        string="Company Signed When", compute="_compute_signed_texts",
    )
    date_signed = fields.Date(
        string="Signed On", readonly=True, copy=False,
        help="The day on which both parties had signed.",
    )
    scan_ids = fields.Many2many(
        "ir.attachment", string="Signed Documents", readonly=True, copy=False,
    )

    @api.depends_context("lang")
    @api.depends(
        "customer_signed_on", "customer_signed_day", "company_signed_on", "company_signed_day",
        "customer_method", "date_signed",
    )
    def _compute_signed_texts(self):
        for record in self:
            day = record.customer_signed_day
            if not day and record.customer_method in PAPER_METHODS:
                day = record.date_signed
            record.customer_signed_text = record._format_signed(day, record.customer_signed_on)
            record.company_signed_text = record._format_signed(
                record.company_signed_day, record.company_signed_on,
            )

    def _format_signed(self, day, moment):
        """Return when a signature was given: online the moment, on paper the day it bears.

        Of a paper that was recorded on another day, the moment of that is told too.
        """
        if not moment:
            return False
        company = self.company_id.sudo()
        recorded = company._format_aftersales_moment(moment)
        if not day:
            return recorded
        if day == company._get_aftersales_day(moment):
            return format_date(self.env, day)
        return self.env._(
            "%(day)s (recorded on %(moment)s)", day=format_date(self.env, day), moment=recorded,
        )

    # -------------------------------------------------------------------------
    # Protection
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_protected(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_protected(vals)
        return super().write(vals)

    @api.model
    def _get_protected_fields(self):
        """Return the fields that only code writes (hook)."""
        return SIGNATURE_FIELDS

    @api.model
    def _check_not_protected(self, vals):
        if not self.env.su and (protected := self._get_protected_fields() & vals.keys()):
            raise UserError(self.env._(
                "“%(field)s” of %(model)s is written by its buttons only.",
                field=self._fields[min(protected)]._description_string(self.env),
                model=self.env["ir.model"]._get(self._name).name,
            ))

    def _get_state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    # -------------------------------------------------------------------------
    # Hooks
    # -------------------------------------------------------------------------

    def _get_signing_record(self):
        """Return what is signed when this record is."""
        return self

    def _get_signing_thread(self):
        """Return the record whose thread tells of the signatures (hook)."""
        return self

    def _was_mailed(self):
        """Whether the customer was asked by mail to sign (hook)."""
        return False

    def _get_signing_blockers(self):
        """Return the translated reasons why it cannot be signed now (hook)."""
        self.ensure_one()
        return []

    def _prepare_customer_vals(self, name, method):
        """Return what is written with the customer's signature (hook).

        It raises when the customer has to accept something else first.
        """
        return {}

    def _get_earliest_signing_day(self):
        """Return the first day a signature on paper can bear, and why it is that day (hook)."""
        return self._get_earliest_day_before(self.contract_id.date_start)

    def _get_earliest_day_before(self, start):
        return start - relativedelta(years=1), self.env._(
            "paper is signed at most one year before what it says begins",
        )

    def _accept_online(self, name, accepted):
        """Note what the customer accepted one by one before signing online (hook)."""

    def _on_both_signed(self):
        """Take effect: both parties have signed (hook)."""
        self._transition_to(self._SIGNED_STATE)

    # -------------------------------------------------------------------------
    # Signing
    # -------------------------------------------------------------------------

    def _sign_as_customer(
        self, name, method, *, signed_on=None, signature=False, ip=False, identified_by=False,
    ):
        """Store the customer's signature; with both signatures it takes effect.

        :param str method: drawn, typed, image, scan or word
        :param signed_on: date of a signature on paper, today by default
        :param identified_by: how the signer reached the page
        :raises UserError: already signed, or no longer what was put before the parties
        """
        self._check_may_sign()
        self._check_customer_has_not_signed()
        self.sudo().write({
            **self._prepare_customer_vals(name, method),
            "customer_signed_by": name,
            "customer_signed_on": fields.Datetime.now(),
            "customer_method": method,
            "customer_signature": signature,
            "customer_ip": ip,
            "customer_identified_by": identified_by,
            "customer_signed_day": signed_on,
        })
        self._take_effect_when_signed(signed_on)

    def _sign_as_company(self, *, signed_on=None):
        """Countersign as the user; with both signatures it takes effect."""
        self._check_may_countersign()
        self._check_may_sign()
        if self.company_signed_on:
            raise UserError(self.env._(
                "%(record)s was already countersigned by %(name)s.",
                record=self.display_name, name=self.company_signed_by_id.sudo().name,
            ))
        self.sudo().write({
            "company_signed_by_id": self.env.uid,
            "company_signed_on": fields.Datetime.now(),
            "company_signed_day": signed_on,
        })
        self._get_signing_thread().sudo().activity_unlink([COUNTERSIGN_ACTIVITY])
        self._take_effect_when_signed(signed_on)

    def _sign_on_paper(self, name, method, *, signed_on, scans):
        """Store who signed away from the portal, and what they signed.

        :param str method: scan or word
        """
        self._check_may_sign()
        self.sudo().scan_ids = [fields.Command.set(scans.ids)]
        # With the record they are closed to who may not see prices.
        scans.write({"res_model": self._name, "res_id": self.id})
        if not self.customer_signed_on:
            self._sign_as_customer(name, method, signed_on=signed_on)
        if self._SIGNED_TOGETHER_ON_PAPER and not self.company_signed_on:
            self._sign_as_company(signed_on=signed_on)

    def _sign_online(
        self, name, method, signature, *, author, ip, identified_by, acknowledged=None,
    ):
        """Sign for the customer who sees it on the portal.

        :param str signature: picture of the signature, base64
        :param author: the partner who acts
        :param acknowledged: the onerous clauses the customer accepted one by one
        :raises UserError: something is missing or it cannot be signed; nothing is stored
        """
        name = (name or "").strip() if isinstance(name, str) else ""
        self._check_signature(name, method, signature)
        self._accept_online(name, acknowledged)
        self._sign_as_customer(
            name, method, signature=signature, ip=ip, identified_by=identified_by,
        )
        self._post_as_customer(author, self.env._(
            "Signed online by %(name)s, from the address %(ip)s.", name=name, ip=ip,
        ))
        if not self.company_signed_on:
            self._ask_to_countersign()

    def _ask_to_countersign(self):
        """Ask who answers for it to sign for the company, as the customer has."""
        self._ask_manager(COUNTERSIGN_ACTIVITY, self.env._(
            "%(name)s signed for the customer. Countersign %(record)s.",
            name=self.customer_signed_by, record=self.display_name,
        ))

    def _check_signature(self, name, method, signature):
        if not name or len(name) > MAX_NAME_LENGTH:
            raise UserError(self.env._(
                "Enter the name of the person who signs, in at most %(count)s characters.",
                count=MAX_NAME_LENGTH,
            ))
        if not signature or not isinstance(signature, str) or method not in ONLINE_METHODS:
            raise UserError(self.env._(
                "The signature is missing. Draw it, or let your name be written as one.",
            ))
        if len(signature) > MAX_SIGNATURE_LENGTH:
            raise UserError(self.env._(
                "The picture of the signature is too large. Choose one of less than 3 MB.",
            ))
        if not is_picture(signature):
            raise UserError(self.env._(
                "The signature is not a picture that can be read. Draw it again.",
            ))

    def _check_may_sign(self):
        """Lock the record and raise unless what it shows may still be signed."""
        self.ensure_one()
        with self._explain_lock():
            self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset()
        if blockers := self._get_signing_blockers():
            raise UserError("\n".join([f"{self.display_name}:", *(f"- {b}" for b in blockers)]))

    @contextmanager
    def _explain_lock(self):
        """Say what it means when somebody else holds the record while it is to be signed."""
        try:
            yield
        except LockError as error:
            raise UserError(self.env._(
                "Somebody else is signing or changing %(record)s just now. Wait a moment, then "
                "load the page again to see whether it is still to be signed. Nothing of yours "
                "was stored.",
                record=self.display_name,
            )) from error

    def _check_may_countersign(self):
        if not (self.env.su or self.env.user.has_group(COUNTERSIGNERS)):
            raise AccessError(self.env._(
                "%(record)s is countersigned by contract officers and managers. Ask one of them.",
                record=self.display_name,
            ))

    def _check_customer_has_not_signed(self):
        if self.customer_signed_on:
            raise UserError(self.env._(
                "%(record)s was already signed by %(name)s.",
                record=self.display_name, name=self.customer_signed_by,
            ))

    def _post_as_customer(self, author, body):
        """Let the customer say in the thread what they just did."""
        return self._get_signing_thread().sudo().message_post(
            body=body, author_id=author.id, message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _ask_manager(self, activity_type, note):
        """Ask who answers for it to act, once per kind of activity."""
        thread_sudo = self._get_signing_thread().sudo()
        if thread_sudo.user_id and not thread_sudo.activity_search([activity_type]):
            thread_sudo.activity_schedule(
                activity_type, note=note, user_id=thread_sudo.user_id.id,
            )

    def _take_effect_when_signed(self, signed_on):
        if not (self.customer_signed_on and self.company_signed_on):
            return
        self.sudo().date_signed = signed_on or self.company_id._get_aftersales_today()
        with self._explain_lock():
            self._on_both_signed()

    # -------------------------------------------------------------------------
    # Afterwards
    # -------------------------------------------------------------------------

    def _get_signature_blockers(self):
        """Return who has not signed yet."""
        blockers = []
        if not self.customer_signed_on:
            blockers.append(self.env._("The customer has not signed it."))
        if not self.company_signed_on:
            blockers.append(self.env._("Nobody has countersigned it for the company."))
        return blockers

    def _prepare_signatures_vals(self):
        """Return both signatures, for what follows from this record and bears them too."""
        return {
            **{name: self[name] for name in CUSTOMER_FIELDS},
            "company_signed_by_id": self.company_signed_by_id.id,
            "company_signed_on": self.company_signed_on,
            "company_signed_day": self.company_signed_day,
            "date_signed": self.date_signed,
            "scan_ids": [fields.Command.set(self.scan_ids.ids)],
        }

    def _forget_signatures(self):
        """Void the signatures: what was signed is no longer on offer."""
        self.sudo().write({
            **dict.fromkeys(SIGNATURE_FIELDS, False), "scan_ids": [fields.Command.clear()],
        })

    def action_open_sign_wizard(self):
        """Record what was signed away from the portal."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_sign_action"
        )
