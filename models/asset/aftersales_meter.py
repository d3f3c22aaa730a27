from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, float_compare


class AftersalesMeter(models.Model):
    """A counter of use on an equipment: operating hours, trips, copies."""

    _name = "aftersales.meter"
    _description = "Meter"
    _order = "equipment_id, sequence, id"
    _check_company_auto = True

    equipment_id = fields.Many2one(
        "maintenance.equipment", required=True, ondelete="cascade", index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        related="equipment_id.company_id", store=True, index="btree_not_null",
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    uom_id = fields.Many2one("uom.uom", string="Unit", required=True)
    rollover = fields.Float(
        string="Rolls Over At", digits="Product Unit",
        help="The value at which the counter begins again at zero, e.g. 100,000 for five digits. "
             "0: never.",
    )
    reading_ids = fields.One2many("aftersales.meter.reading", "meter_id", string="Readings")

    # The last reading, kept here by the readings: two that arrive at once meet on this row.
    date_read = fields.Datetime(string="Last Read", readonly=True, copy=False)
    value = fields.Float(string="Last Shown", digits="Product Unit", readonly=True, copy=False)
    total = fields.Float(
        string="Total Use", digits="Product Unit", readonly=True, copy=False,
        help="Use since the first count, across resets and rollovers.",
    )

    _rollover_not_negative = models.Constraint(
        "CHECK (rollover >= 0)",
        "A counter cannot roll over at a negative value. Enter 0 if it never does.",
    )

    @api.depends("name", "equipment_id.name")
    @api.depends_context("aftersales_meter_of_equipment")
    def _compute_display_name(self):
        """Name the equipment, too, where meters of several are listed."""
        short = self.env.context.get("aftersales_meter_of_equipment")
        for meter in self:
            parts = [meter.name] if short else [meter.equipment_id.name, meter.name]
            meter.display_name = " · ".join(filter(None, parts))

    @api.constrains("rollover")
    def _check_rollover(self):
        self.reading_ids._renew_totals()

    def action_view_readings(self):
        """Open the chart of the readings."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_meter_reading_action"
        )
        return {
            **action,
            "name": self.env._("Readings of %(meter)s", meter=self.display_name),
            "domain": [("meter_id", "=", self.id)],
            "context": {"default_meter_id": self.id},
            "views": [(False, "graph"), (False, "list")],
        }

    # -------------------------------------------------------------------------
    # Running totals
    # -------------------------------------------------------------------------

    def _renew_totals(self, starts):
        """Count the use anew from a moment on, and refuse readings that do not fit in.

        :param starts: moment per id of a meter; what was read before it stays as it is
        """
        by_meter = self._get_readings_since(starts).grouped("meter_id")
        for meter in self:
            meter._count_up(by_meter.get(meter, self.env["aftersales.meter.reading"]), starts)

    def _get_readings_since(self, starts):
        """Return the readings from each start on, with the one before, in the order of time."""
        Reading = self.env["aftersales.meter.reading"]
        if not starts:
            return Reading
        Reading.flush_model(["meter_id", "date"])
        rows = self.env.execute_query(SQL(
            """
            SELECT reading.id
              FROM (VALUES %(starts)s) AS start(meter_id, date)
              JOIN aftersales_meter_reading AS reading ON reading.meter_id = start.meter_id
             WHERE reading.date >= COALESCE((
                       SELECT MAX(date) FROM aftersales_meter_reading
                        WHERE meter_id = start.meter_id AND date < start.date
                   ), start.date)
          ORDER BY reading.meter_id, reading.date, reading.id
            """,
            starts=SQL(", ").join(
                SQL("(%s::integer, %s::timestamp)", meter_id, moment)
                for meter_id, moment in starts.items()
            ),
        ))
        return Reading.browse(reading_id for reading_id, in rows)

    def _count_up(self, readings, starts):
        """Write the running total of each reading of this meter, from the one before it."""
        previous = readings.browse()
        for reading in readings:
            if reading.date >= starts[self.id]:
                reading._check_against(previous)
                usage = reading._get_usage_since(previous)
                reading.usage = usage if previous else 0.0
                reading.total = previous.total + usage
            previous = reading
        self.write({
            "date_read": previous.date, "value": previous.value, "total": previous.total,
        })

    def _compare(self, first, second):
        """Compare two values as exactly as they are entered."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return float_compare(first, second, precision_digits=digits)

    def _raise_bad_reading(self, problem):
        raise ValidationError(self.env._(
            "Meter %(meter)s of %(equipment)s: %(problem)s",
            meter=self.name, equipment=self.equipment_id.display_name, problem=problem,
        ))
