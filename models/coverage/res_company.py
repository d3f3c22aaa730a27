"""Coverage side of the company: the numbering of its statements of charges."""

from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_aftersales_statement_number(self, date=None):
        """Return the company's next number of a statement; ``date`` decides the year in it."""
        self.ensure_one()
        return self.env["ir.sequence"].with_company(self).next_by_code(
            "aftersales.statement", sequence_date=date,
        )

    @api.model
    def _create_missing_aftersales_statement_sequences(self):
        """Give companies that existed before statements their numbering (data file)."""
        sequences = self.env["ir.sequence"].search([("code", "=", "aftersales.statement")])
        self.search([
            ("id", "not in", sequences.company_id.ids),
        ])._create_aftersales_statement_sequences()

    def _create_aftersales_sequences(self):
        self._create_aftersales_statement_sequences()
        return super()._create_aftersales_sequences()

    def _create_aftersales_statement_sequences(self):
        self.env["ir.sequence"].create([{
            "name": self.env._("Statements of charges of %(company)s", company=company.name),
            "code": "aftersales.statement",
            "prefix": "SOC/%(range_year)s/",
            "padding": 4,
            "use_date_range": True,
            "company_id": company.id,
        } for company in self])
