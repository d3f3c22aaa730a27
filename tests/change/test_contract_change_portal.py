from odoo.http import Request
from odoo.tests import HttpCase, freeze_time

from .contract_change_common import ContractChangeCommon

# One white dot.
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJg"
    "gg=="
)


@freeze_time("2026-01-15 09:00")
class TestContractChangePortal(ContractChangeCommon, HttpCase):
    """What the customer sees, confirms, declines and asks for; and what a stranger does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_active()
        cls.change = cls._put(cls._create_change(cls.contract, {
            "kind": "field", "field_name": "termination_notice_days", "new_number": 60,
        }))
        cls.url = f"/my/aftersales/changes/{cls.change.id}"
        cls.request_url = f"/my/aftersales/contracts/{cls.contract.id}/change"

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **data):
        return self.url_open(url, {"csrf_token": Request.csrf_token(self), **data})

    def _accept(self, query="", **params):
        content_hash = params.pop("content_hash", self.change.sudo().content_hash)
        return self.make_jsonrpc_request(f"{self.url}/accept{query}", {
            "name": "Nora Northside", "signature": SIGNATURE, "content_hash": content_hash,
            **params,
        })

    def _token(self):
        return self.change.sudo()._portal_ensure_token()

    # -------------------------------------------------------------------------
    # Reading
    # -------------------------------------------------------------------------

    def test_customer_reads_the_comparison_and_its_annex(self):
        self._log_in(self.portal_user)

        page = self.url_open(self.url)
        annex = self.url_open(f"{self.url}/annex")

        self.assertEqual(page.status_code, 200)
        for part in (self.change.name, "Termination Notice (days)", "The clinic grows.", "1,200"):
            self.assertIn(part, page.text)
        self.assertNotIn("Interests", page.text)
        self.assertEqual(annex.status_code, 200)
        self.assertIn("attachment", annex.headers["Content-Disposition"])

    def test_stranger_sees_and_does_nothing(self):
        self._log_in(self.other_portal_user)

        for url in (self.url, f"{self.url}/annex", self.request_url):
            response = self.url_open(url, allow_redirects=False)
            self.assertEqual(response.status_code, 303, url)
        self.assertIn("error", self._accept())
        self._post(f"{self.url}/decline", reason="Mischief")
        self._post(self.request_url, reason="Mischief")

        self.assertRecordValues(self.change, [{"state": "to_confirm", "customer_signed_on": False}])
        self.assertEqual(len(self.contract.sudo().change_ids), 1)

    def test_other_customers_token_opens_nothing(self):
        other = self._create_active(partner_id=self.other_customer.id)
        other_change = self._put(self._create_change(other, self._price(other)))
        token = other_change.sudo()._portal_ensure_token()

        response = self.url_open(f"{self.url}?access_token={token}", allow_redirects=False)

        self.assertEqual(response.status_code, 303)
        self.assertIn("error", self._accept(f"?access_token={token}"))
        self.assertFalse(self.change.customer_signed_on)

    def test_link_with_the_token_needs_no_login(self):
        page = self.url_open(f"{self.url}?access_token={self._token()}")
        without = self.url_open(self.url, allow_redirects=False)

        self.assertIn(self.change.name, page.text)
        self.assertEqual(without.status_code, 303)

    def test_draft_of_ours_is_not_shown(self):
        draft = self._create_change(self.contract, self._price(self.contract))
        self._log_in(self.portal_user)

        response = self.url_open(f"/my/aftersales/changes/{draft.id}", allow_redirects=False)

        self.assertEqual(response.status_code, 303)

    # -------------------------------------------------------------------------
    # Confirming and declining
    # -------------------------------------------------------------------------

    def test_customer_confirms_online(self):
        self.change.action_countersign()
        self._log_in(self.portal_user)

        result = self._accept()

        self.assertIn("message=confirmed", result["redirect_url"])
        page = self.url_open(f"{self.url}?message=confirmed").text
        self.assertIn("The change takes effect on", page)
        self.assertNotIn("when we have confirmed it too", page)
        self.assertRecordValues(self.change, [{
            "state": "agreed", "customer_signed_by": "Nora Northside", "customer_method": "drawn",
        }])
        self.assertTrue(self.change.sudo().customer_signature)
        self.assertTrue(self.change.customer_ip)

    def test_confirmation_by_link_applies_what_is_due(self):
        change = self._put(self._create_change(
            self.contract, self._price(self.contract), date_effective="2026-01-10",
        ))
        change.action_countersign()
        token = change.sudo()._portal_ensure_token()

        result = self.make_jsonrpc_request(
            f"/my/aftersales/changes/{change.id}/accept?access_token={token}"
            f"&content_hash={change.content_hash}",
            {"name": "Nora Northside", "signature": SIGNATURE},
        )

        self.assertIn("redirect_url", result)
        self.assertEqual(change.state, "applied")
        self.assertEqual(self._get_amounts(self.contract)[:2], [29.03, 141.94])

    def test_what_is_confirmed_is_what_was_read(self):
        self._log_in(self.portal_user)
        read = self.change.content_hash
        self.change.action_draft()
        self.change.line_ids.new_number = 90
        self._put(self.change)

        result = self._accept(content_hash=read)

        self.assertIn("altered after you had opened", result["error"])
        self.assertFalse(self.change.customer_signed_on)

    def test_confirmation_without_name_or_signature_is_refused(self):
        self._log_in(self.portal_user)

        self.assertIn("error", self._accept(name=" "))
        self.assertIn("error", self._accept(signature=False))

        self.assertFalse(self.change.customer_signed_on)

    def test_our_own_people_do_not_confirm_for_the_customer(self):
        self._log_in(self.manager)

        self.assertIn("Only the customer", self._accept()["error"])
        self._post(f"{self.url}/decline", reason="Mischief")

        self.assertRecordValues(self.change, [{"state": "to_confirm", "customer_signed_on": False}])

    def test_onerous_clause_is_accepted_on_its_own_first(self):
        change = self._put(self._create_change(self.contract, {
            "kind": "clause", "operation": "add", "title": "Cap", "is_onerous": True,
            "explanation": "We pay at most 500.", "body": "<p>At most 500.</p>",
        }, date_effective="2026-02-01"))
        url = f"/my/aftersales/changes/{change.id}"
        self._log_in(self.portal_user)
        sign = {"name": "Nora", "signature": SIGNATURE, "content_hash": change.content_hash}

        self.assertIn("We pay at most 500.", self.url_open(url).text)
        self.assertIn("Cap", self.make_jsonrpc_request(f"{url}/accept", sign)["error"])
        self._post(f"{url}/acknowledge", **{"name": "Nora", f"line_{change.line_ids.id}": "1"})
        self.make_jsonrpc_request(f"{url}/accept", sign)

        self.assertEqual(change.customer_signed_by, "Nora")
        self.assertEqual(change.line_ids.acknowledged_by, "Nora")

    def test_customer_declines_with_a_reason(self):
        self._log_in(self.portal_user)

        page = self._post(f"{self.url}/decline", reason="Too long a notice")

        self.assertIn("You have declined", page.text)
        self.assertRecordValues(self.change, [{
            "state": "rejected", "rejection_reason": "Too long a notice",
        }])
        self.assertIn("can no longer", self._post(f"{self.url}/decline", reason="Again").text)

    # -------------------------------------------------------------------------
    # Asking
    # -------------------------------------------------------------------------

    def test_customer_asks_for_a_change(self):
        self._log_in(self.portal_user)

        page = self._post(self.request_url, reason="A second lift", date_effective="2026-03-01")

        change = self.contract.sudo().change_ids.sorted("id")[-1]
        self.assertRecordValues(change, [{
            "initiator": "customer", "state": "draft", "reason": "A second lift",
            "user_id": self.officer.id,
        }])
        self.assertEqual(str(change.date_effective), "2026-03-01")
        self.assertEqual(change.activity_ids.summary, "The customer asks for a change")
        self.assertIn("A second lift", page.text)

    def test_request_without_words_or_with_a_wrong_date_is_refused(self):
        self._log_in(self.portal_user)

        self.assertIn("Please write", self._post(self.request_url, reason=" ").text)
        self.assertIn("date of the calendar", self._post(
            self.request_url, reason="A lift", date_effective="soon").text)

        self.assertEqual(len(self.contract.sudo().change_ids), 1)

    def test_request_for_a_day_before_the_contract_is_refused(self):
        self._log_in(self.portal_user)

        for day in ("1999-01-01", "2026-01-01"):
            page = self._post(self.request_url, reason="A lift", date_effective=day)
            self.assertIn("The earliest possible day is 01/02/2026", page.text)

        self.assertEqual(len(self.contract.sudo().change_ids), 1)

    def test_expired_link_of_the_contract_asks_for_nothing(self):
        self.authenticate(None, None)
        token = self.contract.sudo()._portal_ensure_token()
        self.contract.sudo().version_id.link_expires_on = "2026-01-14"
        url = f"{self.request_url}?access_token={token}"

        for page in (self.url_open(url), self._post(url, reason="A lift")):
            self.assertNotIn("What would you like to change", page.text)
            self.assertIn(f"/my/aftersales/contracts/{self.contract.id}/new_link", page.text)

        self.assertEqual(len(self.contract.sudo().change_ids), 1)

    def test_customer_reads_why_the_request_is_rejected(self):
        self._log_in(self.portal_user)
        self._post(self.request_url, reason="A second lift")
        change = self.contract.sudo().change_ids.sorted("id")[-1].with_user(self.officer)

        with self.assertRefused(change.name, "Write the reason of the rejection"):
            change.action_reject()
        self.assertEqual(change.state, "draft")
        change.rejection_reason = "No technician in that town"
        change.action_reject()

        self.assertEqual(change.state, "rejected")
        page = self.url_open(f"/my/aftersales/changes/{change.id}").text
        self.assertIn("No technician in that town", page)

    def test_unanswered_requests_are_limited(self):
        self._log_in(self.portal_user)
        for number in range(5):
            self._post(self.request_url, reason=f"Wish {number}")

        page = self._post(self.request_url, reason="Wish 6")

        self.assertIn("Please wait for our answer", page.text)
        self.assertEqual(len(self.contract.sudo().change_ids), 6)

    def test_contract_page_section_lists_what_the_customer_may_see(self):
        self._create_change(self.contract, self._price(self.contract))

        text = str(self.env["ir.qweb"]._render("aftersales.portal_contract_changes", {
            "contract": self.contract, "access_query": "?access_token=t",
        }))

        self.assertIn(self.change.name, text)
        self.assertEqual(text.count("/my/aftersales/changes/"), 1)
        self.assertIn(f"{self.request_url}?access_token=t", text)
