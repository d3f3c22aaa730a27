"""Change side of the company: the numbering of its contract changes."""

from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_aftersales_change_number(self):
        """Return the company's next number of a contract change."""
        self.ensure_one()
        return self.env["ir.sequence"].with_company(self).next_by_code(
            "aftersales.contract.change", sequence_date=self._get_aftersales_today(),
        )

    @api.model
    def _create_missing_aftersales_change_sequences(self):
        """Give companies that existed before changes their numbering (data file)."""
        sequences = self.env["ir.sequence"].search([("code", "=", "aftersales.contract.change")])
        self.search([
            ("id", "not in", sequences.company_id.ids),
        ])._create_aftersales_change_sequences()

    def _create_aftersales_sequences(self):
        self._create_aftersales_change_sequences()
        return super()._create_aftersales_sequences()

    def _create_aftersales_change_sequences(self):
        self.env["ir.sequence"].create([{
            "name": self.env._("Contract changes of %(company)s", company=company.name),
            "code": "aftersales.contract.change",
            "prefix": "CH/%(range_year)s/",
            "padding": 4,
            "use_date_range": True,
            "company_id": company.id,
        } for company in self])
