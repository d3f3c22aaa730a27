"""Contract side of the company: its own numbering."""

from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies.sudo()._create_aftersales_sequences()
        return companies

    def _get_aftersales_contract_number(self, date=None):
        """Return the company's next contract number; ``date`` decides the year in it."""
        self.ensure_one()
        return self.env["ir.sequence"].with_company(self).next_by_code(
            "aftersales.contract", sequence_date=date,
        )

    @api.model
    def _create_missing_aftersales_sequences(self):
        """Give companies that existed before the addon their numbering (data file)."""
        owners = self.env["ir.sequence"].search([("code", "=", "aftersales.contract")]).company_id
        self.search([("id", "not in", owners.ids)])._create_aftersales_sequences()

    def _create_aftersales_sequences(self):
        self.env["ir.sequence"].create([{
            "name": self.env._("Service contracts of %(company)s", company=company.name),
            "code": "aftersales.contract",
            "prefix": "SC/%(range_year)s/",
            "padding": 4,
            "use_date_range": True,
            "company_id": company.id,
        } for company in self])
