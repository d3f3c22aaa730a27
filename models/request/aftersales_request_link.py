from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesRequestLink(models.AbstractModel):
    """What a request has to do with others: it repeats one, and becomes repair, visit, quote."""

    _name = "aftersales.request.link"
    _description = "Request Links"

    similar_ids = fields.Many2many(
        "aftersales.request", string="Same Equipment Still Open", compute="_compute_similar_ids",
    )
    repair_count = fields.Integer(
        compute="_compute_link_counts", string="Number of Repairs", compute_sudo=True)
    visit_count = fields.Integer(
        compute="_compute_link_counts", string="Number of Visits", compute_sudo=True)
    quotation_count = fields.Integer(
        compute="_compute_link_counts", string="Number of Quotations", compute_sudo=True)
    outcome_label = fields.Char(
        string="Became", compute="_compute_outcome_label", compute_sudo=True,
        help="What was made of it, and how it stands.",
    )

    @api.depends("equipment_id", "is_open")
    def _compute_similar_ids(self):
        open_requests = self.env["aftersales.request"].search([
            ("equipment_id", "in", self.equipment_id.ids), ("is_open", "=", True),
        ]) if self.equipment_id else self.env["aftersales.request"]
        for request in self:
            request.similar_ids = open_requests.filtered(
                lambda other, request=request: other.equipment_id == request.equipment_id
                and other != request._origin) if request.is_open else False

    @api.depends("repair_ids", "visit_ids", "sale_order_ids")
    def _compute_link_counts(self):
        for request in self:
            request.repair_count = len(request.repair_ids)
            request.visit_count = len(request.visit_ids)
            request.quotation_count = len(request.sale_order_ids)

    @api.depends_context("lang")
    @api.depends("repair_ids.state", "visit_ids.stage_id.name", "sale_order_ids.state")
    def _compute_outcome_label(self):
        """Name what was made of it; the desk reads it also where it may not open it."""
        for request in self:
            request.outcome_label = " · ".join([
                *(request._name_outcome(record, "state") for record in request.repair_ids),
                *(request._name_outcome(record, "stage_id") for record in request.visit_ids),
                *(request._name_outcome(record, "state") for record in request.sale_order_ids),
            ]) or False

    def _name_outcome(self, record, status):
        field = record._fields[status]
        label = record[status].display_name if field.relational else dict(
            field._description_selection(self.env)).get(record[status])
        return self.env._(
            "%(record)s (%(status)s)", record=record.display_name, status=label or "–")

    # -------------------------------------------------------------------------
    # Duplicates
    # -------------------------------------------------------------------------

    def _merge_into(self, original, note=None):
        """End these requests as duplicates; the original gets their thread, files, followers."""
        for request in self:
            request._check_mergeable(original)
        self.with_context(aftersales_note=note)._transition_to(
            "duplicate", duplicate_of_id=original.id)
        for request in self:
            # Whoever may end a request may let its thread go on in the original.
            request_sudo = request.sudo()
            original.message_subscribe(request_sudo.message_partner_ids.ids)
            request_sudo._message_move_to(original)
            request._message_log(body=self.env._(
                "Merged into %(request)s; what was said goes on there.",
                request=original._get_html_link()))
            original._message_log(body=self.env._(
                "%(request)s is the same and was merged into this one.",
                request=request._get_html_link()))
        return True

    def _check_mergeable(self, original):
        self.ensure_one()
        problem = False
        if not original or original == self:
            problem = self.env._("Choose the other request, which it repeats.")
        elif not original.is_open:
            problem = self.env._(
                "%(other)s is not open. Reopen it first, or choose one that is open.",
                other=original.display_name)
        elif original.company_id != self.company_id:
            problem = self.env._("%(other)s is of another company.", other=original.display_name)
        elif (
            self.commercial_partner_id and original.commercial_partner_id
            and self.commercial_partner_id != original.commercial_partner_id
        ):
            problem = self.env._(
                "%(other)s is another customer's, who would read what was said here.",
                other=original.display_name)
        if problem:
            raise UserError(self.env._(
                "%(request)s cannot be merged: %(problem)s", request=self.display_name,
                problem=problem))

    def _message_move_to(self, original):
        """Hang messages and attachments of this request on another one."""
        self.ensure_one()
        self.env["mail.message"].search([
            ("model", "=", self._name), ("res_id", "=", self.id),
            ("message_type", "!=", "notification"),
        ]).write({"res_id": original.id})
        self.env["ir.attachment"].search([
            ("res_model", "=", self._name), ("res_id", "=", self.id),
            ("res_field", "=", False),
        ]).write({"res_id": original.id})

    # -------------------------------------------------------------------------
    # What becomes of it
    # -------------------------------------------------------------------------

    def action_create_repair(self):
        """Open a repair order for the equipment."""
        return self._convert("repair.order", self._prepare_repair_vals())

    def action_create_visit(self):
        """Plan a visit."""
        return self._convert("maintenance.request", self._prepare_visit_vals())

    def action_create_quotation(self):
        """Draft a quotation."""
        if not self.partner_id:
            raise UserError(self.env._(
                "%(request)s has no contact to quote to. Enter the contact first.",
                request=self.display_name))
        return self._convert("sale.order", self._prepare_quotation_vals())

    def _prepare_repair_vals(self):
        self.ensure_one()
        return {
            "partner_id": self.commercial_partner_id.id or self.partner_id.id,
            "product_id": self.product_id.id, "lot_id": self.lot_id.id,
            "user_id": (self.user_id or self.env.user).id,
            "company_id": self.company_id.id, "internal_notes": self.description,
            "aftersales_request_id": self.id,
        }

    def _prepare_visit_vals(self):
        self.ensure_one()
        return {
            "name": self.subject, "equipment_id": self.equipment_id.id,
            "description": self.description, "maintenance_type": "corrective",
            "user_id": self.user_id.id, "company_id": self.company_id.id,
            **({"maintenance_team_id": self.team_id.id} if self.team_id else {}),
            "aftersales_request_id": self.id,
        }

    def _prepare_quotation_vals(self):
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id, "company_id": self.company_id.id,
            "origin": self.name, "client_order_ref": self.subject,
            "user_id": self.env.user.id, "aftersales_request_id": self.id,
        }

    def _convert(self, model, vals):
        """Create what becomes of the request, with its files and a link either way."""
        self.ensure_one()
        self.check_access("write")
        # The desk needs no stock, maintenance or sales role to hand a request on.
        record_sudo = self.env[model].sudo().create(vals)
        record_sudo._message_log(body=self.env._(
            "Comes from the service request %(request)s.", request=self._get_html_link()))
        record_sudo._message_log(body=Markup("<p>%s</p>%s") % (
            self.subject, self.description or ""))
        for attachment in self.env["ir.attachment"].sudo().search([
            ("res_model", "=", self._name), ("res_id", "=", self.id), ("res_field", "=", False),
        ]):
            attachment.copy({"res_model": model, "res_id": record_sudo.id})
        self._message_log(body=self.env._(
            "%(kind)s %(record)s was made of it.", kind=record_sudo._description,
            record=record_sudo._get_html_link()))
        if record_sudo.with_env(self.env).has_access("read"):
            return record_sudo.with_env(self.env)._get_records_action()
        return self._tell_converted(record_sudo)

    def _tell_converted(self, record_sudo):
        """Say what was made to whom may not open it: others go on with it."""
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(kind)s %(record)s was made of it; those who handle it go on from here.",
                    kind=record_sudo._description, record=record_sudo.display_name),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_repairs(self):
        """Open the repairs."""
        return self.repair_ids._get_records_action(name=self.env._("Repairs"))

    def action_view_visits(self):
        """Open the visits."""
        return self.visit_ids._get_records_action(name=self.env._("Visits"))

    def action_view_quotations(self):
        """Open the quotations."""
        return self.sale_order_ids._get_records_action(name=self.env._("Quotations"))
