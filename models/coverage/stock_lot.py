"""Coverage side of the serial number: whether it is covered now, and why."""

from odoo import api, fields, models

from .maintenance_equipment import COVER_STATES


class StockLot(models.Model):
    _inherit = "stock.lot"

    aftersales_cover_state = fields.Selection(
        COVER_STATES, string="Cover", compute="_compute_aftersales_cover", compute_sudo=True,
        help="Whether somebody else than the customer pays for an ordinary repair at the site "
             "today: part, labour and travel.",
    )
    aftersales_cover_label = fields.Char(
        string="Covered Now?", compute="_compute_aftersales_cover", compute_sudo=True,
    )
    aftersales_cover_text = fields.Text(
        string="Why", compute="_compute_aftersales_cover", compute_sudo=True,
    )

    @api.depends(
        "company_id", "product_id", "aftersales_warranty_start", "aftersales_warranty_end",
        "aftersales_main_part_end", "aftersales_warranty_scope",
        "aftersales_equipment_ids.customer_id", "aftersales_equipment_ids.retired_on",
    )
    @api.depends_context("lang", "company")
    def _compute_aftersales_cover(self):
        """Answer by the customer's equipment the serial number is; else by its warranty alone."""
        outlooks = self.env["aftersales.cover.outlook"]
        equipment = {lot: lot._get_present_equipment() for lot in self}
        told = outlooks._tell_lots(self.filtered(lambda lot: not equipment[lot]))
        told_equipment = outlooks._tell_equipment(
            self.env["maintenance.equipment"].union(*equipment.values()))
        for lot in self:
            outlook = told_equipment[equipment[lot]] if equipment[lot] else told[lot]
            lot.aftersales_cover_state = outlook.state
            lot.aftersales_cover_label = outlooks._get_label(outlook)
            lot.aftersales_cover_text = outlook.text

    def _get_present_equipment(self):
        """Return the customer equipment in use that the serial number is, that of the company
        rather than that of all companies."""
        units = self.aftersales_equipment_ids.filtered(
            lambda unit: unit.customer_id and not unit.retired_on
            and unit.company_id <= self.env.company)
        return units.sorted("company_id", reverse=True)[:1]
