"""Request side of contacts: what they may see, what is promised to them, how they write."""

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    aftersales_sla_id = fields.Many2one(
        "aftersales.sla", string="Service Level", ondelete="restrict", index="btree_not_null",
        groups="base.group_user",
        help="Promised to the whole customer where no contract line says otherwise.",
    )
    aftersales_portal_scope = fields.Selection(
        selection=[("own", "Own requests"), ("company", "Requests of the whole company")],
        string="Sees in the Portal", default="company", required=True,
    )
    aftersales_confidential = fields.Boolean(
        string="Mask Contact Data",
        help="Technicians see no phone number, e-mail and street of this customer's contacts "
             "until a job is theirs.",
    )
    aftersales_messenger_account_ids = fields.One2many(
        "aftersales.messenger.account", "partner_id", string="Messenger Accounts",
    )
    aftersales_request_ids = fields.One2many(
        "aftersales.request", "partner_id", string="Service Requests",
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"aftersales_sla_id", "tz", "parent_id"}:
            self._move_request_clocks()
        return result

    def _move_request_clocks(self):
        """Let open requests of these customers, or at these sites, find what is promised."""
        self.env["aftersales.request.watch"]._look_again([
            "|", ("commercial_partner_id", "in", self.commercial_partner_id.ids),
            ("site_id", "in", self.ids),
        ])
