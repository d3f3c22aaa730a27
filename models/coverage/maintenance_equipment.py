"""Coverage side of customer equipment: whether it is covered, and its statements of charges."""

from odoo import api, fields, models
from odoo.fields import Domain

COVER_STATES = [("full", "Covered"), ("part", "Partly covered"), ("none", "Not covered")]


class MaintenanceEquipment(models.Model):
    _inherit = "maintenance.equipment"

    aftersales_cover_state = fields.Selection(
        COVER_STATES, string="Cover", compute="_compute_aftersales_cover", compute_sudo=True,
        search="_search_aftersales_cover_state",
        help="Whether somebody else than the customer pays for an ordinary repair at the site "
             "today: part, labour and travel.",
    )
    aftersales_cover_until = fields.Date(
        string="Covered Until", compute="_compute_aftersales_cover", compute_sudo=True,
        help="Last day of the present cover. Empty: no end is set.",
    )
    aftersales_cover_label = fields.Char(
        string="Covered Now?", compute="_compute_aftersales_cover", compute_sudo=True,
    )
    aftersales_cover_text = fields.Text(
        string="Why", compute="_compute_aftersales_cover", compute_sudo=True,
    )
    aftersales_statement_ids = fields.One2many(
        "aftersales.statement", "equipment_id", string="Statements of Charges",
    )
    aftersales_statement_count = fields.Integer(
        string="Statement Count", compute="_compute_aftersales_statement_count",
    )

    # -------------------------------------------------------------------------
    # Covered now?
    # -------------------------------------------------------------------------

    @api.depends(
        "customer_id", "site_id", "company_id", "product_id", "lot_id", "warranty_date",
        "lot_id.aftersales_warranty_start", "lot_id.aftersales_warranty_end",
        "lot_id.aftersales_main_part_end", "lot_id.aftersales_warranty_scope",
        "aftersales_contract_line_ids.contract_id.state",
    )
    @api.depends_context("lang", "company")
    def _compute_aftersales_cover(self):
        outlooks = self.env["aftersales.cover.outlook"]
        told = outlooks._tell_equipment(self.filtered("customer_id"))
        for equipment in self:
            outlook = told.get(equipment)
            equipment.aftersales_cover_state = outlook and outlook.state
            equipment.aftersales_cover_until = outlook and outlook.until
            equipment.aftersales_cover_label = outlook and outlooks._get_label(outlook)
            equipment.aftersales_cover_text = outlook and outlook.text

    def _search_aftersales_cover_state(self, operator, value):
        """Ask the engine only about units that contracts or parts of a warranty promise for."""
        if operator != "in":
            return NotImplemented
        ours = Domain("customer_id", "!=", False)
        in_full = ours & self._get_full_warranty_domain()
        promised = ours & ~in_full & self._get_promise_domain()
        asked = self.with_context(active_test=False).search(promised)
        found = asked.filtered(lambda unit: unit.aftersales_cover_state in value)
        domain = Domain("id", "in", found.ids)
        if "full" in value:
            domain |= in_full
        if "none" in value:
            domain |= ours & ~in_full & Domain("id", "not in", asked.ids)
        if False in value:
            domain |= ~ours
        return domain

    @api.model
    def _get_full_warranty_domain(self):
        """Return the domain of units whose warranty pays for parts, labour and travel today."""
        return Domain.OR(
            scope & (
                Domain("lot_id", "any", Domain("aftersales_warranty_end", ">=", today)
                       & Domain("aftersales_warranty_scope", "in", ("travel", False))
                       & (Domain("aftersales_warranty_start", "=", False)
                          | Domain("aftersales_warranty_start", "<=", today)))
                | Domain("lot_id", "=", False) & Domain("warranty_date", ">=", today)
            )
            for (today, _notice), scope in self.env["stock.lot"]._get_company_days().items()
        )

    @api.model
    def _get_promise_domain(self):
        """Return the domain of units that a warranty or a contract line may promise for."""
        begun = Domain("lot_id.aftersales_warranty_state", "in", ("running", "ending", "main_part"))
        # Who looks for units need not read contracts; only units come out of it.
        lines = self.env["aftersales.contract.line"].sudo()._get_covering_now({
            company: company._get_aftersales_today() for company in self.env.companies
        })
        targets = {}
        for line in lines:
            kind, *target = line._get_scope_target()
            targets.setdefault((kind, *target[1:]), set()).add(target[0])
        return Domain.OR([begun, *(
            self._get_target_domain(kind, ids, *target)
            for (kind, *target), ids in targets.items()
        )])

    @api.model
    def _get_target_domain(self, kind, ids, target_id=None):
        """Return the domain of what lines with this scope name: units, or owners of some."""
        if kind == "equipment":
            return Domain("id", "in", ids)
        if kind == "lot":
            return Domain("lot_id", "in", ids)
        owned = Domain("customer_id.commercial_partner_id", "in", ids)
        if kind == "product":
            return owned & Domain("product_id", "=", target_id)
        if kind == "category":
            return owned & Domain("product_id.categ_id", "child_of", target_id)
        return owned

    # -------------------------------------------------------------------------
    # Statements
    # -------------------------------------------------------------------------

    @api.depends("aftersales_statement_ids")
    def _compute_aftersales_statement_count(self):
        counts = dict(self.env["aftersales.statement"]._read_group(
            [("equipment_id", "in", self.ids)], ["equipment_id"], ["__count"],
        ))
        for equipment in self:
            equipment.aftersales_statement_count = counts.get(equipment._origin, 0)

    def action_view_aftersales_statements(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_statement_action"
        )
        return {
            **action, "domain": [("equipment_id", "=", self.id)],
            "context": {"default_equipment_id": self.id},
        }
