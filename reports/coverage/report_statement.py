from odoo import api, models
from odoo.exceptions import AccessError


class ReportStatement(models.AbstractModel):
    """The statement of charges on paper, in the language of the customer."""

    _name = "report.aftersales.report_statement"
    _description = "Printed Statement of Charges"

    @api.model
    def _get_report_values(self, docids, data=None):
        statements = self.env["aftersales.statement"].browse(docids)
        statements.check_access("read")
        # The print menu is closed to who may see no prices, but the address would answer.
        if not statements._has_field_access(statements._fields["amount_net"], "read"):
            raise AccessError(self.env._(
                "The statement of charges shows prices. Ask an agent for a copy.",
            ))
        return {
            "doc_ids": docids, "doc_model": "aftersales.statement", "docs": statements,
        }
