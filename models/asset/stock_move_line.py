from odoo import models


class StockMoveLine(models.Model):
    """What moves between us and a customer changes the installed base.

    All of it works for many lines of one company at once, with the rights of the engine.
    """

    _inherit = "stock.move.line"

    def _note_arrival(self):
        """Make customer equipment of the serial numbers that were delivered."""
        serviced = self.filtered(lambda line: line._is_aftersales_serviced())
        units = serviced.filtered(
            lambda line: line.product_id.aftersales_is_equipment
            and line.product_id.tracking == "serial"
        )
        known = units._get_customer_equipment()
        serviced._note_delivery_date(known)
        owned = units.filtered(lambda line: line._get_owner_and_site()[0])
        (units - owned).picking_id._log_units_without_customer(units - owned)
        owned._update_customer_equipment(known)
        last_lines = {line.lot_id: line for line in owned if line.lot_id not in known}
        self.env["maintenance.equipment"].with_context(
            mail_create_nosubscribe=True, aftersales_is_delivered=True,
        ).create([line._prepare_customer_equipment_vals() for line in last_lines.values()])

    def _note_return(self):
        """Note on customer equipment that the customer has sent it to us."""
        known = self._get_customer_equipment()
        returned = self.filtered(lambda line: line.lot_id in known)
        for picking, lines in returned.grouped("picking_id").items():
            equipment = self.env["maintenance.equipment"].union(
                *(known[lot] for lot in lines.lot_id)
            )
            equipment._note_return(self._get_aftersales_day(), picking.name)

    def _is_aftersales_serviced(self):
        product = self.product_id
        return bool(
            product.aftersales_is_equipment or product.aftersales_warranty_months
            or product.aftersales_main_part_months
        )

    def _get_aftersales_day(self):
        return self.env.company._get_aftersales_today()

    def _get_customer_equipment(self):
        """Return the equipment of the company that each of the serial numbers is already."""
        if not self.lot_id:
            return {}
        equipment = self.env["maintenance.equipment"].with_context(active_test=False).search([
            ("lot_id", "in", self.lot_id.ids),
            ("company_id", "in", [self.env.company.id, False]),
        ])
        # Of two, the company's own counts rather than the one of all companies.
        return {unit.lot_id: unit for unit in equipment.sorted("company_id")}

    def _get_owner_and_site(self):
        """Return who has bought the unit, and the address it was delivered to.

        A vendor who delivers for us is the partner of the picking; the customer's address is
        then on its moves.
        """
        picking = self.picking_id
        order = picking.sale_id
        from_vendor = self.location_id.usage == "supplier"
        site = (
            picking.move_ids.partner_id[:1] if from_vendor else picking.partner_id
        ) or order.partner_shipping_id
        return (order.partner_id or site).commercial_partner_id, site

    def _note_delivery_date(self, known):
        """Date the delivery of a serial number: its first one, or that to a new owner."""
        def is_new(line):
            owner = line._get_owner_and_site()[0]
            former = known[line.lot_id].customer_id if line.lot_id in known else owner
            return not line.lot_id.aftersales_delivered_on or (
                owner and former and owner != former.commercial_partner_id
            )

        self.filtered(is_new).lot_id.aftersales_delivered_on = self._get_aftersales_day()

    def _update_customer_equipment(self, known):
        """Tell the known equipment where it was delivered to, the units of one place at once."""
        last_lines = {line.lot_id: line for line in self if line.lot_id in known}
        groups = {}
        for lot, line in last_lines.items():
            groups.setdefault((*line._get_owner_and_site(), line.picking_id), []).append(lot)
        for (owner, site, picking), lots in groups.items():
            equipment = self.env["maintenance.equipment"].union(*(known[lot] for lot in lots))
            equipment._note_delivery(owner, site, self._get_aftersales_day(), picking.name)

    def _prepare_customer_equipment_vals(self):
        """Return what a delivery tells about a new piece of customer equipment (hook)."""
        owner, site = self._get_owner_and_site()
        product = self.product_id
        is_installed_later = product.aftersales_warranty_basis == "installation"
        return {
            "name": product.name,
            "customer_id": owner.id,
            "site_id": site.id,
            "company_id": self.env.company.id,
            "product_id": product.id,
            "lot_id": self.lot_id.id,
            "install_date": not is_installed_later and self._get_aftersales_day(),
            "assign_date": self._get_aftersales_day(),
        }
