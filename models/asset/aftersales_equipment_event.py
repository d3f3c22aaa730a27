from odoo import fields, models


class AftersalesEquipmentEvent(models.Model):
    """The life of an equipment in dated facts: append-only."""

    _name = "aftersales.equipment.event"
    _description = "Equipment Event"
    _order = "date desc, id desc"
    _check_company_auto = True

    equipment_id = fields.Many2one(
        "maintenance.equipment", required=True, ondelete="cascade", index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        related="equipment_id.company_id", store=True, index="btree_not_null",
    )
    date = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    kind = fields.Selection(
        selection=[
            ("installed", "Installed"),
            ("moved", "Moved"),
            ("swapped", "Swapped"),
            ("condition", "Condition changed"),
            ("retired", "Retired"),
            ("reinstated", "Put back into service"),
        ],
        string="What", required=True,
    )
    user_id = fields.Many2one(
        "res.users", string="By", required=True, default=lambda self: self.env.user,
    )
    name = fields.Char(string="Event", required=True)
