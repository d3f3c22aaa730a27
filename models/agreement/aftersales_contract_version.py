import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.pdf import merge_pdf

from ...tools.evidence import digest
from .aftersales_signing_mixin import COUNTERSIGN_ACTIVITY, SIGNATURE_FIELDS

CERTIFICATE = "aftersales.action_report_aftersales_signature_certificate"
COPY_MAILS = (
    "aftersales.mail_template_signed_copy_customer",
    "aftersales.mail_template_signed_copy_company",
)
DECLINED_ACTIVITY = "aftersales.mail_activity_type_declined"
# Written once, by the code that freezes and signs; nobody changes them afterwards.
_FROZEN_FIELDS = SIGNATURE_FIELDS - {"scan_ids"} | {
    "contract_id", "number", "content", "content_hash", "frozen_on", "document_id", "document_hash",
    "acknowledgements", "signed_copy_id", "signed_copy_hash",
}


class AftersalesContractVersion(models.Model):
    """What was put before both parties to sign, word by word, and who signed it.

    A version never changes: its content and its document are stored with their SHA-256. A
    contract that is reopened, or changed by agreement, gets a new version that nobody has signed.
    """

    _name = "aftersales.contract.version"
    _description = "Contract Version"
    _inherit = ["aftersales.signing.document.mixin", "aftersales.signing.invitation.mixin"]
    _order = "contract_id, number desc, id desc"
    _check_company_auto = True

    _DOCUMENT_REPORT = "aftersales.action_report_aftersales_contract"
    _WAITING_STATE = "pending"
    _REMINDER_MAIL = "aftersales.mail_template_signature_reminder"
    _REMINDER_FIELD = "version_id"

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

    # How it was put before the customer
    reminder_ids = fields.One2many(
        "aftersales.signature.reminder", "version_id", string="Reminders",
        groups="base.group_user",
    )
    declined_on = fields.Datetime(readonly=True)
    decline_reason = fields.Text(readonly=True)

    # Who signed
    acknowledgements = fields.Json(
        readonly=True, help="The onerous clauses the customer accepted one by one.",
    )
    scan_ids = fields.Many2many(relation="aftersales_contract_version_scan_rel")
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
            "frozen_on": fields.Datetime.now(),
        }

    def _get_printed_record(self):
        return self.contract_id

    def _check_may_print(self):
        self._check_content_unchanged()
        if not self._is_content_unchanged():
            raise UserError(self.env._(
                "%(version)s was never printed, and the contract has been changed by agreement "
                "since. Its text is kept as data, but it can no longer be printed as it was.",
                version=self.display_name,
            ))

    def _keep_document(self):
        """Print these versions while their contracts still say it; what changed is kept as data."""
        for version in self:
            if not version.document_id and version._is_content_unchanged():
                version._ensure_document()

    def _get_document_name(self):
        return f"{self.contract_id.name.replace('/', '-')}-v{self.number}"

    # -------------------------------------------------------------------------
    # Signing
    # -------------------------------------------------------------------------

    def _get_signing_thread(self):
        return self.contract_id

    def _get_earliest_signing_day(self):
        return self._get_earliest_signing_day_of(self.date_from)

    def _prepare_invitation_vals(self):
        return {**super()._prepare_invitation_vals(), "declined_on": False}

    def _prepare_customer_vals(self, name, method):
        return {
            **super()._prepare_customer_vals(name, method),
            "acknowledgements": self._prepare_acknowledgements(),
        }

    def _accept_online(self, name, accepted):
        self._check_acknowledged(accepted)
        self._check_may_sign()
        self._ensure_document()
        self._get_onerous_clauses()._acknowledge(name)

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

    def _decline(self, reason, author):
        """Note that the customer does not want to sign, and why; the contract stays to sign."""
        self._check_may_sign()
        self._check_customer_has_not_signed()
        self.sudo().write({
            "declined_on": fields.Datetime.now(), "decline_reason": reason,
            "next_reminder_on": False,
        })
        self._post_as_customer(author, self.env._(
            "The customer does not want to sign: %(reason)s", reason=reason,
        ))
        self._ask_manager(DECLINED_ACTIVITY, reason)

    def _get_signing_blockers(self):
        blockers = super()._get_signing_blockers()
        if self.state != "pending":
            blockers.append(self.env._(
                'It can no longer be signed: it is "%(state)s".', state=self._get_state_label(),
            ))
        elif not self._is_content_unchanged():
            blockers.append(self._get_changed_message())
        return blockers

    def _check_content_unchanged(self):
        """Raise when the contract is no longer what this pending version shows."""
        if self.state == "pending" and not self._is_content_unchanged():
            raise UserError(self._get_changed_message())

    def _get_changed_message(self):
        return self.env._(
            "Contract %(contract)s was changed after it had been put before the parties. Set it "
            "to draft and approve it again, so that both sign the same text.",
            contract=self.contract_id.display_name,
        )

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

    def _on_transition(self, target):
        if target == "signed":
            self._put_into_force()
            if self.sudo().filtered_domain(self._get_mailed_copies_domain()):
                self.env.ref("aftersales.ir_cron_mail_signed_copies").sudo()._trigger()
        # Whatever was asked of the manager is settled by both signatures, or void.
        self.contract_id.sudo().activity_unlink([COUNTERSIGN_ACTIVITY, DECLINED_ACTIVITY])
        return super()._on_transition(target)

    def _get_mailed_copies_domain(self):
        """Return the versions whose signed copy goes to both parties by itself."""
        return (
            self._get_sent_by_mail_domain() & Domain("date_signed", "!=", False)
            & Domain("signed_copy_mailed_on", "=", False)
            & Domain("state", "in", ("signed", "superseded"))
        )

    def _get_sent_by_mail_domain(self):
        """Return the versions whose copy both parties expect by mail (hook): signed online."""
        return Domain("customer_ip", "!=", False)

    @api.model
    def _cron_mail_signed_copies(self, batch_size=20):
        """Print and mail what both parties signed; what fails never touches the signature."""
        self._run_in_batches(
            self._get_mailed_copies_domain(), batch_size,
            lambda batch: batch._with_shared_mail()._each_by_itself("_mail_signed_copy"),
        )

    def _mail_signed_copy(self):
        """Send the signed copy to both parties."""
        self._ensure_signed_copy()
        self._refresh_link()
        for template in self._get_copy_mails():
            self._post_mail(template)
        self.sudo().signed_copy_mailed_on = fields.Datetime.now()

    def _get_copy_mails(self):
        """Return the mails that bring both parties what they signed (hook)."""
        return COPY_MAILS

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
