from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list, is_html_empty

from ...models.request.aftersales_request import WAITING

STEPS = [
    ("wait", "Wait"),
    ("resolve", "Resolve"),
    ("cancel", "Cancel"),
    ("merge", "Merge"),
    ("reopen", "Reopen"),
    ("reassign", "Hand Over"),
]


class AftersalesRequestStep(models.TransientModel):
    """A step of requests that needs words: why it waits, what was done, who goes on."""

    _name = "aftersales.request.step"
    _description = "Step of a Request"

    request_ids = fields.Many2many("aftersales.request", string="Requests", required=True)
    step = fields.Selection(STEPS, required=True, default="resolve")
    reason = fields.Selection(WAITING, string="Waits", default="customer")
    note = fields.Char(help="For colleagues; stays in the log.")
    message = fields.Html(
        string="Message to the Customer", help="Is sent to the customer, and counts as an answer.",
    )
    solution_id = fields.Many2one("aftersales.solution", string="Known Solution")
    resolution = fields.Html(help="What was done, in words for the customer.")
    tell_customer = fields.Boolean(string="Send It to the Customer", default=True)
    original_id = fields.Many2one(
        "aftersales.request", string="Goes on in", domain="[('is_open', '=', True), "
        "('id', 'not in', request_ids)]",
    )
    team_id = fields.Many2one(
        "maintenance.team", string="New Team", domain="[('is_aftersales', '=', True)]",
    )
    user_id = fields.Many2one(
        "res.users", string="New Owner",
        domain="[('share', '=', False), ('company_ids', 'in', company_ids)]",
    )
    company_ids = fields.Many2many("res.company", compute="_compute_company_ids")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        active_ids = self.env.context.get("active_ids")
        if "request_ids" in fields_list and not values.get("request_ids") and active_ids:
            values["request_ids"] = [fields.Command.set(active_ids)]
        requests = self.env["aftersales.request"].browse(
            self.env.context.get("default_request_ids") or active_ids)
        if values.get("step") == "merge" and {"request_ids", "original_id"} <= set(fields_list):
            values.update(self._prepare_merge_vals(requests))
        if values.get("step") == "resolve" and len(requests) == 1:
            values.update({
                name: value for name, value in (
                    ("resolution", requests.resolution), ("solution_id", requests.solution_id.id),
                ) if name in fields_list and value
            })
        return values

    @api.model
    def _prepare_merge_vals(self, requests):
        """Propose to go on in the oldest one, whichever of them the user came from."""
        candidates = requests if len(requests) > 1 else requests | requests.similar_ids
        original = candidates.filtered("is_open").sorted("id")[:1]
        repeats = candidates - original
        if original not in requests:
            repeats = requests
        elif not repeats:
            return {}
        return {
            "original_id": original.id, "request_ids": [fields.Command.set(repeats.ids)],
        }

    @api.depends("request_ids")
    def _compute_company_ids(self):
        for wizard in self:
            wizard.company_ids = wizard.request_ids.company_id

    @api.onchange("solution_id")
    def _onchange_solution_id(self):
        if self.solution_id and is_html_empty(self.resolution):
            self.resolution = self.solution_id.reply or self.solution_id.steps

    def action_confirm(self):
        """Do the step for all requests, and tell the customer what is to be told."""
        for wizard in self:
            getattr(wizard, f"_do_{wizard.step}")()
        if not self.request_ids.has_access("read"):
            # What was handed to others cannot be shown any more.
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "aftersales.aftersales_request_action")
            return {**action, "target": "main"}
        return {"type": "ir.actions.act_window_close"}

    def _do_wait(self):
        self._tell(self.message)
        self.request_ids._wait(self.reason, note=self.note)

    def _do_resolve(self):
        if is_html_empty(self.resolution) and not self.solution_id:
            raise UserError(self.env._(
                "%(requests)s: Nobody has said what was done. Enter the resolution, or choose a "
                "known solution.", requests=self._get_names()))
        if self.tell_customer:
            # The mail of the resolution brings it, with how to confirm.
            self._tell(self.resolution, is_quiet=True)
        self.request_ids.write({
            "resolution": self.resolution, "solution_id": self.solution_id.id})
        self._with_note().with_context(
            aftersales_tells_nothing=not self.tell_customer)._transition_to("resolved")

    def _do_cancel(self):
        if not self.note:
            raise UserError(self.env._(
                "%(requests)s: Say why it is cancelled: enter a note.",
                requests=self._get_names()))
        self._tell(self.message)
        self._with_note()._transition_to("cancelled")

    def _do_merge(self):
        self.request_ids._merge_into(self.original_id, note=self.note)

    def _do_reopen(self):
        self._with_note().action_reopen()
        self._tell(self.message)

    def _do_reassign(self):
        if not self.user_id and not self.team_id:
            raise UserError(self.env._(
                "%(requests)s: Choose who goes on: a team, an owner, or both.",
                requests=self._get_names()))
        self.request_ids.check_access("write")
        # A technician who hands on to others sees the request no longer, half-way through.
        requests_sudo = self.request_ids.sudo()
        if self.team_id:
            requests_sudo.team_id = self.team_id
        requests_sudo._assign(self.user_id, note=self.note)
        if not self.user_id:
            requests_sudo._assign_by_team()

    def _get_names(self):
        return format_list(self.env, self.request_ids.mapped("name"))

    def _with_note(self):
        return self.request_ids.with_context(aftersales_note=self.note or False)

    def _tell(self, text, is_quiet=False):
        """Write to the customer as the user at the desk; quietly when a mail brings it anyway."""
        if is_html_empty(text):
            return
        for request in self.request_ids:
            request.message_post(
                body=text, message_type="comment", subtype_xmlid="mail.mt_comment",
                partner_ids=[] if is_quiet else request.partner_id.ids,
                notify_skip_followers=is_quiet)
