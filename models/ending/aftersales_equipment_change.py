from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AftersalesEquipmentChange(models.Model):
    """What was added to, taken from or exchanged in a contract in force, and who agreed to it.

    An exchange leaves the line, its periods and its invoices as they are: the customer goes on
    paying for one equipment. This history tells which one it was on a given day. Each change
    leads to the next version of the contract, which bears the agreement of both parties.
    """

    _name = "aftersales.equipment.change"
    _description = "Equipment Change"
    _order = "contract_id, date desc, id desc"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, ondelete="restrict", index=True, readonly=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    line_id = fields.Many2one(
        "aftersales.contract.line", string="Contract Line", required=True, ondelete="restrict",
        index=True, readonly=True,
    )
    kind = fields.Selection(
        selection=[("add", "Added"), ("remove", "Removed"), ("swap", "Swapped")],
        string="What Happened", required=True, readonly=True,
    )
    date = fields.Date(string="Effective From", required=True, readonly=True)
    old_equipment_id = fields.Many2one(
        "maintenance.equipment", string="Taken Out", check_company=True, index="btree_not_null",
        ondelete="restrict", readonly=True,
    )
    new_equipment_id = fields.Many2one(
        "maintenance.equipment", string="Put In", check_company=True, index="btree_not_null",
        ondelete="restrict", readonly=True,
    )
    reason = fields.Char(readonly=True)
    agreed_by = fields.Char(required=True, readonly=True, help="Who agreed for the customer.")
    agreed_on = fields.Date(required=True, readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Documents", readonly=True)
    version_id = fields.Many2one(
        "aftersales.contract.version", string="Resulting Version", readonly=True,
        check_company=True, index="btree_not_null", ondelete="restrict",
    )

    @api.depends_context("lang")
    @api.depends("contract_id.name", "kind", "date")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for change in self:
            day = format_date(self.env, change.date)
            change.display_name = f"{change.contract_id.name} · {kinds[change.kind]} {day}"

    def write(self, vals):
        written = self._fields.keys() & vals.keys()
        if written and not (written == {"version_id"} and not self.version_id):
            raise UserError(self.env._(
                "%(change)s is history and stays as it was written. Record a new change instead.",
                change=self[:1].display_name,
            ))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._(
            "%(change)s is history and stays. Record a new change instead.",
            change=self[:1].display_name,
        ))
