from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.warranty import EXTENSIONS, WarrantyEvent, get_last_day

SHOWN = 5


class AftersalesWarrantyExtend(models.TransientModel):
    """Extend warranties, let them begin anew, or set their last days by hand."""

    _name = "aftersales.warranty.extend"
    _description = "Extend Warranty"

    lot_ids = fields.Many2many(
        "stock.lot", string="Serial Numbers", required=True,
        default=lambda self: self._get_default_lots(),
    )
    kind = fields.Selection(
        selection=[
            ("downtime", "Extend by repair time"),
            ("goodwill", "Extend as a courtesy"),
            ("restart", "Begin anew"),
            ("correction", "Set the last day by hand"),
        ],
        string="What to Do", required=True, default="downtime",
    )
    days = fields.Integer()
    date = fields.Date(
        string="As Of", required=True,
        default=lambda self: self.env.company._get_aftersales_today(),
        help="The day on which the unit was ready again, or on which the warranty begins anew.",
    )
    date_end = fields.Date(string="Last Day")
    main_part_end = fields.Date(string="Last Day of Main Parts")
    reason = fields.Char(required=True)
    preview = fields.Text(string="Warranty Until", compute="_compute_preview")

    @api.model
    def _get_default_lots(self):
        """Return the serial numbers one comes from, or those of the equipment."""
        records = self.env["stock.lot"]
        ids = self.env.context.get("active_ids") or []
        model = self.env.context.get("active_model")
        if model == "stock.lot":
            records = records.browse(ids)
        elif model == "maintenance.equipment":
            records = self.env[model].browse(ids).lot_id
        return records

    @api.depends("lot_ids", "kind", "days", "date", "date_end", "main_part_end")
    def _compute_preview(self):
        for wizard in self:
            lots = wizard.lot_ids._origin
            lines = [wizard._get_preview_line(lot) for lot in lots[:SHOWN]]
            wizard.preview = "\n".join([*lines, *(["…"] if len(lots) > SHOWN else [])])

    def _get_preview_line(self, lot):
        end, main_part_end = lot._get_warranty_ends(self._get_planned_event(lot))
        texts = [
            format_date(self.env, old) or "–" if old == new
            else f"{format_date(self.env, old) or '–'} → {format_date(self.env, new) or '–'}"
            for old, new in (
                (lot.aftersales_warranty_end or None, end),
                (lot.aftersales_main_part_end or None, main_part_end),
            )
        ]
        if texts[0] == texts[1]:
            return f"{lot.name}: {texts[0]}"
        return self.env._(
            "%(lot)s: %(unit)s; main parts %(main_parts)s",
            lot=lot.name, unit=texts[0], main_parts=texts[1],
        )

    def _get_planned_event(self, lot):
        if self.kind == "restart":
            ends = [
                get_last_day(self.date, months)
                for months in (lot.aftersales_warranty_months, lot.aftersales_main_part_months)
            ]
        else:
            ends = [self.date_end or None, self.main_part_end or None]
        date = lot._get_correction_date() if self.kind == "correction" else self.date
        return WarrantyEvent(self.kind, date, max(self.days, 0), *ends)

    def action_confirm(self):
        """Write the event of every serial number."""
        for wizard in self:
            if wizard.kind in EXTENSIONS:
                wizard.lot_ids._extend_warranty(
                    wizard.days, wizard.reason, wizard.kind, wizard.date)
            elif wizard.kind == "restart":
                wizard.lot_ids._restart_warranty(wizard.date, wizard.reason)
            elif wizard.date_end or wizard.main_part_end:
                wizard.lot_ids._correct_warranty(
                    wizard.date_end, wizard.main_part_end, wizard.reason)
            else:
                raise UserError(self.env._(
                    "Enter the last day of the warranty, of its main parts, or both. To end a "
                    "warranty, enter a day that has passed."))
        return True
