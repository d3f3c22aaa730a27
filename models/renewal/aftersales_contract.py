"""Renewal side of the service contract: what happens at the end of its term."""

from odoo import api, fields, models

RENEWAL_TERMS = {
    "renewal_mode", "renewal_term_months", "renewal_notice_days", "index_cap_percent",
    "indexation_notice_days",
}


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    renewal_mode = fields.Selection(
        selection=[
            ("none", "Ends"),
            ("agreement", "Renewed by agreement"),
            ("auto", "Renews automatically"),
        ],
        string="At the End", required=True, default="none", tracking=True,
    )
    renewal_term_months = fields.Integer(string="Renewed By (months)", default=12)
    renewal_notice_days = fields.Integer(
        string="Renewal Notice (days)", default=60,
        help="Days before the end by which a party must say that it does not want the renewal, "
             "or by which we make the offer for it.",
    )
    index_cap_percent = fields.Float(
        string="Increase Limit (%)", default=5.0, help="Largest increase of prices in one year.",
    )
    indexation_notice_days = fields.Integer(string="Price Notice (days)", default=30)

    @api.model
    def _get_content_fields(self):
        return super()._get_content_fields() | RENEWAL_TERMS

    @api.model
    def _get_placeholder_labels(self):
        return {
            **super()._get_placeholder_labels(),
            "renewal_term_months": self.env._("Months of a renewal"),
            "renewal_notice_days": self.env._("Renewal notice in days"),
            "index_name": self.env._("Price index"),
            "index_cap_percent": self.env._("Largest price increase in a year, %"),
            "indexation_notice_days": self.env._("Notice of a price adjustment in days"),
        }

    def _get_placeholder_values(self):
        return {
            **super()._get_placeholder_values(),
            **{
                name: self._format_number(self[name]) for name in (
                    "renewal_term_months", "renewal_notice_days", "index_cap_percent",
                    "indexation_notice_days",
                )
            },
        }

    def _get_auto_renewal_notice_days(self):
        return self.renewal_notice_days if self.renewal_mode == "auto" else None
