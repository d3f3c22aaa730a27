from datetime import timedelta

from odoo import api, fields, models

from .aftersales_contact_mask_mixin import MASK


class AftersalesMessengerAccount(models.Model):
    """Who a contact is to a messenger."""

    _name = "aftersales.messenger.account"
    _description = "Messenger Account"
    _inherit = "aftersales.contact.mask.mixin"
    _order = "messenger_id, external_user, id"
    _rec_name = "external_user"
    _rec_names_search = ["external_user", "nickname"]
    _MASKED_FIELDS = frozenset({"external_user", "nickname"})
    _MASKED_BY = "partner_id"

    messenger_id = fields.Many2one(
        "aftersales.messenger", required=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(related="messenger_id.company_id")
    partner_id = fields.Many2one(
        "res.partner", string="Contact", ondelete="cascade", index="btree_not_null",
        domain="[('company_id', 'in', [False, company_id])]",
        help="Empty: nobody has said yet who it is.",
    )
    external_user = fields.Char(string="Account", required=True)
    nickname = fields.Char()
    call_count = fields.Integer(string="Calls", readonly=True, copy=False)
    hour_start = fields.Datetime(string="Hour Since", readonly=True, copy=False)
    hour_count = fields.Integer(string="Calls of the Hour", readonly=True, copy=False)
    request_ids = fields.One2many(
        "aftersales.request", "messenger_account_id", string="Requests",
    )

    _account_uniq = models.Constraint(
        "UNIQUE (messenger_id, external_user)", "This account is known already.",
    )

    @api.depends_context("uid")
    @api.depends("nickname", "external_user", "messenger_id.name", "partner_id")
    def _compute_display_name(self):
        masked = self._filter_masked_names()
        for account in self:
            name = MASK if account in masked else account.nickname or account.external_user or ""
            account.display_name = f"{name} ({account.messenger_id.name})"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("partner_id"):
            self._name_requests()
        return result

    def action_open_requests(self):
        """Open what this account has reported."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("aftersales.aftersales_request_action"),
            "domain": [("messenger_account_id", "=", self.id)],
            "context": {},
        }

    def _count_call(self, nickname=None):
        """Note a call of this account; whoever does so at the same time fails here."""
        self.ensure_one()
        now = fields.Datetime.now()
        is_same_hour = self.hour_start and self.hour_start > now - timedelta(hours=1)
        self.write({
            "call_count": self.call_count + 1,
            "hour_start": self.hour_start if is_same_hour else now,
            "hour_count": self.hour_count + 1 if is_same_hour else 1,
            "nickname": nickname or self.nickname,
        })

    def _may_write_to(self, request):
        """Whether this account has opened the request, or belongs to its customer."""
        customer = self.partner_id.commercial_partner_id
        return self == request.messenger_account_id or bool(
            customer and customer == request.commercial_partner_id)

    def _name_requests(self):
        """Tell the requests of these accounts whose they are, where nobody has said so yet."""
        for account in self:
            account.request_ids.filtered(lambda request: not request.partner_id).write(
                {"partner_id": account.partner_id.id})
