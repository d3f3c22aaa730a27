from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.warranty import EXTENSIONS


class AftersalesWarrantyEvent(models.Model):
    """What moved the end of a warranty: append-only.

    Extensions count by days; the other kinds name the last day, so that what was promised then
    stays promised when the terms of the product change.
    """

    _name = "aftersales.warranty.event"
    _description = "Warranty Event"
    _order = "id desc"
    _check_company_auto = True

    lot_id = fields.Many2one(
        "stock.lot", string="Serial Number", required=True, ondelete="cascade", index=True,
        check_company=True,
    )
    company_id = fields.Many2one(related="lot_id.company_id", store=True, index="btree_not_null")
    kind = fields.Selection(
        selection=[
            ("downtime", "Extended by repair time"),
            ("goodwill", "Extended as a courtesy"),
            ("replacement", "Taken over from the replaced unit"),
            ("restart", "Begun anew"),
            ("correction", "Set by hand"),
        ],
        string="What", required=True, default="downtime",
    )
    date = fields.Date(string="As Of", required=True, default=fields.Date.context_today)
    days = fields.Integer(help="Days by which the warranty is extended.")
    date_end = fields.Date(string="Until", help="Last day of the whole unit's warranty.")
    main_part_end = fields.Date(
        string="Main Parts Until", help="Last day of the warranty of the main parts.",
    )
    replaced_lot_id = fields.Many2one(
        "stock.lot", string="Replaced Unit", ondelete="restrict", index="btree_not_null",
        check_company=True,
    )
    user_id = fields.Many2one(
        "res.users", string="By", required=True, default=lambda self: self.env.user,
    )
    reason = fields.Char(required=True)

    @api.depends("lot_id.name", "kind", "date")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for event in self:
            event.display_name = f"{event.lot_id.name}: {labels.get(event.kind)}, {event.date}"

    @api.constrains("kind", "days", "date_end", "main_part_end")
    def _check_effect(self):
        for event in self:
            if event.kind in EXTENSIONS and event.days < 1:
                raise ValidationError(self.env._(
                    "%(lot)s: a warranty is extended by at least one day, not by %(days)s. To "
                    "shorten one that is wrong, set its last day by hand.",
                    lot=event.lot_id.display_name, days=event.days,
                ))
            if event.kind not in EXTENSIONS and not (event.date_end or event.main_part_end):
                raise ValidationError(self.env._(
                    "%(lot)s: say until when the warranty lasts. To end it, enter a last day "
                    "that has passed.", lot=event.lot_id.display_name,
                ))

    def write(self, vals):  # pylint: disable=method-required-super
        """Refuse: the history of a warranty is only ever continued."""
        raise UserError(self.env._(
            "The warranty history of %(lots)s cannot be changed, because customers and vendors "
            "are answered by it. Extend the warranty, or set its last day by hand, to correct it.",
            lots=", ".join(self.lot_id.mapped("display_name")),
        ))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        raise UserError(self.env._(
            "The warranty history of %(lots)s cannot be deleted, because customers and vendors "
            "are answered by it. Extend the warranty, or set its last day by hand, to correct it.",
            lots=", ".join(self.lot_id.mapped("display_name")),
        ))
