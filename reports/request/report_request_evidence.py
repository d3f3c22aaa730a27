from odoo import api, models


class ReportRequestEvidence(models.AbstractModel):
    """How promised times were kept, on paper, in the language of the customer."""

    _name = "report.aftersales.report_request_evidence"
    _description = "Printed Evidence of Promised Times"

    @api.model
    def _get_report_values(self, docids, data=None):
        requests = self.env["aftersales.request"].browse(docids)
        requests.check_access("read")
        return {"doc_ids": docids, "doc_model": "aftersales.request", "docs": requests}
