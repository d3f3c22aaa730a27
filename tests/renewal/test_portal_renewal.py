from datetime import date

from odoo.tests import freeze_time

from ..agreement.portal_common import SIGNATURE, PortalCommon
from .renewal_common import RenewalCommon

OBJECTED = "We have received your objection"
WITHDRAWN = "You have taken your objection back"


class TestPortalRenewal(PortalCommon, RenewalCommon):
    """What customers do about a coming renewal; strangers, old links and late answers do nothing.

    The contract ends on 28 February; the last day to object is 29 January.
    """

    def setUp(self):
        super().setUp()
        self.contract = self._create_ending(subject="Lift care")
        self.contract.contact_id = self.portal_user.partner_id
        self.token = self.contract.sudo()._portal_ensure_token()
        self.other_token = self._create_active(
            partner_id=self.other_customer.id,
        ).sudo()._portal_ensure_token()

    def _offer(self, **vals):
        offer = self._prepare_renewal(self.contract)
        offer.write({"price_percent": 5.0, **vals})
        offer.action_offer()
        return offer

    def _agree(self, offer, token=None, **vals):
        return self.make_jsonrpc_request(
            self._get_url(f"/renewal/{offer.id}/accept", token),
            {"name": "Nora Northside", "signature": SIGNATURE, "method": "typed", **vals},
        )

    def _object(self):
        self.contract._object_to_renewal("customer", "Nora Northside", date(2026, 1, 15))

    def assertNotObjected(self):
        self.env.invalidate_all()
        self.assertRecordValues(self.contract.term_id, [{
            "objection_party": False, "objection_by": False, "objection_date": False,
        }])

    def assertObjected(self):
        self.env.invalidate_all()
        self.assertEqual(self.contract.term_id.objection_date, date(2026, 1, 15))

    def assertNotAgreed(self, offer):
        self.env.invalidate_all()
        self.assertRecordValues(offer, [{
            "state": "offered", "customer_signed_by": False, "customer_signed_on": False,
            "customer_signature": False,
        }])
        self.assertEqual(self.contract.date_end, date(2026, 2, 28))

    # -------------------------------------------------------------------------
    # What the page shows
    # -------------------------------------------------------------------------

    def test_page_shows_deadline_and_price_of_an_automatic_renewal(self):
        self._log_in(self.portal_user)

        page = self._open().text

        for part in ("01/29/2026", "02/28/2027", "1,200.00", "Object to the renewal"):
            self.assertIn(part, page)
        self.assertNotIn("Agree to the renewal", page)

    def test_page_shows_announced_prices(self):
        self.contract._as_agreed(self.contract).write({
            "indexation_mode": "fixed", "indexation_percent": 2.0, "index_freeze_months": 10,
            "indexation_notice_days": 0,
        })
        self.env["aftersales.price.adjustment"]._propose(
            self.contract, date(2026, 2, 20)).action_announce()
        self._log_in(self.portal_user)

        page = self._open().text

        for part in ("New prices from", "02/20/2026", "102.00", "1,224.00"):
            self.assertIn(part, page)

    def test_page_shows_term_and_prices_of_an_offer(self):
        self._offer(note="One more inspection a year.")
        self._log_in(self.portal_user)

        page = self._open().text

        for part in ("03/01/2026", "02/28/2027", "105.00", "1,260.00", "One more inspection",
                     "Agree to the renewal"):
            self.assertIn(part, page)
        self.assertNotIn("Object to the renewal", page)

    def test_page_of_a_contract_that_just_ends_speaks_of_no_renewal(self):
        self.contract = self._create_active()
        self._log_in(self.portal_user)

        page = self._open().text

        self.assertIn("Term and payment", page)
        self.assertNotIn("aftersales-renewal", page)

    def test_our_own_people_see_the_renewal_but_do_not_answer(self):
        offer = self._offer()
        self._log_in(self.officer)

        page = self._open().text
        self.assertIn("105.00", page)
        self.assertNotIn("aftersales_renewal_form", page)
        self.assertIn("Only the customer answers here", self._agree(offer)["error"])
        self.assertIn("Only the customer answers here", self._post("/renewal/object").text)

        self.assertNotAgreed(offer)
        self.assertNotObjected()

    # -------------------------------------------------------------------------
    # Agreeing
    # -------------------------------------------------------------------------

    def test_customer_agrees_and_we_countersign(self):
        offer = self._offer()
        self._log_in(self.portal_user)

        result = self._agree(offer)

        self.assertIn("message=renewal_agreed", result["redirect_url"])
        self.assertRecordValues(offer, [{
            "state": "offered", "customer_signed_by": "Nora Northside",
            "customer_method": "typed", "customer_identified_by": "Portal login test_portal",
        }])
        self.assertEqual(offer.activity_ids.user_id, self.officer)
        page = self.url_open(result["redirect_url"]).text
        self.assertIn("your agreement has been stored", page)
        self.assertIn("has not countersigned yet", page)

        offer.with_user(self.officer).action_agree()

        self.assertEqual(offer.state, "agreed")
        self.assertFalse(offer.activity_ids)
        self.assertEqual(self.contract.date_end, date(2027, 2, 28))
        self.assertRecordValues(self.contract.version_id, [{
            "number": 2, "state": "signed", "customer_method": "typed",
            "customer_ip": offer.customer_ip, "company_signed_by_id": self.officer.id,
        }])
        self.assertTrue(self.contract.version_id.customer_signature)

    def test_link_agrees_without_a_login(self):
        offer = self._offer()

        self._agree(offer, self.token, method="drawn")

        self.assertRecordValues(offer, [{
            "customer_signed_by": "Nora Northside", "customer_method": "drawn",
            "customer_identified_by": "Link mailed to portal@aftersales.example",
        }])

    def test_nobody_else_agrees(self):
        offer = self._offer()

        self._log_in()
        self.assertIn("may not see", self._agree(offer)["error"])
        self.assertIn("may not see", self._agree(offer, self.other_token)["error"])
        self._log_in(self.other_portal_user)
        self.assertIn("may not see", self._agree(offer)["error"])
        self.assertIn("may not see", self._agree(offer, self.other_token)["error"])

        self.assertNotAgreed(offer)

    def test_old_link_agrees_to_nothing(self):
        offer = self._offer()
        self.contract.version_id.sudo().link_expires_on = "2026-01-14"

        self.assertIn("no longer works", self._agree(offer, self.token)["error"])
        self.assertIn("This link has expired", self._open(token=self.token).text)

        self.assertNotAgreed(offer)

    def test_incomplete_signatures_are_refused(self):
        offer = self._offer()
        self._log_in(self.portal_user)

        for vals, part in (
            ({"name": " "}, "Enter the name"), ({"signature": False}, "signature is missing"),
            ({"signature": "AAAA"}, "not a picture"), ({"method": "word"}, "signature is missing"),
        ):
            with self.subTest(vals=vals):
                self.assertIn(part, self._agree(offer, **vals)["error"])

        self.assertNotAgreed(offer)

    def test_an_offer_that_is_closed_is_agreed_to_no_more(self):
        offer = self._offer()
        self._log_in(self.portal_user)
        offer.action_decline()

        self.assertIn("no longer open", self._agree(offer)["error"])

        self.assertRecordValues(offer, [{"state": "declined", "customer_signed_on": False}])

    def test_an_offer_of_another_contract_is_not_reached(self):
        offer = self._offer()
        self._log_in(self.portal_user)
        self.contract = self._create_ending()

        self.assertIn("no longer open", self._agree(offer)["error"])

        self.assertFalse(offer.customer_signed_on)

    def test_nobody_agrees_twice(self):
        offer = self._offer()
        self._log_in(self.portal_user)
        self._agree(offer)

        self.assertIn("already signed by Nora", self._agree(offer, name="Eve")["error"])

        self.assertEqual(offer.customer_signed_by, "Nora Northside")

    # -------------------------------------------------------------------------
    # Objecting
    # -------------------------------------------------------------------------

    def test_customer_objects_with_a_reason_and_hears_so(self):
        self._log_in(self.portal_user)

        page = self._post("/renewal/object", reason="We move").text

        self.assertIn(OBJECTED, page)
        self.assertIn("Take the objection back", page)
        self.assertRecordValues(self.contract.term_id, [{
            "objection_party": "customer", "objection_by": "Nora Northside",
            "objection_date": date(2026, 1, 15), "objection_note": "We move",
        }])
        mail = self.contract.message_ids.filtered("notified_partner_ids")
        self.assertEqual(mail.notified_partner_ids, self.portal_user.partner_id)
        self.assertIn("02/28/2026", mail.body)
        self._run_on("2026-01-30 09:00")
        self.assertEqual(self.contract.date_end, date(2026, 2, 28))

    def test_link_objects_without_a_login_and_without_a_reason(self):
        self._log_in()

        page = self._post("/renewal/object", self.token).text

        self.assertIn(OBJECTED, page)
        self.assertRecordValues(self.contract.term_id, [{
            "objection_by": "Nora Northside", "objection_note": False,
        }])

    def test_nobody_else_objects(self):
        self._log_in()
        for token in (None, self.other_token):
            self.assertNotIn(OBJECTED, self._post("/renewal/object", token).text)
        self._log_in(self.other_portal_user)
        for token in (None, self.other_token):
            self.assertNotIn(OBJECTED, self._post("/renewal/object", token).text)

        self.assertNotObjected()

    def test_old_link_objects_to_nothing(self):
        self._log_in()
        self.contract.version_id.sudo().link_expires_on = "2026-01-14"

        self.assertIn("This link has expired", self._post("/renewal/object", self.token).text)

        self.assertNotObjected()

    def test_late_objection_is_refused_with_the_day(self):
        with freeze_time("2026-01-30 09:00"):
            self._log_in(self.portal_user)
            self.assertNotIn("modalobject", self._open().text)

            page = self._post("/renewal/object").text

        self.assertIn("the last day to object was 01/29/2026", page)
        self.assertNotIn(OBJECTED, page)
        self.assertNotObjected()

    def test_there_is_nothing_to_object_to_where_nothing_renews_by_itself(self):
        self.contract = self._create_ending(renewal_mode="agreement")
        self._log_in(self.portal_user)

        self.assertIn("does not renew by itself", self._post("/renewal/object").text)

        self.assertNotObjected()

    # -------------------------------------------------------------------------
    # Taking back
    # -------------------------------------------------------------------------

    def test_customer_takes_the_objection_back_and_it_renews(self):
        self._object()
        self._log_in(self.portal_user)

        page = self._post("/renewal/withdraw").text

        self.assertIn(WITHDRAWN, page)
        self.assertNotObjected()
        self.assertIn("Nora Northside objected on 01/15/2026",
                      self.contract.term_id.withdrawn_objections)
        self._run_on("2026-01-30 09:00")
        self.assertEqual(self.contract.date_end, date(2027, 2, 28))

    def test_nobody_else_takes_it_back(self):
        self._object()

        self._log_in()
        for token in (None, self.other_token):
            self.assertNotIn(WITHDRAWN, self._post("/renewal/withdraw", token).text)
        self._log_in(self.other_portal_user)
        for token in (None, self.other_token):
            self.assertNotIn(WITHDRAWN, self._post("/renewal/withdraw", token).text)
        self._log_in(self.officer)
        self.assertIn("Only the customer answers", self._post("/renewal/withdraw").text)

        self.assertObjected()

    def test_old_link_takes_nothing_back(self):
        self._object()
        self._log_in()
        self.contract.version_id.sudo().link_expires_on = "2026-01-14"

        self.assertIn("This link has expired", self._post("/renewal/withdraw", self.token).text)

        self.assertObjected()

    def test_after_the_deadline_the_customer_takes_nothing_back(self):
        self._object()

        with freeze_time("2026-01-30 09:00"):
            self._log_in(self.portal_user)
            self.assertNotIn("Take the objection back", self._open().text)
            page = self._post("/renewal/withdraw").text

        self.assertIn("the last day to take the objection back was 01/29/2026", page)
        self.assertObjected()

    def test_our_objection_is_not_the_customers_to_take_back(self):
        self.contract._object_to_renewal("provider", "Olga Officer", date(2026, 1, 15))
        self._log_in(self.portal_user)

        self.assertIn("we have objected", self._post("/renewal/withdraw").text)

        self.assertObjected()

    def test_where_nobody_objected_there_is_nothing_to_take_back(self):
        self._log_in(self.portal_user)

        page = self._post("/renewal/withdraw").text

        self.assertIn("nobody has objected", page)
        self.assertFalse(self.contract.term_id.withdrawn_objections)

    # -------------------------------------------------------------------------
    # Declining
    # -------------------------------------------------------------------------

    def test_the_customer_declines_an_offer_with_a_reason(self):
        offer = self._offer()
        self._log_in(self.portal_user)
        self.assertIn("Decline the renewal", self._open().text)

        page = self._post(f"/renewal/{offer.id}/decline", reason=" Too dear. ").text

        self.assertIn("You have declined the renewal", page)
        self.env.invalidate_all()
        self.assertRecordValues(offer, [{
            "state": "declined", "decline_reason": "Too dear.", "customer_signed_on": False,
        }])
        for record in (offer, self.contract):
            message = record.message_ids.filtered(lambda m: "Too dear." in (m.body or ""))[:1]
            self.assertEqual(message.author_id, self.portal_user.partner_id)
        self.assertEqual(self.contract.activity_ids.user_id, self.officer)
        self.assertIn("The customer declined", self.contract.activity_ids.note)
        self.assertNotIn("Decline the renewal", page)

    def test_a_decline_that_cannot_count_changes_nothing(self):
        offer = self._offer()
        self._log_in(self.portal_user)
        cases = [
            (f"/renewal/{offer.id}/decline", {"reason": " "}, "write why you decline"),
            (f"/renewal/{offer.id + 1}/decline", {"reason": "No"}, "no longer open"),
        ]
        for url, vals, message in cases:
            with self.subTest(message=message):
                self.assertIn(message, self._post(url, **vals).text)
                self.assertNotAgreed(offer)

    def test_strangers_decline_nothing(self):
        offer = self._offer()
        for user, token in ((self.other_portal_user, None), (None, None),
                            (None, self.other_token), (self.officer, None)):
            with self.subTest(user=user and user.login, token=token):
                self._log_in(user)
                self._post(f"/renewal/{offer.id}/decline", token, reason="No")

                self.assertNotAgreed(offer)

    def test_who_has_the_link_declines_without_login(self):
        offer = self._offer()
        self._log_in(None)

        self._post(f"/renewal/{offer.id}/decline", self.token, reason="We move.")

        self.env.invalidate_all()
        self.assertEqual((offer.state, offer.decline_reason), ("declined", "We move."))

    def test_what_was_agreed_to_is_not_declined(self):
        offer = self._offer()
        self._log_in(self.portal_user)
        self._agree(offer)

        self.assertIn("has agreed to it", self._post(
            f"/renewal/{offer.id}/decline", reason="No").text)

        self.env.invalidate_all()
        self.assertEqual(offer.state, "offered")

    def test_an_offer_whose_prices_changed_cannot_be_agreed_on(self):
        offer = self._offer()
        self.contract.line_ids._replace_from(date(2026, 2, 1), {"price_unit": 120.0}, "agreed")
        self._log_in(self.portal_user)

        page = self._open().text

        self.assertIn("can no longer be", " ".join(page.split()))
        self.assertNotIn("Agree to the renewal", page)
        self.assertIn("costs 120.0 now", self._agree(offer)["error"])
        self.assertNotAgreed(offer)
