import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError

REPORT = "aftersales.action_report_aftersales_contract"
# Written once, by the code that freezes and signs; nobody changes them afterwards.
_FROZEN_FIELDS = {
    "contract_id", "number", "content", "content_hash", "document_id", "document_hash",
    "customer_signed_by", "customer_signed_on", "customer_method", "customer_signature",
    "customer_ip", "company_signed_by_id", "company_signed_on", "date_signed",
}


def digest(data):
    """Return the SHA-256 of bytes as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


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

    # Who signed
    customer_signed_by = fields.Char(readonly=True)
    customer_signed_on = fields.Datetime(readonly=True)
    customer_method = fields.Selection(
        selection=[
            ("drawn", "Drawn online"),
            ("typed", "Typed online"),
            ("scan", "Signed document"),
            ("word", "Acknowledged without a document"),
        ],
        string="Customer Signed How", readonly=True,
    )
    customer_signature = fields.Image(readonly=True, max_width=1024, max_height=1024)
    customer_ip = fields.Char(string="Customer IP Address", readonly=True)
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
            # Whoever may see the version may see it printed; the print itself reads all of it.
            version_sudo = self.sudo()
            content, _type = self.env["ir.actions.report"].sudo()._render_qweb_pdf(
                REPORT, self.contract_id.ids,
            )
            version_sudo.document_id = self.env["ir.attachment"].sudo().create({
                "name": f"{self._get_document_name()}.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            })
            version_sudo.document_hash = digest(content)
        return self.document_id

    def _get_document_name(self):
        return f"{self.contract_id.name.replace('/', '-')}-v{self.number}"

    # -------------------------------------------------------------------------
    # Signing
    # -------------------------------------------------------------------------

    def _sign_as_customer(self, name, method, *, signed_on=None, signature=False, ip=False):
        """Store the customer's signature; with both signatures the contract takes effect.

        :param str method: drawn, typed, scan or word
        :param signed_on: date of a signature on paper, today by default
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

        Terms that did not exist when the version was made are not compared.
        """
        signed = json.loads(self.content)
        present = json.loads(json.dumps(self.contract_id.sudo()._get_signed_content()))
        return all(
            self._project(present.get(part), signed[part]) == signed[part] for part in signed
        )

    def _project(self, present, signed):
        """Return ``present`` reduced to the keys that ``signed`` has."""
        if isinstance(signed, dict) and isinstance(present, dict):
            return {key: present.get(key) for key in signed}
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
        return super()._on_transition(target)

    def _put_into_force(self):
        """Let the contracts follow their signed version (hook)."""
        self.contract_id.filtered(lambda c: c.state == "to_sign")._transition_to("active")

    # -------------------------------------------------------------------------
    # Evidence
    # -------------------------------------------------------------------------

    def _verify(self):
        """Return whether the stored content and document still bear the hashes they were given.

        :return: dict with ``content`` and ``document``: True, False, or None when there is none
        """
        self.ensure_one()
        version_sudo = self.sudo()
        document = version_sudo.document_id
        return {
            "content": digest((version_sudo.content or "").encode()) == version_sudo.content_hash,
            "document": digest(document.raw or b"") == version_sudo.document_hash
            if document else None,
        }

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
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._ensure_document().id}?download=true",
            "target": "new",
        }
