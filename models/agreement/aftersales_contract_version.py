import base64
import hashlib
import io
import json
import logging
from datetime import timedelta

from PIL import Image
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.pdf import merge_pdf

_logger = logging.getLogger(__name__)

REPORT = "aftersales.action_report_aftersales_contract"
CERTIFICATE = "aftersales.action_report_aftersales_signature_certificate"
REMINDER_MAIL = "aftersales.mail_template_signature_reminder"
COPY_MAILS = (
    "aftersales.mail_template_signed_copy_customer",
    "aftersales.mail_template_signed_copy_company",
)
COUNTERSIGN_ACTIVITY = "aftersales.mail_activity_type_countersign"
DECLINED_ACTIVITY = "aftersales.mail_activity_type_declined"
ONLINE_METHODS = ("drawn", "typed", "image")
MAX_NAME_LENGTH = 128
# A signature pad gives some 20 kB; a photograph of a signature may be larger.
MAX_SIGNATURE_PIXELS = 20_000_000
MAX_SIGNATURE_LENGTH = 4 * 1024 * 1024
# Written once, by the code that freezes and signs; nobody changes them afterwards.
_FROZEN_FIELDS = {
    "contract_id", "number", "content", "content_hash", "document_id", "document_hash",
    "customer_signed_by", "customer_signed_on", "customer_method", "customer_signature",
    "customer_ip", "customer_identified_by", "acknowledgements", "company_signed_by_id",
    "company_signed_on", "date_signed", "signed_copy_id", "signed_copy_hash",
}


def digest(data):
    """Return the SHA-256 of bytes as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def is_picture(data):
    """Whether base64 data is a whole PNG, as signature pads make it; nothing else is stored."""
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=["PNG"])
        if picture.width * picture.height > MAX_SIGNATURE_PIXELS:
            return False
        picture.load()
    except (ValueError, OSError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


class AftersalesContractVersion(models.Model):
    """What was put before both parties to sign, word by word, and who signed it.

    A version never changes: its content and its document are stored with their SHA-256. A
    contract that is reopened, or changed by agreement, gets a new version that nobody has signed.
    """

    _name = "aftersales.contract.version"
    _description = "Contract Version"
    _inherit = ["aftersales.lifecycle.mixin"]
    _order = "contract_id, number desc, id desc"
    _check_company_auto = True

    _TRANSITIONS = {
        "pending": ("signed", "void"),
        "signed": ("superseded",),
        "superseded": (),
        "void": (),
    }

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade", index=True, readonly=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    number = fields.Integer(string="Version", required=True, readonly=True)
    date_from = fields.Date(string="In Force From", readonly=True, required=True)
    date_to = fields.Date(string="In Force Until", readonly=True)

    # What is signed
    content = fields.Text(readonly=True, help="Terms, lines and clauses as canonical JSON.")
    content_hash = fields.Char(string="Content SHA-256", readonly=True, size=64)
    document_id = fields.Many2one(
        "ir.attachment", readonly=True, ondelete="restrict",
        index="btree_not_null",
    )
    document_hash = fields.Char(string="Document SHA-256", readonly=True, size=64)

    # How it was put before the customer
    invited_on = fields.Datetime(
        readonly=True, help="When the customer was last asked by mail to sign.",
    )
    link_expires_on = fields.Date(
        readonly=True, help="Last day on which the mailed link opens the contract.",
    )
    next_reminder_on = fields.Date(string="Next Reminder", readonly=True, index="btree_not_null")
    reminder_ids = fields.One2many(
        "aftersales.signature.reminder", "version_id", string="Reminders",
        groups="base.group_user",
    )
    declined_on = fields.Datetime(readonly=True)
    decline_reason = fields.Text(readonly=True)

    # Who signed
    customer_signed_by = fields.Char(readonly=True)
    customer_signed_on = fields.Datetime(readonly=True)
    customer_method = fields.Selection(
        selection=[
            ("drawn", "Drawn online"),
            ("typed", "Typed online"),
            ("image", "Picture uploaded online"),
            ("scan", "Signed document"),
            ("word", "Acknowledged without a document"),
        ],
        string="Customer Signed How", readonly=True,
    )
    customer_signature = fields.Image(readonly=True, max_width=1024, max_height=1024)
    customer_ip = fields.Char(string="Customer IP Address", readonly=True)
    customer_identified_by = fields.Char(
        string="Customer Came By", readonly=True,
        help="How the signer reached the contract: by portal login or by mailed link.",
    )
    acknowledgements = fields.Json(
        readonly=True, help="The onerous clauses the customer accepted one by one.",
    )
    company_signed_by_id = fields.Many2one(
        "res.users", string="Countersigned By", readonly=True, ondelete="restrict",
        index="btree_not_null",
    )
    company_signed_on = fields.Datetime(string="Countersigned On", readonly=True)
    scan_ids = fields.Many2many(
        "ir.attachment", "aftersales_contract_version_scan_rel", string="Signed Documents",
        readonly=True,
    )
    date_signed = fields.Date(
        string="Signed On", readonly=True, help="The day on which both parties had signed.",
    )
    signed_copy_id = fields.Many2one(
        "ir.attachment", readonly=True, ondelete="restrict", index="btree_not_null",
        help="The document as it was put before the parties, and the certificate of its "
             "signatures.",
    )
    signed_copy_hash = fields.Char(string="Signed Copy SHA-256", readonly=True, size=64)
    signed_copy_mailed_on = fields.Datetime(readonly=True)
    state = fields.Selection(
        selection=[
            ("pending", "To Sign"),
            ("signed", "Signed"),
            ("superseded", "Superseded"),
            ("void", "Void"),
        ],
        string="Status", default="pending", required=True, index=True, copy=False,
    )

    _number_uniq = models.UniqueIndex(
        "(contract_id, number) WHERE state != 'void'",
        "The contract already has a version of this number.",
    )
    _one_pending_uniq = models.UniqueIndex(
        "(contract_id) WHERE state = 'pending'",
        "The contract already has a version that waits for signatures.",
    )
    _copy_to_mail_idx = models.Index(
        "(date_signed) WHERE signed_copy_mailed_on IS NULL AND customer_ip IS NOT NULL",
    )

    @api.depends("contract_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._(
                "%(contract)s, version %(number)s",
                contract=version.contract_id.name, number=version.number,
            )

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    def write(self, vals):
        for name in _FROZEN_FIELDS & vals.keys():
            field = self._fields[name]
            for version in self:
                old = field.convert_to_write(version[name], version)
                if old and old != vals[name]:
                    raise UserError(self.env._(
                        "%(version)s is closed: what was put before the parties and what they "
                        "signed never changes. Reopen the contract for a new version, or agree "
                        "on a change.", version=version.display_name,
                    ))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        for version in self:
            if version.state in ("signed", "superseded"):
                raise UserError(self.env._(
                    "%(version)s was signed and stays: it is the evidence of the agreement.",
                    version=version.display_name,
                ))

    # -------------------------------------------------------------------------
    # Freezing
    # -------------------------------------------------------------------------

    def _prepare_frozen_vals(self, contract, number, date_from):
        """Return the values of a version that freezes the contract as it stands."""
        content = json.dumps(
            contract._get_signed_content(), sort_keys=True, ensure_ascii=False,
            separators=(",", ":"),
        )
        return {
            "contract_id": contract.id,
            "number": number,
            "date_from": date_from,
            "content": content,
            "content_hash": digest(content.encode()),
        }

    def _ensure_document(self):
        """Print the contract once, as it is put before the parties; return the attachment."""
        self.ensure_one()
        if not self.document_id:
            self.lock_for_update(allow_referencing=True)
            self.invalidate_recordset(["document_id"])
        if not self.document_id:
            self._check_content_unchanged()
            if not self._is_content_unchanged():
                raise UserError(self.env._(
                    "%(version)s was never printed, and the contract has been changed by "
                    "agreement since. Its text is kept as data, but it can no longer be printed "
                    "as it was.", version=self.display_name,
                ))
            # Whoever may see the version may see it printed; the print itself reads all of it.
            version_sudo = self.sudo()
            content, _type = self.env["ir.actions.report"].sudo()._render_qweb_pdf(
                REPORT, self.contract_id.ids,
            )
            version_sudo.document_id = self._attach_pdf(self._get_document_name(), content)
            version_sudo.document_hash = digest(content)
        return self.document_id

    def _attach_pdf(self, name, content):
        return self.env["ir.attachment"].sudo().create({
            "name": f"{name}.pdf",
            "raw": content,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
        })

    def _get_document_name(self):
        return f"{self.contract_id.name.replace('/', '-')}-v{self.number}"

    # -------------------------------------------------------------------------
    # Invitation and reminders
    # -------------------------------------------------------------------------

    def _note_invitation(self):
        """Remember that the customer was asked by mail to sign; reminders count from now."""
        for version in self.sudo():
            version.write({"invited_on": fields.Datetime.now(), "declined_on": False})
            version._refresh_link()
            version.next_reminder_on = version._get_next_reminder_day()

    def _refresh_link(self):
        """Let the link of a mail that goes out now work its full time."""
        for version in self.sudo():
            company = version.company_id
            days = company.aftersales_link_days
            version.link_expires_on = days and (
                company._get_aftersales_today() + timedelta(days=days)
            )

    def _is_link_expired(self):
        return bool(self.link_expires_on) and (
            self.link_expires_on < self.company_id._get_aftersales_today()
        )

    def _get_reminder_days(self):
        """Return the day of each reminder, by its step."""
        invited_on = fields.Datetime.context_timestamp(
            self.with_context(tz=self.company_id.partner_id.tz or "UTC"), self.invited_on,
        ).date()
        steps = self.company_id._get_aftersales_sign_reminder_days()
        return {step: invited_on + timedelta(days=days) for step, days in enumerate(steps, 1)}

    def _get_next_reminder_day(self):
        """Return the day of the first step nobody was reminded at; a late one covers those before.
        """
        reached = max(self.reminder_ids.mapped("step"), default=0)
        days = self._get_reminder_days()
        return next((day for step, day in days.items() if step > reached), False)

    @api.model
    def _cron_remind(self, batch_size=50):
        """Remind customers who were invited and have not signed."""
        for company in self.env["aftersales.contract"]._get_companies():
            self._run_in_batches(
                Domain("state", "=", "pending") & Domain("customer_signed_on", "=", False)
                & Domain("next_reminder_on", "<=", company._get_aftersales_today())
                & Domain("company_id", "=", company.id),
                batch_size, lambda batch: batch._each_by_itself("_remind"),
            )

    def _each_by_itself(self, method):
        """Call a method on each record; one that fails is logged and does not stop the others."""
        for record in self:
            try:
                with self.env.cr.savepoint():
                    getattr(record, method)()
            except OperationalError:
                raise
            except Exception:
                _logger.exception("%s of %s failed; it is tried again.", method, record)

    def _remind(self):
        """Remind the customer, once per step: the database holds each step once."""
        today = self.company_id._get_aftersales_today()
        reached = max(self.reminder_ids.mapped("step"), default=0)
        due = [step for step, day in self._get_reminder_days().items() if day <= today]
        if due and due[-1] > reached:
            reminder = self.env["aftersales.signature.reminder"].sudo().create({
                "version_id": self.id, "step": due[-1],
            })
            self._refresh_link()
            reminder.message_id = self.contract_id._post_mail(REMINDER_MAIL)
        self.next_reminder_on = self._get_next_reminder_day()

    # -------------------------------------------------------------------------
    # Signing
    # -------------------------------------------------------------------------

    def _sign_as_customer(
        self, name, method, *, signed_on=None, signature=False, ip=False, identified_by=False,
    ):
        """Store the customer's signature; with both signatures the contract takes effect.

        :param str method: drawn, typed, image, scan or word
        :param signed_on: date of a signature on paper, today by default
        :param identified_by: how the signer reached the contract
        :raises UserError: already signed or void, or the content changed in the meantime
        """
        self._check_may_sign()
        if self.customer_signed_on:
            raise UserError(self.env._(
                "%(version)s was already signed by %(name)s.",
                version=self.display_name, name=self.customer_signed_by,
            ))
        self.sudo().write({
            "customer_signed_by": name,
            "customer_signed_on": fields.Datetime.now(),
            "customer_method": method,
            "customer_signature": signature,
            "customer_ip": ip,
            "customer_identified_by": identified_by,
            "acknowledgements": self._prepare_acknowledgements(),
            "next_reminder_on": False,
        })
        self._take_effect_when_signed(signed_on)

    def _sign_as_company(self, *, signed_on=None):
        """Countersign as the user; with both signatures the contract takes effect."""
        self._check_may_sign()
        if self.company_signed_on:
            raise UserError(self.env._(
                "%(version)s was already countersigned by %(name)s.",
                version=self.display_name, name=self.company_signed_by_id.name,
            ))
        self.sudo().write({
            "company_signed_by_id": self.env.uid,
            "company_signed_on": fields.Datetime.now(),
        })
        self._take_effect_when_signed(signed_on)

    def _sign_online(self, name, method, signature, *, acknowledged, author, ip, identified_by):
        """Sign for the customer who sees this version on the portal.

        :param str signature: picture of the signature, base64
        :param acknowledged: the onerous clauses the customer accepted one by one
        :raises UserError: something is missing or the version cannot be signed; nothing is stored
        """
        name = (name or "").strip()
        self._check_signature(name, method, signature)
        self._check_acknowledged(acknowledged)
        self._check_may_sign()
        self._ensure_document()
        self._get_onerous_clauses()._acknowledge(name)
        self._sign_as_customer(
            name, method, signature=signature, ip=ip, identified_by=identified_by,
        )
        self.contract_id._post_as_customer(author, self.env._(
            "Signed online by %(name)s, from the address %(ip)s.", name=name, ip=ip,
        ))
        self._ask_to_countersign()

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

    def _get_onerous_clauses(self):
        return self.contract_id.clause_ids.filtered("is_onerous").sorted()

    def _check_acknowledged(self, clauses):
        """Raise unless every onerous clause was accepted on its own (C04)."""
        missing = self._get_onerous_clauses() - clauses
        if missing:
            raise UserError(self.env._(
                "Please read and accept each of the clauses that need your special attention. "
                "Still open: %(clauses)s.", clauses=", ".join(missing.mapped("name")),
            ))

    def _prepare_acknowledgements(self):
        """Return which onerous clauses were accepted, by whom and when, as data that stays."""
        return [
            {
                "name": clause.name, "text_hash": digest(str(clause.text).encode()),
                "by": clause.acknowledged_by, "on": str(clause.acknowledged_on),
            }
            for clause in self._get_onerous_clauses().filtered("acknowledged_on")
        ]

    def _ask_to_countersign(self):
        if self.state == "pending" and not self.company_signed_on:
            self.contract_id._plan_for_manager(COUNTERSIGN_ACTIVITY, self.env._(
                "%(name)s signed for the customer. Countersign the contract.",
                name=self.customer_signed_by,
            ))

    def _decline(self, reason, author):
        """Note that the customer does not want to sign, and why; the contract stays to sign."""
        self._check_may_sign()
        if self.customer_signed_on:
            raise UserError(self.env._(
                "%(version)s was already signed by %(name)s.",
                version=self.display_name, name=self.customer_signed_by,
            ))
        self.sudo().write({
            "declined_on": fields.Datetime.now(), "decline_reason": reason,
            "next_reminder_on": False,
        })
        self.contract_id._post_as_customer(author, self.env._(
            "The customer does not want to sign: %(reason)s", reason=reason,
        ))
        self.contract_id._plan_for_manager(DECLINED_ACTIVITY, reason)

    def _check_may_sign(self):
        """Lock the version and raise unless what it shows may still be signed."""
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset()
        if self.state != "pending":
            raise UserError(self.env._(
                "%(version)s can no longer be signed: it is \"%(state)s\".",
                version=self.display_name,
                state=dict(self._fields["state"]._description_selection(self.env))[self.state],
            ))
        self._check_content_unchanged()

    def _check_content_unchanged(self):
        """Raise when the contract is no longer what this pending version shows."""
        if self.state == "pending" and not self._is_content_unchanged():
            raise UserError(self.env._(
                "Contract %(contract)s was changed after it had been put before the parties. "
                "Set it to draft and approve it again, so that both sign the same text.",
                contract=self.contract_id.display_name,
            ))

    def _is_content_unchanged(self):
        """Whether the contract still says what this version says.

        Terms that did not exist when the version was made are not compared, but for cover: a
        version that does not name it promises none.
        """
        signed = json.loads(self.content)
        present = json.loads(json.dumps(self.contract_id.sudo()._get_signed_content()))
        return all(
            self._project(present.get(part), signed[part]) == signed[part] for part in signed
        )

    def _project(self, present, signed):
        """Return ``present`` reduced to the keys that ``signed`` has, and to cover."""
        if isinstance(signed, dict) and isinstance(present, dict):
            cover = present.keys() & set(self.env["aftersales.contract.line"]._get_cover_fields())
            return {key: present.get(key) for key in signed.keys() | cover}
        if isinstance(signed, list) and isinstance(present, list) and len(signed) == len(present):
            return [self._project(*pair) for pair in zip(present, signed, strict=True)]
        return present

    def _take_effect_when_signed(self, signed_on):
        if not (self.customer_signed_on and self.company_signed_on):
            return
        self.sudo().date_signed = signed_on or self.company_id._get_aftersales_today()
        self._transition_to("signed")

    def _on_transition(self, target):
        if target == "signed":
            self._put_into_force()
            if self.sudo().filtered_domain(self._get_mailed_copies_domain()):
                self.env.ref("aftersales.ir_cron_mail_signed_copies").sudo()._trigger()
        # Whatever was asked of the manager is settled by both signatures, or void.
        self.contract_id.sudo().activity_unlink([COUNTERSIGN_ACTIVITY, DECLINED_ACTIVITY])
        return super()._on_transition(target)

    def _get_mailed_copies_domain(self):
        """Return the versions whose signed copy goes to both parties by itself: signed online."""
        return (
            Domain("customer_ip", "!=", False) & Domain("date_signed", "!=", False)
            & Domain("signed_copy_mailed_on", "=", False)
            & Domain("state", "in", ("signed", "superseded"))
        )

    @api.model
    def _cron_mail_signed_copies(self, batch_size=20):
        """Print and mail what both parties signed; what fails never touches the signature."""
        self._run_in_batches(
            self._get_mailed_copies_domain(), batch_size,
            lambda batch: batch._each_by_itself("_mail_signed_copy"),
        )

    def _mail_signed_copy(self):
        """Send the signed copy to both parties."""
        self._ensure_signed_copy()
        self._refresh_link()
        for template in COPY_MAILS:
            self.contract_id._post_mail(template)
        self.sudo().signed_copy_mailed_on = fields.Datetime.now()

    def _ensure_signed_copy(self):
        """Add the certificate of the signatures to the document, once; return the attachment."""
        self.ensure_one()
        version_sudo = self.sudo()
        if not version_sudo.signed_copy_id:
            self.lock_for_update(allow_referencing=True)
            self.invalidate_recordset(["signed_copy_id"])
        if not version_sudo.signed_copy_id:
            if not self.date_signed:
                raise UserError(self.env._(
                    "%(version)s is not signed by both parties. The signed copy exists once they "
                    "have.", version=self.display_name,
                ))
            document = self._ensure_document().sudo().raw
            content = merge_pdf([document, self._print_certificate()])
            version_sudo.signed_copy_id = self._attach_pdf(
                self.env._("%(document)s-signed", document=self._get_document_name()), content,
            )
            version_sudo.signed_copy_hash = digest(content)
        return version_sudo.signed_copy_id

    def _print_certificate(self):
        # Printed for both parties as the contract is: whoever may see the version may see it.
        reports_sudo = self.env["ir.actions.report"].sudo()
        return reports_sudo._render_qweb_pdf(CERTIFICATE, self.ids)[0]

    def _put_into_force(self):
        """Let the contracts follow their signed version (hook)."""
        self.contract_id.filtered(lambda c: c.state == "to_sign")._transition_to("active")

    # -------------------------------------------------------------------------
    # Evidence
    # -------------------------------------------------------------------------

    def _verify(self):
        """Return whether the stored content and document still bear the hashes they were given.

        :return: dict with ``content`` and ``document``: True, False, or None when there is none;
            and ``signed_copy`` when there is one
        """
        self.ensure_one()
        version_sudo = self.sudo()
        document = version_sudo.document_id
        result = {
            "content": digest((version_sudo.content or "").encode()) == version_sudo.content_hash,
            "document": digest(document.raw or b"") == version_sudo.document_hash
            if document else None,
        }
        if signed_copy := version_sudo.signed_copy_id:
            result["signed_copy"] = (
                digest(signed_copy.raw or b"") == version_sudo.signed_copy_hash
            )
        return result

    def _identify(self, data):
        """Return which of these versions a file is of, and as what: document, signed_copy, scan.

        The file is only read; a file that is none of them gives an empty version and False.
        """
        fingerprint = digest(data)
        for version in self.sudo():
            if fingerprint == version.document_hash:
                return version, "document"
            if fingerprint == version.signed_copy_hash:
                return version, "signed_copy"
            if fingerprint in (digest(scan.raw or b"") for scan in version.scan_ids):
                return version, "scan"
        return self.browse(), False

    def action_verify(self):
        """Tell the user whether content and document are what was signed."""
        result = self._verify()
        is_sound = False not in result.values()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if is_sound else "danger",
                "sticky": not is_sound,
                "title": self.display_name,
                "message": self.env._("Unchanged: content and document match their SHA-256.")
                if is_sound else self.env._(
                    "Content or document do NOT match their SHA-256. Somebody changed them in "
                    "the database; use the copy that was mailed at the signature.",
                ),
            },
        }

    def action_open_document(self):
        self.ensure_one()
        self.check_access("read")
        return self._get_download_action(self._ensure_document())

    def action_open_signed_copy(self):
        """Download the document with the certificate of its signatures."""
        self.ensure_one()
        self.check_access("read")
        return self._get_download_action(self._ensure_signed_copy())

    def action_compare_file(self):
        """Open the page on which a file is compared with what was signed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"{self.contract_id.access_url}/verify",
            "target": "new",
        }

    def _get_download_action(self, attachment):
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "new",
        }
