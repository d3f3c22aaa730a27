from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext, plaintext2html

from .aftersales_request_portal import MAX_SUBJECT, MAX_TEXT

MAX_PHONE = 40
MAX_CONTACTS = 200


class AftersalesRequestCorrection(models.AbstractModel):
    """What customers put right in their report, as long as it is not resolved."""

    _name = "aftersales.request.correction"
    _description = "Corrections of Requests"

    @api.model
    def _get_portal_contacts_domain(self, partner):
        """Return whom of their company a customer may name as the contact.

        Who sees only the own requests learns of no colleague here.
        """
        own = Domain("id", "=", partner.id)
        if partner.aftersales_portal_scope != "company":
            return own
        return own | (
            Domain("id", "child_of", partner.commercial_partner_id.ids)
            & Domain("is_company", "=", False) & Domain("type", "=", "contact")
        )

    def _get_told_texts(self):
        """Return what the customer told us in words, as plain text to go on with."""
        self.ensure_one()
        return {
            "description": html2plaintext(self.description or "").strip(),
            "environment": self.environment or "", "phone": self.phone or "",
            "serial": self.serial_told or "",
        }

    def _correct_from_portal(self, partner, entered):
        """Take what the customer puts right; the thread keeps what was said before.

        :param entered: texts by name, as typed; what is left out stays as it is
        :raises UserError: it is resolved, wrong, or nothing is new
        """
        self._check_portal_open()
        problems = []
        vals = self._prepare_correction_vals(partner, entered, problems)
        if problems:
            raise UserError("\n".join(problems))
        if not vals:
            raise UserError(self.env._("Nothing has changed in what you entered."))
        before = self._describe_told(vals)
        # The message below says all of it, to both sides.
        self.with_context(tracking_disable=True).write(vals)
        self._subscribe_contacts()
        self.message_post(
            author_id=partner.id, body=self._describe_correction(before, self._describe_told(vals)),
            message_type="comment", subtype_xmlid="mail.mt_comment",
        )

    def _prepare_correction_vals(self, partner, entered, problems):
        """Return the values that differ; add to ``problems`` what is wrong."""
        limits = {
            "description": MAX_TEXT, "environment": MAX_TEXT, "phone": MAX_PHONE,
            "serial": MAX_SUBJECT,
        }
        told = self._get_told_texts()
        # Browsers send other line ends than we keep.
        texts = {
            name: entered[name].replace("\r\n", "\n").strip()[:limit]
            for name, limit in limits.items() if isinstance(entered.get(name), str)
        }
        new = {name: text for name, text in texts.items() if text != told[name].strip()}
        vals = {name: new[name] for name in ("environment", "phone") if name in new}
        if "description" in new:
            vals["description"] = (
                plaintext2html(new["description"]) if new["description"] else False)
        vals.update(self._prepare_contact_correction(partner, entered, problems))
        vals.update(self._prepare_unit_correction(partner, entered, texts, problems))
        return vals

    def _prepare_contact_correction(self, partner, entered, problems):
        chosen = entered.get("contact") or ""
        if not chosen.isdecimal() or int(chosen) == self.partner_id.id:
            return {}
        contact = self.env["res.partner"].search(
            self._get_portal_contacts_domain(partner) & Domain("id", "=", int(chosen)))
        if not contact:
            problems.append(self.env._(
                "This contact is not one of your company. Please choose one of the list."))
        return {"partner_id": contact.id}

    def _prepare_unit_correction(self, partner, entered, texts, problems):
        """Return the unit now meant; a serial number that is none of theirs waits for us."""
        is_asked = "equipment" in entered or texts.get("serial", "") != (self.serial_told or "")
        if not is_asked or entered.get("equipment") == str(self.equipment_id.id):
            return {}
        told = {"serial": texts.get("serial", "")}
        unit = self._find_portal_equipment(partner, entered.get("equipment"), told, problems)
        vals = {
            "equipment_id": unit.id, "serial_told": False if unit else told["serial"] or False,
        }
        return {name: value for name, value in vals.items() if value != (
            self.equipment_id.id if name == "equipment_id" else self.serial_told)}

    # -------------------------------------------------------------------------
    # What the thread keeps
    # -------------------------------------------------------------------------

    def _describe_told(self, vals):
        """Return how these values read now, by field."""
        texts = {}
        for name in vals:
            value = self[name]
            if name == "description":
                texts[name] = html2plaintext(value or "").strip()
            else:
                texts[name] = value.display_name if isinstance(value, models.BaseModel) else value
        return texts

    def _describe_correction(self, before, after):
        lines = [
            Markup("<li>%s</li>") % self.env._(
                "%(field)s: %(new)s (before: %(old)s)",
                field=self._fields[name]._description_string(self.env),
                old=before[name] or "–", new=after[name] or "–",
            ) for name in after
        ]
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("The customer corrected the report:"), Markup("").join(lines))
