from datetime import timedelta

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize, format_date

MAIL_LAYOUT = "mail.mail_notification_light"
RESOLUTION_MAIL = "aftersales.mail_template_request_resolution"
RATING_MAIL = "aftersales.mail_template_request_rating"
# A robot is not answered by a robot (RFC 3834, and what Exchange understands).
NO_ANSWER_HEADERS = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}

BATCH_SIZE = 50
# Who confirms in the portal sees the stars there: they are asked by mail when they went by.
INVITE_AFTER = timedelta(hours=1)
# A question answered so soon was answered while one talked: there is nothing to rate.
ANSWERED_AT_ONCE = timedelta(minutes=5)


class AftersalesRequestNotice(models.AbstractModel):
    """Mails that tell customers where their request stands, without anybody writing them.

    None of them counts as an answer of ours, and each is sent once.
    """

    _name = "aftersales.request.notice"
    _description = "Request Notice"
    _inherit = ["aftersales.lifecycle.mixin", "rating.mixin", "mail.thread"]

    is_automatic = fields.Boolean(
        string="Reported by a Machine", readonly=True, copy=False,
        help="No human being wrote the mail that opened it: nobody is there to read our mails.",
    )
    rating_invite_on = fields.Datetime(
        string="Invite to Rate On", readonly=True, copy=False, index="btree_not_null",
    )
    rating_invited_on = fields.Datetime(string="Invited to Rate", readonly=True, copy=False)

    def write(self, vals):
        result = super().write(vals)
        if "waiting_reason" in vals and not self._is_transition():
            self._note_for_messengers()  # it waits for somebody else now
        return result

    def _transition_to(self, target, **vals):
        moving = self.filtered(lambda request: request.state != target)
        result = super()._transition_to(target, **vals)
        # What is told of a request goes by the events of its new state.
        moving._tell_of_state(target)
        return result

    def _tell_of_state(self, target):
        """Tell customers that these requests have reached a state (hook)."""
        self._note_for_messengers()
        if target == "resolved" and not self.env.context.get("aftersales_tells_nothing"):
            self._tell_resolved()
        if target == "closed":
            self._plan_rating_invitation()
        else:
            self.filtered("rating_invite_on").rating_invite_on = False

    def _note_for_messengers(self):
        # What messengers are told is written down by whoever brings a request on.
        self.env["aftersales.messenger.update"].sudo()._note(self.sudo())

    # -------------------------------------------------------------------------
    # Solved: please confirm
    # -------------------------------------------------------------------------

    def _tell_resolved(self):
        """Tell what was done, how to confirm or to object, and when it closes by itself."""
        told = self.filtered(
            lambda request: not request.is_automatic and request._has_answer_address())
        told._send_notice(RESOLUTION_MAIL, with_copies=True)

    def _get_closing_day(self):
        """Return the day on which a resolved request closes by itself, in words; or nothing."""
        self.ensure_one()
        days = self.company_id.aftersales_close_days
        if not days or not self.resolved_on:
            return ""
        moment = fields.Datetime.context_timestamp(
            self.with_context(tz=self._get_customer_tz()),
            self.resolved_on + relativedelta(days=days))
        return format_date(self.env, moment.date(), date_format="long")

    # -------------------------------------------------------------------------
    # Closed: please rate
    # -------------------------------------------------------------------------

    def _plan_rating_invitation(self):
        self.filtered(lambda request: request._is_worth_rating()).rating_invite_on = (
            fields.Datetime.now() + INVITE_AFTER)

    def _is_worth_rating(self):
        """Whether the customer of a closed request is asked how satisfied they are (hook)."""
        self.ensure_one()
        is_asked = self.company_id.aftersales_invites_to_rate and (
            not self.team_id or self.team_id.aftersales_invites_to_rate)
        return bool(
            is_asked and self.state == "closed" and not self.rating_invited_on
            and not self.is_automatic and not self.solved_by_solution
            and not self._is_answered_at_once() and self._has_answer_address()
        )

    def _is_answered_at_once(self):
        return self.kind == "consult" and bool(self.resolved_on) and (
            self.resolved_on - self.received_on < ANSWERED_AT_ONCE)

    @api.model
    def _cron_invite_to_rate(self):
        """Ask the customers of closed requests how satisfied they are, each once."""
        self._run_in_batches(
            Domain("rating_invite_on", "<=", fields.Datetime.now()), BATCH_SIZE,
            lambda requests: requests._invite_to_rate())

    def _invite_to_rate(self):
        """Send the invitation to those who still have something to rate."""
        rated = self.env["rating.rating"].sudo().search([
            ("res_model", "=", self._name), ("res_id", "in", self.ids), ("consumed", "=", True),
        ])
        invited = self.filtered(
            lambda request: request.id not in rated.mapped("res_id")
            and request._is_worth_rating())
        self.rating_invite_on = False
        invited.rating_invited_on = fields.Datetime.now()
        invited._send_notice(RATING_MAIL)

    def _get_rating_url(self, stars):
        """Return where a number of stars is chosen; it counts when it is sent there.

        Robots that look into mails follow their links, so that a link alone rates nothing.
        """
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url(
            query_string=f"&stars={stars}", anchor="rating")

    # -------------------------------------------------------------------------
    # Sending
    # -------------------------------------------------------------------------

    def _has_answer_address(self):
        return bool(email_normalize(self._get_answer_address()))

    def _send_notice(self, template, with_copies=False):
        """Mail a template to those who reported these requests, in their languages.

        :param with_copies: whether their colleagues who follow the request get it, too
        """
        if not self:
            return
        # Whoever brings a request on may send its mail, whatever their rights on templates.
        template_sudo = self.env.ref(template).sudo()._for_batch()
        texts = template_sudo._generate_template(
            self.ids, ("subject", "body_html", "email_from"))
        for request in self:
            request._post_notice(texts[request.id], with_copies)

    def _post_notice(self, texts, with_copies):
        """Post a mail of ours as the robot's, to where the customer reads mails."""
        self.ensure_one()
        partner = self.partner_id
        is_partners = email_normalize(partner.email) == email_normalize(self._get_answer_address())
        copies = self.sudo().message_partner_ids.filtered(
            lambda follower: follower != partner and follower.partner_share
            and self._is_customer(follower)) if with_copies else partner.browse()
        self.sudo().message_post(
            body=Markup(texts["body_html"]),  # noqa: S704 - rendered and sanitized by the template
            subject=texts["subject"],
            email_from=texts["email_from"],
            author_id=self.env.ref("base.partner_root").id,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_note",
            email_layout_xmlid=MAIL_LAYOUT,
            force_email_lang=self._get_customer_lang(),
            mail_headers=NO_ANSWER_HEADERS,
            notify_skip_followers=True,
            partner_ids=(copies | partner if is_partners else copies).ids,
            outgoing_email_to=False if is_partners else self._get_answer_address(),
        )

    # -------------------------------------------------------------------------
    # What a person of ours has to look at
    # -------------------------------------------------------------------------

    def _remind_owner(self, summary):
        """Ask the owner, else the team, to look at a request; one open reminder is enough."""
        self.ensure_one()
        user = (self.user_id | self.team_id.aftersales_escalation_user_id
                | self.team_id.member_ids).filtered("active")[:1]
        if not user or self.activity_ids.filtered(lambda todo: todo.summary == summary):
            return
        self.activity_schedule(
            "mail.mail_activity_data_todo", summary=summary, user_id=user.id,
            date_deadline=fields.Date.context_today(self.with_context(tz=user.tz)),
        )
