import base64

from odoo.http import Request
from odoo.tests import HttpCase

from .request_common import RequestCommon

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
REQUESTS_URL = "/my/aftersales/requests"


class PortalRequestCommon(RequestCommon, HttpCase):
    """Two customers with one unit and one request each, and a colleague who sees only her own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._create_user("colleague", "Clara Colleague", "base.group_portal")
        cls.colleague.partner_id.write({
            "parent_id": cls.customer.id, "aftersales_portal_scope": "own",
        })
        for user in (cls.portal_user, cls.other_portal_user, cls.colleague, cls.agent):
            user.password = user.login
        cls.pump = cls.env["product.product"].create({
            "name": "Pump P20", "is_storable": True, "tracking": "serial",
        })
        cls.unit = cls._create_unit("Pump 1", "SN-0001", cls.customer)
        cls.other_unit = cls._create_unit("Pump 9", "SN-9999", cls.other_customer)
        cls.request = cls._create_request(equipment_id=cls.unit.id)
        cls.other_request = cls._create_request(
            subject="Hotel pump leaks", partner_id=cls.other_portal_user.partner_id.id,
            equipment_id=cls.other_unit.id,
        )

    @classmethod
    def _create_unit(cls, name, serial, customer):
        lot = cls.env["stock.lot"].create({"name": serial, "product_id": cls.pump.id})
        return cls.env["maintenance.equipment"].create({
            "name": name, "customer_id": customer.id, "product_id": cls.pump.id,
            "lot_id": lot.id,
        })

    def _log_in(self, user=None):
        login = user and user.login
        self.authenticate(login, login)

    def _open(self, url):
        return self.url_open(url)

    def _get_url(self, suffix="", request=None):
        return f"{REQUESTS_URL}/{(request or self.request).id}{suffix}"

    def _post(self, url, files=None, **data):
        return self.url_open(
            url, data={"csrf_token": Request.csrf_token(self), **data}, files=files)

    def _report(self, files=None, **data):
        return self._post(f"{REQUESTS_URL}/new", files=files, **{
            "subject": "Pump hums", "description": "It hums and does not turn.", **data,
        })

    def _get_newest(self):
        """Return the requests that came in since the first two."""
        return self.env["aftersales.request"].search([
            ("id", ">", self.other_request.id),
        ], order="id")

    def _say(self, text, subtype, **vals):
        self.request.message_post(
            body=text, message_type="comment", subtype_xmlid=subtype, **vals)

    def _resolve(self, request=None):
        request = (request or self.request).with_user(self.agent)
        request.resolution = "<p>New capacitor fitted.</p>"
        request._transition_to("resolved")
        return request

    def _close(self, request=None):
        request = self._resolve(request)
        request.action_close()
        return request
