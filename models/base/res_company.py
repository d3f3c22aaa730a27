import pytz

from odoo import api, fields, models
from odoo.fields import Domain

PRORATIONS = [
    ("actual", "Actual days of the period"),
    ("30_360", "30/360"),
    ("none", "No proration: a started period is owed whole"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    aftersales_horizon_months = fields.Integer(
        string="Schedule Ahead (months)",
        default=13,
        help="How far ahead the obligations of running contracts are written into the register.",
    )
    aftersales_grace_days = fields.Integer(
        string="Days of Grace",
        default=30,
        help="A promise that is late by more days than this counts as breached.",
    )
    aftersales_proration = fields.Selection(
        PRORATIONS, string="Default Proration", default="actual", required=True,
    )

    aftersales_rework_days = fields.Integer(
        string="Repeat Window (days)", default=30,
        help="When the same failure returns within so many days of our repair, it is rework and "
             "free of charge.",
    )
    aftersales_warranty_notice_days = fields.Integer(
        string="Warranty Ends Soon (days)", default=60,
        help="A warranty that ends within so many days counts as ending soon.",
    )
    aftersales_replacement_warranty = fields.Selection(
        selection=[("remaining", "The rest of the replaced unit's"), ("new", "A new period")],
        string="Warranty of a Replacement", default="remaining", required=True,
    )

    _aftersales_horizon_positive = models.Constraint(
        "CHECK (aftersales_horizon_months > 0)",
        "Schedule at least one month ahead, so that coming invoices are planned.",
    )

    _aftersales_grace_not_negative = models.Constraint(
        "CHECK (aftersales_grace_days >= 0)",
        "The days of grace cannot be negative. Enter 0 for none.",
    )

    _aftersales_rework_not_negative = models.Constraint(
        "CHECK (aftersales_rework_days >= 0)",
        "The repeat window cannot be negative. Enter 0 days when no repeat is free of charge.",
    )

    _aftersales_warranty_notice_not_negative = models.Constraint(
        "CHECK (aftersales_warranty_notice_days >= 0)",
        "The days before the end of a warranty cannot be negative. Enter 0 for the last day only.",
    )

    # -------------------------------------------------------------------------
    # Each company numbers its own documents
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies.sudo()._create_aftersales_sequences()
        return companies

    @api.model
    def _create_missing_aftersales_sequences(self):
        """Give companies that existed before a kind of document its numbering (data files)."""
        self.search(Domain.TRUE)._create_aftersales_sequences()

    def _create_aftersales_sequences(self):
        kinds = self._get_aftersales_sequences()
        owners = self.env["ir.sequence"].search([("code", "in", list(kinds))]).grouped("code")
        self.env["ir.sequence"].create([{
            "code": code, "padding": 4, "use_date_range": True, "company_id": company.id,
            **self._prepare_sequence_vals(company, *names),
        } for code, names in kinds.items() for company in self
            if code not in owners or company not in owners[code].company_id])

    @api.model
    def _prepare_sequence_vals(self, company, name, prefix):
        return {"name": f"{name} ({company.name})", "prefix": f"{prefix}/%(range_year)s/"}

    @api.model
    def _get_aftersales_sequences(self):
        """Return by code of a sequence: what it numbers, and with which prefix (hook)."""
        return {}

    def _get_aftersales_number(self, code, date=None):
        """Return the company's next number of a kind of document; ``date`` decides the year."""
        self.ensure_one()
        return self.env["ir.sequence"].with_company(self).next_by_code(
            code, sequence_date=date or self._get_aftersales_today(),
        )

    # -------------------------------------------------------------------------
    # Days
    # -------------------------------------------------------------------------

    def _get_aftersales_today(self):
        """Return today's date where the company works, whatever the time zone of the user."""
        return self._get_aftersales_day(fields.Datetime.now())

    def _get_aftersales_day(self, moment):
        """Return the date of a moment (UTC) where the company works."""
        return self._get_aftersales_local_time(moment).date()

    def _get_aftersales_local_time(self, moment):
        """Return a moment (UTC) as the clock of the company shows it."""
        return pytz.utc.localize(moment).astimezone(pytz.timezone(self._get_aftersales_zone()))

    def _get_aftersales_zone(self):
        """Return the name of the time zone in which the company works."""
        self.ensure_one()
        return self.partner_id.tz or self.resource_calendar_id.tz or "UTC"

    def _format_aftersales_moment(self, moment):
        """Return a moment (UTC) in the company's time zone with its name, the same for all readers.
        """
        zone, local = self._get_aftersales_zone(), self._get_aftersales_local_time(moment)
        text = f"{local:%Y-%m-%d %H:%M %Z}"
        return text if text.endswith(f" {zone}") else f"{text}, {zone}"
