"""Request side of contacts: what they may see, what is promised to them, how they write."""

from odoo import api, fields, models
from odoo.fields import Domain

from .aftersales_contact_mask_mixin import MASK

# Also those of modules that are not always there.
CONTACT_FIELDS = frozenset({
    "phone", "phone_sanitized", "phone_mobile_search", "mobile", "email", "email_normalized",
    "email_formatted", "website", "street", "street2", "street_name", "street_number",
    "street_number2", "zip", "contact_address", "contact_address_inline",
    "contact_address_complete", "partner_latitude", "partner_longitude",
})
# What the context adds to the name of a contact.
NAME_PARTS = ("show_address", "show_email")
# What decides, for a user, whose requests are shown in the portal.
SIGHT_FIELDS = {"aftersales_portal_scope", "parent_id", "is_company"}


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = [
        "res.partner", "aftersales.request.count.mixin", "aftersales.contact.mask.mixin"]

    _REQUEST_FIELD = "commercial_partner_id"
    _MASKED_FIELDS = CONTACT_FIELDS
    _MASKED_BY = "commercial_partner_id"

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
        help="Technicians see no phone number, e-mail, web site, street and messenger account of "
             "this customer's contacts, and cannot search for them, until an open request, visit "
             "or repair is theirs. Names, cities and countries stay.",
    )
    aftersales_messenger_account_ids = fields.One2many(
        "aftersales.messenger.account", "partner_id", string="Messenger Accounts",
    )
    aftersales_request_ids = fields.One2many(
        "aftersales.request", "partner_id", string="Service Requests",
    )

    # The few whose data are masked, found at once.
    _confidential = models.Index("(id) WHERE aftersales_confidential")

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

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Leave address and e-mail out of names where they are masked."""
        is_long = any(map(self.env.context.get, NAME_PARTS))
        masked = self._filter_masked_names() if is_long else self.browse()
        result = super(ResPartner, self - masked)._compute_display_name()
        plain = masked.with_context(**dict.fromkeys(NAME_PARTS, False))
        super(ResPartner, plain)._compute_display_name()
        for partner, named in zip(masked, plain, strict=True):
            partner.display_name = named.display_name
        return result

    def _to_store(self, store, fields, **kwargs):  # pylint: disable=missing-return
        """Mask contacts in conversations, which read them as the super-user."""
        if whole := getattr(super(), "_to_store", None):
            whole(store, fields, **kwargs)
        else:
            store.add_records_fields(self, fields)
        names = CONTACT_FIELDS & {getattr(field, "field_name", field) for field in fields}
        for partner in self._filter_masked_names() if names else ():
            store.add_model_values(self._name, {
                "id": partner.id, **{name: partner[name] and MASK for name in names}})

    def _search_phone_mobile_search(self, operator, value):
        found = super()._search_phone_mobile_search(operator, value)
        if not self._is_masking():
            return found
        return Domain(found) & Domain("id", "not in", self._get_closed_partners())
