import json
from datetime import date

from odoo.tests import Form, freeze_time

from .renewal_common import RenewalCommon


class TestRenewalAgreement(RenewalCommon):
    """Renewals both parties agree on: as a new term, or as a successor."""

    def _create_agreeable(self, **vals):
        return self._create_ending(renewal_mode="agreement", **vals)

    def _offer(self, contract, percent=0.0, **vals):
        """Prepare the renewal by the button and put it before the customer."""
        offer = self._prepare_renewal(contract)
        offer.write({"price_percent": percent, **vals})
        offer.action_offer()
        return offer

    # -------------------------------------------------------------------------
    # Preparation
    # -------------------------------------------------------------------------

    def test_the_offer_is_drafted_before_the_deadline_once(self):
        contract = self._create_agreeable()
        self.assertEqual(contract.renewal_date, date(2026, 1, 15))

        self._run_cron("_cron_renewal")
        self._run_on("2026-01-20 09:00")

        self.assertRecordValues(contract.renewal_ids, [{
            "state": "draft", "form": "term", "date_start": date(2026, 3, 1),
            "date_end": date(2027, 2, 28), "amount_before": 1200.0, "amount_after": 1200.0,
        }])
        self.assertIn("renewal offer", contract.activity_ids.note)
        self.assertEqual(contract.activity_ids.user_id, self.officer)

    def test_it_does_not_renew_without_agreement(self):
        contract = self._create_agreeable()
        self._run_cron("_cron_renewal")
        offer = contract.renewal_ids
        offer.action_offer()

        self._run_on("2026-03-01 09:00")
        self._run_on("2026-03-01 09:00", "_cron_daily")

        self.assertEqual(contract.date_end, date(2026, 2, 28))
        self.assertEqual(contract.state, "expired")
        self.assertEqual(offer.state, "lapsed")

    def test_new_prices_are_previewed_line_by_line(self):
        pricelist = self.env["product.pricelist"].create({"name": "Standard"})
        contract = self._create_agreeable(pricelist_id=pricelist.id, lines=[
            {"price_unit": 33.33, "quantity": 3}, {"price_unit": 250.0, "recurrence_unit": "year"},
            {"product_id": self.fee.id, "recurrence_unit": "once", "price_unit": 99.0},
            {"price_source": "pricelist"},
        ])
        offer = self._prepare_renewal(contract)

        with Form(offer) as form:
            form.price_percent = 5.0
            form.months = 24

        self.assertEqual(offer.date_end, date(2028, 2, 29))
        self.assertEqual(offer.line_ids.mapped("price_after"), [35.0, 262.5, 100.0])
        self.assertEqual(offer.line_ids.mapped("amount_after"), [1260.0, 262.5, 1200.0])
        self.assertEqual(contract.date_end, date(2026, 2, 28))

    def test_the_customer_reads_term_and_prices(self):
        contract = self._create_agreeable()

        offer = self._offer(contract, 5.0, note="One more inspection a year.")

        mail = self.env["mail.mail"].search(
            [("model", "=", "aftersales.renewal"), ("res_id", "=", offer.id)])
        self.assertEqual(mail.recipient_ids, self.customer)
        for part in ("03/01/2026", "02/28/2027", "105.00", "One more inspection", "silence is not"):
            self.assertIn(part, mail.body_html)

    # -------------------------------------------------------------------------
    # Same contract, new term
    # -------------------------------------------------------------------------

    def test_both_agree_and_the_contract_goes_on_at_the_new_price(self):
        contract = self._create_agreeable()
        signed = contract.version_id
        offer = self._offer(contract, 5.0)

        self._agree_on_paper(offer)

        self.assertEqual(offer.state, "agreed")
        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertEqual(contract.term_id.number, 2)
        self.assertIn("Agreed by Nora Northside on 01/15/2026 and Olga Officer",
                      contract.term_id.evidence)
        old, new = contract.line_ids.sorted("id")
        self.assertEqual((old.price_unit, old.date_end), (100.0, date(2026, 2, 28)))
        self.assertEqual((new.price_unit, new.date_start), (105.0, date(2026, 3, 1)))
        self.assertEqual(self._get_amounts(contract)[10:14], [100.0, 100.0, 105.0, 105.0])
        self.assertEqual(len(contract.obligation_ids), 24)
        self.assertRecordValues(signed, [
            {"state": "superseded", "date_to": date(2026, 2, 28)},
        ])
        self.assertRecordValues(contract.version_id, [{
            "number": 2, "state": "signed", "date_from": date(2026, 3, 1),
            "customer_signed_by": "Nora Northside", "customer_method": "word",
            "company_signed_by_id": self.officer.id,
        }])
        content = json.loads(contract.version_id.content)
        self.assertEqual(content["terms"]["date_end"], "2027-02-28")
        self.assertEqual([line["price_unit"] for line in content["lines"]], [105.0])
        self.assertEqual(contract.version_id._verify()["content"], True)

    def test_one_signature_is_not_enough(self):
        contract = self._create_agreeable()
        offer = self._offer(contract)

        offer._sign_as_customer("Nora Northside", "typed")
        self.assertEqual((offer.state, contract.date_end), ("offered", date(2026, 2, 28)))
        with self.assertRefused("already signed by Nora Northside"):
            offer._sign_as_customer("Eve", "typed")
        offer._sign_as_company()

        self.assertEqual((offer.state, contract.date_end), ("agreed", date(2027, 2, 28)))
        with self.assertRefused("can no longer be agreed on"):
            offer._sign_as_company()

    def test_we_countersign_only_what_the_customer_agreed_to(self):
        contract = self._create_agreeable()
        offer = self._offer(contract)

        with self.assertRefused(contract.name, "the customer has not agreed yet"):
            offer.action_agree()

        self.assertEqual((offer.state, contract.date_end), ("offered", date(2026, 2, 28)))

    def test_the_signed_document_goes_with_the_version(self):
        contract = self._create_agreeable()
        offer = self._offer(contract)
        scan = self.env["ir.attachment"].with_user(self.officer).create(
            {"name": "Renewal.pdf", "raw": b"%PDF"})

        self._agree_on_paper(offer, scans=scan)

        self.assertEqual(contract.version_id.customer_method, "scan")
        self.assertEqual(contract.version_id.scan_ids, scan)

    def test_what_was_offered_is_closed(self):
        offer = self._offer(self._create_agreeable())

        with self.assertRefused("was put before the customer"):
            offer.months = 36
        with self.assertRefused("was put before the customer"):
            offer.line_ids.price_after = 1.0
        with self.assertRefused("no longer a draft"):
            offer.unlink()

        self.assertEqual(offer.line_ids.price_after, 100.0)

    def test_an_offer_on_a_changed_base_is_refused(self):
        contract = self._create_agreeable()
        offer = self._offer(contract)
        contract._as_agreed(contract).date_end = date(2026, 3, 31)

        with self.assertRefused(contract.name, "has changed since"):
            self._agree_on_paper(offer)

        self.assertEqual(contract.date_end, date(2026, 3, 31))
        self.assertEqual(len(contract.term_ids), 1)

    def test_an_offer_on_changed_prices_is_refused(self):
        contract = self._create_agreeable()
        offer = self._offer(contract)
        contract._as_agreed(contract.line_ids).price_unit = 120.0

        with self.assertRefused("costs 120.0 now, not 100.0"):
            self._agree_on_paper(offer)

        self.assertEqual(contract.date_end, date(2026, 2, 28))

    def test_a_free_term_is_not_offered(self):
        contract = self._create_agreeable()

        with self.assertRefused("the new price is 0.0"):
            self._offer(contract, -100.0)

    def test_a_declined_renewal_makes_room_for_another(self):
        contract = self._create_agreeable()
        first = self._offer(contract, 5.0)

        first.action_decline()
        second = self._offer(contract, 2.0)

        self.assertNotEqual(first, second)
        self.assertEqual((first.state, second.state), ("declined", "offered"))

    def test_only_an_active_contract_with_an_end_is_renewed(self):
        with self.assertRefused("only an active contract with an end"):
            self._create_active(date_end=False).action_renew()
        with self.assertRefused("only an active contract with an end"):
            self._create_contract().action_renew()

    def test_an_automatic_contract_may_also_be_renewed_by_agreement(self):
        contract = self._create_ending(is_consumer=True)
        with freeze_time("2026-02-10 09:00"):
            self._run_cron("_cron_renewal")
            self.assertIn("no reminder is proven", contract.renewal_problem)

            offer = self._offer(contract)
            self._agree_on_paper(offer)

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertFalse(contract.renewal_problem)

    # -------------------------------------------------------------------------
    # Successor
    # -------------------------------------------------------------------------

    def test_a_successor_is_drafted_with_the_new_prices_and_linked(self):
        contract = self._create_agreeable(renewal_form="successor", lines=[
            {}, {"date_end": "2025-12-31"}, {"product_id": self.fee.id, "recurrence_unit": "once"},
        ])

        offer = self._offer(contract, 5.0)

        successor = offer.successor_id
        self.assertEqual(successor.previous_contract_id, contract)
        self.assertEqual(contract.next_contract_ids, successor)
        self.assertRecordValues(successor, [{
            "state": "draft", "date_start": date(2026, 3, 1), "date_end": date(2027, 2, 28),
            "renewal_mode": "agreement", "partner_id": self.customer.id,
        }])
        self.assertEqual(successor.line_ids.mapped("price_unit"), [105.0])
        self.assertNotEqual(successor.name, contract.name)
        self.assertEqual(contract.line_ids[0].price_unit, 100.0)

    def test_a_signed_successor_takes_over_when_the_term_is_over(self):
        contract = self._create_agreeable(renewal_form="successor")
        offer = self._offer(contract)
        with self.assertRefused("by signing the successor"):
            offer._sign_as_company()

        self._activate(offer.successor_id)
        self.assertEqual(offer.state, "agreed")
        self.assertEqual(contract.state, "active")
        self._run_on("2026-03-01 09:00", "_cron_daily")

        self.assertEqual(contract.state, "renewed")
        self.assertEqual(offer.successor_id.state, "active")
        self.assertEqual(len(contract.obligation_ids), 12)
        self.assertEqual(self._get_periods(offer.successor_id)[0], ("2026-03-01", "2026-03-31"))

    def test_a_successor_signed_late_renews_the_expired_contract(self):
        contract = self._create_agreeable(renewal_form="successor")
        offer = self._offer(contract)
        self._run_on("2026-03-01 09:00", "_cron_daily")
        self.assertEqual((contract.state, offer.state), ("expired", "offered"))

        with freeze_time("2026-03-03 09:00"):
            self._activate(offer.successor_id)

        self.assertEqual((contract.state, offer.state), ("renewed", "agreed"))
