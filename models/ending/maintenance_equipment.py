"""Ending side of customer equipment: contracts in force follow what becomes of it."""

from odoo import fields, models
from odoo.fields import Command

from ...tools.periods import ONE_DAY


class MaintenanceEquipment(models.Model):
    _inherit = "maintenance.equipment"

    def _get_touched_lines(self, step, day, customer=None):
        """Return the lines of contracts under way that this step of the equipment concerns.

        Only lines that name the equipment or its serial number: what covers a product or all of
        the customer's stays as it is.
        """
        if step == "move" and customer is not None:
            self = self.filtered(  # noqa: PLW0642 - the others stay with their owner
                lambda eq: eq.customer_id.commercial_partner_id != customer.commercial_partner_id
            )
        # Whoever handles equipment must know which contracts it is in, whatever its rights.
        lines_sudo = self.env["aftersales.contract.line"].sudo().search([
            "|", ("equipment_id", "in", self.ids), ("lot_id", "in", self.lot_id.ids),
            ("scope_type", "in", ("equipment", "lot")),
            ("contract_id.state", "in", ("to_sign", "active", "suspended")),
            ("company_id", "in", [*self.company_id.ids, *self.env.companies.ids]),
        ])
        return lines_sudo.filtered(lambda line: line._is_in_force_after(day - ONE_DAY))

    def _get_contract_blockers(self, lines_sudo, agreement):
        """Return why contracts cannot follow: no right, nobody agreed, or not signed yet."""
        contracts_sudo = lines_sudo.contract_id
        if not contracts_sudo:
            return []
        names = ", ".join(contracts_sudo.mapped("display_name"))
        if not (self.env.su or self.env.user.has_group("aftersales.group_contract_officer")):
            return [self.env._(
                "Contracts in force name it: %(contracts)s. Ask a contract officer to do this.",
                contracts=names,
            )]
        blockers = [
            self.env._(
                "Contract %(contract)s waits for signatures and names it. Set it back to draft "
                "and change it there first.", contract=contract.display_name,
            )
            for contract in contracts_sudo.filtered(lambda c: c.state == "to_sign")
        ]
        if not (agreement or {}).get("agreed_by"):
            blockers.append(self.env._(
                "Contracts in force name it: %(contracts)s. Enter who agreed for the customer.",
                contracts=names,
            ))
        return blockers

    def _change_contracts(self, kind, lines_sudo, date, reason, agreement, successor=None):
        """Let the lines end, or pass to the successor, as the parties agreed."""
        self._check_no_step_blockers(self._get_contract_blockers(lines_sudo, agreement))
        for line in lines_sudo.sudo(False):
            self.env["aftersales.contract.equipment"].create({
                "contract_id": line.contract_id.id,
                "kind": kind,
                "date": date,
                "line_id": line.id,
                "equipment_id": successor.id if successor else False,
                "reason": reason,
                "agreed_by": agreement["agreed_by"],
                "agreed_on": agreement.get("agreed_on") or fields.Date.context_today(self),
                "attachment_ids": [Command.set(agreement.get("attachment_ids", []))],
            }).action_confirm()

    def _move(self, customer, site, date, reason=None, agreement=None):
        lines_sudo = self._get_touched_lines("move", date, customer)
        self._lock_for_step("move", date)
        self._change_contracts("remove", lines_sudo, date, reason, agreement)
        return super()._move(customer, site, date, reason, agreement)

    def _retire(self, date, reason, agreement=None):
        lines_sudo = self._get_touched_lines("retire", date)
        self._lock_for_step("retire", date)
        self._change_contracts("remove", lines_sudo, date, reason, agreement)
        return super()._retire(date, reason, agreement)

    def _swap(self, date, reason, product=None, lot=None, agreement=None):
        lines_sudo = self._get_touched_lines("swap", date)
        successor = super()._swap(date, reason, product, lot, agreement)
        self._change_contracts("swap", lines_sudo, date, reason, agreement, successor)
        return successor

    def _get_successor_blockers(self, successor, lot):
        blockers = super()._get_successor_blockers(successor, lot)
        today = (self.company_id or self.env.company)._get_aftersales_today()
        lines_sudo = successor._get_touched_lines("swap", today) if successor else ()
        if lines_sudo:
            blockers.append(self.env._(
                "Equipment %(equipment)s is itself covered by %(contracts)s. Choose a unit that "
                "is not in service yet.",
                equipment=successor.display_name,
                contracts=", ".join(lines_sudo.contract_id.mapped("display_name")),
            ))
        return blockers
