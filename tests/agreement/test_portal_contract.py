from freezegun import freeze_time

from .portal_common import PortalCommon


class TestPortalContract(PortalCommon):
    """Who may open which page: two customers, a stranger, links that are right, wrong or old."""

    # -------------------------------------------------------------------------
    # Home and list
    # -------------------------------------------------------------------------

    def test_home_counts_own_contracts(self):
        self._create_active()
        self._log_in(self.portal_user)
        counters = ["aftersales_contract_count", "aftersales_to_sign_count"]

        own = self.make_jsonrpc_request("/my/counters", {"counters": counters})
        self._log_in(self.other_portal_user)
        others = self.make_jsonrpc_request("/my/counters", {"counters": counters})

        self.assertEqual([own[counter] for counter in counters], [2, 1])
        self.assertEqual([others[counter] for counter in counters], [0, 0])

    def test_list_shows_own_contracts_by_state(self):
        active = self._create_active(subject="Running one")
        draft = self._create_contract(subject="Secret plan")
        self._log_in(self.portal_user)

        everything = self.url_open("/my/aftersales/contracts?sortby=name").text
        to_sign = self.url_open("/my/aftersales/contracts?filterby=to_sign").text
        ended = self.url_open("/my/aftersales/contracts?filterby=ended&sortby=nonsense").text

        self.assertIn(self.contract.name, everything)
        self.assertIn(active.name, everything)
        self.assertNotIn(draft.name, everything)
        self.assertIn(self.contract.name, to_sign)
        self.assertNotIn(active.name, to_sign)
        self.assertIn("There are no service contracts here.", ended)

    def test_list_of_another_customer_is_empty(self):
        self._log_in(self.other_portal_user)

        response = self.url_open("/my/aftersales/contracts")

        self.assertNotIn(self.contract.name, response.text)
        self.assertIn("There are no service contracts here.", response.text)

    def test_list_of_a_stranger_is_the_login(self):
        self._log_in()

        self.assertIn("/web/login", self.url_open("/my/aftersales/contracts").url)

    # -------------------------------------------------------------------------
    # Page
    # -------------------------------------------------------------------------

    def test_customer_opens_own_contract(self):
        self._log_in(self.portal_user)

        response = self._open()

        self.assertShown(response)
        for text in ("Northside Clinic", "Maintenance plan", "We pay 1,000 at most.",
                     "I have read and accept this clause.", self.version.content_hash):
            self.assertIn(text, response.text)

    def test_nobody_opens_a_contract_without_right_or_link(self):
        foreign = self._create_to_sign(partner_id=self.other_customer.id)
        foreign_token = foreign.sudo()._portal_ensure_token()
        for user in (None, self.other_portal_user):
            for token in (None, "wrong", foreign_token):
                for suffix in ("", "/verify", f"/document/{self.version.id}/document"):
                    with self.subTest(user=user and user.name, token=token, suffix=suffix):
                        self._log_in(user)
                        response = self._open(suffix, token)
                        self.assertNotShown(response)
                        self.assertNotIn(self.contract.name, response.text)

    def test_link_opens_without_login(self):
        for user in (None, self.other_portal_user):
            with self.subTest(user=user and user.name):
                self._log_in(user)
                self.assertShown(self._open(token=self.token))

    def test_missing_contract_leads_home(self):
        self._log_in(self.portal_user)

        self.assertTrue(self.url_open("/my/aftersales/contracts/999999999").url.endswith("/my"))

    def test_internal_notes_never_reach_the_page(self):
        self.contract.note = "<p>Be careful with them.</p>"
        self._log_in(self.portal_user)

        self.assertNotIn("Be careful", self._open().text)

    def test_page_of_a_stranger_is_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["portal", "aftersales"], ["zh_CN"])
        self.customer.lang = "zh_CN"
        self._log_in()

        self.assertIn("自 2026年1月1日", self._open(token=self.token).text)

    # -------------------------------------------------------------------------
    # Reopened and expired
    # -------------------------------------------------------------------------

    def test_old_link_shows_the_present_state(self):
        self._log_in()
        self.contract.action_draft()

        in_revision = self._open(token=self.token)
        self.contract.action_cancel()
        cancelled = self._open(token=self.token)
        self.contract.action_draft()
        self.contract.action_submit()
        self.contract.action_approve()
        again = self._open(token=self.token)

        self.assertIn("This contract is being revised", in_revision.text)
        self.assertNotShown(in_revision)
        self.assertIn("This contract was given up", cancelled.text)
        self.assertShown(again)
        self.assertIn(self.contract.version_id.content_hash, again.text)

    def test_expired_link_asks_for_a_new_one(self):
        self.version._note_invitation()
        self.assertEqual(str(self.version.link_expires_on), "2026-02-14")
        self._log_in()

        with freeze_time("2026-02-14 12:00"):
            self.assertShown(self._open(token=self.token))
        with freeze_time("2026-02-15 12:00"):
            expired = self._open(token=self.token)
            document = self._open(f"/document/{self.version.id}/document", self.token)
            verify = self._open("/verify", self.token)
            error = self._accept(self.token)["error"]

        for response in (expired, document, verify):
            self.assertIn("This link has expired", response.text)
            self.assertNotShown(response)
        self.assertIn("no longer works", error)
        self.assertUnsigned()

    def test_expired_link_does_not_stop_those_who_log_in(self):
        self.version.link_expires_on = "2026-01-01"
        self._log_in(self.portal_user)

        self.assertShown(self._open(token=self.token))

    def test_new_link_replaces_the_expired_one(self):
        self.version.link_expires_on = "2026-01-01"
        self._log_in()

        response = self._post("/new_link", self.token)

        self.assertIn("A new link is on its way", response.text)
        self.contract.invalidate_recordset()
        new_token = self.contract.sudo().access_token
        self.assertNotEqual(new_token, self.token)
        self.assertNotIn(new_token, response.text)
        message = self.contract.sudo().message_ids[0]
        self.assertEqual(message.notified_partner_ids, self.portal_user.partner_id)
        self.assertIn(new_token, message.body)
        self.assertEqual(str(self.version.link_expires_on), "2026-02-14")
        self.assertNotShown(self._open(token=self.token))
        self.assertShown(self._open(token=new_token))

    def test_new_link_is_only_for_expired_ones(self):
        for token in (self.token, "wrong"):
            self._log_in()
            self._post("/new_link", token)
        self.contract.invalidate_recordset()

        self.assertEqual(self.contract.sudo().access_token, self.token)
        self.assertFalse(self.version.invited_on)

    # -------------------------------------------------------------------------
    # Documents
    # -------------------------------------------------------------------------

    def test_document_is_what_the_version_holds(self):
        document = self.version._ensure_document()
        self._log_in()

        response = self._open(f"/document/{self.version.id}/document", self.token)

        self.assertEqual(response.content, document.sudo().raw)
        self.assertIn("attachment", response.headers["Content-Disposition"])

    def test_documents_of_other_contracts_and_void_versions_are_not_given(self):
        foreign = self._create_to_sign(partner_id=self.other_customer.id).version_id
        foreign._ensure_document()
        old = self.version
        self.contract.action_draft()
        self.contract.action_submit()
        self.contract.action_approve()
        self._log_in(self.portal_user)

        for version in (foreign, old):
            response = self._open(f"/document/{version.id}/document")
            self.assertEqual(response.status_code, 404)
        for kind in ("signed_copy", "nonsense", "12"):
            response = self._open(f"/document/{self.contract.version_id.id}/{kind}")
            self.assertEqual(response.status_code, 404)
