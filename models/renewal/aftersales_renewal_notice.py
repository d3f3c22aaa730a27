from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .aftersales_renewal_step import AUDIENCES

_TEMPLATES = {
    "customer": "aftersales.mail_template_renewal_customer",
    "manager": "aftersales.mail_template_renewal_manager",
}


class AftersalesRenewalNotice(models.Model):
    """A reminder of the end of a term, and the proof that it was sent.

    The database holds one for each term, end, step and audience. It is written in the
    transaction that hands the mail over, so a run that is repeated or killed sends none twice,
    and an end that was moved gives new reminders.
    """

    _name = "aftersales.renewal.notice"
    _description = "Renewal Notice"
    _order = "term_id desc, days_before, id desc"

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade", index=True, readonly=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    term_id = fields.Many2one(
        "aftersales.contract.term", required=True, ondelete="cascade", index=True, readonly=True,
    )
    term_end = fields.Date(
        string="End of the Term", required=True, readonly=True,
        help="As it was when the reminder was written.",
    )
    days_before = fields.Integer(string="Step (days)", required=True, readonly=True)
    audience = fields.Selection(AUDIENCES, string="To", required=True, readonly=True)
    date = fields.Date(string="Written On", required=True, readonly=True)
    recipient = fields.Char(readonly=True)
    mail_id = fields.Many2one(
        "mail.mail", readonly=True, ondelete="set null", index="btree_not_null",
        groups="base.group_system",
    )
    message_id = fields.Char(string="Message-ID", readonly=True)
    date_sent = fields.Date(
        string="Sent On", readonly=True,
        help="The day on which the mail server took the message. Empty: not sent yet, or failed.",
    )

    _step_uniq = models.UniqueIndex(
        "(term_id, term_end, days_before, audience)",
        "This reminder was already written.",
    )

    @api.depends("contract_id.name", "days_before", "term_end")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = self.env._(
                "%(contract)s: %(days)s days before %(end)s",
                contract=notice.contract_id.name, days=notice.days_before,
                end=format_date(self.env, notice.term_end),
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        for notice in self:
            raise UserError(self.env._(
                "%(notice)s stays: it is the proof of the reminder.", notice=notice.display_name,
            ))

    @api.model
    def _remind(self, contracts, today):
        """Hand over what is due today for these contracts, with a constant number of queries.

        :return: the notices written now
        """
        vals_list = [
            {
                "contract_id": contract.id,
                "term_id": contract.term_id.id,
                "term_end": contract.date_end,
                "days_before": days,
                "audience": audience,
                "date": today,
                "recipient": contract._get_reminder_partner(audience).email,
            }
            for contract in contracts
            for days, audience in sorted(contract._get_due_steps(today))
        ]
        notices = self.sudo().create(vals_list)
        for audience, group in notices.grouped("audience").items():
            group._hand_over(audience)
        return notices

    def _hand_over(self, audience):
        """Write the mails; Odoo's own queue sends them after the transaction is committed."""
        template = self.env.ref(_TEMPLATES[audience]).sudo()._for_batch()
        if audience == "customer":
            self.contract_id.sudo().version_id._refresh_link()
        mails = self.env["mail.mail"].sudo().concat(
            *template.send_mail_batch(self.contract_id.ids)
        )
        by_contract = {mail.res_id: mail for mail in mails}
        for notice in self:
            mail = by_contract[notice.contract_id.id]
            notice.write({"mail_id": mail.id, "message_id": mail.message_id})

    @api.model
    def _note_sent(self, mails):
        """Keep the day on which the reminders among these mails left."""
        for notice in self.sudo().search([
            ("mail_id", "in", mails.ids), ("date_sent", "=", False),
        ]):
            notice.date_sent = notice.company_id._get_aftersales_today()
            notice.message_id = notice.mail_id.message_id  # a mail server may give its own
