from odoo import api, models
from odoo.exceptions import UserError


class ReportEquipmentLabel(models.AbstractModel):
    """Labels for units of customers: whoever scans one reports a fault of just this unit."""

    _name = "report.aftersales.report_equipment_label"
    _description = "Printed Equipment Labels"

    @api.model
    def _get_report_values(self, docids, data=None):
        units = self.env["maintenance.equipment"].browse(docids)
        units.check_access("read")
        if internal := units.filtered(lambda unit: not unit.customer_id):
            raise UserError(self.env._(
                "No label for %(units)s: a label leads customers to their report, and this "
                "equipment belongs to none. Enter its customer first, or leave it out.",
                units=", ".join(internal[:5].mapped("display_name")),
            ))
        return {"doc_ids": docids, "doc_model": "maintenance.equipment", "docs": units}
