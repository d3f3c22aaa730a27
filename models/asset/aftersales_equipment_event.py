from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesEquipmentEvent(models.Model):
    """The life of an equipment in dated facts: append-only, written by the equipment alone."""

    _name = "aftersales.equipment.event"
    _description = "Equipment Event"
    _order = "date desc, id desc"
    _check_company_auto = True

    equipment_id = fields.Many2one(
        "maintenance.equipment", required=True, ondelete="cascade", index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        related="equipment_id.company_id", store=True, precompute=True, index="btree_not_null",
    )
    date = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    kind = fields.Selection(
        selection=[
            ("installed", "Installed"),
            ("moved", "Moved"),
            ("returned", "Came back to us"),
            ("swapped", "Swapped"),
            ("condition", "Condition changed"),
            ("checked", "Statutory check"),
            ("retired", "Retired"),
            ("reinstated", "Put back into service"),
        ],
        string="What", required=True,
    )
    user_id = fields.Many2one(
        "res.users", string="By", required=True, default=lambda self: self.env.user,
    )
    name = fields.Char(string="Event", required=True)

    def write(self, vals):
        if self._get_facts() & vals.keys():
            raise UserError(self.env._(
                "“%(event)s” is history and stays as it was written. What happens to the "
                "equipment from now on is added by its buttons.",
                event=self[:1].display_name,
            ))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._(
            "“%(event)s” is history and stays. Retire the equipment if it is out of use.",
            event=self[:1].display_name,
        ))

    @api.model
    def _get_facts(self):
        """Return the fields that nobody rewrites; the company follows its equipment."""
        return self._fields.keys() - {"company_id", *models.MAGIC_COLUMNS}
