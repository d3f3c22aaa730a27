from odoo import fields, models

from ...tools.evidence import digest


class AftersalesSigningDocumentMixin(models.AbstractModel):
    """The text two parties sign: its data and its print, both stored with their SHA-256."""

    _name = "aftersales.signing.document.mixin"
    _description = "Text That Is Signed"

    # The report that prints it.
    _DOCUMENT_REPORT = None

    content = fields.Text(
        readonly=True, copy=False, help="What is signed, as canonical JSON.",
    )
    content_hash = fields.Char(string="Content SHA-256", readonly=True, copy=False, size=64)
    frozen_on = fields.Datetime(
        string="Approved On", readonly=True, copy=False,
        help="When the text was put before the parties.",
    )
    document_id = fields.Many2one(
        "ir.attachment", readonly=True, copy=False, ondelete="restrict", index="btree_not_null",
    )
    document_hash = fields.Char(string="Document SHA-256", readonly=True, copy=False, size=64)

    def _get_earliest_signing_day_of(self, start):
        """Return the first day a signature on paper can bear, and why.

        A text is signed once it is approved. One that speaks of days that had begun by then was
        taken over from paper: it may have been signed before, by a year at most.

        :param start: the first day of which the text speaks
        """
        frozen = self.company_id._get_aftersales_day(self.frozen_on or self.create_date)
        if start < frozen:
            return self._get_earliest_day_before(start)
        return frozen, self.env._("its text was approved only then")

    def _get_printed_record(self):
        """Return the record the report prints (hook)."""
        return self

    def _get_document_name(self):
        """Return the file name of the print, without its ending (hook)."""
        return self.display_name.replace("/", "-")

    def _check_may_print(self):
        """Raise when it can no longer be printed as it was put before the parties (hook)."""

    def _ensure_document(self):
        """Print the text once, as it is put before the parties; return the attachment."""
        self.ensure_one()
        if not self.document_id:
            with self._explain_lock():
                self.lock_for_update(allow_referencing=True)
            self.invalidate_recordset(["document_id"])
        if not self.document_id:
            self._check_may_print()
            # Whoever may see the record may see it printed; the print itself reads all of it.
            record_sudo = self.sudo()
            content, _type = self.env["ir.actions.report"].sudo()._render_qweb_pdf(
                self._DOCUMENT_REPORT, self._get_printed_record().ids,
            )
            record_sudo.document_id = self._attach_pdf(self._get_document_name(), content)
            record_sudo.document_hash = digest(content)
        return self.document_id

    def _attach_pdf(self, name, content):
        return self.env["ir.attachment"].sudo().create({
            "name": f"{name}.pdf",
            "raw": content,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
        })

    def action_open_document(self):
        self.ensure_one()
        self.check_access("read")
        return self._get_download_action(self._ensure_document())

    def _get_download_action(self, attachment):
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "new",
        }
