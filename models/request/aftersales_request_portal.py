from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import human_size, plaintext2html
from odoo.tools.mimetypes import guess_mimetype

# What customers may read of their requests, by whatever way; the rest is ours.
PORTAL_FIELDS = frozenset({
    "name", "company_id", "active", "subject", "kind", "channel", "category_id", "partner_id",
    "commercial_partner_id", "email_from", "phone", "equipment_id", "lot_id", "product_id",
    "serial_told", "site_id", "description", "environment", "impact", "urgency", "priority",
    "state", "is_open", "waiting_reason", "received_on", "acknowledged_on", "responded_on",
    "arrived_on", "resolved_on", "closed_on", "next_due", "next_target", "resolution",
    "aftersales_portal_state",
})
# What happened that customers are told; warnings and who was late belong to us.
PORTAL_EVENTS = (
    "received", "acknowledged", "assigned", "responded", "updated", "arrived", "paused",
    "resumed", "resolved", "reopened", "closed", "ended",
)
MAX_FILES = 10
MAX_FILE_SIZE = 10 * 1024 * 1024
MAX_SUBJECT = 200
MAX_TEXT = 8000
# Pictures, films and documents; nothing that a browser would run.
FILE_TYPES = {
    "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/heic", "image/heif",
    "application/pdf", "text/plain", "video/mp4", "video/quicktime", "video/webm",
}
# Containers that cannot be told from their first bytes are known by the name as well.
FILE_ENDINGS = (".mp4", ".mov", ".webm", ".heic", ".heif")
RATINGS = (1, 2, 3, 4, 5)


class AftersalesRequestPortal(models.AbstractModel):
    """What customers do themselves with their requests: report, confirm, reopen, rate."""

    _name = "aftersales.request.portal"
    _description = "Requests in the Portal"
    _inherit = ["portal.mixin", "rating.mixin"]
    # Who may read a request may write to us about it.
    _mail_post_access = "read"

    aftersales_portal_state = fields.Selection(
        selection=[
            ("received", "Received"),
            ("working", "In work"),
            ("your_turn", "Waiting for you"),
            ("waiting", "Waiting"),
            ("confirm", "Solved: please confirm"),
            ("closed", "Closed"),
            ("given_up", "Cancelled"),
        ],
        string="Status for the Customer", compute="_compute_aftersales_portal_state",
    )

    @api.depends("state", "waiting_reason")
    def _compute_aftersales_portal_state(self):
        told = {
            "new": "received", "acknowledged": "received", "assigned": "working",
            "in_progress": "working", "waiting": "waiting", "resolved": "confirm",
            "closed": "closed", "duplicate": "closed", "cancelled": "given_up",
        }
        for request in self:
            is_theirs = request.state == "waiting" and request.waiting_reason == "customer"
            request.aftersales_portal_state = "your_turn" if is_theirs else told[request.state]

    # -------------------------------------------------------------------------
    # Who may see what
    # -------------------------------------------------------------------------

    def _has_field_access(self, field, operation):
        """Let customers read what is named here only; new fields are closed to them."""
        return super()._has_field_access(field, operation) and (
            self.env.su or field._module != "aftersales" or field.name in PORTAL_FIELDS
            or self.env.user._is_internal()
        )

    @api.model
    def _get_portal_domain(self, user):
        """Return the requests of the visitor's company, also for staff with wider rights."""
        return Domain("commercial_partner_id", "=", user.partner_id.commercial_partner_id.id)

    @api.model
    def _get_portal_equipment_domain(self, partner):
        """Return the units of a customer."""
        return Domain("customer_id", "child_of", partner.commercial_partner_id.ids)

    def _get_portal_events(self):
        self.ensure_one()
        return self.sudo().event_ids.filtered(lambda event: event.kind in PORTAL_EVENTS)

    def _get_portal_targets(self):
        """Return the promised times that customers are told."""
        self.ensure_one()
        return self.sudo().target_ids.filtered(lambda target: target.status != "dropped")

    def _get_portal_messages(self):
        """Return the messages that the customer may read."""
        self.ensure_one()
        comment = self.env.ref("mail.mt_comment")
        return self.sudo().website_message_ids.filtered(
            lambda message: message.subtype_id == comment and not message.is_internal
        )

    def _get_portal_files(self):
        """Return the files that came with these messages, the newest first."""
        return self._get_portal_messages().attachment_ids.sorted("id", reverse=True)

    # -------------------------------------------------------------------------
    # What happens next
    # -------------------------------------------------------------------------

    def _get_portal_plans(self):
        """Return what was made of the request, as the customer may know it, by its time.

        A repair has a date from the beginning; it is a plan from its confirmation on. A
        quotation is shown once it was sent, and opened by whom it is open to.
        """
        self.ensure_one()
        request = self.sudo()
        visits = [
            {"kind": "visit", "is_done": visit.stage_id.done,
             "date": not visit.stage_id.done and visit.schedule_date, "url": ""}
            for visit in request.visit_ids if not visit.archive
        ]
        repairs = [
            {"kind": "repair", "is_done": repair.state == "done",
             "date": repair.state in ("confirmed", "under_repair") and repair.schedule_date,
             "url": ""}
            for repair in request.repair_ids if repair.state != "cancel"
        ]
        quotations = [
            {"kind": "quotation", "is_done": order.state == "sale", "date": False,
             "url": order.access_url}
            for order in request.sale_order_ids if order.state in ("sent", "sale")
        ]
        return sorted(
            visits + repairs + quotations,
            key=lambda plan: (plan["is_done"], not plan["date"], plan["date"] or 0))

    # -------------------------------------------------------------------------
    # Reporting
    # -------------------------------------------------------------------------

    @api.model
    def _create_from_portal(self, partner, entered, files=()):
        """Open a request for a customer.

        :param entered: what they typed or chose, as text; every reference is looked up among
            what is theirs
        :param files: pairs of name and content
        :raises UserError: saying all that is wrong at once; nothing is kept then
        """
        problems = self._get_file_problems(files)
        vals = self._prepare_portal_vals(partner, entered, problems)
        if problems:
            raise UserError("\n".join(problems))
        request = self.create(vals)
        request._receive_files(partner, files)
        return request

    @api.model
    def _prepare_portal_vals(self, partner, entered, problems):
        """Return the values of a request as entered; add to ``problems`` what is wrong."""
        texts = {
            name: (entered.get(name) or "").strip()[:limit]
            for name, limit in (
                ("subject", MAX_SUBJECT), ("description", MAX_TEXT), ("environment", MAX_TEXT),
                ("serial", MAX_SUBJECT),
            )
        }
        if not texts["subject"]:
            problems.append(self.env._("Please say in a few words what it is about."))
        unit = self._find_portal_equipment(partner, entered.get("equipment"), texts, problems)
        category = self._find_portal_category(entered.get("category"), problems)
        vals = {
            "channel": "portal",
            "company_id": (unit.company_id or partner.company_id or self.env.company).id,
            "partner_id": partner.id,
            "subject": texts["subject"],
            "description": plaintext2html(texts["description"]) if texts["description"] else False,
            "environment": texts["environment"],
            "equipment_id": unit.id,
            "serial_told": False if unit else texts["serial"],
            "category_id": category.id,
        }
        for name in ("kind", "impact", "urgency"):
            if value := self._read_choice(name, entered.get(name), problems):
                vals[name] = value
        return vals

    def _find_portal_equipment(self, partner, chosen, texts, problems):
        """Return the unit chosen, or that with the serial number told; unknown ones wait for us.

        Whether a serial number is somebody else's is not told.
        """
        domain = self._get_portal_equipment_domain(partner)
        units = self.env["maintenance.equipment"]
        if (chosen or "").isdecimal():
            unit = units.search(domain & Domain("id", "=", int(chosen)))
            if not unit:
                problems.append(self.env._(
                    "This unit is not among your equipment. Choose one of the list, or enter its "
                    "serial number.",
                ))
            return unit
        if not texts["serial"]:
            return units
        told = texts["serial"].lower()
        return units.search(domain & Domain("lot_id.name", "=ilike", told)).filtered(
            lambda unit: unit.lot_id.name.lower() == told
        )[:1]

    def _find_portal_category(self, chosen, problems):
        categories = self.env["aftersales.request.category"]
        if not (chosen or "").isdecimal():
            return categories
        category = categories.search([("id", "=", int(chosen)), ("is_published", "=", True)])
        if not category:
            problems.append(self.env._(
                "This subject is not in the list (any more). Please choose another one.",
            ))
        return category

    def _read_choice(self, name, value, problems):
        if not value:
            return False
        field = self._fields[name]
        if value not in field.get_values(self.env):
            problems.append(self.env._(
                "“%(value)s” cannot be chosen for “%(field)s”. Please choose from the list.",
                value=str(value)[:40], field=field._description_string(self.env),
            ))
        return value

    # -------------------------------------------------------------------------
    # Files
    # -------------------------------------------------------------------------

    @api.model
    def _get_file_problems(self, files):
        """Return why these files are not taken, naming each."""
        problems = []
        if len(files) > MAX_FILES:
            problems.append(self.env._(
                "You attached %(count)s files; we take %(limit)s at a time. Send the others by a "
                "message on the page of the request.", count=len(files), limit=MAX_FILES,
            ))
        for name, content in files[:MAX_FILES]:
            if len(content) > MAX_FILE_SIZE:
                problems.append(self.env._(
                    "“%(name)s” is larger than %(limit)s. Please make it smaller, or send a link.",
                    name=name[:80], limit=human_size(MAX_FILE_SIZE),
                ))
            elif not content:
                problems.append(self.env._(
                    "“%(name)s” is empty. Please choose the file again.", name=name[:80],
                ))
            elif not self._is_file_welcome(name, content):
                problems.append(self.env._(
                    "“%(name)s” is no picture, film, PDF or plain text. Please send it as one of "
                    "these.", name=name[:80],
                ))
        return problems

    @staticmethod
    def _is_file_welcome(name, content):
        """Whether the content, not the name alone, is of a kind we take."""
        kind = guess_mimetype(content)
        if kind in FILE_TYPES:
            return True
        is_unknown = kind == "application/octet-stream"
        return is_unknown and name.lower().endswith(FILE_ENDINGS)

    def _receive_files(self, partner, files):
        """Keep the files in a message of the customer, where both sides see them."""
        if files:
            self.message_post(
                author_id=partner.id, body=self.env._("Files attached to the report"),
                attachments=[(name[:200], content) for name, content in files],
                message_type="comment", subtype_xmlid="mail.mt_comment",
            )

    # -------------------------------------------------------------------------
    # Answers of the customer
    # -------------------------------------------------------------------------

    def _confirm_from_portal(self, partner):
        """The customer says that it is solved."""
        self._check_portal_state(("resolved",), self.env._("confirmed"))
        self._transition_to("closed")
        self._note_from_portal(partner, self.env._("The customer confirmed that it is solved."))

    def _reopen_from_portal(self, partner, reason):
        """The customer says that it is not solved, and why."""
        self._check_portal_state(("resolved", "closed"), self.env._("opened anew"))
        if not reason:
            raise UserError(self.env._("Please tell us what is still wrong."))
        self._transition_to("in_progress")
        self.message_post(
            author_id=partner.id, body=plaintext2html(reason), message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _may_reopen(self):
        """Whether the customer may open the request anew now."""
        self.ensure_one()
        return self.state in ("resolved", "closed") and not self._get_reopen_problem()

    def _solve_from_portal(self, partner, solution):
        """The customer solved it with a known solution, without anybody's help."""
        self._check_portal_open()
        self.write({"solution_id": solution.id, "solved_by_solution": True})
        self.with_context(aftersales_tells_nothing=True)._transition_to("resolved")
        self._transition_to("closed")
        solution._vote(partner, "solved")
        self._note_from_portal(partner, self.env._(
            "The customer solved it with the known solution “%(solution)s”.",
            solution=solution.name,
        ))

    def _check_portal_open(self):
        self.ensure_one()
        self.lock_for_update(allow_referencing=True)
        if not self.is_open:
            raise UserError(self.env._(
                "%(request)s is not open any more. Load the page again to see how it stands.",
                request=self.name,
            ))

    def _check_portal_state(self, states, done):
        self.ensure_one()
        # Two people of the customer may answer at the same time; the second sees what is so.
        self.lock_for_update(allow_referencing=True)
        if self.state not in states:
            raise UserError(self.env._(
                "%(request)s is “%(state)s” and cannot be %(done)s now. Load the page again to "
                "see how it stands.", request=self.name, done=done,
                state=dict(
                    self._fields["aftersales_portal_state"]._description_selection(self.env)
                )[self.aftersales_portal_state],
            ))

    def _note_from_portal(self, partner, text):
        self.message_post(author_id=partner.id, body=text, subtype_xmlid="mail.mt_note")

    # -------------------------------------------------------------------------
    # Rating: the first answer counts
    # -------------------------------------------------------------------------

    def _get_given_rating(self):
        """Return the rating that the customer gave."""
        self.ensure_one()
        return self.env["rating.rating"].sudo().search(self._rating_domain(), order="id", limit=1)

    def _rate_from_portal(self, partner, value, feedback):
        """Note how satisfied the customer is; the first answer of anybody of theirs counts."""
        self._check_portal_state(("closed",), self.env._("rated"))
        if value not in RATINGS:
            raise UserError(self.env._("Please choose one to five stars."))
        if given := self._get_given_rating():
            raise UserError(self.env._(
                "%(name)s has already rated %(request)s, and the first answer counts. Write us a "
                "message if you want to add something.", request=self.name,
                name=given.partner_id.name or self.env._("Somebody"),
            ))
        # Core keeps an open invitation to rate per person.
        token = self._rating_get_access_token(partner)
        return self.rating_apply(value, token=token, feedback=feedback)

    def rating_apply(self, rate, token=None, rating=None, **kwargs):
        """Take the first answer only, also by the links of mails."""
        self.lock_for_update(allow_referencing=True)
        # A note: what is said of the work afterwards calls for no answer and starts no clock.
        return self._get_given_rating() or super().rating_apply(
            rate, token=token, rating=rating, **{**kwargs, "subtype_xmlid": "mail.mt_note"})

    def _get_allowed_message_params(self):
        """A message is no rating: that would be a way around the first answer."""
        return super()._get_allowed_message_params() - {"rating_value"}
