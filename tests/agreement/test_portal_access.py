from odoo.exceptions import AccessError, UserError
from odoo.tests import users

from .portal_common import SignatureCommon

MODELS = (
    "aftersales.contract", "aftersales.contract.line", "aftersales.contract.clause",
    "aftersales.contract.version",
)


class TestPortalAccess(SignatureCommon):
    """What customers may read by RPC: their own contracts once put before them, nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_to_sign()
        cls.contract.note = "<p>Be careful with them.</p>"

    def _search(self, model):
        return self.env[model].search([])

    @users("test_portal")
    def test_customer_reads_what_was_put_before_them(self):
        own = self.contract.with_user(self.env.user)

        self.assertEqual(self._search("aftersales.contract"), own)
        for model in MODELS:
            with self.subTest(model):
                self.assertTrue(self._search(model).read(["display_name"]))

    @users("test_other_portal")
    def test_other_customer_reads_nothing(self):
        for model in MODELS:
            with self.subTest(model):
                self.assertFalse(self._search(model))
        with self.assertRaises(AccessError):
            self.contract.with_user(self.env.user).read(["name"])

    @users("test_portal")
    def test_what_is_not_ready_or_given_up_stays_inside(self):
        contract = self.contract.with_user(self.officer)
        for action in ("action_draft", "action_submit", "action_cancel"):
            getattr(contract, action)()
            with self.subTest(contract.state):
                for model in MODELS:
                    self.assertFalse(self._search(model))

    @users("test_portal")
    def test_void_version_is_not_shown(self):
        first = self.contract.version_id
        contract = self.contract.with_user(self.officer)
        contract.action_draft()
        contract.action_submit()
        contract.action_approve()

        versions = self._search("aftersales.contract.version")

        self.assertEqual(len(versions), 1)
        self.assertNotEqual(versions.id, first.id)

    @users("test_portal")
    def test_internal_fields_are_closed(self):
        own = self.contract.with_user(self.env.user)

        for name in ("note", "billing_error", "amount_billed", "obligation_ids", "activity_ids"):
            with self.subTest(name), self.assertRaises(AccessError):
                own.read([name])
        with self.assertRaises(AccessError):
            own.line_ids.read(["analytic_distribution"])
        for records in (own.line_ids, own.clause_ids, self._search("aftersales.contract.version")):
            readable = records[:1].read()[0]
            self.assertIn("display_name", readable)
            self.assertNotIn("price_unit", readable)

    @users("test_portal")
    def test_customer_writes_nothing(self):
        own = self.contract.with_user(self.env.user)

        for records in (own, own.line_ids, own.clause_ids):
            with self.assertRaises(UserError):
                records.write({"sequence": 5} if "sequence" in records else {"subject": "Mine"})
            with self.assertRaises(AccessError):
                records.unlink()
        with self.assertRaises(AccessError):
            self._search("aftersales.contract.version").write({"decline_reason": "x"})
        with self.assertRaises(AccessError):
            own.action_countersign()
        self.assertEqual(self.contract.subject, "Lift care")

    def test_company_signs_by_authorised_roles_only(self):
        for user in (self.agent, self.legal):
            with self.subTest(user.name), self.assertRefused(
                "contract officers and managers", error=AccessError,
            ):
                self.contract.with_user(user).action_countersign()
        self.assertFalse(self.contract.company_signed_on)

        self.contract.with_user(self.manager).action_countersign()

        self.assertEqual(self.contract.countersigned_by_id, self.manager)
        self.assertEqual(self.contract.state, "to_sign")
        with self.assertRefused("already countersigned by Mario Manager"):
            self.contract.action_countersign()
