from odoo import api, models
from odoo.exceptions import AccessError

# What the heads of the page layouts need (mm); the standard one is low, see report_contract.scss.
HEAD_HEIGHTS = {"web.external_layout_standard": 44}
TALL_HEAD = 60


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
            "head_height": self._get_head_height(statements.company_id.sudo()),
        }

    def _get_head_height(self, companies):
        """Return the millimetres that the heads of the documents need at the top of a page."""
        layouts = companies.external_report_layout_id.mapped("key") or list(HEAD_HEIGHTS)
        return max(HEAD_HEIGHTS.get(layout, TALL_HEAD) for layout in layouts)
