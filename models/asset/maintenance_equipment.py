import re
from datetime import datetime, time

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

_CHECK_ACTIVITY = "aftersales.mail_activity_type_statutory_check"


class MaintenanceEquipment(models.Model):
    """Customer equipment (the installed base) beside the company's own, internal equipment.

    Core's ``partner_id`` is the *vendor* and ``serial_no`` is unique over all products and
    companies. The serial number of customer equipment is therefore its lot.
    """

    _name = "maintenance.equipment"
    _inherit = ["maintenance.equipment", "aftersales.batch.mixin"]

    # Whose it is, and what
    customer_id = fields.Many2one(
        "res.partner", index="btree_not_null", tracking=True,
        check_company=True,
    )
    site_id = fields.Many2one(
        "res.partner", index="btree_not_null", check_company=True, tracking=True,
        domain="[('id', 'child_of', customer_id)]",
        help="Address of the customer where the equipment stands.",
    )
    aftersales_site_city = fields.Char(related="site_id.city", string="City", store=True)
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", check_company=True,
    )
    lot_id = fields.Many2one(
        "stock.lot", string="Lot/Serial", index="btree_not_null", check_company=True,
        domain="[('product_id', '=', product_id)]", copy=False,
    )
    aftersales_serial = fields.Char(
        string="Unit Serial Number", compute="_compute_aftersales_serial",
        inverse="_inverse_aftersales_serial",
        help="For imports: a serial number that is not known yet is registered.",
    )
    install_date = fields.Date(string="Installed On", tracking=True)
    specification = fields.Text(help="What matters for service: load, voltage, options fitted.")
    usage_factor = fields.Float(
        default=1.0,
        help="How hard it is used compared with the usual: 1 = as usual, 2 = twice as much.",
    )
    criticality = fields.Selection(
        selection=[("a", "A: stops the business"), ("b", "B: hinders"), ("c", "C: hardly noticed")],
        default="b", tracking=True, help="What a failure means to the customer (EN 13306).",
    )

    # How it is, and what the law asks
    condition = fields.Selection(
        selection=[("up", "Up"), ("degraded", "Degraded"), ("down", "Down")],
        default="up", required=True, tracking=True, copy=False,
        help="EN 13306: up, degraded or down state.",
    )
    is_regulated = fields.Boolean(
        string="Statutory Checks",
        help="The law requires checks by an authorised body, for example lifts and boilers.",
    )
    next_statutory_check = fields.Date(index="btree_not_null", tracking=True, copy=False)
    aftersales_check_months = fields.Integer(
        string="Check Every (months)", help="How often the law asks for the check. 0: it varies.",
    )
    aftersales_check_due = fields.Boolean(
        string="Check Due", compute="_compute_aftersales_check_due",
        search="_search_aftersales_check_due",
        help="The next statutory check is due within the notice days of the company, or overdue.",
    )
    aftersales_check_reminded = fields.Date(
        string="Reminded of Check On", copy=False, readonly=True,
        help="The due date of which the technician has been reminded.",
    )

    # Where it has gone
    retired_on = fields.Date(tracking=True, copy=False, readonly=True)
    retire_reason = fields.Char(copy=False, readonly=True)
    replaced_by_id = fields.Many2one(
        "maintenance.equipment", index="btree_not_null", copy=False, readonly=True,
        check_company=True,
    )
    aftersales_replaced_ids = fields.One2many(
        "maintenance.equipment", "replaced_by_id", string="Replaces",
        context={"active_test": False},
    )
    aftersales_returned_on = fields.Date(
        string="Back With Us Since", copy=False, readonly=True, tracking=True,
        help="The customer sent the unit to us. The next delivery brings it back.",
    )

    meter_ids = fields.One2many("aftersales.meter", "equipment_id", string="Meters", copy=True)
    event_ids = fields.One2many(
        "aftersales.equipment.event", "equipment_id", string="Events",
    )
    aftersales_reading_ids = fields.One2many(
        "aftersales.meter.reading", "equipment_id", string="Meter Readings",
    )
    part_ids = fields.One2many(
        "aftersales.equipment.part", "equipment_id", string="Fitted Parts",
    )
    warranty_start = fields.Date(related="lot_id.aftersales_warranty_start")
    warranty_end = fields.Date(
        related="lot_id.aftersales_warranty_end", string="Warranty Until",
    )
    warranty_state = fields.Selection(
        related="lot_id.aftersales_warranty_state", string="Warranty",
    )
    warranty_text = fields.Char(
        related="lot_id.aftersales_warranty_text", string="Under Warranty Now?",
    )
    aftersales_recall_ids = fields.Many2many(
        "aftersales.recall", string="Open Recalls", related="lot_id.aftersales_recall_ids",
    )
    aftersales_repair_count = fields.Integer(
        string="Repair Count", compute="_compute_aftersales_repair_count",
    )

    # Two that are entered at the same moment meet here; the others are told by the constraint.
    _lot_uniq = models.UniqueIndex(
        "(lot_id, COALESCE(company_id, 0)) WHERE lot_id IS NOT NULL",
        lambda env, diagnostics: env["maintenance.equipment"]._get_lot_message(diagnostics),
    )
    _check_months_not_negative = models.Constraint(
        "CHECK (aftersales_check_months >= 0)",
        "A check cannot be due every minus so many months. Enter 0 if it varies.",
    )
    _usage_factor_positive = models.Constraint(
        "CHECK (customer_id IS NULL OR usage_factor > 0)",
        "The usage factor must be above zero: 1 is as usual, 0.5 half as much.",
    )

    # -------------------------------------------------------------------------
    # Computes
    # -------------------------------------------------------------------------

    @api.depends("lot_id.name")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for equipment in self.filtered(lambda eq: eq.lot_id and not eq.serial_no):
            equipment.display_name = f"{equipment.name}/{equipment.lot_id.name}"
        return result

    @api.depends("lot_id.name")
    def _compute_aftersales_serial(self):
        for equipment in self:
            equipment.aftersales_serial = equipment.lot_id.name

    def _inverse_aftersales_serial(self):
        """Find the serial numbers by product and name; register those nobody knows yet."""
        self._check_serial_is_possible()
        wanted = {
            equipment: (equipment.product_id, equipment.aftersales_serial)
            for equipment in self if equipment.aftersales_serial
        }
        known = {
            (lot.product_id, lot.name): lot for lot in self.env["stock.lot"].search([
                ("product_id", "in", [product.id for product, _name in wanted.values()]),
                ("name", "in", [name for _product, name in wanted.values()]),
                ("company_id", "in", [False, *self.company_id.ids]),
            ])
        }
        missing = [key for key in dict.fromkeys(wanted.values()) if key not in known]
        lots = self.env["stock.lot"].create([
            {"product_id": product.id, "name": name} for product, name in missing
        ])
        known.update(zip(missing, lots, strict=True))
        for equipment in self:
            equipment.lot_id = known.get(wanted.get(equipment))

    def _check_serial_is_possible(self):
        for equipment in self.filtered("aftersales_serial"):
            if equipment.product_id.tracking not in ("serial", "lot"):
                raise ValidationError(self.env._(
                    "%(equipment)s: %(product)s has no serial numbers, so it cannot have number "
                    "%(serial)s. Choose a product tracked by serial number.",
                    equipment=equipment.name, serial=equipment.aftersales_serial,
                    product=equipment.product_id.display_name or self.env._("No product"),
                ))

    @api.depends("is_regulated", "next_statutory_check", "company_id")
    def _compute_aftersales_check_due(self):
        for equipment in self:
            company = equipment.company_id or self.env.company
            due = equipment.is_regulated and equipment.next_statutory_check
            equipment.aftersales_check_due = bool(due) and (
                due <= company._get_aftersales_check_horizon()
            )

    def _search_aftersales_check_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_check_due_domain(self.env.companies)

    @api.model
    def _get_check_due_domain(self, companies):
        return Domain("is_regulated", "=", True) & Domain.OR(
            self._get_company_domain(company)
            & Domain("next_statutory_check", "<=", company._get_aftersales_check_horizon())
            for company in companies
        )

    @api.model
    def _get_company_domain(self, company):
        """Return what is the company's; what belongs to all counts with the present one."""
        owners = [company.id, False] if company == self.env.company else [company.id]
        return Domain("company_id", "in", owners)

    @api.depends("lot_id")
    def _compute_aftersales_repair_count(self):
        counts = dict(self.env["repair.order"]._read_group(
            [("lot_id", "in", self.lot_id.ids)], ["lot_id"], ["__count"],
        )) if self.env["repair.order"].has_access("read") else {}
        for equipment in self:
            equipment.aftersales_repair_count = counts.get(equipment.lot_id, 0)

    # -------------------------------------------------------------------------
    # Constraints and CRUD
    # -------------------------------------------------------------------------

    @api.constrains("product_id", "lot_id")
    def _check_lot_product(self):
        for equipment in self:
            if equipment.lot_id and equipment.lot_id.product_id != equipment.product_id:
                raise ValidationError(self.env._(
                    "%(equipment)s: serial number %(lot)s belongs to product %(lot_product)s, "
                    "not to %(product)s. Choose a serial number of that product.",
                    equipment=equipment.name, lot=equipment.lot_id.name,
                    lot_product=equipment.lot_id.product_id.display_name,
                    product=equipment.product_id.display_name or "-",
                ))

    @api.constrains("lot_id", "company_id")
    def _check_lot_is_free(self):
        """Refuse a serial number that is another unit, of the same company or of all."""
        if self.env.context.get("aftersales_is_delivered"):
            return  # the delivery has looked for it
        # Whoever enters it need not see the other one to be told that there is one.
        others_sudo = self.sudo().with_context(active_test=False).search([
            ("lot_id", "in", self.lot_id.ids),
        ]) if self.lot_id else self
        units = others_sudo.grouped("lot_id")
        for equipment in self.filtered("lot_id").sudo():
            for other in units.get(equipment.lot_id, ()):
                if other != equipment and (
                    not (other.company_id and equipment.company_id)
                    or other.company_id == equipment.company_id
                ):
                    raise ValidationError(equipment._get_taken_message(other))

    def _get_taken_message(self, other_sudo):
        """Say where the serial number is already, as far as the user may know."""
        lot = other_sudo.lot_id.name
        if not other_sudo.sudo(False).has_access("read"):
            return self.env._(
                "Serial number %(lot)s is equipment of another company already. Enter one of "
                "your own, or ask that company to let it go.", lot=lot,
            )
        return self.env._(
            "Serial number %(lot)s is %(equipment)s at %(place)s already. Open that equipment "
            "instead of creating a second one; if it has moved, use “Move” there; if it was "
            "retired, put it back into service.",
            lot=lot, equipment=other_sudo.display_name,
            place=other_sudo._get_customer_and_site() or self.env._("our own place"),
        )

    def _get_customer_and_site(self):
        customer, site = self.customer_id, self.site_id
        if not site or site == customer:
            return customer.display_name or ""
        return f"{customer.display_name} ({site.name or site.display_name})"

    @api.model
    def _get_lot_message(self, diagnostics):
        """Return what the index refuses, in words: which serial number, and where it is."""
        detail = diagnostics and diagnostics.message_detail or ""
        ids = re.search(r"=\((\d+), (\d+)\)", detail)
        other_sudo = self.sudo().with_context(active_test=False).search([
            ("lot_id", "=", int(ids[1])), ("company_id", "=", int(ids[2]) or False),
        ], limit=1) if ids else self
        if not other_sudo:
            return self.env._(
                "This serial number is entered twice. Enter it once, for the equipment it "
                "belongs to.")
        return self._get_taken_message(other_sudo)

    @api.model_create_multi
    def create(self, vals_list):
        equipment = super().create(vals_list)
        equipment._add_events({
            new: ("installed", new._get_place()) for new in equipment.filtered("customer_id")
        })
        return equipment

    def write(self, vals):
        if vals.get("active") and "retired_on" not in vals:
            self._check_not_retired()
        if "next_statutory_check" in vals:
            self.filtered("aftersales_check_reminded").activity_unlink([_CHECK_ACTIVITY])
        watched = {"customer_id", "site_id", "condition"} & vals.keys()
        before = {equipment: equipment._get_facts() for equipment in self} if watched else {}
        result = super().write(vals)
        for kind in ("place", "condition"):
            self._add_events({
                equipment: event for equipment, facts in before.items()
                if (event := getattr(equipment, f"_get_{kind}_event")(facts))
            })
        return result

    def _check_not_retired(self):
        for equipment in self.filtered("retired_on"):
            raise ValidationError(self.env._(
                "%(equipment)s was retired on %(date)s. Use “Put Back into Service” instead of "
                "unarchiving it.",
                equipment=equipment.display_name,
                date=format_date(self.env, equipment.retired_on),
            ))

    def action_unarchive(self):
        """Put retired customer equipment back into service, not only back on the list."""
        retired = self.filtered("retired_on")
        retired.action_reinstate()
        return super(MaintenanceEquipment, self - retired).action_unarchive()

    def get_formview_id(self, access_uid=None):
        """Open customer equipment in its own form, wherever it is linked from."""
        if self.customer_id:
            return self.env.ref("aftersales.maintenance_equipment_view_form_customer").id
        return super().get_formview_id(access_uid)

    @api.model
    def get_import_templates(self):
        templates = super().get_import_templates()
        if not self.env.context.get("aftersales_customer_equipment"):
            return templates
        return [*templates, {
            "label": self.env._("Import Template for Customer Equipment"),
            "template": "/aftersales/static/xls/customer_equipment.xlsx",
        }]

    # -------------------------------------------------------------------------
    # History
    # -------------------------------------------------------------------------

    def _as_of(self, day, reason=None):
        """Let the events of what is written next bear this day and this reason."""
        return self.with_context(aftersales_event_day=day, aftersales_event_reason=reason)

    def _add_events(self, events):
        """Append to the history.

        :param events: (kind, text) per equipment
        """
        day = fields.Date.to_date(self.env.context.get("aftersales_event_day"))
        reason = self.env.context.get("aftersales_event_reason")
        # History is written by the equipment alone: nobody may add to it by hand.
        self.env["aftersales.equipment.event"].sudo().create([{
            "equipment_id": equipment.id,
            "date": equipment._get_moment(day or kind == "installed" and equipment.install_date),
            "kind": kind,
            "name": f"{text}: {reason}" if reason else text,
        } for equipment, (kind, text) in events.items()])

    def _get_moment(self, day):
        """Return now for today, and noon for another day, so that it is that day everywhere."""
        company = self.company_id or self.env.company
        if not day or day == company._get_aftersales_today():
            return fields.Datetime.now()
        return datetime.combine(day, time(12))

    def _get_facts(self):
        return {
            "address": (self.customer_id, self.site_id),
            "place": self._get_place(),
            "condition": self.condition,
        }

    def _get_place(self):
        """Return where the equipment stands, and whose it is when the address does not tell."""
        site, customer = self.site_id, self.customer_id
        if not site or site.commercial_partner_id == customer.commercial_partner_id:
            return (site or customer).display_name or ""
        return f"{customer.display_name} ({site.display_name})"

    def _get_place_event(self, before):
        if not self.customer_id or before["address"] == (self.customer_id, self.site_id):
            return False
        if not before["address"][0]:
            return "installed", self._get_place()
        return "moved", f"{before['place']} → {self._get_place()}"

    def _get_condition_event(self, before):
        if not self.customer_id or before["condition"] == self.condition:
            return False
        labels = dict(self._fields["condition"]._description_selection(self.env))
        return "condition", f"{labels[before['condition']]} → {labels[self.condition]}"

    # -------------------------------------------------------------------------
    # Condition and statutory checks
    # -------------------------------------------------------------------------

    def action_set_up(self):
        return self._set_condition("up")

    def action_set_degraded(self):
        return self._set_condition("degraded")

    def action_set_down(self):
        return self._set_condition("down")

    def _set_condition(self, condition):
        """Note how the equipment is; a second click does nothing."""
        self.filtered(lambda eq: eq.condition != condition).condition = condition
        return True

    def action_statutory_check_done(self):
        """Note that the check was done, and when the next one is due."""
        for equipment in self:
            today = (equipment.company_id or self.env.company)._get_aftersales_today()
            equipment.activity_feedback([_CHECK_ACTIVITY])
            equipment._add_events({equipment: ("checked", self.env._(
                "Due on %(due)s, done on %(done)s",
                due=format_date(self.env, equipment.next_statutory_check) or "-",
                done=format_date(self.env, today),
            ))})
            equipment.next_statutory_check = equipment._get_check_after(today)
        return True

    def _get_check_after(self, today):
        """Return when the next check is due: counted from the due date, so it does not drift."""
        months = self.aftersales_check_months
        if not months:
            return False
        first = self.next_statutory_check or today
        steps = 1
        while (due := first + relativedelta(months=steps * months)) <= today:
            steps += 1
        return due

    @api.model
    def _cron_remind_statutory_checks(self, batch_size=200):
        """Remind the technicians of coming checks: once of each due date."""
        domain = self._get_check_due_domain(self._get_all_companies()) & Domain(
            "customer_id", "!=", False,
        ) & Domain.custom(to_sql=lambda model, alias, query: SQL(
            "%s IS DISTINCT FROM %s",
            SQL.identifier(alias, "aftersales_check_reminded"),
            SQL.identifier(alias, "next_statutory_check"),
        ))
        self._run_in_batches(domain, batch_size, lambda batch: batch._remind_of_check())

    @api.model
    def _get_all_companies(self):
        return self.env["res.company"].search([("id", "!=", False)])

    def _remind_of_check(self):
        """Give one activity per equipment and due date, in place of those of earlier dates."""
        self.activity_unlink([_CHECK_ACTIVITY])
        groups = self.grouped(lambda eq: (eq.next_statutory_check, eq._get_caretaker()))
        for (due, user), equipment in groups.items():
            equipment.activity_schedule(_CHECK_ACTIVITY, date_deadline=due, user_id=user.id)
            equipment.aftersales_check_reminded = due

    def _get_caretaker(self):
        """Return who looks after the equipment: its technician, or the first of its team."""
        return (
            self.technician_user_id or self.category_id.technician_user_id
            or self.maintenance_team_id.member_ids[:1] or self.create_uid
        )

    # -------------------------------------------------------------------------
    # Move, swap, retire
    # -------------------------------------------------------------------------

    def _move(self, customer, site, date, reason=None, agreement=None):
        """Let the equipment stand elsewhere, perhaps with another customer, from a day on.

        :param agreement: who agreed for the customer, when contracts in force are touched
        """
        self._lock_for_step("move", date)
        self._as_of(date, reason)._hand_over(customer, site)

    def _retire(self, date, reason, agreement=None):
        """Take the equipment out of service from ``date`` on.

        :param agreement: who agreed for the customer, when contracts in force are touched
        """
        self._lock_for_step("retire", date)
        self._put_out_of_service(date, reason)
        self._as_of(date)._add_events({equipment: ("retired", reason) for equipment in self})

    def _put_out_of_service(self, date, reason, **vals):
        # Whoever may retire equipment also ends its plans, whatever the rights in maintenance.
        plans_sudo = self.sudo().maintenance_ids.filtered(
            lambda request: request.maintenance_type == "preventive"
            and not request.archive and not request.stage_id.done
        )
        plans_sudo.archive_equipment_request()
        self.write({"retired_on": date, "retire_reason": reason, "active": False, **vals})

    def _swap(self, date, reason, product=None, lot=None, agreement=None):
        """Put another unit in the place of this one, and return it.

        It takes over the name, the site and whatever else belongs to the place; the history,
        the serial number and the counters stay with the old unit.

        :param lot: serial number of the new unit; it may be customer equipment already, when
            its delivery has made it so
        :param agreement: who agreed for the customer, when contracts in force are touched
        """
        self.ensure_one()
        self._lock_for_step("swap", date)
        successor = self._find_successor(lot)
        self._check_no_step_blockers(self._get_successor_blockers(successor, lot))
        vals = self._prepare_successor_vals(date, product or lot.product_id or self.product_id, lot)
        if successor:
            successor._as_of(date, reason).write(vals)
        else:
            # Whoever may write the old unit may note what took its place.
            successor = self.sudo()._as_of(date, reason).copy(vals).sudo(False)
        if self.lot_id and lot:
            lot.sudo()._take_over_warranty(self.lot_id, date)
        self._put_out_of_service(date, reason, replaced_by_id=successor.id)
        self._as_of(date, reason)._add_events({
            self: ("swapped", self.env._("Replaced by %(new)s", new=successor.display_name)),
            successor: ("swapped", self.env._(
                "In the place of %(old)s", old=self.lot_id.name or self.display_name)),
        })
        return successor

    def _find_successor(self, lot):
        """Return the customer equipment that the new serial number is already, if any."""
        return self.with_context(active_test=False).search([
            ("lot_id", "=", lot.id), ("company_id", "=", self.company_id.id),
        ]) if lot else self.browse()

    def _get_successor_blockers(self, successor, lot):
        blockers = []
        if lot and lot == self.lot_id:
            return [self.env._("Choose another serial number than the present one.")]
        owner = successor.customer_id.commercial_partner_id
        if successor and owner and owner != self.customer_id.commercial_partner_id:
            blockers.append(self.env._(
                "Serial number %(lot)s stands with %(owner)s as %(equipment)s. Choose another, or "
                "move that equipment first.",
                lot=lot.name, owner=owner.display_name, equipment=successor.name,
            ))
        return blockers

    def _prepare_successor_vals(self, date, product, lot):
        """Return what the new unit takes over from this one, and what is its own."""
        return {
            "name": self.name,
            "customer_id": self.customer_id.id,
            "site_id": self.site_id.id,
            "company_id": self.company_id.id,
            "category_id": self.category_id.id,
            "maintenance_team_id": self.maintenance_team_id.id,
            "technician_user_id": self.technician_user_id.id,
            "specification": self.specification,
            "criticality": self.criticality,
            "usage_factor": self.usage_factor,
            "is_regulated": self.is_regulated,
            "aftersales_check_months": self.aftersales_check_months,
            "next_statutory_check": self.next_statutory_check,
            "note": self.note,
            "product_id": product.id,
            "lot_id": lot.id if lot else False,
            "install_date": date,
            "condition": "up",
            "retired_on": False,
            "retire_reason": False,
            "active": True,
            "aftersales_returned_on": False,
        }

    def action_reinstate(self):
        """Put retired equipment back into service; contract lines that ended stay ended."""
        retired = self.filtered("retired_on")
        retired.lock_for_update(allow_referencing=True)
        retired.write({
            "retired_on": False, "retire_reason": False, "replaced_by_id": False, "active": True,
        })
        self._add_events({
            equipment: ("reinstated", equipment._get_place()) for equipment in retired
        })
        return True

    # -------------------------------------------------------------------------
    # Deliveries and returns
    # -------------------------------------------------------------------------

    def _note_delivery(self, owner, site, day, reference):
        """Note that we delivered known units to an address: back, or to a new owner.

        A unit that comes back to its owner goes where it stood, whatever the address says.
        """
        resold = self.filtered(lambda eq: eq.customer_id.commercial_partner_id != owner)
        back = (self - resold).filtered(lambda eq: eq.aftersales_returned_on or eq.retired_on)
        for equipment in (resold, back):
            equipment.filtered("retired_on")._as_of(day, reference).action_reinstate()
        resold._as_of(day, reference)._hand_over(owner, site, install_date=day)
        back._as_of(day, reference)._add_events({
            unit: ("installed", unit._get_place()) for unit in back if unit.aftersales_returned_on
        })
        (resold + back).aftersales_returned_on = False

    def _note_return(self, day, reference):
        """Note that the customer sent units to us; whether they go back is not known yet."""
        returned = self.filtered(lambda eq: eq.customer_id and not eq.aftersales_returned_on)
        returned.aftersales_returned_on = day
        returned._as_of(day, reference)._add_events({
            unit: ("returned", unit._get_place()) for unit in returned
        })

    def _hand_over(self, customer, site, **vals):
        """Let the equipment belong to another customer, or stand at another site (hook)."""
        self.write({"customer_id": customer.id, "site_id": site.id, **vals})

    # -------------------------------------------------------------------------
    # Whether a step may be taken
    # -------------------------------------------------------------------------

    def _lock_for_step(self, step, date):
        """Lock the equipment, and raise every reason why it cannot take this step."""
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        self._check_no_step_blockers([
            f"{equipment.display_name}: {blocker}"
            for equipment in self for blocker in equipment._get_step_blockers(step, date)
        ])

    @api.model
    def _check_no_step_blockers(self, blockers):
        if blockers:
            raise UserError("\n".join(blockers))

    def _get_step_blockers(self, step, date):
        """Return why the equipment cannot be moved, swapped or retired on this day (hook)."""
        self.ensure_one()
        today = (self.company_id or self.env.company)._get_aftersales_today()
        blockers = []
        if not self.customer_id:
            blockers.append(self.env._("it is not customer equipment. Enter its customer first."))
        if self.retired_on:
            blockers.append(self.env._(
                "it was retired on %(date)s already. Put it back into service first.",
                date=format_date(self.env, self.retired_on),
            ))
        if date > today:
            blockers.append(self.env._(
                "%(date)s lies in the future. Note it when it has happened: choose a day until "
                "%(today)s.",
                date=format_date(self.env, date), today=format_date(self.env, today),
            ))
        if self.install_date and date < self.install_date:
            blockers.append(self.env._(
                "it was installed on %(installed)s. Choose that day or a later one.",
                installed=format_date(self.env, self.install_date),
            ))
        return blockers

    def action_view_aftersales_repairs(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("repair.action_repair_order_tree"),
            "domain": [("lot_id", "=", self.lot_id.id)],
            "context": {"default_lot_id": self.lot_id.id, "default_product_id": self.product_id.id},
        }
