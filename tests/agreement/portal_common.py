import io
from unittest.mock import patch

from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase
from odoo.tools.pdf import PdfFileWriter

from ..common import AftersalesCommon

# One black pixel: what a signature pad sends, only smaller.
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)

REPORT = "odoo.addons.base.models.ir_actions_report.IrActionsReport._render_qweb_pdf"


class SignatureCommon(AftersalesCommon):
    """Contracts that wait for their signatures, with one onerous clause and one that is not."""

    @classmethod
    def _create_to_sign(cls, **vals):
        contract = cls._create_contract(**{
            "subject": "Lift care",
            "clause_ids": [
                Command.create({"name": "Scope", "body": "<p>We care.</p>", "sequence": 1}),
                Command.create({
                    "name": "Liability", "body": "<p>Up to 1,000.</p>", "sequence": 2,
                    "is_onerous": True, "explanation": "We pay 1,000 at most.",
                }),
            ],
            **vals,
        })
        contract.action_submit()
        contract.action_approve()
        return contract

    @staticmethod
    def _print_one_page():
        """Let every report be one empty page: tests print nothing, but copies are merged."""
        buffer = io.BytesIO()
        writer = PdfFileWriter()
        writer.addBlankPage(200, 200)
        writer.write(buffer)
        return patch(REPORT, lambda *args, **kwargs: (buffer.getvalue(), "pdf"))

    @staticmethod
    def _get_onerous(contract):
        return contract.sudo().clause_ids.filtered("is_onerous")

    def _sign_online(self, contract, **vals):
        """Sign the way the portal does."""
        contract_sudo = contract.sudo()
        contract_sudo.version_id._sign_online(**{
            "name": "Nora Northside", "method": "drawn", "signature": SIGNATURE,
            "acknowledged": self._get_onerous(contract),
            "author": self.portal_user.partner_id, "ip": "192.0.2.7",
            "identified_by": "Portal login test_portal", **vals,
        })


class PortalCommon(SignatureCommon, HttpCase):
    """Customers and strangers in front of the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.portal_user, cls.other_portal_user, cls.officer):
            user.password = user.login
        cls.contract = cls._create_to_sign()
        cls.contract.contact_id = cls.portal_user.partner_id
        cls.version = cls.contract.version_id.sudo()
        cls.token = cls.contract.sudo()._portal_ensure_token()

    def _log_in(self, user=None):
        login = user and user.login
        self.authenticate(login, login)

    def _get_url(self, suffix="", token=None, contract=None):
        url = f"/my/aftersales/contracts/{(contract or self.contract).id}{suffix}"
        return f"{url}?access_token={token}" if token else url

    def _open(self, suffix="", token=None, contract=None):
        return self.url_open(self._get_url(suffix, token, contract))

    def _post(self, suffix, token=None, files=None, **data):
        data = {"csrf_token": Request.csrf_token(self), **data}
        if token:
            data["access_token"] = token
        return self.url_open(self._get_url(suffix), data=data, files=files)

    def _accept(self, token=None, contract=None, **vals):
        contract = contract or self.contract
        return self.make_jsonrpc_request(self._get_url("/accept", token, contract), {
            "name": "Nora Northside",
            "signature": SIGNATURE,
            "method": "drawn",
            "acknowledged": self._get_onerous(contract).ids,
            "content_hash": contract.sudo().version_id.content_hash,
            **vals,
        })

    def assertShown(self, response):
        self.assertEqual(response.status_code, 200)
        self.assertIn("Terms and conditions", response.text)
        self.assertIn("Up to 1,000.", response.text)

    def assertNotShown(self, response):
        self.assertNotIn("Up to 1,000.", response.text)

    def assertUnsigned(self, contract=None):
        contract = (contract or self.contract).sudo()
        contract.invalidate_recordset()
        contract.version_id.invalidate_recordset()
        self.assertEqual(contract.state, "to_sign")
        self.assertRecordValues(contract.version_id, [{
            "state": "pending", "customer_signed_by": False, "customer_signed_on": False,
            "customer_signature": False, "customer_ip": False, "acknowledgements": False,
        }])
        self.assertFalse(any(contract.clause_ids.mapped("acknowledged_on")))
