from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from ..change.contract_change_common import ContractChangeCommon
from ..ending.ending_common import EndingCommon
from .renewal_common import RenewalCommon


class TestIndexBase(RenewalCommon, EndingCommon, ContractChangeCommon):
    """The base of an index moves with the price: no increase is charged twice."""

    def _create_indexed(self, **vals):
        """Create a contract of 1,000 a month, since November 2024, at an index of 100."""
        self.index = self.env["aftersales.price.index"].create({
            "name": "Consumer prices", "value_ids": [
                Command.create({"date": "2024-11-01", "value": 100.0}),
                Command.create({"date": "2025-12-01", "value": 123.8}),
            ],
        })
        return self._create_active(**{
            "date_start": "2024-11-01", "date_end": "2027-12-31", "indexation_mode": "index",
            "index_id": self.index.id, "index_base_date": "2024-11-01",
            "index_cap_percent": 50.0, "indexation_notice_days": 0,
            "lines": [{"price_unit": 1000.0}], **vals,
        })

    def _propose(self, contract, day):
        return self.env["aftersales.price.adjustment"].with_user(self.officer)._propose(
            contract, date.fromisoformat(day))

    def _adjust(self, contract, day):
        adjustment = self._propose(contract, day)
        adjustment.action_announce()
        with freeze_time(f"{day} 09:00"):
            self._run_cron("_cron_renewal")
            self.env.invalidate_all()
        self.assertEqual(adjustment.state, "applied")

    def _transfer(self, contract, day):
        contract.env["aftersales.contract.transfer"].create({
            "contract_id": contract.id, "partner_id": self.other_customer.id, "date": day,
            "agreed_by_old": "Nora Northside", "agreed_by_new": "Harry Harbour",
            "attachment_ids": [Command.set(self._attach().ids)],
        }).action_confirm()
        return contract.next_contract_ids

    # -------------------------------------------------------------------------
    # Successors
    # -------------------------------------------------------------------------

    def test_a_transfer_takes_the_base_along(self):
        for method in ("last", "base"):
            with self.subTest(method=method):
                contract = self._create_indexed(index_method=method)
                self._adjust(contract, "2026-01-15")

                successor = self._transfer(contract, "2026-02-01")
                self._sign(successor)

                self.assertEqual(successor.line_ids.price_unit, 1238.0)
                self.assertEqual(successor.index_base_date, date(2025, 12, 1))
                self.assertEqual(successor.index_base_value, 123.8)
                again = self._propose(successor, "2027-02-01")
                self.assertEqual((again.factor, again.line_ids.price_after), (1.0, 1238.0))

    def test_without_an_adjustment_the_base_stays(self):
        contract = self._create_indexed()

        successor = self._transfer(contract, "2026-02-01")

        self.assertEqual(successor.index_base_date, date(2024, 11, 1))
        self.assertEqual(successor.index_base_value, 100.0)

    # -------------------------------------------------------------------------
    # From the base
    # -------------------------------------------------------------------------

    def test_from_the_base_after_a_pause(self):
        contract = self._create_indexed(index_method="base")
        self._adjust(contract, "2026-01-15")
        self._suspend(contract, "2026-02-01", "2026-02-10")
        self._run_night("2026-02-01")
        self._run_night("2026-02-11")

        again = self._propose(contract, "2027-01-15")

        self.assertRecordValues(again.line_ids, [
            {"price_base": 1000.0, "price_before": 1238.0, "price_after": 1238.0},
        ])

    def test_from_the_base_after_a_change_of_quantity(self):
        contract = self._create_indexed(index_method="base")
        self._adjust(contract, "2026-01-15")
        contract.sudo().line_ids[-1]._replace_from(date(2026, 2, 1), {"quantity": 2.0}, "More")

        again = self._propose(contract, "2027-01-15")

        self.assertRecordValues(again.line_ids, [
            {"price_base": 1000.0, "price_before": 1238.0, "price_after": 1238.0},
        ])

    def test_an_agreed_new_price_starts_a_new_base(self):
        contract = self._create_indexed(index_method="base")
        self._adjust(contract, "2026-01-15")
        contract.sudo().line_ids[-1]._replace_from(
            date(2026, 2, 1), {"price_unit": 1300.0}, "Agreed")

        again = self._propose(contract, "2027-01-15")

        self.assertRecordValues(again.line_ids, [{
            "price_base": 1300.0, "base_value": 123.8, "price_before": 1300.0,
            "price_after": 1300.0,
        }])
        self.assertIn("was agreed anew and counts from 123.8 (12/01/2025)", again.calculation)

    # -------------------------------------------------------------------------
    # Renewal at a new price
    # -------------------------------------------------------------------------

    def test_a_renewal_at_a_new_price_starts_a_new_base(self):
        for method in ("last", "base"):
            with self.subTest(method=method):
                contract = self._create_indexed(
                    index_method=method, date_end="2026-02-28", renewal_mode="agreement",
                )
                offer = self._prepare_renewal(contract)
                offer.price_percent = 1.0
                offer.action_offer()
                self._agree_on_paper(offer)

                again = self._propose(contract, "2026-12-01")

                self.assertRecordValues(again.line_ids, [{
                    "price_before": 1010.0, "base_value": 123.8, "price_after": 1010.0,
                }])
                self.assertIn("123.8 (12/01/2025)", contract.sudo().term_id.evidence)
