import hashlib
import secrets
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import consteq, html2plaintext, plaintext2html

from ...tools.mail_quote import cut_quoted, drop_marked_quotes

CALLED_OFTEN = timedelta(minutes=5)
MAX_TOLD_MESSAGES = 50
MAX_TOLD_UPDATES = 50
MAX_NUMBERED_UPDATES = 1000


class AftersalesMessenger(models.Model):
    """A messenger or another system that may open requests through the JSON endpoint."""

    _name = "aftersales.messenger"
    _description = "Messenger Connection"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company,
    )
    channel = fields.Selection(
        selection=[
            ("wechat", "WeChat"), ("qq", "QQ"), ("whatsapp", "WhatsApp"),
            ("telegram", "Telegram"), ("api", "Other"),
        ],
        required=True, default="wechat",
    )
    key_hash = fields.Char(
        string="Access Key (hash)", readonly=True, copy=False, groups="base.group_system",
        help="Only the hash of the key is kept.",
    )
    has_key = fields.Boolean(compute="_compute_has_key", compute_sudo=True)
    team_id = fields.Many2one(
        "maintenance.team", index="btree_not_null", check_company=True, ondelete="restrict",
        domain="[('is_aftersales', '=', True)]",
    )
    hourly_limit = fields.Integer(
        string="Calls an Hour", default=600, required=True,
        help="What comes beyond is refused with a request to wait. Enter 0 for no limit.",
    )
    last_used_on = fields.Datetime(readonly=True, copy=False)
    update_count = fields.Integer(
        string="Updates Numbered", readonly=True, copy=False,
        help="How many updates were ready when the messenger last asked what is new.",
    )
    request_ids = fields.One2many(
        "aftersales.request", "messenger_id", string="Service Requests",
    )
    request_count = fields.Integer(string="Requests", compute="_compute_request_count")
    public_name = fields.Char(
        string="Name for Customers", translate=True,
        help="Shown in the portal under other ways to reach us, with the code to scan. "
             "Empty: not shown.",
    )
    public_qr = fields.Image(
        string="QR Code for Customers", max_width=512, max_height=512,
        help="The code of the official account, as the messenger gives it.",
    )
    account_ids = fields.One2many(
        "aftersales.messenger.account", "messenger_id", string="Contacts",
    )
    account_count = fields.Integer(string="Accounts", compute="_compute_account_count")

    _hourly_limit_not_negative = models.Constraint(
        "CHECK (hourly_limit >= 0)",
        "The calls an hour cannot be negative. Enter 0 for no limit.",
    )

    @api.depends("key_hash")
    def _compute_has_key(self):
        for messenger in self:
            messenger.has_key = bool(messenger.key_hash)

    @api.depends("account_ids")
    def _compute_account_count(self):
        counts = dict(self.env["aftersales.messenger.account"]._read_group(
            [("messenger_id", "in", self.ids)], ["messenger_id"], ["__count"]))
        for messenger in self:
            messenger.account_count = counts.get(messenger, 0)

    @api.depends("request_ids")
    def _compute_request_count(self):
        counts = dict(self.env["aftersales.request"]._read_group(
            [("messenger_id", "in", self.ids)], ["messenger_id"], ["__count"]))
        for messenger in self:
            messenger.request_count = counts.get(messenger, 0)

    # -------------------------------------------------------------------------
    # The key
    # -------------------------------------------------------------------------

    def action_new_key(self):
        """Make an access key and show it once; the key before it no longer opens anything."""
        self.ensure_one()
        self.check_access("write")
        secret = secrets.token_urlsafe(32)
        # The hash is closed to all but administrators; who may set up the connection sets it.
        self.sudo().key_hash = self._hash(secret)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Access Key"),
            "res_model": "aftersales.messenger.key",
            "view_mode": "form",
            "target": "new",
            "context": {"default_key": f"{self.id}.{secret}"},
        }

    def action_open_accounts(self):
        """Open who writes through this connection."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "aftersales.aftersales_messenger_account_action"),
            "domain": [("messenger_id", "=", self.id)],
            "context": {"default_messenger_id": self.id},
        }

    def action_open_requests(self):
        """Open what came in through this connection."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("aftersales.aftersales_request_action"),
            "domain": [("messenger_id", "=", self.id)],
            "context": {},
        }

    @staticmethod
    def _hash(secret):
        return hashlib.sha256(secret.encode()).hexdigest()

    @api.model
    def _authenticate(self, key):
        """Return the connection a key opens, as the super-user in its company; else none."""
        number, _dot, secret = (key or "").partition(".")
        # Ten digits are more than there are connections, and fewer than break the database.
        is_number = number.isascii() and number.isdigit() and len(number) < 10
        messenger_sudo = self.sudo().browse(int(number) if is_number else 0).exists()
        known = messenger_sudo.key_hash or ""
        if not consteq(known, self._hash(secret)) or not messenger_sudo.active:
            return self.browse()
        return messenger_sudo.with_company(messenger_sudo.company_id).with_context(
            allowed_company_ids=messenger_sudo.company_id.ids)

    # -------------------------------------------------------------------------
    # What comes in (called as the super-user by the controller)
    # -------------------------------------------------------------------------

    def _open_request(self, data):
        """Open the request of a call; the same reference again finds the one it opened.

        :param data: checked values of the call
        :return: request, and whether it is new
        """
        account = self._claim_account(data)
        if request := self._find_request(data["reference"]):
            return request, False
        try:
            with self.env.cr.savepoint():
                request = self.env["aftersales.request"].create(
                    self._prepare_request_vals(account, data))
        except UniqueViolation as error:
            # Another call has just opened it: look again, in a transaction that sees it.
            raise ConcurrencyError(str(error)) from error
        if request.partner_id:
            request.message_subscribe(partner_ids=request.partner_id.ids)
        self._post(request, account, data)
        request._log("acknowledged", note=self.env._("in the answer to the messenger"))
        return request, True

    def _add_message(self, request, data):
        """Add a message to a request; the same reference again changes nothing.

        :return: whether it is new; ``None`` when this account has no business with the request
        """
        account = self._claim_account(data)
        if not account._may_write_to(request):
            return None
        if self.env["mail.message"].search_count([
            ("message_id", "=", self._get_message_id(data["reference"])),
        ], limit=1):
            return False
        self._post(request, account, data)
        return True

    def _claim_account(self, data):
        """Return the account that writes. Two calls of one account meet at its row.

        The second to arrive fails there, starts anew, and sees what the first has done.
        """
        account = self.env["aftersales.messenger.account"].search([
            ("messenger_id", "=", self.id), ("external_user", "=", data["user"]),
        ])
        try:
            with self.env.cr.savepoint():
                if not account:
                    account = account.create({
                        "messenger_id": self.id, "external_user": data["user"],
                    })
                account._count_call(data.get("nickname"))
        except UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error
        now = fields.Datetime.now()
        if not self.last_used_on or self.last_used_on < now - CALLED_OFTEN:
            self.last_used_on = now
        return account

    def _find_request(self, reference):
        return self.env["aftersales.request"].with_context(active_test=False).search([
            ("messenger_id", "=", self.id), ("external_reference", "=", reference),
        ])

    def _prepare_request_vals(self, account, data):
        partner = account.partner_id
        first_line = next(filter(None, map(str.strip, data["text"].splitlines())), "")
        # A serial counts where it is one of the customer's own; else it is told, for triage.
        serial = data.get("serial") or ""
        requests = self.env["aftersales.request"]
        equipment = requests._find_equipment(
            partner, self.company_id, [serial] if serial else requests._get_serials(data["text"]))
        return {
            "company_id": self.company_id.id,
            "messenger_id": self.id,
            "messenger_account_id": account.id,
            "external_reference": data["reference"],
            "channel": self.channel,
            "kind": data.get("kind") or "fault",
            "subject": data.get("subject") or first_line[:200],
            "description": plaintext2html(data["text"]),
            "partner_id": partner.id,
            **({"team_id": self.team_id.id} if self.team_id else {}),
            "equipment_id": equipment.id,
            "serial_told": False if equipment else serial,
            **({"phone": data["phone"]} if data.get("phone") else {}),
            **({"email_from": data["email"]} if data.get("email") else {}),
        }

    def _post(self, request, account, data):
        """Put what was written into the thread, as the contact or under the account's name."""
        partner = account.partner_id
        request.message_post(
            body=plaintext2html(data["text"]),
            author_id=partner.id,
            email_from=partner.email_formatted if partner else account.display_name,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            message_id=self._get_message_id(data["reference"]),
            attachments=data.get("files") or [],
        )

    def _get_message_id(self, reference):
        digest = hashlib.sha256(reference.encode()).hexdigest()
        return f"<aftersales-messenger-{self.id}-{digest}@localhost>"

    def _is_over_limit(self):
        """Whether as many calls as allowed have come in within the hour."""
        if not self.hourly_limit:
            return False
        [[calls]] = self.env["aftersales.messenger.account"]._read_group([
            ("messenger_id", "=", self.id),
            ("hour_start", ">", fields.Datetime.now() - timedelta(hours=1)),
        ], aggregates=["hour_count:sum"])
        return (calls or 0) >= self.hourly_limit

    # -------------------------------------------------------------------------
    # What is told
    # -------------------------------------------------------------------------

    def _tell(self, request, after=0):
        """Return what a messenger may know of a request: times in UTC, as ISO 8601."""
        return {
            **self._tell_standing(request),
            "messages": self._tell_messages(self._find_messages(request, after)),
        }

    def _tell_standing(self, request):
        targets = {target.kind: target for target in request.target_ids}
        is_done = request.state in ("resolved", "closed")
        return {
            "reference": request.external_reference,
            "user": request.messenger_account_id.external_user or None,
            "number": request.name,
            "url": request.get_base_url() + request.get_portal_url(),
            "subject": request.subject,
            "state": request.state,
            "waiting_for": request.waiting_reason or None,
            "received_on": self._to_text(request.received_on),
            "answered_on": self._to_text(request.responded_on),
            "resolved_on": self._to_text(request.resolved_on),
            "resolution": html2plaintext(request.resolution or "") or None if is_done else None,
            "promised": {
                kind: self._to_text(targets[kind].due)
                for kind in ("response", "on_site", "resolution") if kind in targets
            },
        }

    def _find_messages(self, request, after):
        """Return what customer and staff have said to each other, the oldest first."""
        return self.env["mail.message"].search([
            ("model", "=", request._name), ("res_id", "=", request.id), ("id", ">", after),
            ("message_type", "in", ("comment", "email")), ("subtype_id.internal", "=", False),
            ("subtype_id", "!=", False), ("is_internal", "=", False),
        ], order="id", limit=MAX_TOLD_MESSAGES)

    def _tell_messages(self, messages):
        return [{
            "id": message.id,
            "on": self._to_text(message.date),
            "from": "us" if message.author_id and not message.author_id.partner_share else (
                "customer"),
            "text": self._read_text(message),
            "files": [self._tell_file(file) for file in message.attachment_ids],
        } for message in messages]

    @staticmethod
    def _read_text(message):
        """Return what a message says; of a mail, what it says itself if that is anything."""
        text = html2plaintext(message.body)
        if message.message_type != "email":
            return text
        return cut_quoted(html2plaintext(drop_marked_quotes(message.body))) or text

    def _tell_file(self, file):
        [token] = file.generate_access_token()
        return {
            "name": file.name,
            "type": file.mimetype,
            "size": file.file_size,
            "url": f"{file.get_base_url()}/web/content/{file.id}?access_token={token}",
        }

    # -------------------------------------------------------------------------
    # What is new
    # -------------------------------------------------------------------------

    def _tell_updates(self, after):
        """Return what has happened to all requests of this connection after a cursor.

        Each request is told once, as it stands now, with its messages that are new. The answer
        may be asked for again: the cursor is the messenger's own.

        :return: dict; ``None`` when nothing has been told as far as this cursor
        """
        self._number_updates()
        if after > self.update_count:
            return None
        updates = self.env["aftersales.messenger.update"].search([
            ("messenger_id", "=", self.id), ("number", ">", after),
        ], order="number", limit=MAX_TOLD_UPDATES)
        left = self.update_count - (updates[-1:].number or self.update_count)
        return {
            "cursor": updates[-1:].number or after,
            "more": left > 0,
            "updates": [
                {
                    **self._tell_standing(request),
                    "messages": self._tell_messages(of_request.message_id.sorted("id")),
                } for request, of_request in updates.grouped("request_id").items()
            ],
        }

    def _number_updates(self):
        """Number what has become visible since, so that no cursor runs past what comes later.

        Rows get their ids when work begins and are seen when it ends, in another order. Numbers
        are given here, to what is seen, by one call at a time.
        """
        fresh = self.env["aftersales.messenger.update"].search([
            ("messenger_id", "=", self.id), ("number", "=", False),
        ], order="id", limit=MAX_NUMBERED_UPDATES)
        if not fresh:
            return
        first = self.update_count + 1
        # Another call that numbers at the same time fails at this row, and starts anew.
        self.update_count += len(fresh)
        self.flush_recordset(["update_count"])
        for number, update in enumerate(fresh, first):
            update.number = number

    @staticmethod
    def _to_text(moment):
        return f"{moment.isoformat(timespec='seconds')}Z" if moment else None
