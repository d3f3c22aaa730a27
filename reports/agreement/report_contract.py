from babel.dates import get_day_names
from babel.units import format_unit

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import babel_locale_parse, float_repr, format_date, format_list, formatLang

from ...models.agreement.aftersales_contract import export_cover
from ...models.contract.aftersales_cover_mixin import SHARES

ACTION = "aftersales.action_report_aftersales_contract"
# Where the paper format's margin does not fit the layout's head (mm): our standard head is low
# (see report_contract.scss), that of "folder" carries the title.
HEAD_HEIGHTS = {"web.external_layout_standard": 44, "web.external_layout_folder": 60}
# Unsigned states whose printout must not be taken for the contract. What is "to sign" is the
# very document that both parties sign, so it bears no notice.
DRAFT_STATES = ("draft", "review")
# A clause up to this many characters is kept on one page, a longer one breaks.
SHORT_CLAUSE_LENGTH = 900


class ReportContract(models.AbstractModel):
    """The contract on paper. Its sentences are in the language of the environment."""

    _name = "report.aftersales.report_contract"
    _description = "Printed Service Contract"

    @api.model
    def _get_report_values(self, docids, data=None):
        self._check_may_see_prices()
        return {
            "doc_ids": docids,
            "doc_model": "aftersales.contract",
            "docs": self.env["aftersales.contract"].browse(docids),
            "printer": self,
        }

    def _check_may_see_prices(self):
        """Raise for those to whom the print menu is closed: the address would still answer."""
        action_sudo = self.env.ref(ACTION).sudo()
        groups = action_sudo.group_ids
        if groups and not self.env.su and not groups & self.env.user.all_group_ids:
            raise AccessError(self.env._(
                "The printed contract shows prices. Ask a contract officer for a copy.",
            ))

    def _get_head_height(self, contracts):
        """Return the millimetres that the heads of these documents need at the top of a page."""
        margin = self.env.ref(ACTION).sudo().get_paperformat().margin_top
        layouts = contracts.company_id.sudo().mapped(
            lambda company: company.external_report_layout_id.key or "web.external_layout_standard"
        )
        return max((HEAD_HEIGHTS.get(layout, margin) for layout in layouts), default=margin)

    # -------------------------------------------------------------------------
    # Sentences
    # -------------------------------------------------------------------------

    def _get_notice(self, contract):
        """Return the line that keeps a printout from being taken for a contract in force."""
        if contract.state in DRAFT_STATES:
            return self.env._("DRAFT – not signed")
        if contract.state == "cancelled":
            return self.env._("CANCELLED – not in force")
        return ""

    def _get_term(self, contract):
        start = self._format_date(contract.date_start)
        if not contract.date_end:
            return self.env._(
                "From %(start)s, without a fixed end, until it is terminated", start=start,
            )
        return self.env._(
            "From %(start)s to %(end)s, both days included",
            start=start, end=self._format_date(contract.date_end),
        )

    def _get_line_term(self, line):
        """Return the days of a line that has its own, else an empty text."""
        first, last = line._get_term()
        start, end = format_date(self.env, first), format_date(self.env, last)
        if line.recurrence_unit == "once":
            return self.env._("on %(start)s", start=start) if line.date_start else ""
        if not line.date_start and not line.date_end:
            return ""
        return f"{start} – {end}" if last else self.env._("from %(start)s", start=start)

    def _get_recurrence(self, line):
        """Return how often the line is charged, e.g. "Every 2 months, in advance"."""
        if line.recurrence_unit == "once":
            return self.env._("Once")
        count = line.recurrence_interval
        every, every_few = {
            "day": (self.env._("Every day"), self.env._("Every %(count)s days", count=count)),
            "week": (self.env._("Every week"), self.env._("Every %(count)s weeks", count=count)),
            "month": (
                self.env._("Every month"), self.env._("Every %(count)s months", count=count),
            ),
            "quarter": (
                self.env._("Every quarter"), self.env._("Every %(count)s quarters", count=count),
            ),
            "half_year": (
                self.env._("Every half-year"),
                self.env._("Every %(count)s half-years", count=count),
            ),
            "year": (self.env._("Every year"), self.env._("Every %(count)s years", count=count)),
        }[line.recurrence_unit]
        recurrence = every if count == 1 else every_few
        if line.billing_timing == "arrears":
            return self.env._("%(recurrence)s, in arrears", recurrence=recurrence)
        return self.env._("%(recurrence)s, in advance", recurrence=recurrence)

    def _get_alignment(self, contract):
        """Return the sentence that says when periods begin."""
        if contract.billing_alignment == "calendar":
            return self.env._(
                "Periods follow the calendar: months, quarters, half-years and years begin on "
                "their first day, weeks on Monday.",
            )
        if contract.billing_alignment == "start":
            return self.env._("Periods are counted from the day the service starts.")
        if contract.billing_day > 28:
            return self.env._(
                "Periods begin on day %(day)s of the month, in shorter months on the last day.",
                day=contract.billing_day,
            )
        return self.env._(
            "Periods begin on day %(day)s of the month.", day=contract.billing_day,
        )

    def _get_invoice_days(self, contract):
        """Return the sentences that say when invoices are issued, one per way of billing."""
        recurring = contract._get_present_lines().filtered(
            lambda line: line.product_id and line.recurrence_unit != "once"
        )
        timings = set(recurring.mapped("billing_timing"))
        sentences = []
        if "advance" in timings:
            sentences.append(self._get_advance_invoice_day(contract.invoice_offset_days))
        if "arrears" in timings:
            # In arrears the offset counts from the day after the period.
            sentences.append(self._get_arrears_invoice_day(contract.invoice_offset_days + 1))
        return sentences

    def _get_advance_invoice_day(self, offset):
        days = self._format_days(offset)
        if offset < 0:
            return self.env._(
                "What is charged in advance is invoiced %(days)s before the period begins.",
                days=days,
            )
        if offset > 0:
            return self.env._(
                "What is charged in advance is invoiced %(days)s after the first day of the "
                "period.", days=days,
            )
        return self.env._(
            "What is charged in advance is invoiced on the first day of the period."
        )

    def _get_arrears_invoice_day(self, offset):
        days = self._format_days(offset)
        if offset < 0:
            return self.env._(
                "What is charged in arrears is invoiced %(days)s before the last day of the "
                "period.", days=days,
            )
        if offset > 0:
            return self.env._(
                "What is charged in arrears is invoiced %(days)s after the period ends.",
                days=days,
            )
        return self.env._("What is charged in arrears is invoiced on the last day of the period.")

    def _get_proration(self, contract):
        """Return what a period costs that the contract covers only in part."""
        return {
            "actual": self.env._(
                "If only a part of a period is covered, only its days are charged: price of the "
                "period × covered days ÷ days of the period.",
            ),
            "30_360": self.env._(
                "If only a part of a period is covered, only its days are charged, every month "
                "counted as 30 days.",
            ),
            "none": self.env._("A period that has begun is charged in full."),
        }[contract.proration]

    def _get_price_note(self, contract):
        return self.env._(
            "All prices are net prices in %(currency)s, plus tax as the law requires.",
            currency=contract.currency_id.name,
        )

    def _get_cover_conditions(self, line):
        """Return the sentences that say what is not covered, or only under conditions."""
        return list(filter(None, (
            *self._get_part_exclusions(line),
            line.excluded_cause_ids and self.env._(
                "Not covered when caused by: %(causes)s.",
                causes=", ".join(line.excluded_cause_ids.mapped("name")),
            ),
            (quotas := line._get_quota_texts()) and self.env._(
                "At most %(quotas)s.", quotas=format_list(self.env, quotas),
            ),
            {
                "on_site": self.env._("Only on site."),
                "workshop": self.env._("Only in the workshop of the provider."),
                "remote": self.env._("Only remote."),
                "mail_in": self.env._("Only when sent in."),
            }.get(line.service_mode),
            line.service_area_id and self.env._(
                "Only within the service area %(area)s (%(comprises)s).",
                area=line.service_area_id.name, comprises=line.service_area_id.description,
            ),
            line.service_calendar_id and self.env._(
                "Only at these times: %(times)s.",
                times=self._get_window(line.service_calendar_id),
            ),
            *self._get_promised_times(line),
        )))

    def _get_promised_times(self, line):
        """Return the service level of a line: its hours, and its times by priority."""
        # Whoever reads the contract reads what it promises.
        level_sudo = line.sudo().sla_id
        if not level_sudo:
            return []
        window = line.service_calendar_id.sudo() or level_sudo.calendar_id
        zone = level_sudo.tz_source == "site" and self.env._("time of the site")
        return [
            self.env._(
                "Service level %(level)s; time counts %(times)s.", level=level_sudo.name,
                times=self._get_window(window, zone),
            ),
            *(level_sudo.targets_label or "").splitlines(),
            *(level_sudo.description or "").splitlines(),
        ]

    def _get_part_exclusions(self, line):
        if not line.cover_parts:
            return []
        categories = ", ".join(line.excluded_category_ids.mapped("display_name"))
        return [
            self.env._("Wear parts included.") if line.covers_wear_parts
            else self.env._("Without wear parts."),
            categories and self.env._("Without parts of: %(categories)s.", categories=categories),
        ]

    def _get_cover_notes(self, rows):
        """Return the sentences under the table of cover."""
        notes = [self.env._(
            "The percentage is the share of the costs that this contract pays; the customer pays "
            "the rest. Labour includes inspections.",
        )]
        if any(row["has_quotas"] for row in rows):
            notes.append(self.env._(
                "Quotas count for each item on its own, from the first day of its service.",
            ))
        return notes

    def _get_window(self, calendar, zone=None):
        """Return the hours of a calendar, e.g. "Mon–Fri 08:00–18:00 (Europe/Berlin)"."""
        if calendar.two_weeks_calendar or calendar.duration_based or calendar.flexible_hours:
            return calendar.name
        names = get_day_names("abbreviated", locale=babel_locale_parse(self.env.lang))
        runs = []  # days in a row with the same times: [times, first day, last day]
        for day in range(7):
            times = self._get_hours_of_day(calendar, day)
            if runs and runs[-1][0] == times:
                runs[-1][2] = day
            else:
                runs.append([times, day, day])
        texts = [
            f"{names[first]} {times}" if first == last else f"{names[first]}–{names[last]} {times}"
            for times, first, last in runs if times
        ]
        return f"{', '.join(texts)} ({zone or calendar.tz})"

    def _get_hours_of_day(self, calendar, day):
        spans = []
        for attendance in calendar.attendance_ids.sorted("hour_from"):
            if attendance.dayofweek != str(day) or attendance.day_period == "lunch":
                continue
            if spans and spans[-1][1] == attendance.hour_from:
                spans[-1][1] = attendance.hour_to
            else:
                spans.append([attendance.hour_from, attendance.hour_to])
        return " + ".join("–".join(map(self._format_hour, span)) for span in spans)

    def _format_hour(self, hour):
        minutes = round(hour * 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"

    # -------------------------------------------------------------------------
    # Tables
    # -------------------------------------------------------------------------

    def _get_scope_rows(self, contract):
        """Return what is covered, once each, with the services it is covered by."""
        rows = {}
        for line in contract._get_present_lines().filtered(lambda line: line.scope_type != "none"):
            target = (
                line.equipment_id or line.lot_id or line.covered_product_id
                or line.covered_category_id
            )
            row = rows.setdefault((line.scope_type, target), self._prepare_scope_row(line))
            row["services"].append((line.name or "").split("\n")[0])
        return list(rows.values())

    def _prepare_scope_row(self, line):
        row = {"label": "", "product": "", "serial": "", "site": "", "services": []}
        contract_site = line.contract_id.site_partner_id
        if line.scope_type == "equipment":
            equipment = line.equipment_id
            row.update(
                label=equipment.name,
                product=equipment.product_id.name,
                serial=equipment.lot_id.name or equipment.serial_no,
                site=self._get_short_address(equipment.site_id or contract_site),
            )
        elif line.scope_type == "lot":
            row.update(
                label=line.lot_id.product_id.name,
                serial=line.lot_id.name,
                site=self._get_short_address(contract_site),
            )
        elif line.scope_type == "product":
            row["label"] = self.env._(
                "Every %(product)s of the customer", product=line.covered_product_id.name,
            )
        elif line.scope_type == "category":
            row["label"] = self.env._(
                "Everything of the customer in category %(category)s",
                category=line.covered_category_id.display_name,
            )
        else:
            row["label"] = self.env._("All equipment of the customer")
        return row

    def _get_cover_rows(self, contract):
        """Return what the lines pay for, once for those of the same terms."""
        rows = {}
        for line in contract._get_present_lines().filtered(lambda line: line._is_covering()):
            row = rows.setdefault(str(export_cover(line)), {
                "covered": {}, "services": {},
                "shares": [self._get_share(line[name]) for name in SHARES],
                "conditions": self._get_cover_conditions(line),
                "has_quotas": bool(line._get_quota_texts()),
            })
            # Dicts keep what is told once, in its order.
            row["covered"][self._get_covered(line)] = True
            row["services"][(line.name or "").split("\n")[0]] = True
        return list(rows.values())

    def _get_share(self, share):
        return self._format_number(share, "Discount") + " %" if share else "–"

    def _get_price_lines(self, contract):
        return contract._get_present_lines().filtered("product_id")

    def _get_covered(self, line):
        """Return in a few words what the price of the line is for, e.g. "Lift 1 (SN-17)"."""
        if line.scope_type in ("product", "category", "all"):
            return self._prepare_scope_row(line)["label"]
        return line._get_covered_text()

    def _get_clause_groups(self, contract):
        """Return the clauses by category, the categories in the order of their first clause."""
        labels = dict(contract.clause_ids._fields["category"]._description_selection(self.env))
        grouped = contract.clause_ids.sorted().grouped("category")
        return [(labels[category], clauses) for category, clauses in grouped.items()]

    def _is_short(self, clause):
        return len(clause.text or "") <= SHORT_CLAUSE_LENGTH

    # -------------------------------------------------------------------------
    # Formats
    # -------------------------------------------------------------------------

    def _get_address_lines(self, partner):
        """Return the postal address as the partner's country writes it, name excluded."""
        address = partner._display_address(without_company=True) if partner else ""
        return [line.strip(" ,") for line in address.split("\n") if line.strip(" ,")]

    def _get_short_address(self, partner):
        """Return the address on one line, without what all sites have in common."""
        if not partner:
            return ""
        address_format, parts = partner._prepare_display_address(without_company=True)
        address = address_format % {**parts, "country_name": "", "zip": ""}
        return ", ".join(filter(None, (line.strip(" ,") for line in address.split("\n"))))

    def _format_date(self, date):
        return format_date(self.env, date, date_format="long")

    def _format_days(self, days):
        locale = babel_locale_parse(self.env.lang)
        return format_unit(abs(days), "duration-day", locale=locale)

    def _format_number(self, value, precision, min_decimals=0):
        """Return ``value`` with no more decimals than it has."""
        digits = self.env["decimal.precision"].precision_get(precision)
        decimals = len(float_repr(value, digits).partition(".")[2].rstrip("0"))
        return formatLang(self.env, value, digits=max(decimals, min_decimals))
