from odoo import api, fields, models


class AftersalesRequestRouting(models.AbstractModel):
    """To whom a request goes: category by words, team by category and area, owner by the team."""

    _name = "aftersales.request.routing"
    _description = "Request Routing"

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
    # Owner
    # -------------------------------------------------------------------------

    def action_assign(self):
        """Let the team's rule choose the owner."""
        self._assign_by_team(by_hand=True)
        return True

    def _assign_by_team(self, by_hand=False):
        """Give requests without an owner to somebody, as their team shares out its work."""
        waiting = self.filtered(lambda request: request.is_open and not request.user_id and (
            by_hand or request.team_id.aftersales_assign_mode not in (False, "manual")))
        if not waiting:
            return
        loads = self._get_loads()
        duties = self.env["aftersales.duty"]._get_users_on_duty(waiting.team_id)
        for request in waiting.sorted("priority"):
            user, note = request._choose_owner(duties.get(request.team_id), loads)
            if user:
                loads[user] = loads.get(user, 0) + 1
                request._assign(user, note=note)

    @api.model
    def _get_loads(self):
        """Return by user how many open requests they have, whatever the team."""
        # Load is counted over all requests, also those the user at the desk may not see.
        return dict(self.env["aftersales.request"].sudo()._read_group(
            [("is_open", "=", True), ("user_id", "!=", False)], ["user_id"], ["__count"]))

    def _choose_owner(self, on_duty, loads):
        """Return who should have the request, and why."""
        self.ensure_one()
        users = on_duty or self.team_id.member_ids
        reason = self.env._("on duty") if on_duty else self.env._("of the team")
        skills = self.category_id._get_skills()
        if skills and self.team_id.aftersales_assign_mode == "skill":
            skilled = self._filter_skilled(users, skills)
            if skilled:
                users, reason = skilled, self.env._("has the skills")
        if not users:
            return users, False
        user = min(users, key=lambda user: (loads.get(user, 0), user.id))
        return user, self.env._(
            "Chosen by the team's rule: %(reason)s, %(count)s open requests",
            reason=reason, count=loads.get(user, 0))

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
