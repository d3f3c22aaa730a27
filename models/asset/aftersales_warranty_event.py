from odoo import fields, models


class AftersalesWarrantyEvent(models.Model):
    """What moved the end of a warranty: append-only."""

    _name = "aftersales.warranty.event"
    _description = "Warranty Event"
    _order = "date desc, id desc"
    _check_company_auto = True

    lot_id = fields.Many2one(
        "stock.lot", string="Serial Number", required=True, ondelete="cascade", index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty for a serial number of all companies.",
    )
    kind = fields.Selection(
        selection=[
            ("downtime", "Extended by repair time"),
            ("goodwill", "Extended as a courtesy"),
            ("replacement", "Taken over from the replaced unit"),
            ("restart", "Begun anew"),
        ],
        required=True, default="downtime",
    )
    date = fields.Date(string="As Of", required=True, default=fields.Date.context_today)
    days = fields.Integer(help="Days by which the warranty is extended.")
    reason = fields.Char(required=True)
