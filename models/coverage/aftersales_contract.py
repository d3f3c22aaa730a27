"""Coverage side of the service contract: what other contracts cover already."""

from odoo import api, fields, models
from odoo.tools import format_list

# Contracts whose cover counts now or will soon.
COVERING = ("to_sign", "active", "suspended")


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    cover_warning = fields.Text(
        compute="_compute_cover_warning", groups="base.group_user",
        help="Which work other contracts of the customer cover, too.",
    )

    @api.depends_context("lang")
    @api.depends(lambda self: (
        "state", "partner_id", "company_id", "date_start", "date_end",
        *(f"line_ids.{name}" for name in (
            "date_start", "date_end", "scope_type",
            *self.env["aftersales.contract.line"]._get_scope_fields().values(),
            *self.env["aftersales.contract.line"]._get_cover_fields(),
        )),
    ))
    def _compute_cover_warning(self):
        """Name what two contracts cover: one may add to the other, so it is not refused."""
        asked = self.filtered(
            lambda contract: contract.is_content_open or contract.state in COVERING)
        rivals = asked._get_rival_lines().grouped(lambda line: line._get_covered_target())
        for contract in self:
            lines = contract.line_ids if contract in asked else contract.line_ids.browse()
            contract.cover_warning = "\n".join(
                contract._describe_double_cover(line, rival, kinds)
                for line in lines
                for rival in rivals.get(line._get_covered_target(), ())
                if rival.contract_id != contract._origin
                and (kinds := line._get_kinds_covered_by(rival))
            )

    def _get_rival_lines(self):
        """Return the covering lines of the customers' contracts that are in force or agreed."""
        return self.env["aftersales.contract.line"].search([
            ("company_id", "in", self.company_id.ids),
            ("contract_id.commercial_partner_id", "in", self.partner_id.commercial_partner_id.ids),
            ("contract_id.state", "in", COVERING), ("scope_type", "!=", "none"),
        ]).filtered(lambda line: line._get_covered_kinds()) if self else (
            self.env["aftersales.contract.line"])

    @staticmethod
    def _get_line_label(line):
        return (line.name or line.product_id.display_name or "").split("\n")[0]

    def _describe_double_cover(self, line, rival, kinds):
        return self.env._(
            "“%(line)s” covers the same as “%(other)s” of contract %(contract)s: %(kinds)s. The "
            "line with the higher share pays, of equal ones the one that ends first. End one of "
            "them if that is not meant.",
            line=self._get_line_label(line), other=self._get_line_label(rival),
            contract=rival.contract_id.name,
            kinds=format_list(self.env, [line._get_term_label(name) for name in kinds]),
        )
