from odoo.fields import Command

from ..contract.cover_common import CoverCommon
from .common import SoldContractCommon


class TestSoldCover(CoverCommon, SoldContractCommon):
    """What is sold by contract covers what its template says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template.line_ids[1].write({
            "scope_type": "category", "covered_category_id": cls.lift_category.id, **cls.cover,
        })
        cls.template.line_ids[2].write({"scope_type": "all", "cover_labour": 50.0})

    def _get_lines(self, order):
        return self._get_contracts(order).line_ids

    def test_a_sold_service_brings_every_cover_term(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))

        lines = self._get_lines(order)
        sold = lines.filtered("product_id")
        self.assertEqual(
            (sold.scope_type, sold.covered_category_id), ("category", self.lift_category))
        self.assertEqual(self._read_cover(sold), [self._get_expected_cover()])
        calls = lines - sold
        self.assertEqual((calls.scope_type, calls.cover_labour), ("all", 50.0))

    def test_a_service_without_a_line_of_its_own_covers_nothing(self):
        order = self._create_confirmed((self.hotline, 1.0, 30.0, {}))

        sold = self._get_lines(order).filtered("product_id")
        self.assertEqual((sold.scope_type, sold.cover_label), ("none", False))

    def test_a_service_sold_twice_is_covered_once(self):
        order = self._create_confirmed(
            (self.service, 1.0, 120.0, {}), (self.service, 2.0, 90.0, {"discount": 10.0}))
        order.order_line = [Command.create({
            "product_id": self.service.id, "product_uom_qty": 3.0, "price_unit": 80.0,
        })]

        sold = self._get_lines(order).filtered("product_id").sorted("id")
        self.assertEqual(sold.mapped("quantity"), [1.0, 2.0, 3.0])
        self.assertEqual(sold.mapped("scope_type"), ["category", "none", "none"])
        self.assertEqual(self._read_cover(sold[:1]), [self._get_expected_cover()])

    def test_confirming_anew_leaves_what_the_officer_chose(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))
        sold = self._get_lines(order).filtered("product_id")
        sold.contract_id._transition_to("draft")
        sold.write(self._on(self.lift, cover_parts=10.0))

        order._action_cancel()
        order.action_draft()
        order.action_confirm()

        self.assertEqual((sold.equipment_id, sold.cover_parts), (self.lift, 10.0))
