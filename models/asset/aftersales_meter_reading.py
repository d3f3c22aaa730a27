from odoo import api, fields, models
from odoo.tools import format_datetime
from odoo.tools.misc import formatLang


class AftersalesMeterReading(models.Model):
    """What a meter showed at a moment.

    Readings never go down, in the order of time and not of entry, unless the counter was reset
    or has rolled over. The use is what lies between them.
    """

    _name = "aftersales.meter.reading"
    _description = "Meter Reading"
    _order = "date desc, id desc"

    meter_id = fields.Many2one(
        "aftersales.meter", required=True, ondelete="cascade", index=True,
        default=lambda self: self._default_meter_id(),
    )
    equipment_id = fields.Many2one(
        related="meter_id.equipment_id", store=True, index=True,
    )
    company_id = fields.Many2one(related="meter_id.company_id", store=True, index="btree_not_null")
    uom_id = fields.Many2one(related="meter_id.uom_id")
    date = fields.Datetime(string="Read On", required=True, default=fields.Datetime.now)
    value = fields.Float(
        string="Shown", digits="Product Unit", required=True, aggregator="max",
    )
    is_reset = fields.Boolean(
        string="Reset", help="The counter was set back or exchanged before this reading.",
    )
    reset_value = fields.Float(
        string="Begun Again At", digits="Product Unit", aggregator=None,
        help="What the counter showed right after it was set back or exchanged.",
    )
    usage = fields.Float(
        string="Used Since", digits="Product Unit", readonly=True,
        help="Use since the reading before.",
    )
    total = fields.Float(
        string="Total Use", digits="Product Unit", readonly=True, aggregator="max",
        help="Use since the first count, across resets and rollovers.",
    )
    user_id = fields.Many2one(
        "res.users", string="Read By", default=lambda self: self.env.user, copy=False,
    )

    _in_time = models.Index("(meter_id, date, id)")

    def _default_meter_id(self):
        """Return the meter of the equipment whose form asks, when it has only one."""
        meters = self.env["aftersales.meter"].search([
            ("equipment_id", "=", self.env.context.get("aftersales_reading_of", False)),
        ], limit=2)
        return meters if len(meters) == 1 else False

    @api.depends("value", "meter_id.name", "date")
    def _compute_display_name(self):
        for reading in self:
            reading.display_name = (
                f"{reading.meter_id.name}: {reading._format(reading.value)}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        readings = super().create(vals_list)
        readings._renew_totals()
        return readings

    def write(self, vals):
        if not vals.keys() & {"meter_id", "date", "value", "is_reset", "reset_value"}:
            return super().write(vals)
        starts = self._get_starts()
        result = super().write(vals)
        self._renew_totals(starts)
        return result

    def unlink(self):
        starts, meters = self._get_starts(), self.meter_id
        result = super().unlink()
        meters._renew_totals(starts)
        return result

    # -------------------------------------------------------------------------
    # Order in time
    # -------------------------------------------------------------------------

    def _get_starts(self):
        """Return the first moment of these readings, per id of their meters."""
        starts = {}
        for reading in self:
            meter_id = reading.meter_id.id
            starts[meter_id] = min(starts.get(meter_id, reading.date), reading.date)
        return starts

    def _renew_totals(self, former_starts=()):
        """Check these readings among their neighbours and renew what is counted after them."""
        starts = self._get_starts()
        for meter_id, moment in dict(former_starts).items():
            starts[meter_id] = min(starts.get(meter_id, moment), moment)
        self.env["aftersales.meter"].browse(starts)._renew_totals(starts)

    def _check_against(self, previous):
        """Raise when this reading cannot follow ``previous``; an empty one is the first."""
        meter = self.meter_id
        if meter._compare(self.value, 0.0) < 0 or meter._compare(self.reset_value, 0.0) < 0:
            meter._raise_bad_reading(self.env._(
                "the reading %(value)s of %(date)s is negative. Enter what the meter shows.",
                value=self._format(min(self.value, self.reset_value)), date=self._format_date(),
            ))
        if meter.rollover and meter._compare(self.value, meter.rollover) >= 0:
            meter._raise_bad_reading(self.env._(
                "the reading %(value)s of %(date)s is more than it can show: it rolls over at "
                "%(rollover)s. Correct the reading, or where the meter rolls over.",
                value=self._format(self.value), date=self._format_date(),
                rollover=self._format(meter.rollover),
            ))
        if self.is_reset and meter._compare(self.value, self.reset_value) < 0:
            meter._raise_bad_reading(self.env._(
                "the reading %(value)s of %(date)s is less than %(begin)s, at which it began "
                "again. Correct one of the two.",
                value=self._format(self.value), date=self._format_date(),
                begin=self._format(self.reset_value),
            ))
        if previous and not self.is_reset and not self._has_rolled_over(previous) and (
            meter._compare(self.value, previous.value) < 0
        ):
            self._raise_goes_down(previous)

    def _raise_goes_down(self, previous):
        """Name the later of the two, the earlier one, and every way out."""
        self.meter_id._raise_bad_reading(self.env._(
            "the reading %(value)s of %(date)s is less than the reading %(last)s of %(last_date)s "
            "before it. Correct the value or the time; or tick “Reset” on the later one if the "
            "counter was set back or exchanged in between.",
            value=self._format(self.value), date=self._format_date(),
            last=self._format(previous.value), last_date=previous._format_date(),
        ))

    def _has_rolled_over(self, previous):
        """Whether the counter has passed its end since ``previous``.

        A drop of less than half the counter is taken for an error of reading.
        """
        meter = self.meter_id
        drop = previous.value - self.value
        return bool(meter.rollover) and meter._compare(drop, meter.rollover / 2.0) > 0

    def _get_usage_since(self, previous):
        """Return what was used between ``previous`` and this reading; the first counts whole."""
        if self.is_reset:
            return self.value - self.reset_value
        if previous and self._has_rolled_over(previous):
            return self.meter_id.rollover - previous.value + self.value
        return self.value - previous.value

    # -------------------------------------------------------------------------
    # Words
    # -------------------------------------------------------------------------

    def _format(self, value):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        text = formatLang(self.env, value, digits=0 if value == int(value) else digits)
        return f"{text} {self.uom_id.name}"

    def _format_date(self):
        return format_datetime(self.env, self.date, dt_format="short")
