"""Billing side of the company: what new contracts start with."""

from odoo import fields, models

INVOICE_ACTIONS = [
    ("draft", "Leave as draft"),
    ("post", "Post"),
    ("post_send", "Post and send"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_invoice_action = fields.Selection(
        INVOICE_ACTIONS, string="Default Invoice Handling", default="draft", required=True,
    )

    def _get_aftersales_sale_journal(self, currency):
        """Return the sales journal Odoo chooses for an invoice in ``currency``, maybe none."""
        self.ensure_one()
        journals_sudo = self.env["account.journal"].sudo().search([
            *self.env["account.journal"]._check_company_domain(self), ("type", "=", "sale"),
        ])
        if currency == self.currency_id:
            return journals_sudo[:1]
        return (
            journals_sudo.filtered(lambda journal: journal.currency_id == currency)
            or journals_sudo
        )[:1]
