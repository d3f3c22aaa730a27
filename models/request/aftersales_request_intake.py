import re
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import (
    email_normalize,
    format_date,
    format_time,
    html2plaintext,
    plaintext2html,
)
from odoo.tools.mail import email_normalize_all, email_split, email_split_and_format

ACKNOWLEDGEMENT_MAIL = "aftersales.mail_template_request_acknowledgement"
# Channels whose requests are acknowledged by mail as soon as they are there.
ACKNOWLEDGED_CHANNELS = ("portal", "email")
# Where two machines answer each other, this ends it.
MAX_ACKNOWLEDGEMENTS_AN_HOUR = 5

MAX_FILES = 20
MAX_FILE_SIZE = 20 * 1024 * 1024
MAX_FILES_SIZE = 40 * 1024 * 1024
MAX_SUBJECT_LENGTH = 200
MAX_TEXT_LENGTH = 20_000
MAX_COPIES = 20
MAX_WORDS = 300  # of a text in which a serial number is looked for

# What customers are told of the promised times, in this order.
TOLD_TARGETS = ("response", "on_site", "resolution")
REPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
ROBOT_HEADERS = ("X-Auto-Response-Suppress", "List-Id", "List-Unsubscribe")
# What mail programs write before the subject when they answer for somebody who is away.
AWAY = re.compile(
    r"\s*(auto(matic|mated)?[- ]?(reply|response)|out of (the )?office( reply| autoreply)?"
    r"|automatische antwort|abwesenheits(notiz|nachricht|assistent)|réponse automatique"
    r"|respuesta automática|risposta automatica|自动回复|自动答复|自動回覆|自動回復|外出自动回复)"
    r"(?P<colon>\s*[:：])?", re.IGNORECASE)
# Mail servers that tell of what they could not deliver, and addresses that nobody reads.
SERVERS = re.compile(r"(mailer-daemon|postmaster)@", re.IGNORECASE)
UNREAD = re.compile(r"(no|do-?not)[-_.]?reply\b[^@]*@", re.IGNORECASE)
# What stands before the subject of an answer, or of a mail that is passed on.
PASSED_ON = re.compile(
    r"\s*((re|aw|fw|fwd|wg|tr|rv|回复|答复|回覆|转发|轉寄)\s*[:：]\s*)+", re.IGNORECASE)
# Lines that mail programs write above a mail that is passed on.
SENDER_LINE = re.compile(r"[\s>*]*(from|von|de|da|发件人|寄件者|寄件人)[\s*]*[:：]", re.IGNORECASE)
HEADER_LINE = re.compile(
    r"[\s>*]*(from|von|de|da|sent|date|to|cc|subject|reply-to|gesendet|datum|an|betreff|envoyé|à"
    r"|objet|发件人|寄件者|寄件人|发送时间|发送日期|日期|时间|收件人|收件者|抄送|副本|主题|主旨)[\s*]*[:：]",
    re.IGNORECASE)


class AftersalesRequestIntake(models.AbstractModel):
    """How requests come in by mail, and what the customer hears at once."""

    _name = "aftersales.request.intake"
    _description = "Request Intake"
    _inherit = ["aftersales.request.notice", "mail.thread.cc"]

    messenger_account_id = fields.Many2one(
        "aftersales.messenger.account", index="btree_not_null", readonly=True, copy=False,
        ondelete="set null", help="Who wrote it, to the messenger it came through.",
    )

    # -------------------------------------------------------------------------
    # The mail gateway
    # -------------------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Open a request by mail; it is acknowledged once the mail is in its thread."""
        refused = self._bound_mail(msg_dict)
        vals = {**(custom_values or {}), **self._prepare_mail_vals(msg_dict, custom_values or {})}
        if sender := vals.pop("forwarded_from", False):
            # What a colleague writes above the customer's mail stays among us.
            msg_dict["is_internal"] = True
        later = self.with_context(aftersales_acknowledges_later=True)
        request = super(AftersalesRequestIntake, later).message_new(
            {**msg_dict, "email_from": sender or msg_dict.get("email_from")}, vals)
        request = request.with_context(
            aftersales_acknowledges_later=False,
            aftersales_acknowledges=not self.env.context.get("aftersales_by_robot"),
            aftersales_refused_files=refused,
        )
        request._follow_by_mail(msg_dict)
        request._note_refused_files(refused)
        return request

    def message_update(self, msg_dict, update_vals=None):
        """Take an answer into the thread; what a robot answers is a note and moves nothing."""
        self._note_refused_files(self._bound_mail(msg_dict))
        if self.env.context.get("aftersales_by_robot"):
            msg_dict.update(is_internal=True, message_type="auto_comment", parent_id=False)
            return super().message_update(dict(msg_dict, cc=False), update_vals)
        self._follow_by_mail(msg_dict)
        return super().message_update(msg_dict, update_vals)

    def message_post(self, **kwargs):
        if self._is_for_sender_only(kwargs):
            kwargs["outgoing_email_to"] = self.email_from
        message = super().message_post(**kwargs)
        if self.env.context.get("aftersales_acknowledges") is not None:
            self._show_inline_pictures(message)
        if self.env.context.get("aftersales_acknowledges"):
            self.with_context(aftersales_acknowledges=False)._acknowledge_by_mail()
        return message

    def _is_for_sender_only(self, params):
        """Whether a colleague answers a sender whom no contact is known for."""
        return (
            not self.partner_id and params.get("message_type") == "comment"
            and params.get("subtype_xmlid") == "mail.mt_comment"
            and not params.get("partner_ids") and not params.get("outgoing_email_to")
            and not params.get("notify_skip_followers") and self.env.user._is_internal()
            and params.get("author_id", self.env.user.partner_id.id) == (
                self.env.user.partner_id.id)
            and self._has_answer_address()
        )

    def _show_inline_pictures(self, message):
        """Let the symptom show the pictures within a mail, which are files of its message now."""
        if message.message_type == "email" and 'src="cid:' in (self.description or ""):
            self.description = self._prepare_mail_description(message.body)

    @api.model
    def _prepare_mail_vals(self, msg_dict, defaults):
        """Return the values of a request opened by this mail (hook).

        :return: dict of values; with ``forwarded_from``, the customer's address, when a
            colleague has passed on their mail
        """
        team = self.env["maintenance.team"].browse(defaults.get("team_id"))
        company = team.company_id or self.env.company
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or False)
        # A colleague who passes on a mail is not the customer.
        is_customer = author.partner_share and author.company_id.id in (False, company.id)
        customer = author if is_customer else author.browse()
        body = msg_dict.get("body") or ""
        description, forwarded = self._prepare_mail_description(body), {}
        if not author.partner_share and author:
            sender, text = self._read_forwarded(body)
            customer = self._find_forwarded_customer(sender, company)
            if sender:
                forwarded = {"forwarded_from": sender}
                description = self._prepare_mail_description(plaintext2html(text))
        subject = " ".join((msg_dict.get("subject") or "").split())
        subject = PASSED_ON.sub("", subject, count=1) if PASSED_ON.match(subject) else subject
        text = f"{subject} {html2plaintext(body[:MAX_TEXT_LENGTH])}"
        return {
            "name": self.env._("New"),
            "company_id": company.id,
            "channel": "email",
            "subject": subject[:MAX_SUBJECT_LENGTH] or self.env._("No subject"),
            "partner_id": customer.id,
            "equipment_id": self._find_equipment(
                customer, company, self._get_serials(text)).id,
            "description": description,
            "is_automatic": bool(self.env.context.get("aftersales_by_robot")),
            **forwarded,
        }

    @api.model
    def _read_forwarded(self, body):
        """Return who wrote a mail that was passed on, and what; nobody when it was not."""
        lines = html2plaintext(body[:4 * MAX_TEXT_LENGTH], include_references=False).splitlines()
        for number, line in enumerate(lines):
            label = SENDER_LINE.match(line)
            found = email_split(line[label.end():].replace("*", "")) if label else []
            address = email_normalize(found[0]) if found else False
            if address and not self._is_ours(address):
                rest = lines[number:]
                while rest and (not rest[0].strip() or HEADER_LINE.match(rest[0])):
                    rest.pop(0)
                return address, "\n".join(rest).strip()
        return False, ""

    @api.model
    def _is_ours(self, address):
        """Whether an address is a team's, or a colleague's."""
        return bool(
            self.env["mail.alias.domain"].sudo()._find_aliases([address])
            or self.env["res.users"].sudo().search_count([
                ("email_normalized", "=", address), ("share", "=", False)], limit=1))

    @api.model
    def _find_forwarded_customer(self, address, company):
        found = self._partner_find_from_emails_single([address], no_create=True) if address else (
            self.env["res.partner"])
        return found.filtered(lambda partner: partner.company_id.id in (False, company.id))[:1]

    @api.model
    def _prepare_mail_description(self, body):
        """Return what a mail says; of an endless one the beginning, its message keeps the rest."""
        if len(body) <= MAX_TEXT_LENGTH:
            return body
        return plaintext2html(html2plaintext(body[:4 * MAX_TEXT_LENGTH])[:MAX_TEXT_LENGTH] + " …")

    @api.model
    def _find_equipment(self, partner, company, serials):
        """Return the customer's own unit that bears one of these serial numbers, if it is one."""
        equipment = self.env["maintenance.equipment"]
        found = equipment.search([
            ("customer_id", "child_of", partner.commercial_partner_id.ids),
            ("company_id", "in", (False, company.id)),
            ("lot_id.name", "in", serials),
        ], limit=2) if partner and serials else equipment
        return found if len(found) == 1 else equipment

    @api.model
    def _get_serials(self, text):
        """Return the words of a text that may be serial numbers."""
        words = {word.strip(".,;:!?()[]\"'，。；：！？（）“”") for word in text.split()[:MAX_WORDS]}
        return [word for word in words if any(char.isdigit() for char in word)]

    def _follow_by_mail(self, msg_dict):
        """Let the sender and those in copy, where they are the customer's, hear of the request."""
        self.ensure_one()
        copies = email_normalize_all(msg_dict.get("cc") or "")
        partners = self._partner_find_from_emails_single(copies, no_create=True) if copies else (
            self.env["res.partner"])
        theirs = partners.filtered(
            lambda partner: partner.commercial_partner_id == self.commercial_partner_id)
        if followers := self.partner_id | theirs:
            self.message_subscribe(partner_ids=followers.ids)

    def _notify_get_reply_to(self, default=None, author_id=False):
        """Let answers come to the address of the team."""
        if author_id == self.env.ref("base.partner_root").id:
            author_id = self.sudo().company_id[:1].partner_id.id  # a robot reads no answers
        by_team = self.sudo().team_id._notify_get_reply_to(default=default, author_id=author_id)
        addresses = {
            request.id: by_team[request.sudo().team_id.id] for request in self
            if request.sudo().team_id.alias_email
        }
        others = self.filtered(lambda request: request.id not in addresses)
        return {**addresses, **(super(AftersalesRequestIntake, others)._notify_get_reply_to(
            default=default, author_id=author_id) if others else {})}

    # -------------------------------------------------------------------------
    # Robots, and mails that have lost their thread
    # -------------------------------------------------------------------------

    @api.model
    def _is_robots_answer(self, message):
        """Whether a machine answers something: out of office, receipt confirmed and the like."""
        if message.get("Precedence", "").strip().lower() == "auto_reply":
            return True
        if any(message.get(header) for header in REPLY_HEADERS):
            return True
        if SERVERS.match(self._get_sender(message)):
            return True
        # Only the way mail programs write it: people have trouble out of office hours, too.
        away = AWAY.match(message.get("Subject") or "")
        if away and (away["colon"] or self._is_answer(message)):
            return True
        submitted = self._get_submitted(message)
        return submitted == "auto-replied" or (submitted != "no" and self._is_answer(message))

    @staticmethod
    def _is_answer(message):
        return bool(message.get("In-Reply-To") or message.get("References"))

    @staticmethod
    def _get_sender(message):
        return email_normalize(str(message.get("From") or "")) or ""

    @staticmethod
    def _get_submitted(message):
        """Return the word of RFC 3834 that says who wrote a mail, without its comments."""
        word = re.match(r"\s*([\w-]+)", message.get("Auto-Submitted") or "")
        return word[1].lower() if word else "no"

    @api.model
    def _is_from_robot(self, message):
        """Whether no human being has written this mail: it is never answered by ours."""
        return (
            self._is_robots_answer(message)
            or self._get_submitted(message) != "no"
            or message.get("Precedence", "").strip().lower() in ("bulk", "junk", "list")
            or message.get("Return-Path", "").strip() == "<>"
            or any(message.get(header) for header in ROBOT_HEADERS)
            or bool(AWAY.match(message.get("Subject") or ""))
            or bool(UNREAD.match(self._get_sender(message)))
        )

    @api.model
    def _get_mail_route(self, route, message, message_dict):
        """Return where a mail to a team goes; ``None`` when it opens nothing.

        :param route: as in ``mail.thread.message_route``
        """
        model, thread_id, *rest = route
        if self._is_our_own_mail(message_dict):
            return None
        if not thread_id and (request := self._find_by_subject(message_dict)):
            thread_id = request.id
        if not thread_id and self._is_robots_answer(message):
            return None
        return (model, thread_id, *rest)

    def _is_our_own_mail(self, message_dict):
        sender = email_normalize(message_dict.get("email_from"))
        aliases = self.env["mail.alias.domain"].sudo()._find_aliases([sender] if sender else [])
        return bool(sender) and sender in aliases

    def _find_by_subject(self, message_dict):
        """Return the request whose number the subject names, if it is the sender's own."""
        words = set(re.findall(r"[^\s\[\]()<>:,;#\"“”]+", message_dict.get("subject") or ""))
        words = [word for word in words if any(char.isdigit() for char in word)][:10]
        words += [word.replace("-", "/") for word in words]  # as titles of mails show numbers
        requests = self.env["aftersales.request"].sudo().search([("name", "in", words)]) if (
            words) else self.env["aftersales.request"]
        own = requests.filtered(lambda request: request._is_writer(message_dict))[:1]
        return own.duplicate_of_id or own

    def _is_writer(self, message_dict):
        """Whether this mail comes from the one who reported the request, or from the customer."""
        author = self.env["res.partner"].sudo().browse(message_dict.get("author_id") or False)
        if author and author.commercial_partner_id == self.commercial_partner_id:
            return True
        sender = email_normalize(message_dict.get("email_from"))
        return bool(sender) and sender in email_normalize_all(
            f"{self.email_from or ''},{self.email_cc or ''}")

    # -------------------------------------------------------------------------
    # Limits
    # -------------------------------------------------------------------------

    @api.model
    def _bound_mail(self, msg_dict):
        """Leave out of a mail what goes beyond all limits; return names of the files left out."""
        kept, refused, total = [], [], 0
        for file in msg_dict.get("attachments") or ():
            size = self._get_file_size(file[1])
            if len(kept) < MAX_FILES and size <= MAX_FILE_SIZE and total + size <= MAX_FILES_SIZE:
                kept.append(file)
                total += size
            else:
                refused.append(file[0])
        msg_dict["attachments"] = kept
        copies = email_split_and_format(msg_dict.get("cc_filtered") or "")
        msg_dict["cc"] = ", ".join(copies[:MAX_COPIES])
        return refused

    @staticmethod
    def _get_file_size(content):
        if isinstance(content, str):
            return len(content.encode("utf-8", "replace"))
        return len(content) if isinstance(content, bytes) else len(content.as_bytes())

    def _note_refused_files(self, names):
        if names:
            self._message_log(body=self.env._(
                "These files were not kept: %(names)s. At most %(count)s files of %(size)s MB "
                "each, %(total)s MB together, come in with one message. Ask for them in another "
                "way.",
                names=", ".join(names[:MAX_FILES]), count=MAX_FILES,
                size=MAX_FILE_SIZE // 1024 ** 2, total=MAX_FILES_SIZE // 1024 ** 2,
            ))

    # -------------------------------------------------------------------------
    # Mails that come back
    # -------------------------------------------------------------------------

    def _message_receive_bounce(self, email, partner):
        """Say that a mail of ours did not arrive: else nobody would know."""
        result = super()._message_receive_bounce(email, partner)
        for request in self:
            request._message_log(body=self.env._(
                "Our mail to %(address)s came back. Correct the address of the contact, or reach "
                "them in another way.", address=email,
            ))
            request._remind_owner(self.env._("Our mail to %(address)s came back", address=email))
        return result

    # -------------------------------------------------------------------------
    # Acknowledgement
    # -------------------------------------------------------------------------

    def _on_received(self):
        """Hook: these requests are in, with number and promised times."""
        if not self.env.context.get("aftersales_acknowledges_later"):
            self.filtered(
                lambda request: request.channel in ACKNOWLEDGED_CHANNELS)._acknowledge_by_mail()

    def _acknowledge_by_mail(self):
        """Tell the customers at once that their requests are here, and when they are answered.

        It keeps the promise to acknowledge, never the one to answer. Each request is acknowledged
        once. Who has had many such mails within the hour gets no more for mails, which may come
        from a robot; whoever reports in the portal is a person.
        """
        requests = self._filter_to_acknowledge()
        if not requests:
            return requests
        requests._send_notice(ACKNOWLEDGEMENT_MAIL)
        requests._log("acknowledged", note=self.env._("by mail"))
        return requests

    def _filter_to_acknowledge(self):
        candidates = self.filtered(
            lambda request: not request.acknowledged_on and request._has_answer_address())
        if not candidates:
            return candidates
        recent = self.env["aftersales.request"].sudo().search_fetch([
            ("received_on", ">=", fields.Datetime.now() - timedelta(hours=1)),
            ("acknowledged_on", "!=", False),
        ], ["email_from", "partner_id"])
        sent = Counter(email_normalize(request._get_answer_address()) for request in recent)
        kept = self.browse()
        for request in candidates:
            address = email_normalize(request._get_answer_address())
            sent[address] += 1
            if request.channel != "email" or sent[address] <= MAX_ACKNOWLEDGEMENTS_AN_HOUR:
                kept += request
        return kept

    def _get_answer_address(self):
        """Return where the one who reported the request reads our mails."""
        return self.email_from or self.partner_id.email or ""

    def _get_customer_lang(self):
        """Return the language the customer reads."""
        self.ensure_one()
        return (
            self.partner_id.lang or self.commercial_partner_id.lang
            or self.company_id.partner_id.lang or self.env.lang
        )

    def _get_customer_tz(self):
        self.ensure_one()
        return (
            self.partner_id.tz or self.commercial_partner_id.tz or self.clock_tz
            or self.company_id.partner_id.tz or "UTC"
        )

    def _get_promised_times(self):
        """Return by kind when a promise that customers are told of is due, in their words.

        :return: dict of kind of target → text
        """
        self.ensure_one()
        tz = self._get_customer_tz()
        dues = {target.kind: target.due for target in self.sudo().target_ids if target.due}
        return {
            kind: self._get_moment_text(dues[kind], tz) for kind in TOLD_TARGETS if kind in dues
        }

    def _get_moment_text(self, moment, tz):
        """Return day and time in words, as a customer of this time zone reads them."""
        day = fields.Datetime.context_timestamp(self.with_context(tz=tz), moment).date()
        time = format_time(self.env, moment, tz=tz, time_format="short")
        return f"{format_date(self.env, day, date_format='long')}, {time}"
