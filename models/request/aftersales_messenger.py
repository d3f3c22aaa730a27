from odoo import fields, models


class AftersalesMessenger(models.Model):
    """A messenger or another system that may open requests through the JSON endpoint."""

    _name = "aftersales.messenger"
    _description = "Messenger Connection"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company,
    )
    channel = fields.Selection(
        selection=[("wechat", "WeChat"), ("qq", "QQ"), ("api", "Other")], required=True,
        default="wechat",
    )
    key_hash = fields.Char(
        string="Access Key (hash)", readonly=True, copy=False, groups="base.group_system",
        index="btree_not_null", help="Only the hash of the key is kept.",
    )
    team_id = fields.Many2one(
        "maintenance.team", index="btree_not_null", check_company=True, ondelete="restrict",
    )
    last_used_on = fields.Datetime(readonly=True, copy=False)
    account_ids = fields.One2many(
        "aftersales.messenger.account", "messenger_id", string="Contacts",
    )
