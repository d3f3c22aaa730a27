"""Request side of the mail gateway: robots open nothing, and lost threads are found again."""

from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        requests = self.env["aftersales.request"]
        if not any(route[0] == requests._name for route in routes or ()):
            return super()._message_route_process(message, message_dict, routes)
        found = [
            requests._get_mail_route(route, message, message_dict)
            if route[0] == requests._name else route
            for route in routes
        ]
        gateway = self.with_context(aftersales_by_robot=requests._is_from_robot(message))
        return super(MailThread, gateway)._message_route_process(
            message, message_dict, [route for route in found if route])
