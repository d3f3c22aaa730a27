from odoo import api, models


class ReportContractChange(models.AbstractModel):
    """The annex on paper: what changes, before and after, and who confirms it."""

    _name = "report.aftersales.report_contract_change"
    _description = "Printed Contract Change"

    @api.model
    def _get_report_values(self, docids, data=None):
        changes = self.env["aftersales.contract.change"].browse(docids)
        changes.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "aftersales.contract.change",
            "docs": changes,
            "printer": self.env["report.aftersales.report_contract"],
        }
