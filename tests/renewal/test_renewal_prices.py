from datetime import date

from odoo.tests import Form, freeze_time

from .renewal_common import RenewalCommon


class TestRenewalPrices(RenewalCommon):
    """Offers whose prices move before they are agreed on, and lines that do or do not go on."""

    def _create_agreeable(self, **vals):
        return self._create_ending(**{
            "renewal_mode": "agreement", "indexation_mode": "fixed", "indexation_percent": 5.0,
            "index_freeze_months": 10, "indexation_notice_days": 0, **vals,
        })

    def _announce(self, contract, day):
        adjustment = self.env["aftersales.price.adjustment"]._propose(contract, day)
        adjustment.action_announce()
        return adjustment

    # -------------------------------------------------------------------------
    # Adjustments
    # -------------------------------------------------------------------------

    def test_the_run_offers_the_prices_of_the_day_it_adjusts(self):
        contract = self._create_agreeable()
        self._announce(contract, date(2026, 1, 15))

        self._run_cron("_cron_renewal")

        self.assertEqual(contract.line_ids.sorted("id").mapped("price_unit"), [100.0, 105.0])
        self.assertRecordValues(contract.renewal_ids.line_ids, [{
            "line_id": contract.line_ids.sorted("id")[1].id,
            "price_before": 105.0, "price_after": 105.0,
        }])

    def test_a_draft_follows_an_adjustment_and_entered_prices_stay(self):
        contract = self._create_agreeable(lines=[{}, {"price_unit": 50.0}])
        self._announce(contract, date(2026, 1, 20))
        offer = self._prepare_renewal(contract)
        offer.line_ids[1].price_after = 55.0

        self._run_on("2026-01-20 09:00")

        self.assertRecordValues(offer.line_ids, [
            {"price_before": 105.0, "price_after": 105.0, "amount_after": 1260.0},
            {"price_before": 52.5, "price_after": 55.0, "amount_after": 660.0},
        ])
        self.assertEqual((offer.state, offer.is_outdated), ("draft", False))
        self.assertIn("New prices that were entered stay", offer.message_ids[0].body)

        with freeze_time("2026-01-21 09:00"):
            offer.action_offer()
            self._agree_on_paper(offer)
        self.assertEqual(
            contract.line_ids.filtered(lambda line: not line.next_line_ids).mapped("price_unit"),
            [105.0, 55.0],
        )

    def test_an_offer_made_before_an_adjustment_is_made_anew(self):
        contract = self._create_agreeable()
        self._announce(contract, date(2026, 1, 20))
        offer = self._prepare_renewal(contract)
        offer.write({"price_percent": 5.0, "note": "With an inspection."})
        offer.action_offer()

        self._run_on("2026-01-20 09:00")

        self.assertTrue(offer.is_outdated)
        self.assertIn("use “Offer Anew”", contract.renewal_problem)
        with freeze_time("2026-01-21 09:00"):
            with self.assertRefused(contract.name, "costs 105.0 now, not 100.0", "Offer Anew"):
                self._agree_on_paper(offer)
            self.assertEqual(contract.date_end, date(2026, 2, 28))

            anew = offer.browse(offer.action_offer_anew()["res_id"])

            self.assertEqual((offer.state, anew.state), ("lapsed", "draft"))
            self.assertEqual((anew.note, anew.date_end), (offer.note, date(2027, 2, 28)))
            self.assertRecordValues(anew.line_ids, [{"price_before": 105.0, "price_after": 105.0}])
            self.assertFalse(contract.renewal_problem)
            anew.action_offer()
            self._agree_on_paper(anew)
        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertEqual(contract.line_ids.sorted("id").mapped("price_unit"), [100.0, 105.0])

    def test_an_adjustment_after_the_agreement_moves_the_price_until_the_new_term(self):
        contract = self._create_agreeable()
        self._announce(contract, date(2026, 1, 20))
        offer = self._prepare_renewal(contract)
        offer.price_percent = 10.0
        offer.action_offer()
        self._agree_on_paper(offer)

        self._run_on("2026-01-20 09:00")

        old, agreed, adjusted = contract.line_ids.sorted("id")
        self.assertRecordValues(old | adjusted | agreed, [
            {"price_unit": 100.0, "date_end": date(2026, 1, 19), "amount_annual": 0.0,
             "next_line_ids": adjusted.ids},
            {"price_unit": 105.0, "date_end": date(2026, 2, 28), "amount_annual": 0.0,
             "next_line_ids": agreed.ids},
            {"price_unit": 110.0, "date_end": False, "amount_annual": 1320.0,
             "next_line_ids": []},
        ])
        self.assertEqual(contract.amount_annual, 1320.0)

    def test_a_price_that_changed_otherwise_is_refreshed_by_the_button(self):
        contract = self._create_agreeable()
        offer = self._prepare_renewal(contract)
        contract.line_ids._replace_from(date(2026, 2, 1), {"price_unit": 120.0}, "agreed")

        with self.assertRefused(contract.name, "costs 120.0 now", "Refresh Prices"):
            offer.action_offer()
        self.assertEqual(offer.state, "draft")
        offer.action_refresh()

        self.assertRecordValues(offer.line_ids, [{"price_before": 120.0, "price_after": 120.0}])
        offer.action_offer()
        self.assertEqual(offer.state, "offered")

    def test_a_line_that_has_ended_since_is_not_renewed(self):
        contract = self._create_agreeable(lines=[{}, {"price_unit": 50.0, "name": "Hotline"}])
        offer = self._prepare_renewal(contract)
        contract.line_ids[1]._end_on(date(2026, 1, 31), "agreed")

        with self.assertRefused(contract.name, "“Refresh Prices”", "Hotline", "01/31/2026"):
            offer.action_offer()
        offer.action_refresh()

        self.assertEqual(offer.line_ids.line_id, contract.line_ids[0])
        self.assertEqual(offer.ending_label, "Hotline (until 01/31/2026)")

    # -------------------------------------------------------------------------
    # Ends of lines
    # -------------------------------------------------------------------------

    def test_a_line_that_ends_with_its_contract_is_renewed(self):
        contract = self._create_ending(lines=[
            {}, {"date_end": "2026-02-28", "price_unit": 50.0},
            {"date_end": "2026-02-27", "price_unit": 10.0, "name": "Hotline"},
        ])
        self.assertEqual(contract._get_lasting_amount(), 1800.0)
        self.assertEqual(contract.ending_label, "Hotline (until 02/27/2026)")

        self._run_on("2026-01-30 09:00")

        self.assertEqual(contract.date_end, date(2027, 2, 28))
        self.assertEqual(contract.line_ids.mapped("date_end"), [False, False, date(2026, 2, 27)])
        self.assertEqual([len(line.obligation_ids) for line in contract.line_ids], [24, 24, 12])
        self._run_on("2026-03-01 09:00", "_cron_daily")
        self.assertEqual(contract.line_ids.mapped("amount_annual"), [1200.0, 600.0, 0.0])
        self.assertEqual(contract.amount_annual, 1800.0)

    def test_the_offer_takes_over_a_line_that_ends_with_the_contract(self):
        contract = self._create_agreeable(lines=[
            {"date_end": "2026-02-28"}, {"date_end": "2026-01-31", "name": "Hotline"},
        ])
        offer = self._prepare_renewal(contract)

        self.assertEqual(offer.line_ids.line_id, contract.line_ids[0])
        offer.price_percent = 10.0
        offer.action_offer()
        self._agree_on_paper(offer)

        going_on = contract.line_ids.filtered("previous_line_id")
        self.assertRecordValues(going_on, [{
            "price_unit": 110.0, "date_start": date(2026, 3, 1), "date_end": False,
        }])
        self.assertEqual(len(going_on.obligation_ids), 12)

    # -------------------------------------------------------------------------
    # The button
    # -------------------------------------------------------------------------

    def test_the_button_leaves_nothing_behind_when_the_form_is_closed(self):
        contract = self._create_agreeable()

        action = contract.action_renew()
        form = Form(self.env["aftersales.renewal"].with_user(self.officer).with_context(
            **action["context"]))

        self.assertEqual((form.date_start, form.date_end), (date(2026, 3, 1), date(2027, 2, 28)))
        self.assertFalse(contract.renewal_ids)
        self.assertRecordValues(form.save().line_ids, [
            {"line_id": contract.line_ids.id, "price_before": 100.0, "price_after": 100.0},
        ])
        self.assertEqual(contract.action_renew()["res_id"], contract.renewal_ids.id)

    # -------------------------------------------------------------------------
    # Bounds
    # -------------------------------------------------------------------------

    def test_absurd_terms_are_refused(self):
        contract = self._create_contract()
        cases = [
            ({"renewal_mode": "auto", "renewal_term_months": 0}, "at least one month"),
            ({"renewal_term_months": -1}, "at least one month"),
            ({"renewal_term_months": 9999}, "Enter 120 at most"),
            ({"renewal_notice_days": 9999}, "Enter 730 at most"),
            ({"renewal_notice_days": -1}, "cannot be negative"),
            ({"renewal_mode": "auto", "renewal_term_months": 1, "renewal_notice_days": 60},
             "Enter 31 days at most"),
            ({"indexation_percent": 5000.0}, "Enter 100 % at most"),
            ({"termination_notice_days": 9999}, "Enter a number from 0 to 730"),
            ({"termination_notice_days": -1}, "cannot be negative"),
        ]
        for vals, message in cases:
            with self.subTest(vals=vals), self.assertRefused(contract.name, message):
                contract.write(vals)

        template = self.env["aftersales.contract.template"].create({"name": "Care"})
        for days, message in ((-1, "cannot be negative"), (9999, "from 0 to 730")):
            with self.assertRefused("Care", message):
                template.termination_notice_days = days
