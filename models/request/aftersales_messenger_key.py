from odoo import fields, models


class AftersalesMessengerKey(models.AbstractModel):
    """Shows a new access key once; it is stored nowhere."""

    _name = "aftersales.messenger.key"
    _description = "New Access Key"

    # The form asks for the value of the key by an onchange, which wants an id.
    id = fields.Id()
    key = fields.Char(readonly=True)
