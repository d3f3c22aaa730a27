from odoo import models


class StockPicking(models.Model):
    """What is delivered with a serial number becomes equipment of the customer by itself."""

    _inherit = "stock.picking"

    def _action_done(self):
        result = super()._action_done()
        # The warehouse delivers whatever its rights on customer equipment.
        self.sudo()._note_customer_units()
        return result

    def _note_customer_units(self):
        """Keep the installed base up to date with the serial numbers that were moved.

        The number of queries does not grow with the deliveries.
        """
        lines = self.move_ids.move_line_ids.filtered(
            lambda line: line.lot_id and line.state == "done"
            and "customer" in (line.location_id.usage, line.location_dest_id.usage)
        )
        arrived = lines.filtered(lambda line: line.location_dest_id.usage == "customer")
        for company, company_lines in arrived.grouped("company_id").items():
            company_lines.with_company(company)._note_arrival()
        for company, company_lines in (lines - arrived).grouped("company_id").items():
            company_lines.with_company(company)._note_return()

    def _log_units_without_customer(self, lines):
        """Say in the delivery why a serial number did not become equipment."""
        for picking, picking_lines in lines.grouped("picking_id").items():
            picking._message_log(body=self.env._(
                "%(serials)s became nobody's equipment: the delivery names no customer. Create "
                "the equipment by hand.",
                serials=", ".join(picking_lines.lot_id.mapped("name")),
            ))
