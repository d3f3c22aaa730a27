from odoo.tests import HttpCase

from .portal_common import SignatureCommon


class TestPortalTour(SignatureCommon, HttpCase):
    """What only a browser sees: the customer signs, then the officer countersigns."""

    def test_customer_signs_and_officer_countersigns(self):
        for user in (self.portal_user, self.officer):
            user.password = user.login
        contract = self._create_to_sign()

        self.start_tour("/my", "aftersales_portal_sign", login="test_portal")

        contract.invalidate_recordset()
        version = contract.version_id.sudo()
        version.invalidate_recordset()
        self.assertEqual(contract.state, "to_sign")
        self.assertEqual(version.customer_signed_by, "Nora Northside")
        self.assertEqual(version.customer_method, "typed")
        self.assertTrue(version.customer_signature)

        self.start_tour(
            f"/odoo/service-contracts/{contract.id}", "aftersales_countersign",
            login="test_officer",
        )

        contract.invalidate_recordset()
        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.countersigned_by_id, self.officer)
