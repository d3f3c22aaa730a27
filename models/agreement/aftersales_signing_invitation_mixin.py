import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class AftersalesSigningInvitationMixin(models.AbstractModel):
    """How what is signed is put before the customer: invitation by mail, its link, reminders.

    The model brings ``reminder_ids``, its rows of ``aftersales.signature.reminder``.
    """

    _name = "aftersales.signing.invitation.mixin"
    _description = "Invitation to Sign"
    _inherit = ["aftersales.signing.mixin"]

    # The state in which it waits for the customer, and the mail that reminds them.
    _WAITING_STATE = None
    _REMINDER_MAIL = None
    # The field of a reminder that names what the customer is reminded of.
    _REMINDER_FIELD = None

    invited_on = fields.Datetime(
        readonly=True, copy=False, help="When the customer was last asked by mail to sign.",
    )
    link_expires_on = fields.Date(
        readonly=True, copy=False, help="Last day on which the mailed link opens the page.",
    )
    next_reminder_on = fields.Date(
        string="Next Reminder", readonly=True, copy=False, index="btree_not_null",
    )

    def _prepare_customer_vals(self, name, method):
        return {**super()._prepare_customer_vals(name, method), "next_reminder_on": False}

    def _was_mailed(self):
        return bool(self.invited_on)

    # -------------------------------------------------------------------------
    # Invitation
    # -------------------------------------------------------------------------

    def _note_invitation(self):
        """Remember that the customer was asked by mail to sign; reminders count from now."""
        for record in self.sudo():
            record.write(record._prepare_invitation_vals())
            record._refresh_link()
            record.next_reminder_on = record._get_next_reminder_day()

    def _prepare_invitation_vals(self):
        return {"invited_on": fields.Datetime.now()}

    def _refresh_link(self):
        """Let the link of a mail that goes out now work its full time."""
        for record in self.sudo():
            company = record.company_id
            days = company.aftersales_link_days
            record.link_expires_on = days and (
                company._get_aftersales_today() + timedelta(days=days)
            )

    def _is_link_expired(self):
        return bool(self.link_expires_on) and (
            self.link_expires_on < self.company_id._get_aftersales_today()
        )

    # -------------------------------------------------------------------------
    # Reminders
    # -------------------------------------------------------------------------

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
                Domain("state", "=", self._WAITING_STATE)
                & Domain("customer_signed_on", "=", False)
                & Domain("next_reminder_on", "<=", company._get_aftersales_today())
                & Domain("company_id", "=", company.id),
                batch_size, lambda batch: batch._with_shared_mail()._each_by_itself("_remind"),
            )

    def _with_shared_mail(self):
        """Return the records ready to write their mails with little work for each."""
        return self.with_env(self.env["mail.template"]._for_batch().env)

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
                self._REMINDER_FIELD: self.id, "step": due[-1],
            })
            self._refresh_link()
            reminder.message_id = self._post_mail(self._REMINDER_MAIL)
        self.next_reminder_on = self._get_next_reminder_day()

    def _post_mail(self, template_xmlid):
        """Send a mail about what is signed; the message in its thread is the proof of it."""
        return self.contract_id._post_mail(template_xmlid, self._get_signing_thread())
