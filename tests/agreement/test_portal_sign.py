import base64

from odoo.tests import JsonRpcException

from .portal_common import SIGNATURE, PortalCommon


class TestPortalSign(PortalCommon):
    """Signing and declining online: what is stored, and what is refused without a trace."""

    def test_customer_signs_by_link(self):
        self.contract._invite_to_sign()
        self._log_in()

        answer = self._accept(self.token, name="  Nora Northside ")

        self.assertEqual(answer, {
            "force_refresh": True,
            "redirect_url": f"{self._get_url(token=self.token)}&message=signed",
        })
        self.version.invalidate_recordset()
        self.assertRecordValues(self.version, [{
            "state": "pending", "customer_signed_by": "Nora Northside",
            "customer_method": "drawn", "customer_ip": "127.0.0.1",
            "customer_identified_by": "Link mailed to portal@aftersales.example",
            "company_signed_on": False,
        }])
        self.assertEqual(str(self.version.customer_signed_on), "2026-01-15 09:00:00")
        self.assertTrue(self.version.customer_signature)
        self.assertTrue(self.version.document_hash)
        [acknowledgement] = self.version.acknowledgements
        self.assertEqual(
            (acknowledgement["name"], acknowledgement["by"], acknowledgement["on"]),
            ("Liability", "Nora Northside", "2026-01-15 09:00:00"),
        )
        self.assertEqual(self._get_onerous(self.contract).acknowledged_by, "Nora Northside")
        page = self.url_open(answer["redirect_url"]).text
        self.assertIn("What happens next", page)
        self.assertIn("Signed by you", page)
        self.assertNotIn("I have read and accept this clause.", page)

    def test_manager_is_asked_to_countersign_once(self):
        self._log_in(self.portal_user)
        self._accept(method="typed")

        activity = self.contract.activity_ids
        self.assertEqual(activity.activity_type_id.name, "Countersign")
        self.assertEqual(activity.user_id, self.officer)
        self.assertEqual(self.version.customer_method, "typed")
        self.assertEqual(self.version.customer_identified_by, "Portal login test_portal")
        message = self.contract.message_ids.filtered(lambda m: "Signed online" in m.body)
        self.assertEqual(message.author_id, self.portal_user.partner_id)

        self.contract.action_countersign()

        self.assertEqual(self.contract.state, "active")
        self.assertFalse(self.contract.activity_ids)

    def test_contract_takes_effect_when_the_company_signed_first(self):
        self.contract.action_countersign()
        self._log_in(self.portal_user)

        answer = self._accept()

        self.contract.invalidate_recordset()
        self.assertEqual(self.contract.state, "active")
        self.assertIn("the contract is in force", self.url_open(answer["redirect_url"]).text)
        self.assertFalse(self.contract.activity_ids)

    def test_every_onerous_clause_is_accepted_on_its_own(self):
        other = self.contract.clause_ids - self._get_onerous(self.contract)
        self._log_in(self.portal_user)

        for acknowledged in ([], None, other.ids, ["x", {}], [999999999]):
            with self.subTest(acknowledged=acknowledged):
                error = self._accept(acknowledged=acknowledged)["error"]
                self.assertIn("Still open: Liability", error)
                self.assertUnsigned()

    def test_incomplete_signature_is_refused(self):
        self._log_in(self.portal_user)
        for vals, part in (
            ({"name": "  "}, "Enter the name"),
            ({"name": "x" * 129}, "Enter the name"),
            ({"signature": None}, "signature is missing"),
            ({"signature": ""}, "signature is missing"),
            ({"method": "word"}, "signature is missing"),
            ({"method": None}, "signature is missing"),
            ({"signature": "A" * (4 * 1024 * 1024 + 4)}, "too large"),
        ):
            with self.subTest(part, vals=str(vals)[:40]):
                self.assertIn(part, self._accept(**vals)["error"])
                self.assertUnsigned()

    def test_picture_that_is_none_is_refused(self):
        self._log_in(self.portal_user)
        svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
        for signature in ("AAAA", "!!!", SIGNATURE[:40], svg):
            with self.subTest(signature):
                self.assertIn("not a picture", self._accept(signature=signature)["error"])
                self.assertUnsigned()

    def test_nobody_signs_twice(self):
        self._log_in(self.portal_user)
        self._accept()

        error = self._accept(name="Somebody Else")["error"]

        self.assertIn("already signed by Nora Northside", error)
        self.version.invalidate_recordset()
        self.assertEqual(self.version.customer_signed_by, "Nora Northside")

    def test_content_that_changed_meanwhile_is_not_signed(self):
        shown = self.version.content_hash
        self.contract.action_draft()
        self.contract.line_ids.price_unit = 1000.0
        self.contract.action_submit()
        self.contract.action_approve()
        self._log_in(self.portal_user)

        error = self._accept(content_hash=shown)["error"]

        self.assertIn("changed after you had opened this page", error)
        self.assertUnsigned()
        self.assertNotIn("error", self._accept())

    def test_content_changed_in_the_database_is_not_signed(self):
        self.env.cr.execute(
            "UPDATE aftersales_contract_line SET price_unit = 1 WHERE contract_id = %s",
            [self.contract.id],
        )
        self.env.invalidate_all()
        self._log_in(self.portal_user)

        self.assertIn("was changed after", self._accept()["error"])
        self.assertUnsigned()

    def test_reopened_contract_is_not_signed(self):
        shown = self.version.content_hash
        self.contract.action_draft()
        self._log_in()

        self.assertIn("no longer works", self._accept(self.token, content_hash=shown)["error"])
        self.assertFalse(self.version.customer_signed_on)
        self.assertEqual(self.version.state, "void")

    def test_contract_in_force_is_not_signed_again(self):
        self._sign(self.contract)
        self._log_in(self.portal_user)

        self.assertIn("can no longer be signed", self._accept()["error"])
        self.assertEqual(self.version.customer_method, "word")

    def test_nobody_signs_without_right_or_link(self):
        foreign = self._create_to_sign(partner_id=self.other_customer.id)
        foreign_token = foreign.sudo()._portal_ensure_token()
        for user in (None, self.other_portal_user):
            for token in (None, "wrong", foreign_token):
                with self.subTest(user=user and user.name, token=token):
                    self._log_in(user)
                    self.assertIn("may not see", self._accept(token)["error"])
                    self.assertUnsigned()

    def test_our_own_people_do_not_sign_for_the_customer(self):
        self._log_in(self.officer)

        self.assertIn("Only the customer signs here", self._accept()["error"])
        self.assertUnsigned()
        page = self._open().text
        self.assertIn("You see this page as one of our own people", page)
        self.assertNotIn("aftersales.signature_form", page)

    def test_malformed_request_is_an_error_not_a_signature(self):
        self._log_in(self.portal_user)

        with self.assertRaises(JsonRpcException), self.assertLogs("odoo.http", "ERROR"):
            self._accept(acknowledged=5)
        self.assertUnsigned()

    # -------------------------------------------------------------------------
    # Declining
    # -------------------------------------------------------------------------

    def test_customer_declines_with_a_reason(self):
        self.version._note_invitation()
        self._log_in()

        page = self._post("/decline", self.token, reason=" Too <b>dear</b> ").text

        self.assertIn("We have told Olga Officer", page)
        self.version.invalidate_recordset()
        self.assertRecordValues(self.version, [{
            "state": "pending", "decline_reason": "Too <b>dear</b>", "next_reminder_on": False,
        }])
        self.assertEqual(str(self.version.declined_on), "2026-01-15 09:00:00")
        self.assertEqual(self.contract.state, "to_sign")
        self.assertEqual(self.contract.activity_ids.activity_type_id.name, "Signature declined")
        self.assertEqual(self.contract.activity_ids.user_id, self.officer)
        message = self.contract.message_ids.filtered(lambda m: "does not want to sign" in m.body)
        self.assertEqual(message.author_id, self.portal_user.partner_id)
        self.assertIn("&lt;b&gt;", message.body)

    def test_customer_may_sign_after_all(self):
        self._log_in(self.portal_user)
        self._post("/decline", reason="Too dear")

        self.assertNotIn("error", self._accept())

    def test_decline_wants_a_reason_and_a_right(self):
        self._log_in(self.portal_user)
        self.assertIn("Please tell us why", self._post("/decline", reason="  ").text)
        for user, token in ((self.other_portal_user, None), (None, "wrong"), (None, None)):
            self._log_in(user)
            self._post("/decline", token, reason="Not mine")

        self.version.invalidate_recordset()
        self.assertFalse(self.version.declined_on)
        self.assertFalse(self.contract.activity_ids)

    def test_signed_contract_is_not_declined(self):
        self._log_in(self.portal_user)
        self._accept()

        page = self._post("/decline", reason="Changed my mind").text

        self.assertIn("does not wait for your signature", page)
        self.version.invalidate_recordset()
        self.assertFalse(self.version.declined_on)
