"""Renewal side of the company: when it reminds of the end of a term."""

from odoo import api, fields, models

# Days before the end of the term, and who is reminded.
DEFAULT_STEPS = ((100, "manager"), (90, "customer"), (65, "customer"), (30, "customer"),
                 (7, "manager"))


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_renewal_step_ids = fields.One2many(
        "aftersales.renewal.step", "company_id", string="Renewal Reminders",
        domain=[("contract_id", "=", False)],
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_aftersales_renewal_steps()
        return companies

    @api.model
    def _create_missing_aftersales_renewal_steps(self):
        """Give companies that existed before the addon their reminders (data file)."""
        self.search([
            ("aftersales_renewal_step_ids", "=", False),
        ])._create_aftersales_renewal_steps()

    def _create_aftersales_renewal_steps(self):
        steps_sudo = self.env["aftersales.renewal.step"].sudo()
        companies = self.filtered(lambda company: not company.sudo().aftersales_renewal_step_ids)
        steps_sudo.create([
            {"company_id": company.id, "days_before": days, "audience": audience}
            for company in companies for days, audience in DEFAULT_STEPS
        ])
