from odoo.tests import Form, freeze_time

from odoo.addons.mail.tests.common import MockEmail

from ..common import AftersalesCommon


class RenewalCommon(MockEmail, AftersalesCommon):
    """A contract near the end of its term, and the days that follow."""

    def _create_ending(self, **vals):
        """Create an active contract that ends on 28 February 2026, in 44 days.

        The last day to object is 29 January.
        """
        return self._create_active(**{
            "date_start": "2025-03-01", "date_end": "2026-02-28", "renewal_mode": "auto",
            "renewal_notice_days": 30, **vals,
        })

    def _prepare_renewal(self, contract):
        """Renew by the button as the officer does; return the draft, or the one under way."""
        action = contract.with_user(self.officer).action_renew()
        renewals = self.env["aftersales.renewal"].with_user(self.officer)
        if action["res_id"]:
            return renewals.browse(action["res_id"])
        return renewals.browse(Form(renewals.with_context(**action["context"])).save().id)

    def _run_on(self, moment, method="_cron_renewal"):
        with freeze_time(moment):
            self._run_cron(method)

    def _send_mails(self):
        """Let the mail queue send what it holds."""
        with self.mock_mail_gateway():
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()

    def _remind_and_send(self):
        self._run_cron("_cron_renewal")
        self._send_mails()
