from odoo import fields, models


class AftersalesMessengerAccount(models.Model):
    """Who a contact is to a messenger."""

    _name = "aftersales.messenger.account"
    _description = "Messenger Account"
    _order = "messenger_id, external_user, id"
    _rec_name = "external_user"

    messenger_id = fields.Many2one(
        "aftersales.messenger", required=True, ondelete="cascade", index=True,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", ondelete="cascade", index="btree_not_null",
        help="Empty: nobody has said yet who it is.",
    )
    external_user = fields.Char(string="Account", required=True)
    nickname = fields.Char()

    _account_uniq = models.Constraint(
        "UNIQUE (messenger_id, external_user)", "This account is known already.",
    )
