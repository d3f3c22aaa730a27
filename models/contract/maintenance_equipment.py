"""Contract side of customer equipment: the contracts that take it in."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

_TODO_ACTIVITY = "mail.mail_activity_data_todo"


class MaintenanceEquipment(models.Model):
    _inherit = "maintenance.equipment"

    aftersales_contract_line_ids = fields.One2many(
        "aftersales.contract.line", "equipment_id", string="Contract Lines",
    )
    aftersales_covering_line_ids = fields.Many2many(
        "aftersales.contract.line", string="Contracts That Take It In",
        compute="_compute_aftersales_covering_line_ids",
        help="Lines that name the equipment, its serial number, its product or a category of it, "
             "and those for everything of the customer.",
    )
    aftersales_contract_count = fields.Integer(
        string="Contract Count", compute="_compute_aftersales_covering_line_ids",
    )
    aftersales_is_under_contract = fields.Boolean(
        string="Under Contract", compute="_compute_aftersales_covering_line_ids",
        search="_search_aftersales_is_under_contract",
        help="A contract in force takes it in today.",
    )

    @api.depends(
        "aftersales_contract_line_ids.contract_id.state", "customer_id", "lot_id", "product_id",
    )
    def _compute_aftersales_covering_line_ids(self):
        lines_by_equipment = self._get_covering_lines()
        for equipment in self:
            lines = lines_by_equipment.get(equipment, equipment.aftersales_contract_line_ids)
            equipment.aftersales_covering_line_ids = lines
            equipment.aftersales_contract_count = len(lines.contract_id)
            equipment.aftersales_is_under_contract = any(
                line._is_in_force_on(line.company_id._get_aftersales_today()) for line in lines
            )

    def _get_covering_lines(self):
        """Return the contract lines whose scope takes each equipment in, whatever their days.

        A fixed number of queries, however many equipment there are.
        """
        customers = self.customer_id.commercial_partner_id
        lines = self.env["aftersales.contract.line"].search(
            Domain("contract_id.state", "!=", "cancelled") & (
                Domain("equipment_id", "in", self.ids)
                | Domain("lot_id", "in", self.lot_id.ids)
                | Domain("contract_id.commercial_partner_id", "in", customers.ids)
                & Domain("scope_type", "in", ("product", "category", "all"))
            )
        )
        by_target = lines.grouped(lambda line: line._get_scope_target())
        return {
            equipment: lines.browse().union(*(
                by_target[target] for target in equipment._get_scope_targets()
                if target in by_target
            ))
            for equipment in self
        }

    def _get_scope_targets(self):
        """Return what a contract line may name to take this equipment in, the nearest first."""
        self.ensure_one()
        owner, product = self.customer_id.commercial_partner_id, self.product_id
        categories = [int(key) for key in (product.categ_id.parent_path or "").split("/") if key]
        return [
            ("equipment", self._origin.id), ("lot", self.lot_id.id),
            ("product", owner.id, product.id),
            *(("category", owner.id, category_id) for category_id in reversed(categories)),
            ("all", owner.id),
        ]

    def _search_aftersales_is_under_contract(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", self._get_under_contract_sql())]

    @api.model
    def _get_under_contract_sql(self):
        """Return the query of all equipment that a contract in force takes in today."""
        for name in ("aftersales.contract", "aftersales.contract.line", self._name):
            self.env[name].flush_model()
        days = SQL(", ").join(
            SQL("(%s::integer, %s::date)", company.id, company._get_aftersales_today())
            for company in self.env.companies
        )
        return SQL(
            """(
            WITH line AS (
                SELECT line.*, contract.commercial_partner_id AS owner_id
                  FROM aftersales_contract_line AS line
                  JOIN aftersales_contract AS contract ON contract.id = line.contract_id
                  JOIN (VALUES %(days)s) AS company(id, today)
                    ON company.id = contract.company_id
                 WHERE contract.state = 'active'
                   AND GREATEST(line.date_start, contract.date_start) <= company.today
                   AND COALESCE(LEAST(line.date_end, contract.date_end), company.today)
                       >= company.today
            )
            SELECT equipment_id FROM line WHERE scope_type = 'equipment'
             UNION
            SELECT equipment.id
              FROM line
              JOIN maintenance_equipment AS equipment ON equipment.lot_id = line.lot_id
             WHERE line.scope_type = 'lot'
             UNION
            SELECT equipment.id
              FROM line
              JOIN res_partner AS customer ON customer.commercial_partner_id = line.owner_id
              JOIN maintenance_equipment AS equipment ON equipment.customer_id = customer.id
         LEFT JOIN product_product AS product ON product.id = equipment.product_id
         LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
         LEFT JOIN product_category AS category ON category.id = template.categ_id
         LEFT JOIN product_category AS covered ON covered.id = line.covered_category_id
             WHERE line.scope_type = 'all'
                OR line.scope_type = 'product' AND line.covered_product_id = product.id
                OR line.scope_type = 'category'
                   AND category.parent_path LIKE covered.parent_path || '%%'
            )""",
            days=days,
        )

    def action_view_aftersales_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_contract_action"
        )
        contracts = self.aftersales_covering_line_ids.contract_id
        return {**action, "domain": [("id", "in", contracts.ids)], "context": {}}

    # -------------------------------------------------------------------------
    # Another customer
    # -------------------------------------------------------------------------

    def _get_lines_of_others(self):
        """Return the lines in force that name the equipment, of those who no longer own it."""
        lines = self.env["aftersales.contract.line"].search([
            ("equipment_id", "in", self.ids), ("contract_id.state", "in", ("active", "suspended")),
        ])
        return lines.filtered(
            lambda line: line.equipment_id.customer_id.commercial_partner_id
            != line.contract_id.commercial_partner_id
            and line._is_in_force_on(line.company_id._get_aftersales_today(), ("suspended",))
        )

    @api.constrains("customer_id")
    def _check_contract_customer(self):
        if self.env.context.get("aftersales_is_delivered"):
            return
        for line in self._get_lines_of_others()[:1]:
            raise ValidationError(self.env._(
                "%(equipment)s is covered by contract %(contract)s of %(customer)s. Use “Move” "
                "and say who agreed: the contract then lets it go; or transfer the contract.",
                equipment=line.equipment_id.display_name, contract=line.contract_id.display_name,
                customer=line.contract_id.commercial_partner_id.display_name,
            ))

    def _note_delivery(self, owner, site, day, reference):
        """Let the goods go out; whoever manages the former owner's contract is told."""
        result = super(
            MaintenanceEquipment, self.with_context(aftersales_is_delivered=True),
        )._note_delivery(owner, site, day, reference)
        for contract, lines in self._get_lines_of_others().grouped("contract_id").items():
            contract.activity_schedule(
                _TODO_ACTIVITY, user_id=(contract.user_id or self.env.user).id,
                summary=self.env._("Equipment of this contract was delivered to somebody else"),
                note=self.env._(
                    "%(equipment)s now belongs to %(owner)s (%(reference)s). Take it out of the "
                    "contract as of that day, or correct the delivery.",
                    equipment=", ".join(lines.equipment_id.mapped("display_name")),
                    owner=owner.display_name, reference=reference,
                ),
            )
        return result
