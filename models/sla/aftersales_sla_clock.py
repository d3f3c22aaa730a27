from datetime import UTC, datetime

import pytz

from odoo import api, models

from ...tools import sla


class AftersalesSlaClock(models.AbstractModel):
    """Working-time tables of calendars, for the clock in :mod:`tools.sla`.

    Tables live as long as one computation: what a calendar says now is what counts.
    """

    _name = "aftersales.sla.clock"
    _description = "Service Level Clock"

    @api.model
    def _get_table(self, calendar, tz, first):
        """Return the working time of a calendar in a time zone, from a moment on.

        :param tz: name of a time zone; empty: the calendar's own
        :param first: datetime (UTC) before which nobody asks
        """
        zone = pytz.timezone(tz or calendar.tz or "UTC")
        return sla.WorkTable(
            lambda begin, end: self._load(calendar, zone, begin, end), self._to_moment(first),
        )

    @api.model
    def _load(self, calendar, zone, begin, end):
        """Return working time as pairs of whole seconds; what touches is one.

        Core ends a day at its last microsecond; to the second it is the next day's first.
        """
        # Read as the super-user, holidays of other companies would count, too.
        domain = [("time_type", "=", "leave")]
        if company_sudo := calendar.sudo().company_id:
            domain.append(("company_id", "in", [False, company_sudo.id]))
        intervals = calendar.sudo()._work_intervals_batch(
            datetime.fromtimestamp(begin, UTC).astimezone(pytz.utc),
            datetime.fromtimestamp(end, UTC).astimezone(pytz.utc), domain=domain, tz=zone,
        )[False]
        merged = []
        for start, stop, _records in intervals:
            pair = round(start.timestamp()), round(stop.timestamp())
            if merged and pair[0] <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], pair[1])
            elif pair[1] > pair[0]:
                merged.append(pair)
        return merged

    @api.model
    def _to_moment(self, value):
        """Return a datetime of the database (UTC without zone) in seconds since the epoch."""
        return int(value.replace(tzinfo=UTC).timestamp())

    @api.model
    def _to_datetime(self, moment):
        """Return seconds since the epoch as a datetime of the database; ``None`` as False."""
        if moment is None:
            return False
        return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)
