from odoo import fields, models


class AftersalesRequestCountMixin(models.AbstractModel):
    """What has service requests counts the open ones, and leads to all of them."""

    _name = "aftersales.request.count.mixin"
    _description = "Count of Service Requests"

    _REQUEST_FIELD = None  # the field of a request that names its record

    aftersales_request_count = fields.Integer(
        string="Open Requests", compute="_compute_aftersales_request_count",
        groups="aftersales.group_agent,aftersales.group_technician",
    )

    def _compute_aftersales_request_count(self):
        field = self._REQUEST_FIELD
        counts = dict(self.env["aftersales.request"]._read_group(
            [(field, "in", self._get_request_owners().ids), ("is_open", "=", True)], [field],
            ["__count"],
        ))
        for record in self:
            record.aftersales_request_count = counts.get(record._get_request_owners(), 0)

    def _get_request_owners(self):
        """Return whom requests name for these records (hook)."""
        return self

    def action_view_aftersales_requests(self):
        """Open the service requests, the open ones first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_request_action")
        return {
            **action,
            "domain": [(self._REQUEST_FIELD, "=", self._get_request_owners().id)],
            "context": self._get_new_request_context(),
        }

    def _get_new_request_context(self):
        """Return the context of a request opened from here (hook)."""
        return {"create": False}
