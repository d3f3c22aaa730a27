"""Request side of the mail gateway: robots open nothing, and lost threads are found again."""

from odoo import api, models

from ...tools.mail_charset import find_charset


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_parse(self, message, save_original=False):
        """Read subjects that were sent as bare bytes, without saying in which charset."""
        values = super().message_parse(message, save_original=save_original)
        raw = next((text for name, text in message.raw_items() if name.lower() == "subject"), "")
        if any("\udc80" <= char <= "\udcff" for char in str(raw)):
            content = str(raw).encode("utf-8", "surrogateescape")
            values["subject"] = " ".join(content.decode(find_charset(content, "utf-8")).split())
        return values

    @api.model
    def _message_parse_extract_payload(self, message, message_dict, save_original=False):
        """Read texts whose charset is unknown or wrong: else they are lost, or unreadable."""
        for part in message.walk():
            if part.get_content_maintype() == "text" and not part.is_attachment():
                declared = part.get_content_charset()
                found = find_charset(part.get_payload(decode=True) or b"", declared)
                if found != (declared or "ascii"):
                    part.set_param("charset", found)
        return super()._message_parse_extract_payload(
            message, message_dict, save_original=save_original)

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
