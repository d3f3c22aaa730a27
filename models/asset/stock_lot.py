from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.i18n import format_list

from ...tools.warranty import (
    WarrantyEvent,
    get_last_day,
    get_later,
    get_warranty_ends,
)

WARRANTY_BASES = [
    ("delivery", "Delivery"), ("installation", "Installation"), ("invoice", "Invoice"),
]
WARRANTY_SCOPES = [
    ("part", "Parts"),
    ("labour", "Parts and labour"),
    ("travel", "Parts, labour and travel"),
]
WARRANTY_STATES = [
    ("none", "No warranty"),
    ("not_begun", "Not begun"),
    ("running", "Running"),
    ("ending", "Ending soon"),
    ("main_part", "Main parts only"),
    ("over", "Over"),
]


class StockLot(models.Model):
    """A unit under warranty.

    Its terms are those of its product on the day it leaves us; later changes of the product are
    not for it. Start and ends follow from facts (delivery, installation, invoice) and from the
    warranty events. A unit of which only the end is known gets it by hand or by import: that,
    too, is an event, so that it is known who said so.
    """

    _inherit = "stock.lot"

    aftersales_equipment_ids = fields.One2many(
        "maintenance.equipment", "lot_id", string="Customer Equipment",
    )

    # What the warranty follows from
    aftersales_delivered_on = fields.Date(string="Delivered On", tracking=True, copy=False)
    aftersales_invoiced_on = fields.Date(
        string="Invoiced On", compute="_compute_aftersales_invoiced_on", store=True,
        readonly=False, copy=False,
        help="Date of the customer invoice that charges this unit, when its warranty begins "
             "with it.",
    )
    aftersales_warranty_basis = fields.Selection(
        WARRANTY_BASES, string="Warranty Begins With",
        compute="_compute_aftersales_warranty_terms", store=True, precompute=True, copy=False,
    )
    aftersales_warranty_months = fields.Integer(
        string="Warranty (months)", compute="_compute_aftersales_warranty_terms", store=True,
        precompute=True, copy=False,
    )
    aftersales_main_part_months = fields.Integer(
        string="Warranty of Main Parts (months)", compute="_compute_aftersales_warranty_terms",
        store=True, precompute=True, copy=False,
    )
    aftersales_warranty_scope = fields.Selection(
        WARRANTY_SCOPES, string="Warranty Pays", compute="_compute_aftersales_warranty_terms",
        store=True, precompute=True, copy=False,
    )

    # The warranty
    aftersales_warranty_start = fields.Date(
        string="Warranty From", compute="_compute_aftersales_warranty_start", store=True,
        copy=False,
    )
    aftersales_warranty_end = fields.Date(
        string="Warranty Until", compute="_compute_aftersales_warranty_end", store=True,
        inverse="_inverse_aftersales_warranty_end", index="btree_not_null", copy=False,
        help="Last day of the whole unit's warranty.",
    )
    aftersales_main_part_end = fields.Date(
        string="Warranty of Main Parts Until", compute="_compute_aftersales_warranty_end",
        inverse="_inverse_aftersales_warranty_end", store=True, index="btree_not_null",
        copy=False, help="Never before the end of the whole unit's warranty.",
    )
    aftersales_warranty_event_ids = fields.One2many(
        "aftersales.warranty.event", "lot_id", string="Warranty History",
    )
    aftersales_warranty_state = fields.Selection(
        WARRANTY_STATES, string="Warranty", compute="_compute_aftersales_warranty_state",
        search="_search_aftersales_warranty_state",
    )
    aftersales_warranty_text = fields.Char(
        string="Under Warranty Now?", compute="_compute_aftersales_warranty_text",
    )

    # Recourse
    aftersales_vendor_id = fields.Many2one(
        "res.partner", string="Warranty Vendor", index="btree_not_null", copy=False,
        help="Who answers to us for this unit.",
    )
    aftersales_received_on = fields.Date(string="Received On", copy=False)
    aftersales_vendor_end = fields.Date(
        string="Vendor Warranty Until", compute="_compute_aftersales_vendor_end", store=True,
        readonly=False, index="btree_not_null", copy=False,
    )
    aftersales_is_claimable = fields.Boolean(
        string="Claimable from the Vendor", compute="_compute_aftersales_is_claimable",
        search="_search_aftersales_is_claimable",
    )

    aftersales_recall_ids = fields.Many2many(
        "aftersales.recall", string="Open Recalls", compute="_compute_aftersales_recall_ids",
    )

    # -------------------------------------------------------------------------
    # Terms and facts
    # -------------------------------------------------------------------------

    @api.depends("product_id")
    def _compute_aftersales_warranty_terms(self):
        for lot in self:
            lot.update(lot._get_product_terms())

    def _get_product_terms(self):
        """Return the warranty terms the product grants today, as values of a lot."""
        product = self.product_id
        return {
            "aftersales_warranty_basis": product.aftersales_warranty_basis,
            "aftersales_warranty_months": product.aftersales_warranty_months,
            "aftersales_main_part_months": product.aftersales_main_part_months,
            "aftersales_warranty_scope": product.aftersales_warranty_scope,
        }

    @api.model
    def _take_over_terms(self, domain):
        """Give the units of ``domain`` the present terms of their products."""
        for _product, lots in self.search(domain).grouped("product_id").items():
            lots.write(lots[:1]._get_product_terms())

    @api.depends("aftersales_delivered_on", "aftersales_warranty_basis")
    def _compute_aftersales_invoiced_on(self):
        """Look for the invoice of units delivered after it; what was entered by hand stays."""
        lots = self.filtered(
            lambda lot: lot.aftersales_warranty_basis == "invoice" and lot.aftersales_delivered_on)
        dates = lots._get_sold_lines()._get_aftersales_invoice_dates()
        for lot in self:
            lot.aftersales_invoiced_on = dates.get(lot) or lot.aftersales_invoiced_on

    def _get_sold_lines(self):
        """Return the order lines the units were delivered for."""
        if not self:
            return self.env["sale.order.line"]
        return self.env["sale.order.line"].search([
            ("move_ids", "any", [
                ("move_line_ids.lot_id", "in", self.ids), ("state", "=", "done"),
                ("location_dest_id.usage", "=", "customer"),
            ]),
        ])

    @api.model
    def _note_invoice_dates(self, dates):
        """Write the invoice dates of ``{lot: date}`` where they are not known yet or gone."""
        lots_by_date = defaultdict(self.browse)
        for lot, date in dates.items():
            date = date or False
            if lot.aftersales_warranty_basis == "invoice" and lot.aftersales_invoiced_on != date:
                lots_by_date[date] += lot
        for date, lots in lots_by_date.items():
            lots.aftersales_invoiced_on = date

    # -------------------------------------------------------------------------
    # Start and ends
    # -------------------------------------------------------------------------

    @api.depends(
        "aftersales_warranty_basis", "aftersales_warranty_months", "aftersales_main_part_months",
        "aftersales_delivered_on", "aftersales_invoiced_on",
        "aftersales_equipment_ids.install_date", "aftersales_equipment_ids.retired_on",
    )
    def _compute_aftersales_warranty_start(self):
        for lot in self:
            has_warranty = lot.aftersales_warranty_months or lot.aftersales_main_part_months
            lot.aftersales_warranty_start = has_warranty and lot._get_warranty_start()

    def _get_warranty_start(self):
        self.ensure_one()
        if self.aftersales_warranty_basis == "delivery":
            return self.aftersales_delivered_on
        if self.aftersales_warranty_basis == "invoice":
            return self.aftersales_invoiced_on
        installed = self.with_context(active_test=False).aftersales_equipment_ids
        installed = installed.filtered(lambda equipment: not equipment.retired_on) or installed
        return min(filter(None, installed.mapped("install_date")), default=False)

    @api.depends(
        "aftersales_warranty_start", "aftersales_warranty_months", "aftersales_main_part_months",
        "aftersales_warranty_event_ids",
    )
    def _compute_aftersales_warranty_end(self):
        for lot in self:
            end, main_part_end = lot._get_warranty_ends()
            lot.aftersales_warranty_end = end
            lot.aftersales_main_part_end = main_part_end

    def _get_warranty_ends(self, *planned):
        """Return the last days that follow from the facts and the events, and from ``planned``
        ones; ``None`` where there is no warranty."""
        self.ensure_one()
        events = [
            WarrantyEvent(event.kind, event.date, event.days, event.date_end or None,
                          event.main_part_end or None)
            for event in self.aftersales_warranty_event_ids.sorted("id")
        ]
        return get_warranty_ends(
            self.aftersales_warranty_start or None, self.aftersales_warranty_months,
            self.aftersales_main_part_months, [*events, *planned],
        )

    def _inverse_aftersales_warranty_end(self):
        """Note as an event what was typed or imported, so that later events build on it."""
        self.env["aftersales.warranty.event"].check_access("create")
        for lot in self:
            old_end, old_main_end = lot._get_warranty_ends()
            end = lot.aftersales_warranty_end or None
            main_end = lot.aftersales_main_part_end or None
            lot._correct_warranty(
                end if end != old_end else None,
                main_end if main_end != old_main_end else None,
                self.env._("Entered by hand or by import"),
            )
        # The fields being written are not computed by themselves.
        self._compute_aftersales_warranty_end()

    # -------------------------------------------------------------------------
    # Is it under warranty now?
    # -------------------------------------------------------------------------

    @api.depends(
        "company_id", "aftersales_warranty_start", "aftersales_warranty_end",
        "aftersales_main_part_end", "aftersales_warranty_months", "aftersales_main_part_months",
    )
    @api.depends_context("company")
    def _compute_aftersales_warranty_state(self):
        for company, lots in self.grouped("company_id").items():
            company = company or self.env.company
            today = company._get_aftersales_today()
            soon = today + timedelta(days=company.aftersales_warranty_notice_days)
            for lot in lots:
                lot.aftersales_warranty_state = lot._get_warranty_state(today, soon)

    def _get_warranty_state(self, today, soon):
        self.ensure_one()
        end, main_part_end = self.aftersales_warranty_end, self.aftersales_main_part_end
        if self.aftersales_warranty_start and self.aftersales_warranty_start > today:
            return "not_begun"
        if not main_part_end:
            terms = self.aftersales_warranty_months or self.aftersales_main_part_months
            return "not_begun" if terms else "none"
        if main_part_end < today:
            return "over"
        if not end or end < today:
            return "main_part"
        return "ending" if end <= soon else "running"

    def _search_aftersales_warranty_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            self._get_warranty_state_domain(state, today, notice) & scope
            for (today, notice), scope in self._get_company_days().items()
            for state in value if state
        )

    @api.model
    def _get_company_days(self):
        """Return ``{(today, days of notice): domain of the lots of these companies}``.

        Lots without a company follow the one the user works in.
        """
        companies_by_day = defaultdict(list)
        for company in self.env["res.company"].sudo().search([("id", "!=", False)]):
            key = (company._get_aftersales_today(), company.aftersales_warranty_notice_days)
            companies_by_day[key].append(company.id)
            if company == self.env.company:
                companies_by_day[key].append(False)
        return {key: Domain("company_id", "in", ids) for key, ids in companies_by_day.items()}

    @api.model
    def _get_warranty_state_domain(self, state, today, notice):
        """Return the domain of the state; it mirrors :meth:`_get_warranty_state`."""
        soon = today + timedelta(days=notice)
        begun = Domain("aftersales_warranty_start", "=", False) | Domain(
            "aftersales_warranty_start", "<=", today)
        terms = Domain("aftersales_warranty_months", "!=", 0) | Domain(
            "aftersales_main_part_months", "!=", 0)
        endless = Domain("aftersales_main_part_end", "=", False)
        lasts = Domain("aftersales_warranty_end", ">=", today)
        if state == "none":
            return begun & endless & ~terms
        if state == "not_begun":
            return ~begun | (endless & terms)
        if state == "over":
            return begun & Domain("aftersales_main_part_end", "<", today)
        if state == "main_part":
            return begun & Domain("aftersales_main_part_end", ">=", today) & (
                Domain("aftersales_warranty_end", "=", False)
                | Domain("aftersales_warranty_end", "<", today))
        if state == "ending":
            return begun & lasts & Domain("aftersales_warranty_end", "<=", soon)
        if state == "running":
            return begun & Domain("aftersales_warranty_end", ">", soon) & lasts
        return Domain.FALSE

    @api.depends("aftersales_warranty_state", "aftersales_warranty_scope")
    @api.depends_context("lang")
    def _compute_aftersales_warranty_text(self):
        for lot in self:
            lot.aftersales_warranty_text = lot._get_warranty_text()

    def _get_warranty_text(self):
        """Answer "is it under warranty now?" in a sentence, in the reader's language."""
        state = self.aftersales_warranty_state
        if state == "none":
            return self.env._("No: no warranty was agreed.")
        if state == "not_begun":
            return self._get_not_begun_text()
        if state == "over":
            return self.env._(
                "No: the warranty ended on %(end)s.",
                end=format_date(self.env, self.aftersales_main_part_end),
            )
        return f"{self._get_running_text()} {self._get_scope_text()}"

    def _get_not_begun_text(self):
        if self.aftersales_warranty_start:
            return self.env._(
                "Not yet: the warranty begins on %(start)s.",
                start=format_date(self.env, self.aftersales_warranty_start),
            )
        if self.aftersales_warranty_basis == "delivery":
            return self.env._("Not yet: the warranty begins with the delivery.")
        if self.aftersales_warranty_basis == "invoice":
            return self.env._("Not yet: the warranty begins with the invoice.")
        return self.env._("Not yet: the warranty begins with the installation.")

    def _get_running_text(self):
        end, main_part_end = self.aftersales_warranty_end, self.aftersales_main_part_end
        days = {
            "end": format_date(self.env, end),
            "main_part_end": format_date(self.env, main_part_end),
        }
        if self.aftersales_warranty_state != "main_part":
            if main_part_end == end:
                return self.env._("Yes: until %(end)s.", end=days["end"])
            return self.env._("Yes: until %(end)s, its main parts until %(main_part_end)s.", **days)
        if not end:
            return self.env._(
                "Only its main parts: until %(main_part_end)s.",
                main_part_end=days["main_part_end"],
            )
        return self.env._(
            "Only its main parts: until %(main_part_end)s. The warranty of the whole unit ended "
            "on %(end)s.", **days,
        )

    def _get_scope_text(self):
        if self.aftersales_warranty_scope == "part":
            return self.env._("It pays for parts.")
        if self.aftersales_warranty_scope == "labour":
            return self.env._("It pays for parts and labour.")
        return self.env._("It pays for parts, labour and travel.")

    # -------------------------------------------------------------------------
    # Recourse and recalls
    # -------------------------------------------------------------------------

    @api.depends("aftersales_received_on")
    def _compute_aftersales_vendor_end(self):
        for lot in self:
            if lot.aftersales_received_on:
                lot.aftersales_vendor_end = get_last_day(
                    lot.aftersales_received_on, lot.product_id.aftersales_vendor_months)
            else:
                lot.aftersales_vendor_end = lot.aftersales_vendor_end

    @api.depends("company_id", "aftersales_vendor_end")
    @api.depends_context("company")
    def _compute_aftersales_is_claimable(self):
        for company, lots in self.grouped("company_id").items():
            today = (company or self.env.company)._get_aftersales_today()
            for lot in lots:
                end = lot.aftersales_vendor_end
                lot.aftersales_is_claimable = bool(end and end >= today)

    def _search_aftersales_is_claimable(self, operator, value):
        if operator != "in":
            return NotImplemented
        claimable = Domain.OR(
            Domain("aftersales_vendor_end", ">=", today) & scope
            for (today, _notice), scope in self._get_company_days().items()
        )
        return Domain.OR(claimable if wanted else ~claimable for wanted in value)

    @api.depends("product_id")
    def _compute_aftersales_recall_ids(self):
        recalls = self.env["aftersales.recall"].search([
            ("state", "=", "open"), ("product_ids", "in", self.product_id.ids),
        ])
        for lot in self:
            lot.aftersales_recall_ids = recalls.filtered(
                lambda recall, lot=lot: lot._origin in recall.lot_ids
                or (not recall.lot_ids and lot.product_id in recall.product_ids))

    # -------------------------------------------------------------------------
    # What moves a warranty
    # -------------------------------------------------------------------------

    def _extend_warranty(self, days, reason, kind="downtime", date=None):
        """Extend running and past warranties by whole days.

        :param str kind: ``downtime`` or ``goodwill``
        :param date: the day it happened on, today by default; what happened before a warranty
            began does not extend it
        :return: the events
        :raises UserError: when a unit has no warranty to extend
        """
        lacking = self.filtered(lambda lot: not lot.aftersales_main_part_end)
        if lacking:
            raise UserError(self.env._(
                "There is no warranty to extend: %(lots)s. Enter what it begins with (delivery, "
                "installation or invoice), or set its last day by hand.",
                lots=format_list(self.env, lacking.mapped("display_name")),
            ))
        return self._add_warranty_events(lambda lot: {
            "kind": kind, "days": days, "date": date, "reason": reason,
        })

    def _restart_warranty(self, date, reason):
        """Let the warranty begin anew on ``date``, for the months it was given for.

        It never ends earlier than before.
        """
        lacking = self.filtered(lambda lot: not (
            lot.aftersales_warranty_months or lot.aftersales_main_part_months))
        if lacking:
            raise UserError(self.env._(
                "There is no warranty period that could begin anew: %(lots)s. Set the last day "
                "by hand instead.", lots=format_list(self.env, lacking.mapped("display_name")),
            ))
        return self._add_warranty_events(lambda lot: {
            "kind": "restart", "date": date, "reason": reason,
            "date_end": get_last_day(date, lot.aftersales_warranty_months),
            "main_part_end": get_last_day(date, lot.aftersales_main_part_months),
        })

    def _take_over_warranty(self, old_lot, date):
        """Give a replacement what its predecessor's warranty still promises on ``date``.

        By the company's setting that is the rest of the period, or a new period that begins on
        ``date``; never less than the rest, and never less than the replacement's own warranty.

        :return: the event, none when the warranty of ``old_lot`` was over or had not begun
        """
        self.ensure_one()
        end, main_part_end = old_lot.aftersales_warranty_end, old_lot.aftersales_main_part_end
        if not main_part_end or main_part_end < date:
            return self.env["aftersales.warranty.event"]
        main_part_end = main_part_end if main_part_end != end else None
        end = end if end and end >= date else None
        company = self.company_id or old_lot.company_id or self.env.company
        if company.aftersales_replacement_warranty == "new" and end:
            terms = self if self.aftersales_warranty_months else old_lot
            end = get_later(end, get_last_day(date, terms.aftersales_warranty_months))
            main_part_end = get_later(
                main_part_end, get_last_day(date, terms.aftersales_main_part_months))
        return self._add_warranty_events(lambda lot: {
            "kind": "replacement", "date": date, "date_end": end, "main_part_end": main_part_end,
            "replaced_lot_id": old_lot.id,
            "reason": self.env._("Replaces %(lot)s", lot=old_lot.display_name),
        })

    def _correct_warranty(self, date_end, main_part_end, reason):
        """Set last days by hand; an empty one stays as it is."""
        if not (date_end or main_part_end):
            return self.env["aftersales.warranty.event"]
        for lot in self:
            start = lot.aftersales_warranty_start
            if start and min(filter(None, (date_end, main_part_end))) < start:
                raise UserError(self.env._(
                    "%(lot)s: the warranty would end before it begins on %(start)s. Correct its "
                    "delivery, installation or invoice date first, or enter a later day.",
                    lot=lot.display_name, start=format_date(self.env, start),
                ))
        return self._add_warranty_events(lambda lot: {
            "kind": "correction", "date_end": date_end, "main_part_end": main_part_end,
            "date": lot._get_correction_date(), "reason": reason,
        })

    def _get_correction_date(self):
        """Return today, or the first day of a warranty that is still to begin."""
        today = (self.company_id or self.env.company)._get_aftersales_today()
        return get_later(today, self.aftersales_warranty_start)

    def _add_warranty_events(self, prepare_vals):
        """Create one event per lot from the values ``prepare_vals(lot)`` returns."""
        vals_list = []
        for lot in self:
            vals = prepare_vals(lot)
            today = (lot.company_id or self.env.company)._get_aftersales_today()
            vals_list.append({**vals, "lot_id": lot.id, "date": vals.get("date") or today})
        # Whoever replaces or repairs a unit moves its warranty, without a right to write events.
        return self.env["aftersales.warranty.event"].sudo().create(vals_list).sudo(self.env.su)
