from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date

from ...models.contract.aftersales_contract_line_mixin import PRICE_GROUPS
from ...tools.periods import ONE_DAY


class AftersalesContractEquipment(models.TransientModel):
    """Add, remove or swap equipment of a contract in force, as both parties agreed."""

    _name = "aftersales.contract.equipment"
    _description = "Change Equipment"
    _inherit = ["aftersales.ending.preview.mixin"]

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    partner_id = fields.Many2one(related="contract_id.commercial_partner_id", string="Customer")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    kind = fields.Selection(
        selection=[
            ("add", "Add: covered and charged from that day"),
            ("remove", "Remove: no longer covered from that day, credited"),
            ("swap", "Swap: another one in its place, nothing charged"),
        ],
        string="What to Do", required=True, default="add",
    )
    date = fields.Date(
        string="Effective From", required=True, default=fields.Date.context_today,
    )
    line_id = fields.Many2one(
        "aftersales.contract.line", string="Contract Line", required=True,
        domain="[('contract_id', '=', contract_id), "
               "'|', ('date_end', '=', False), ('date_end', '>=', date)]",
        help="The line to end or to swap; for new equipment, the line whose terms it gets.",
    )
    old_equipment_id = fields.Many2one(
        "maintenance.equipment", string="Taken Out", compute="_compute_old_equipment_id",
    )
    equipment_id = fields.Many2one(
        "maintenance.equipment", string="New Equipment",
        domain="['|', ('customer_id', 'child_of', partner_id), "
               "('customer_id', 'parent_of', partner_id)]",
    )
    product_id = fields.Many2one(
        "product.product", string="Service", compute="_compute_terms", store=True,
        readonly=False, precompute=True,
        domain="[('sale_ok', '=', True), ('type', '=', 'service')]",
    )
    price_unit = fields.Float(
        string="Unit Price", digits="Product Price", compute="_compute_terms", store=True,
        readonly=False, precompute=True, groups=PRICE_GROUPS,
    )
    reason = fields.Char()
    agreed_by = fields.Char(required=True, help="Who agreed for the customer.")
    agreed_on = fields.Date(required=True, default=fields.Date.context_today)
    attachment_ids = fields.Many2many("ir.attachment", string="Document")

    @api.depends("line_id")
    def _compute_old_equipment_id(self):
        for wizard in self:
            wizard.old_equipment_id = wizard.line_id._get_unit()

    @api.depends("contract_id", "kind", "date", "line_id")
    def _compute_preview(self):
        return super()._compute_preview()

    def _get_last_charged_day(self):
        return self.kind == "remove" and self.date and self.date - ONE_DAY

    def _get_ending_lines(self, last_day):
        return self.line_id

    @api.depends("line_id")
    def _compute_terms(self):
        for wizard in self:
            wizard.product_id = wizard.line_id.product_id
            wizard.price_unit = wizard.line_id.price_unit

    def action_confirm(self):
        """Change the contract as agreed, and write down who agreed to what."""
        self.ensure_one()
        contract = self.contract_id
        contract_sudo = contract._lock_for_ending()
        contract._check_no_blockers([
            *(contract._get_pass_on_blockers() or contract._get_rest_blockers(self.date)),
            *contract._get_day_blockers(self.date),
            *self._get_agreement_blockers(),
            *getattr(self, f"_get_{self.kind}_blockers")(),
        ])
        contract_sudo.version_id._keep_document()
        old_equipment = self.old_equipment_id
        line = getattr(self, f"_{self.kind}")()
        self._record(line, old_equipment, contract_sudo)
        return True

    def _record(self, line, old_equipment, contract_sudo):
        contract = self.contract_id
        self.attachment_ids.write({"res_model": contract._name, "res_id": contract.id})
        # Written by the wizard alone, so that nobody invents history.
        change_sudo = self.env["aftersales.equipment.change"].sudo().create({
            "contract_id": contract.id,
            "line_id": line.id,
            "kind": self.kind,
            "date": self.date,
            "old_equipment_id": self.kind != "add" and old_equipment.id,
            "new_equipment_id": self.kind != "remove" and line._get_unit().id,
            "reason": self.reason,
            "agreed_by": self.agreed_by.strip(),
            "agreed_on": self.agreed_on,
            "attachment_ids": [Command.set(self.attachment_ids.ids)],
        })
        # What is present follows from the record; the record names the version it leads to.
        change_sudo.version_id = contract_sudo._follow_with_version(
            self.date, **self._prepare_version_vals(),
        )
        change_sudo.version_id._ensure_document()
        contract.message_post(
            body=self._get_message(change_sudo), attachment_ids=self.attachment_ids.ids,
        )

    def _prepare_version_vals(self):
        """Return who agreed to the changed contract, when and how; the clauses are as before."""
        now = fields.Datetime.now()
        return {
            "customer_signed_by": self.agreed_by.strip(),
            "customer_signed_on": now,
            "customer_method": "scan" if self.attachment_ids else "word",
            "acknowledgements": self.contract_id.version_id.acknowledgements,
            "company_signed_by_id": self.env.uid,
            "company_signed_on": now,
            "date_signed": self.agreed_on,
            "scan_ids": [Command.set(self.attachment_ids.ids)],
        }

    def _get_message(self, change):
        return self.env._(
            "%(what)s as of %(date)s: %(equipment)s. Agreed by %(name)s on %(agreed)s: version "
            "%(version)s. %(reason)s",
            what=dict(change._fields["kind"]._description_selection(self.env))[change.kind],
            date=format_date(self.env, change.date),
            equipment=" → ".join(filter(None, [
                change.old_equipment_id.display_name, change.new_equipment_id.display_name,
            ])) or change.line_id.display_name,
            name=change.agreed_by, agreed=format_date(self.env, change.agreed_on),
            version=change.version_id.number,
            reason=change.reason or "",
        )

    def _get_agreement_blockers(self):
        blockers = []
        if not self.agreed_by.strip():
            blockers.append(self.env._("Enter who agreed for the customer."))
        if self.agreed_on > self.contract_id.company_id._get_aftersales_today():
            blockers.append(self.env._(
                "The agreement cannot lie in the future (%(date)s). Enter the day it was made.",
                date=format_date(self.env, self.agreed_on),
            ))
        return blockers

    # -------------------------------------------------------------------------
    # Add
    # -------------------------------------------------------------------------

    def _get_add_blockers(self):
        if not self.equipment_id:
            return [self.env._("Choose the equipment to add.")]
        return self._get_new_equipment_blockers()

    def _get_new_equipment_blockers(self):
        lines = self.contract_id.line_ids.filtered(
            lambda line: line._get_unit() == self.equipment_id
            and line._is_in_force_after(self.date - ONE_DAY)
        )
        return [
            self.env._(
                "Equipment %(equipment)s is already covered by line “%(line)s”. Choose another.",
                equipment=self.equipment_id.display_name, line=line._get_error_label(),
            )
            for line in lines[:1]
        ]

    def _add(self):
        """Let a line with the terms of the chosen one begin, in the periods of that line."""
        model = self.line_id
        [vals] = model.copy_data({
            "contract_id": self.contract_id.id,
            "scope_type": "equipment",
            "equipment_id": self.equipment_id.id,
            "product_id": self.product_id.id,
            "price_unit": self.price_unit,
            "date_start": self.date,
            "date_end": False,
            "date_anchor": model.date_anchor or model._get_term()[0],
        })
        if self.product_id != model.product_id:
            for name in ("name", "product_uom_id"):
                vals.pop(name, None)
        lines = self.env["aftersales.contract"]._as_agreed(self.line_id.browse())
        line = lines.create(vals).with_env(self.env)
        self.contract_id._schedule_obligations()
        return line

    # -------------------------------------------------------------------------
    # Remove
    # -------------------------------------------------------------------------

    def _get_remove_blockers(self):
        eve = self.date - ONE_DAY
        if not self.line_id._is_in_force_after(eve):
            return [self.env._(
                "Line “%(line)s” has ended by %(date)s. Choose another line or an earlier day.",
                line=self.line_id._get_error_label(), date=format_date(self.env, self.date),
            )]
        others = self.contract_id.line_ids - self.line_id
        if not others.filtered(lambda line: line._is_in_force_after(eve)):
            return [self.env._(
                "Nothing would be left in the contract. Terminate it instead.",
            )]
        return []

    def _remove(self):
        """End the line on the eve and give back what was charged beyond."""
        contract = self.contract_id
        lang = contract.partner_id.lang or self.env.lang
        reason = self.reason or self.with_context(lang=lang).env._("equipment removed")
        self.line_id._end_on(self.date - ONE_DAY, reason)
        return self.line_id

    # -------------------------------------------------------------------------
    # Swap
    # -------------------------------------------------------------------------

    def _get_swap_blockers(self):
        line = self.line_id
        if not self.old_equipment_id or not self.equipment_id:
            return [self.env._(
                "Choose a line that covers one equipment, and the equipment that takes its place.",
            )]
        blockers = self._get_new_equipment_blockers()
        if line.scope_type == "lot" and not self.equipment_id.lot_id:
            blockers.append(self.env._(
                "Line “%(line)s” covers a serial number. Enter that of %(equipment)s first.",
                line=line._get_error_label(), equipment=self.equipment_id.display_name,
            ))
        today = self.contract_id.company_id._get_aftersales_today()
        if self.date > today:
            blockers.append(self.env._(
                "A swap is recorded when it has happened, not for %(date)s: choose a day until "
                "%(today)s. Until then plan the work as a maintenance request of %(equipment)s.",
                date=format_date(self.env, self.date), today=format_date(self.env, today),
                equipment=self.old_equipment_id.display_name,
            ))
        swaps = line.equipment_change_ids.filtered(lambda change: change.kind == "swap")
        first = max([line._get_term()[0], *swaps.mapped("date")])
        if self.date < first or not line._is_in_force_after(self.date - ONE_DAY):
            blockers.append(self.env._(
                "Line “%(line)s” has its present equipment from %(first)s on. Choose a day from "
                "then on, within its term.",
                line=line._get_error_label(), first=format_date(self.env, first),
            ))
        return blockers

    def _swap(self):
        """Put the new equipment in; line, periods and invoices stay as they are."""
        line = self.env["aftersales.contract"]._as_agreed(self.line_id)
        if line.scope_type == "lot":
            line.lot_id = self.equipment_id.lot_id
        else:
            line.equipment_id = self.equipment_id
        return self.line_id
