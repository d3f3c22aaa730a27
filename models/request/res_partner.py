"""Request side of contacts: what they may see, what is promised to them, how they write."""

from odoo import fields, models

MASK = "•••"
CONTACT_FIELDS = (
    "phone", "phone_sanitized", "email", "email_normalized", "email_formatted", "street",
    "street2", "contact_address", "contact_address_inline",
)
# What decides, for a user, whose requests are shown in the portal.
SIGHT_FIELDS = {"aftersales_portal_scope", "parent_id", "is_company"}


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "aftersales.request.count.mixin"]

    _REQUEST_FIELD = "commercial_partner_id"

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

    def _get_request_owners(self):
        return self.commercial_partner_id

    def _get_new_request_context(self):
        return {"default_partner_id": self.id}

    def write(self, vals):
        decides = bool(vals.keys() & SIGHT_FIELDS)
        before = self._get_portal_sight() if decides else {}
        result = super().write(vals)
        # Rules keep what a user may see. Few contacts are users, so little is forgotten.
        if decides and before != self._get_portal_sight():
            self.env.registry.clear_cache()
        if vals.keys() & {"aftersales_sla_id", "tz", "parent_id"}:
            self._move_request_clocks()
        return result

    def _get_portal_sight(self):
        """Return by user at these contacts, or below them, what decides about what they see."""
        users_sudo = self.env["res.users"].sudo().with_context(active_test=False).search(
            [("partner_id", "child_of", self.ids)])
        return {
            user.id: (user.commercial_partner_id.id, user.partner_id.aftersales_portal_scope)
            for user in users_sudo
        }

    def _move_request_clocks(self):
        """Let open requests of these customers, or at these sites, find what is promised."""
        self.env["aftersales.request.watch"]._look_again([
            "|", ("commercial_partner_id", "in", self.commercial_partner_id.ids),
            ("site_id", "in", self.ids),
        ])

    # -------------------------------------------------------------------------
    # What technicians see of confidential customers
    # -------------------------------------------------------------------------

    def _read_format(self, fnames, load="_classic_read"):
        """Mask what a technician need not know yet; all clients read through here."""
        rows = super()._read_format(fnames, load)
        if masked := set(fnames) & set(CONTACT_FIELDS):
            hidden = set(self._filter_masked().ids)
            for row in rows:
                if row["id"] in hidden:
                    row.update({name: row[name] and MASK for name in masked})
        return rows

    def _filter_masked(self):
        """Return the partners whose contact data are closed to the user."""
        user = self.env.user
        if (
            self.env.su or not user.has_group("aftersales.group_technician")
            or user.has_group("aftersales.group_agent")
        ):
            return self.browse()
        # Whether a customer is confidential is no secret; who reads it has no right beyond that.
        customers_sudo = self.sudo().commercial_partner_id.filtered("aftersales_confidential")
        if not customers_sudo:
            return self.browse()
        mine = self.env["aftersales.request"].sudo().search([
            ("user_id", "=", user.id), ("is_open", "=", True),
            ("commercial_partner_id", "in", customers_sudo.ids),
        ]).commercial_partner_id
        closed = customers_sudo - mine
        return self.filtered(lambda partner: partner.sudo().commercial_partner_id in closed)
