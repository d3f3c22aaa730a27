from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.i18n import format_list

RECALL_ACTIVITY = "aftersales.mail_activity_type_recall"


class AftersalesRecall(models.Model):
    """The maker or we ourselves repair a known defect of many units, whoever owns them."""

    _name = "aftersales.recall"
    _description = "Recall"
    _inherit = ["aftersales.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True
    # Whoever reads a recall sees who has to treat its units, and may say how it goes.
    _mail_post_access = "read"

    _TRANSITIONS = {"draft": ("open",), "open": ("closed",), "closed": ("open",)}

    name = fields.Char(string="Subject", required=True, tracking=True)
    state = fields.Selection(
        selection=[("draft", "Draft"), ("open", "Open"), ("closed", "Closed")],
        default="draft", required=True, copy=False, tracking=True, index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company,
    )
    product_ids = fields.Many2many(
        "product.product", "aftersales_recall_product_rel", string="Products",
    )
    lot_ids = fields.Many2many(
        "stock.lot", string="Serial Numbers", help="Empty: every serial number of the products.",
    )
    part_ids = fields.Many2many(
        "product.product", "aftersales_recall_part_rel", string="Parts",
        help="Only these parts and the work on them. Empty: all work done for the recall.",
    )
    failure_code_id = fields.Many2one(
        "aftersales.failure.code", string="Failure Mode", domain="[('code_type', '=', 'mode')]",
        index="btree_not_null",
        help="Empty: every job on a recalled unit that names the recall.",
    )
    date_start = fields.Date(
        string="Begins", required=True, tracking=True,
        default=lambda self: self.env.company._get_aftersales_today(),
    )
    date_end = fields.Date(string="Ends", tracking=True)
    payer = fields.Selection(
        selection=[("vendor", "The vendor"), ("provider", "Our company")],
        string="Paid By", default="vendor", required=True, tracking=True,
    )
    remedy = fields.Html(help="What is done to a recalled unit.")
    lot_count = fields.Integer(string="Recalled Units", compute="_compute_unit_counts")
    equipment_count = fields.Integer(string="At Customers", compute="_compute_unit_counts")
    treated_count = fields.Integer(string="Treated", compute="_compute_progress")
    progress = fields.Float(
        compute="_compute_progress", help="Share of the customers' units that are treated.",
    )

    @api.depends("company_id", "product_ids", "lot_ids")
    def _compute_unit_counts(self):
        products = self.filtered(lambda recall: not recall.lot_ids).product_ids
        lots = self._count_units("stock.lot", "product_id", products)
        equipment = self._count_units("maintenance.equipment", "product_id", products)
        listed = self._count_units("maintenance.equipment", "lot_id", self.lot_ids)
        for recall in self:
            if recall.lot_ids:
                recall.lot_count = len(recall.lot_ids)
                recall.equipment_count = recall._sum_units(listed, recall.lot_ids)
            else:
                recall.lot_count = recall._sum_units(lots, recall.product_ids)
                recall.equipment_count = recall._sum_units(equipment, recall.product_ids)

    def _count_units(self, model, field_name, values):
        """Return ``{(company, value): number of units}``; equipment is the customers' in use."""
        if not values:
            return {}
        domain = Domain(field_name, "in", values.ids)
        if model == "maintenance.equipment":
            domain &= self._get_in_use_domain()
        groups = self.env[model]._read_group(domain, ["company_id", field_name], ["__count"])
        return {(company.id, value.id): count for company, value, count in groups}

    def _sum_units(self, counts, values):
        """Add the counts of the values, within the company of the recall and shared by all."""
        return sum(
            counts.get((company, value), 0)
            for company in (self.company_id.id, False) for value in values._origin.ids)

    @api.depends("equipment_count")
    def _compute_progress(self):
        treated = self._get_treated_counts()
        for recall in self:
            recall.treated_count = treated.get(recall.id, 0)
            recall.progress = (
                100 * recall.treated_count / recall.equipment_count
                if recall.equipment_count else 0)

    def _get_treated_counts(self):
        """Return how many customers' units were treated, by recall id (hook of those domains
        that record the work)."""
        return {}

    # -------------------------------------------------------------------------
    # Checks
    # -------------------------------------------------------------------------

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for recall in self:
            if recall.date_end and recall.date_end < recall.date_start:
                raise ValidationError(self.env._(
                    "%(recall)s would end on %(end)s, before it begins on %(start)s. Enter a "
                    "later last day, or leave it empty.",
                    recall=recall.name, start=format_date(self.env, recall.date_start),
                    end=format_date(self.env, recall.date_end),
                ))

    @api.constrains("product_ids", "lot_ids", "company_id")
    def _check_lots(self):
        for recall in self:
            strangers = recall.lot_ids.filtered(
                lambda lot, recall=recall: lot.product_id not in recall.product_ids
                or (lot.company_id and lot.company_id != recall.company_id))
            if strangers:
                raise ValidationError(self.env._(
                    "%(recall)s names serial numbers of other products or of another company: "
                    "%(lots)s. Add their products, or take them out.", recall=recall.name,
                    lots=format_list(self.env, strangers.mapped("display_name")),
                ))

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        if target == "open" and not self.product_ids:
            blockers.append(self.env._(
                "No product is recalled. Choose the products, and their serial numbers when not "
                "all are affected."))
        return blockers

    # -------------------------------------------------------------------------
    # Life
    # -------------------------------------------------------------------------

    def action_open(self):
        """Begin the recall, or take it up again; those who treat the units are told."""
        return self._transition_to("open")

    def action_close(self):
        """End the recall: work on the units is no longer paid for by it."""
        return self._transition_to("closed")

    def _on_transition(self, target):
        result = super()._on_transition(target)
        if target == "open":
            self._tell_technicians()
        else:
            self.activity_unlink([RECALL_ACTIVITY])
        return result

    def _tell_technicians(self):
        """Plan an activity for everyone who looks after recalled equipment."""
        for recall in self:
            equipment_sudo = self.env["maintenance.equipment"].sudo().search(
                recall._get_units_domain("lot_id") & self._get_in_use_domain())
            units_by_user = defaultdict(int)
            for equipment in equipment_sudo:
                team = equipment.maintenance_team_id.member_ids
                for user in equipment.technician_user_id or team:
                    units_by_user[user] += 1
            readers = self.env["res.users"].union(*units_by_user).filtered(
                lambda user, recall=recall: recall.with_user(user).has_access("read"))
            for user in readers or self.env.user:
                recall.activity_schedule(
                    RECALL_ACTIVITY, user_id=user.id,
                    note=self.env._(
                        "Units to treat: %(count)s",
                        count=units_by_user.get(user) or len(equipment_sudo)),
                )

    # -------------------------------------------------------------------------
    # Recalled units
    # -------------------------------------------------------------------------

    def _get_units_domain(self, lot_field):
        """Return the domain of the recalled units: serial numbers, or their equipment."""
        self.ensure_one()
        units = (
            Domain(lot_field, "in", self.lot_ids.ids) if self.lot_ids
            else Domain("product_id", "in", self.product_ids.ids))
        return units & Domain("company_id", "in", (self.company_id.id, False))

    @api.model
    def _get_in_use_domain(self):
        """Return the domain of equipment that stands at customers' sites."""
        return Domain("customer_id", "!=", False) & Domain("retired_on", "=", False)

    def action_view_lots(self):
        """Show the recalled units."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.stock_lot_action_warranty")
        return {**action, "domain": list(self._get_units_domain("id")), "context": {}}

    def action_view_equipment(self):
        """Show the recalled units that stand at customers' sites."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.maintenance_equipment_action_customer")
        domain = self._get_units_domain("lot_id") & self._get_in_use_domain()
        return {**action, "domain": list(domain), "context": {}}
