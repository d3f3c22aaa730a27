from odoo import api, fields, models
from odoo.tools import format_list

MAX_NAMED = 5  # people named in the reason of a choice


class AftersalesRequestRouting(models.AbstractModel):
    """To whom a request goes: category by words, team by category and area, owner by the team."""

    _name = "aftersales.request.routing"
    _description = "Request Routing"

    triage_warning = fields.Text(
        compute="_compute_triage_warning",
        help="What the desk should look at before somebody drives there.",
    )

    # -------------------------------------------------------------------------
    # Category and team
    # -------------------------------------------------------------------------

    @api.model
    def _prepare_routed_vals(self, vals):
        """Return the values of a new request with what its words and its category suggest."""
        vals = dict(vals)
        company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        categories = self.env["aftersales.request.category"]
        if "category_id" not in vals:
            words = " ".join(filter(None, (vals.get("subject"), vals.get("description"))))
            vals["category_id"] = categories._suggest(words, company).id
        category = categories.browse(vals["category_id"])
        for name, value in category._get_suggested_vals().items():
            vals.setdefault(name, value)
        if "team_id" not in vals:
            site = self.env["maintenance.equipment"].browse(vals.get("equipment_id")).site_id
            site = self.env["res.partner"].browse(vals.get("site_id")) or site
            site = site or self.env["res.partner"].browse(vals.get("partner_id"))
            vals["team_id"] = self._find_team(category, company, site).id
        return vals

    @api.onchange("subject", "description")
    def _onchange_words(self):
        if not self.category_id and not self._origin:
            words = " ".join(filter(None, (self.subject, self.description)))
            self.category_id = self.env["aftersales.request.category"]._suggest(
                words, self.company_id)

    @api.onchange("category_id")
    def _onchange_category_id(self):
        if self.category_id:
            self.update(self.category_id._get_suggested_vals())
            self.team_id = self._find_team(
                self.category_id, self.company_id, self.site_id) or self.team_id

    @api.model
    def _find_team(self, category, company, site):
        """Return the category's team, or where it does not go, the team of the area."""
        team = category._get_team() or company.aftersales_request_team_id
        if not site or not team or team._serves(site):
            return team
        others = self.env["maintenance.team"].search([
            ("is_aftersales", "=", True), ("aftersales_area_ids", "!=", False),
            ("company_id", "in", (False, company.id)),
        ])
        return others.filtered(lambda other: other._serves(site))[:1] or team

    # -------------------------------------------------------------------------
    # What does not fit
    # -------------------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends("serial_told", "equipment_id", "commercial_partner_id", "site_id", "team_id",
                 "contract_line_id", "is_open")
    def _compute_triage_warning(self):
        told = [request.serial_told.strip() for request in self
                if request.is_open and request.serial_told and not request.equipment_id]
        units = self.env["maintenance.equipment"].search([
            ("customer_id", "!=", False), ("lot_id.name", "in", told),
        ]) if told else self.env["maintenance.equipment"]
        for request in self:
            request.triage_warning = request.is_open and "\n".join(
                [*request._get_serial_warnings(units), *request._get_area_warnings()]) or False

    def _get_serial_warnings(self, units):
        """Say whose unit bears the serial number that was told."""
        self.ensure_one()
        if not self.serial_told or self.equipment_id:
            return []
        unit = units.filtered(
            lambda unit: unit.lot_id.name == self.serial_told.strip()
            and unit.company_id in (self.company_id, self.env["res.company"]))[:1]
        if not unit:
            return [self.env._(
                "The serial number %(serial)s is not known. Ask for it once more, or choose the "
                "equipment.", serial=self.serial_told)]
        if not self.partner_id:
            return [self.env._(
                "The serial number %(serial)s is %(unit)s of %(customer)s. Choose the contact and "
                "the equipment.", serial=self.serial_told, unit=unit.name,
                customer=unit.customer_id.display_name)]
        if unit.customer_id.commercial_partner_id == self.commercial_partner_id:
            return [self.env._(
                "The serial number %(serial)s is %(unit)s of this customer. Choose it as the "
                "equipment.", serial=self.serial_told, unit=unit.name)]
        return [self.env._(
            "The serial number %(serial)s is %(unit)s of another customer, %(customer)s. Look up "
            "who owns it before anybody comes.", serial=self.serial_told, unit=unit.name,
            customer=unit.customer_id.display_name)]

    def _get_area_warnings(self):
        """Say where the site lies outside of what team and contract serve."""
        self.ensure_one()
        site, warnings = self.site_id, []
        if not site:
            return warnings
        if self.team_id and not self.team_id._serves(site):
            warnings.append(self.env._(
                "%(site)s lies outside the areas of %(team)s: %(areas)s. Choose another team, or "
                "agree on the journey with the customer first.",
                site=site.display_name, team=self.team_id.name,
                areas=format_list(self.env, self.team_id.aftersales_area_ids.mapped("name"))))
        # Where a contract serves is no secret of the contract.
        line_sudo = self.contract_line_id.sudo()
        area = line_sudo.service_area_id
        if area and not area._filter_addresses(site):
            warnings.append(self.env._(
                "%(site)s lies outside the area of contract %(contract)s: %(area)s. Work there is "
                "not covered by it.", site=site.display_name,
                contract=line_sudo.contract_id.display_name, area=area.name))
        return warnings

    # -------------------------------------------------------------------------
    # Owner
    # -------------------------------------------------------------------------

    def action_assign(self):
        """Let the team's rule choose the owner."""
        self._assign_by_team(by_hand=True)
        return True

    def action_reassign(self):
        """Give requests to somebody else, by the team's rule: the owner is away or overloaded."""
        self._check_open()
        self._share_out(self, by_turns=True)
        return True

    def _assign_by_team(self, by_hand=False):
        """Give requests without an owner to somebody, as their team shares out its work.

        Who is on duty gets them in any case: at night nobody is there to share out by hand.
        """
        waiting = self.filtered(lambda request: request.is_open and not request.user_id)
        if not waiting:
            return
        duties = self.env["aftersales.duty"]._get_users_on_duty(waiting.team_id)
        self._share_out(waiting.filtered(
            lambda request: by_hand or request.team_id in duties
            or request.team_id.aftersales_assign_mode not in (False, "manual")))

    @api.model
    def _share_out(self, requests, by_turns=False):
        """Give requests to the best person each, the most urgent first.

        :param by_turns: whether those who have them now are left out
        """
        if not requests:
            return
        loads = self._get_loads()
        duties = self.env["aftersales.duty"]._get_users_on_duty(requests.team_id)
        # Members of teams and people on duty may be absent: whose calendar says so is passed over.
        away = self._get_absent_users(
            requests.team_id.member_ids.union(requests.user_id, *duties.values()))
        for request in requests.sorted("priority"):
            left_out = request.user_id if by_turns else request.user_id.browse()
            user, note = request._choose_owner(
                duties.get(request.team_id), loads, away, left_out)
            if user:
                loads[user] = loads.get(user, 0) + 1
                request._assign(user, note=note)

    @api.model
    def _get_absent_users(self, users):
        """Return who is on leave at this moment, by the calendar of people (leaves of HR)."""
        now = fields.Datetime.now()
        # Why somebody is away is nobody's business here, only that they are.
        return self.env["resource.calendar.leaves"].sudo().search([
            ("resource_id.user_id", "in", users.ids), ("time_type", "=", "leave"),
            ("date_from", "<=", now), ("date_to", ">", now),
        ]).resource_id.user_id.sudo(self.env.su)

    @api.model
    def _get_loads(self):
        """Return by user how many open requests they have, whatever the team."""
        # Load is counted over all requests, also those the user at the desk may not see.
        return dict(self.env["aftersales.request"].sudo()._read_group(
            [("is_open", "=", True), ("user_id", "!=", False)], ["user_id"], ["__count"]))

    def _choose_owner(self, on_duty, loads, away, left_out):
        """Return who should have the request, and why.

        :param on_duty: users on duty for the team now, if any: they go before its members
        :param loads: dict of user → number of open requests
        :param away: users who are absent now
        :param left_out: users who shall not have it
        """
        self.ensure_one()
        candidates = (on_duty or self.team_id.member_ids).filtered("active") - left_out
        users = candidates - away
        reasons = [self.env._("on duty") if on_duty else self.env._("of the team")]
        if not users:
            return users, False
        skills = self.category_id._get_skills()
        if skills and self.team_id.aftersales_assign_mode == "skill":
            skilled = self._filter_skilled(users, skills)
            users = skilled or users
            reasons.append(
                self.env._("has the skills") if skilled else self.env._("nobody has the skills"))
        user = min(users, key=lambda user: (loads.get(user, 0), user.id))
        return user, self._get_choice_note(
            reasons, user, users - user, (candidates | left_out) & away, loads)

    def _get_choice_note(self, reasons, user, others, away, loads):
        """Say why somebody was chosen: by what rule, among whom, and who was not there."""
        note = self.env._(
            "Chosen by the team's rule: %(reason)s, %(count)s open requests",
            reason=", ".join(reasons), count=loads.get(user, 0))
        if others:
            shown = others.sorted(lambda other: (loads.get(other, 0), other.id))[:MAX_NAMED]
            note = self.env._("%(note)s; others: %(others)s", note=note, others=", ".join(
                f"{other.name} {loads.get(other, 0)}" for other in shown))
        if away:
            note = self.env._(
                "%(note)s; away: %(names)s", note=note,
                names=", ".join(away[:MAX_NAMED].mapped("name")))
        return note

    @api.model
    def _filter_skilled(self, users, skills):
        """Return the users who hold all skills today; an expired certificate is none."""
        today = fields.Date.context_today(self)
        # Skills are closed to the desk; only whether somebody has them is told.
        rows = self.env["hr.employee.skill"].sudo().search([
            ("employee_id.user_id", "in", users.ids), ("skill_id", "in", skills.ids),
            ("valid_from", "<=", today),
            "|", ("valid_to", "=", False), ("valid_to", ">=", today),
        ])
        held = {user: rows.skill_id for user, rows in rows.grouped(
            lambda row: row.employee_id.user_id).items()}
        return users.filtered(lambda user: skills <= held.get(user, skills.browse()))
