from datetime import timedelta

from odoo import api, fields, models

KEPT_FOR = timedelta(days=90)
MAX_FORGOTTEN = 10_000


class AftersalesMessengerUpdate(models.Model):
    """Something that a messenger is to be told of a request, when it next asks what is new."""

    _name = "aftersales.messenger.update"
    _description = "Messenger Update"
    _order = "id"
    _rec_name = "request_id"

    messenger_id = fields.Many2one(
        "aftersales.messenger", required=True, ondelete="cascade", index=True,
    )
    request_id = fields.Many2one(
        "aftersales.request", required=True, ondelete="cascade", index=True,
    )
    message_id = fields.Many2one(
        "mail.message", ondelete="cascade", index="btree_not_null",
        help="Empty: the request has reached another state.",
    )
    number = fields.Integer(
        readonly=True, help="Given in turn when the messenger asks; its cursor counts by it.",
    )

    _told_next = models.UniqueIndex(
        "(messenger_id, number) WHERE number IS NOT NULL",
        "Two updates of a connection have the same number.",
    )
    _not_numbered = models.Index("(messenger_id, id) WHERE number IS NULL")

    @api.model
    def _note(self, requests, message=None):
        """Keep what the messengers of these requests are to be told.

        Whose report goes on in another request hears of that one, where it is the same
        customer's.
        """
        told = requests | requests.duplicate_ids.filtered(lambda repeat: (
            repeat.commercial_partner_id
            and repeat.commercial_partner_id == repeat.duplicate_of_id.commercial_partner_id))
        return self.create([
            {
                "messenger_id": request.messenger_id.id, "request_id": request.id,
                "message_id": message.id if message else False,
            } for request in told if request.messenger_id
        ])

    @api.autovacuum
    def _gc_updates(self):
        """Forget what is so old that no messenger asks for it any more."""
        self.search(
            [("create_date", "<", fields.Datetime.now() - KEPT_FOR)], limit=MAX_FORGOTTEN,
        ).unlink()
