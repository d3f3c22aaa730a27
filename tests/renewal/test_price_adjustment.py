from datetime import date

import psycopg2

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..common import AftersalesCommon


class TestPriceAdjustment(AftersalesCommon):
    """Prices that follow an index or a percentage, and only as agreed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.index = cls.env["aftersales.price.index"].create({
            "name": "Consumer prices", "source": "Statistics office",
            "value_ids": [
                Command.create({"date": "2025-01-01", "value": 104.1}),
                Command.create({"date": "2025-12-01", "value": 107.2}),
            ],
        })

    def _create_indexed(self, **vals):
        """Create a contract since January 2025 whose prices may move from March 2026 on."""
        return self._create_active(**{
            "date_start": "2025-01-01", "date_end": "2027-12-31", "indexation_mode": "index",
            "index_id": self.index.id, "index_base_date": "2025-01-01",
            "index_freeze_months": 14, **vals,
        })

    def _propose(self, contract, day=None):
        return self.env["aftersales.price.adjustment"].with_user(self.officer)._propose(
            contract, day)

    def _adjust(self, contract, day=date(2026, 3, 1)):
        """Propose, announce and apply on ``day``."""
        adjustment = self._propose(contract, day)
        adjustment.action_announce()
        with freeze_time(f"{day} 09:00"):
            self._run_cron("_cron_renewal")
        return adjustment

    def _publish(self, day, value):
        self.index.value_ids = [Command.create({"date": day, "value": value})]

    def _get_prices(self, contract):
        return contract.line_ids.sorted("id").mapped("price_unit")

    # -------------------------------------------------------------------------
    # Calculation
    # -------------------------------------------------------------------------

    def test_the_base_value_comes_from_the_base_period(self):
        contract = self._create_indexed()

        self.assertEqual(contract.index_base_value, 104.1)
        self.assertEqual(contract.next_adjustment_date, date(2026, 3, 1))

    def test_prices_follow_the_index_exactly(self):
        contract = self._create_indexed(lines=[{}, {"price_unit": 33.33}])

        adjustment = self._propose(contract)

        self.assertRecordValues(adjustment, [{
            "state": "proposed", "date": date(2026, 3, 1), "base_value": 104.1, "value": 107.2,
            "base_date": date(2025, 1, 1), "value_date": date(2025, 12, 1),
            "factor": 1.02977906, "raw_factor": 1.02977906,
        }])
        self.assertRecordValues(adjustment.line_ids, [
            {"price_before": 100.0, "price_after": 102.98, "limit": False},
            {"price_before": 33.33, "price_after": 34.32, "limit": False},
        ])
        self.assertIn("107.2 (12/01/2025) / 104.1 (01/01/2025) = 1.029779, that is +2.98 %",
                      adjustment.calculation)
        self.assertEqual(self._get_prices(contract), [100.0, 33.33])

    def test_the_cap_holds_an_increase_back(self):
        self._publish("2026-01-01", 115.0)
        adjustment = self._propose(self._create_indexed(index_cap_percent=5.0))

        self.assertEqual(adjustment.factor, 1.05)
        self.assertEqual(adjustment.raw_factor, 1.10470701)
        self.assertRecordValues(adjustment.line_ids, [{"price_after": 105.0, "limit": "cap"}])
        self.assertIn("Limited to +5.00 %", adjustment.calculation)

    def test_a_decrease_only_as_far_as_the_floor_permits(self):
        self._publish("2026-01-01", 99.0)  # −4.90 %
        for floor, price, limit in ((-100.0, 95.1, False), (-2.0, 98.0, "floor"),
                                    (0.0, 100.0, "floor")):
            with self.subTest(floor=floor):
                adjustment = self._propose(self._create_indexed(index_floor_percent=floor))

                self.assertRecordValues(
                    adjustment.line_ids, [{"price_after": price, "limit": limit}])

    def test_a_fixed_percentage(self):
        adjustment = self._propose(self._create_indexed(
            indexation_mode="fixed", indexation_percent=2.5, lines=[{"price_unit": 19.99}],
        ))

        self.assertEqual(adjustment.line_ids.price_after, 20.49)
        self.assertEqual(adjustment.calculation, "Agreed change: +2.50 %")

    def test_lines_that_do_not_follow(self):
        pricelist = self.env["product.pricelist"].create({"name": "Standard"})
        contract = self._create_indexed(pricelist_id=pricelist.id, lines=[
            {}, {"is_price_fixed": True}, {"price_source": "pricelist"},
            {"product_id": self.fee.id, "recurrence_unit": "once", "price_unit": 250.0},
            {"date_end": "2026-02-28"}, {"date_start": "2026-04-01"},
        ])

        adjustment = self._propose(contract)

        self.assertEqual(adjustment.line_ids.line_id, contract.line_ids[0])

    # -------------------------------------------------------------------------
    # Announcement
    # -------------------------------------------------------------------------

    def test_the_customer_is_told_with_the_calculation(self):
        contract = self._create_indexed()
        adjustment = self._propose(contract)

        adjustment.action_announce()

        mail = self.env["mail.mail"].search([("model", "=", adjustment._name),
                                             ("res_id", "=", adjustment.id)])
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertEqual(adjustment.message_id, mail.message_id)
        self.assertEqual(adjustment.date_announced, date(2026, 1, 15))
        for part in ("03/01/2026", "Consumer prices: 107.2", "104.1", "100.00", "102.98"):
            self.assertIn(part, mail.body_html)
        self.assertEqual(self._get_prices(contract), [100.0])

    def test_an_increase_needs_its_notice(self):
        contract = self._create_indexed(indexation_notice_days=30)
        adjustment = self._propose(contract, date(2026, 2, 13))

        with self.assertRefused(contract.name, "30 days", "02/14/2026 at the earliest"):
            adjustment.action_announce()

        self.assertEqual(adjustment.state, "proposed")

    def test_a_decrease_needs_none(self):
        self._publish("2026-01-01", 99.0)
        adjustment = self._propose(self._create_indexed(), date(2026, 1, 20))

        adjustment.action_announce()

        self.assertEqual(adjustment.state, "announced")

    def test_a_late_proposal_waits_for_the_notice(self):
        contract = self._create_indexed(index_freeze_months=12)

        self.assertEqual(self._propose(contract).date, date(2026, 2, 14))

    def test_the_run_proposes_in_good_time_and_announces_nothing(self):
        contract = self._create_indexed()
        self._run_cron("_cron_renewal")
        self.assertFalse(contract.adjustment_ids)

        for moment in ("2026-01-16 09:00", "2026-01-17 09:00", "2026-03-02 09:00"):
            with freeze_time(moment):
                self._run_cron("_cron_renewal")

        self.assertEqual(contract.adjustment_ids.mapped("state"), ["proposed"])
        self.assertEqual(contract.activity_ids.user_id, self.officer)
        self.assertEqual(self._get_prices(contract), [100.0])

    def test_an_adjustment_given_up_is_not_proposed_again_this_year(self):
        contract = self._create_indexed()
        self._propose(contract).action_cancel()

        with freeze_time("2026-02-01 09:00"):
            self._run_cron("_cron_renewal")

        self.assertEqual(contract.adjustment_ids.mapped("state"), ["cancelled"])
        self.assertEqual(contract.next_adjustment_date, date(2027, 3, 1))
        self.assertEqual(self._propose(contract, date(2026, 3, 1)).state, "proposed")

    # -------------------------------------------------------------------------
    # Application
    # -------------------------------------------------------------------------

    def test_new_prices_count_from_their_day(self):
        contract = self._create_indexed(lines=[{"quantity": 2.0, "discount": 10.0}])
        uom = contract.line_ids.product_uom_id

        adjustment = self._adjust(contract)

        self.assertEqual(adjustment.state, "applied")
        old, new = contract.line_ids.sorted("id")
        self.assertEqual((old.price_unit, old.date_end), (100.0, date(2026, 2, 28)))
        self.assertRecordValues(new, [{
            "price_unit": 102.98, "date_start": date(2026, 3, 1), "quantity": 2.0,
            "discount": 10.0, "product_uom_id": uom.id, "previous_line_id": old.id,
        }])
        self.assertEqual(adjustment.line_ids.new_line_id, new)
        by_start = {str(o.period_start): o.amount for o in contract.obligation_ids}
        self.assertEqual(by_start["2026-02-01"], 180.0)
        self.assertEqual(by_start["2026-03-01"], 185.36)
        self.assertEqual(contract.next_adjustment_date, date(2027, 3, 1))

    def test_a_second_run_applies_nothing_twice(self):
        contract = self._create_indexed()
        self._adjust(contract)

        with freeze_time("2026-03-02 09:00"):
            self._run_cron("_cron_renewal")

        self.assertEqual(self._get_prices(contract), [100.0, 102.98])

    def test_in_mid_period_it_is_split_by_day_and_the_difference_billed(self):
        contract = self._create_indexed(date_start="2026-01-01", index_freeze_months=0)
        invoice = self._bill(contract, "2026-03-01", "2026-01-15")
        self.assertEqual(invoice.amount_untaxed, 300.0)

        self._adjust(contract, date(2026, 3, 16))

        with freeze_time("2026-03-16 09:00"):
            again = self._bill(contract, "2026-03-16")
        # 16 of 31 days: 51.61 given back at the old price, 53.15 charged at the new one.
        self.assertEqual(invoice.reversal_move_ids.amount_untaxed, 51.61)
        self.assertEqual(again.amount_untaxed, 53.15)
        periods = self._get_periods(contract)
        self.assertIn(("2026-03-01", "2026-03-15"), periods)
        self.assertIn(("2026-03-16", "2026-03-31"), periods)

    def test_a_line_that_ended_in_the_meantime_stays_untouched(self):
        contract = self._create_indexed(lines=[{}, {"price_unit": 50.0}])
        adjustment = self._propose(contract)
        adjustment.action_announce()
        ended = contract.line_ids[1].sudo()
        ended._end_on(date(2026, 1, 31), "Removed")

        with freeze_time("2026-03-01 09:00"):
            self._run_cron("_cron_renewal")

        self.assertEqual(self._get_prices(contract), [100.0, 50.0, 102.98])
        self.assertEqual(ended.date_end, date(2026, 1, 31))
        self.assertFalse(adjustment.line_ids[1].new_line_id)

    def test_prices_that_changed_since_are_not_overwritten(self):
        contract = self._create_indexed()
        adjustment = self._propose(contract)
        adjustment.action_announce()
        contract._as_agreed(contract.line_ids).price_unit = 120.0

        with freeze_time("2026-03-01 09:00"):
            self._run_cron("_cron_renewal")

        self.assertEqual(adjustment.state, "announced")
        self.assertEqual(self._get_prices(contract), [120.0])
        self.assertIn("costs 120.0 now, not 100.0", contract.indexation_problem)

    # -------------------------------------------------------------------------
    # Two years: from the last price, or from the base
    # -------------------------------------------------------------------------

    def _adjust_twice(self, contract):
        """8 % in the first year, above the cap; 1 % more in the second."""
        self.index.value_ids.unlink()
        self._publish("2025-01-01", 100.0)
        self._publish("2025-12-01", 108.0)
        self._adjust(contract)
        self._publish("2026-12-01", 109.08)
        with freeze_time("2027-01-15 09:00"):
            adjustment = self._propose(contract)
            adjustment.action_announce()
        with freeze_time("2027-03-01 09:00"):
            self._run_cron("_cron_renewal")
        return adjustment

    def test_from_the_last_price_what_the_cap_held_back_is_lost(self):
        contract = self._create_indexed(index_base_value=100.0, index_base_date=False)

        second = self._adjust_twice(contract)

        self.assertEqual((second.base_value, second.value), (108.0, 109.08))
        self.assertEqual(second.base_date, date(2025, 12, 1))
        self.assertEqual(self._get_prices(contract), [100.0, 105.0, 106.05])

    def test_from_the_base_it_is_made_up_for(self):
        contract = self._create_indexed(
            index_base_value=100.0, index_base_date=False, index_method="base")

        second = self._adjust_twice(contract)

        self.assertEqual((second.base_value, second.value), (100.0, 109.08))
        self.assertEqual(self._get_prices(contract), [100.0, 105.0, 109.08])
        self.assertRecordValues(second.line_ids, [
            {"price_base": 100.0, "price_before": 105.0, "limit": False},
        ])

    # -------------------------------------------------------------------------
    # Bad input
    # -------------------------------------------------------------------------

    def test_an_index_without_base_is_refused_before_the_signature(self):
        contract = self._create_contract(indexation_mode="index", index_id=self.index.id)

        with self.assertRefused(contract.name, "base value is missing"):
            contract.action_submit()

        self.assertEqual(contract.state, "draft")

    def test_a_missing_index_or_percentage_is_refused_too(self):
        for vals, part in (
            ({"indexation_mode": "index"}, "none is chosen"),
            ({"indexation_mode": "fixed"}, "fixed percentage, which is missing"),
        ):
            contract = self._create_contract(**vals)
            with self.subTest(vals=vals), self.assertRefused(contract.name, part):
                contract.action_submit()

    def test_an_index_without_values_is_told_and_flagged(self):
        empty = self.env["aftersales.price.index"].create({"name": "New index"})
        contract = self._create_indexed(index_id=empty.id, index_base_value=100.0,
                                        index_base_date=False)

        with self.assertRefused(contract.name, "New index", "has no value yet"):
            self._propose(contract)
        with freeze_time("2026-02-01 09:00"):
            self._run_cron("_cron_renewal")

        self.assertFalse(contract.adjustment_ids)
        self.assertIn("has no value yet", contract.indexation_problem)

    def test_values_that_make_no_sense_are_refused(self):
        with self.assertRefused("Enter a value above zero", error=ValidationError):
            self._publish("2026-02-01", 0.0)
        for vals, part in (
            ({"index_floor_percent": 6.0}, "lies above the upper one"),
            ({"indexation_percent": -100.0}, "100 %"),
            ({"index_base_value": -1.0}, "above zero"),
            ({"index_freeze_months": -1}, "First After"),
        ):
            with self.subTest(vals=vals), self.assertRefused(part, error=ValidationError):
                self._create_contract(**vals)

    def test_an_adjustment_that_leaves_nothing_of_a_price_is_refused(self):
        self._publish("2026-01-01", 0.004)
        contract = self._create_indexed()

        with self.assertRefused(contract.name, "nothing would be left of the price"):
            self._propose(contract)

        self.assertFalse(contract.adjustment_ids)

    def test_an_index_has_one_value_per_period(self):
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._publish("2025-12-01", 110.0)

    def test_a_day_has_one_adjustment(self):
        contract = self._create_indexed()
        self._propose(contract)

        with (
            self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._propose(contract, date(2026, 3, 1))

    def test_where_prices_stay_nothing_is_adjusted(self):
        contract = self._create_indexed(indexation_mode="none")

        with self.assertRefused(contract.name, "no price adjustment was agreed"):
            self._propose(contract)
        with self.assertRefused("not active"):
            self._propose(self._create_contract(
                indexation_mode="fixed", indexation_percent=2.0))

    def test_adjustments_are_history(self):
        adjustment = self._adjust(self._create_indexed())

        for vals in ({"date": "2026-04-01"}, {"factor": 2.0}, {"value": 1.0}):
            with self.assertRefused("is history"):
                adjustment.write(vals)
        with self.assertRefused("stays"):
            adjustment.sudo().unlink()
        with self.assertRaises(UserError):
            adjustment.action_cancel()

        self.assertEqual((adjustment.state, adjustment.date), ("applied", date(2026, 3, 1)))

    # -------------------------------------------------------------------------
    # Wizard and placeholder
    # -------------------------------------------------------------------------

    def test_the_wizard_shows_the_proposal(self):
        contract = self._create_indexed()
        wizards = self.env["aftersales.price.adjustment.wizard"].with_user(self.officer)
        wizard = wizards.with_context(active_ids=contract.ids).create({"date": "2026-06-01"})

        action = wizard.action_propose()

        self.assertEqual(action["res_id"], contract.adjustment_ids.id)
        self.assertEqual(contract.adjustment_ids.date, date(2026, 6, 1))

    def test_the_clause_names_the_index(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.index.with_context(lang="fr_FR").name = "Prix à la consommation"
        self.customer.lang = "fr_FR"

        contract = self._create_contract(index_id=self.index.id)

        self.assertEqual(contract._get_placeholder_values()["index_name"], "Prix à la consommation")
