from odoo.fields import Command

from ..contract.cover_common import CoverCommon
from ..ending.ending_common import EndingCommon
from .renewal_common import RenewalCommon


class TestCoverCarried(CoverCommon, EndingCommon, RenewalCommon):
    """Whatever lets a line follow another one takes every cover term along."""

    def assertCarried(self, lines):
        self.assertTrue(lines)
        for cover in self._read_cover(lines):
            self.assertEqual(cover, self._get_expected_cover())

    def _create_covered(self, **vals):
        return self._create_ending(lines=[{"scope_type": "all", **self.cover}], **vals)

    def test_a_suspension_and_its_end(self):
        contract = self._create_covered()
        self._suspend(contract, "2026-01-15")

        self._resume(contract, "2026-01-20")
        self._run_night("2026-01-20")

        self.assertEqual(len(contract.line_ids), 2)
        self.assertCarried(contract._get_present_lines())

    def test_a_transfer_to_another_customer(self):
        contract = self._create_covered()
        contract.env["aftersales.contract.transfer"].create({
            "contract_id": contract.id, "partner_id": self.other_customer.id,
            "date": "2026-01-20", "agreed_by_old": "Nora", "agreed_by_new": "Harry",
            "attachment_ids": [Command.set(self._attach().ids)],
        }).action_confirm()

        self.assertCarried(contract.next_contract_ids.line_ids)

    def test_added_and_swapped_equipment(self):
        contract = self._create_active(lines=[
            self._on(self.lift, **self.cover), {"price_unit": 31.0},
        ])
        third = self._create_equipment("Lift 3")
        for kind, equipment in (("add", self.other_lift), ("swap", third)):
            contract.env["aftersales.contract.equipment"].create({
                "contract_id": contract.id, "kind": kind, "date": "2026-01-15",
                "line_id": contract.line_ids.filtered(
                    lambda line: line.equipment_id == self.lift).id,
                "equipment_id": equipment.id, "reason": "Agreed", "agreed_by": "Nora",
                "agreed_on": "2026-01-14",
            }).action_confirm()

        lines = contract.line_ids.filtered("equipment_id")
        self.assertLessEqual(self.other_lift + third, lines.equipment_id)
        self.assertCarried(lines)

    def test_a_renewal_with_a_new_price(self):
        contract = self._create_covered(renewal_mode="agreement")
        offer = self._offer(contract, "term")
        self._agree_on_paper(offer)

        self.assertEqual(len(contract.line_ids), 2)
        self.assertCarried(contract.line_ids)

    def test_a_successor(self):
        contract = self._create_covered(renewal_mode="agreement", renewal_form="successor")

        self.assertCarried(self._offer(contract, "successor").successor_id.line_ids)

    def _offer(self, contract, form):
        offer = self._prepare_renewal(contract)
        self.assertEqual(offer.form, form)
        offer.price_percent = 5.0
        offer.action_offer()
        return offer
