from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import users

from .warranty_common import WarrantyCommon


class TestRecall(WarrantyCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_lot("SN-002")
        cls.team = cls.env["maintenance.team"].create({
            "name": "Pumps", "member_ids": [Command.set((cls.agent + cls.outsider).ids)],
        })

    def _create_recall(self, **vals):
        return self.env["aftersales.recall"].with_user(self.legal).create({
            "name": "Shaft seal leaks", "product_ids": [Command.set(self.pump.ids)], **vals,
        })

    def test_it_counts_the_units_it_names(self):
        self._create_equipment(self.lot)
        self._create_equipment(self.second, retired_on="2026-01-01")
        third = self._create_lot("SN-003")

        whole = self._create_recall()
        listed = self._create_recall(lot_ids=[Command.set((self.lot + self.second).ids)])
        empty = self._create_recall(product_ids=False)

        recalls = whole + listed + empty
        self.assertEqual(recalls.mapped("lot_count"), [3, 2, 0])
        self.assertEqual(recalls.mapped("equipment_count"), [1, 1, 0])
        self.assertEqual(
            self.env["stock.lot"].search(whole.action_view_lots()["domain"]),
            self.lot + self.second + third)
        self.assertEqual(
            self.env["maintenance.equipment"].search(listed.action_view_equipment()["domain"]),
            self.lot.aftersales_equipment_ids)

    def test_units_of_another_company_are_not_counted(self):
        other = self._create_company_with_books("Branch")
        self._create_lot("SN-009", company_id=other.id)
        self._create_lot("SN-010", company_id=False)

        self.assertEqual(self._create_recall().lot_count, 3)

    def test_serial_numbers_of_other_products_are_refused(self):
        fan = self._create_product(name="Fan")
        stranger = self._create_lot("F-1", fan)

        with self.assertRefused("Shaft seal leaks", "F-1", error=ValidationError):
            self._create_recall(lot_ids=[Command.set((self.lot + stranger).ids)])

    def test_it_does_not_end_before_it_begins(self):
        recall = self._create_recall(date_start="2026-01-15", date_end="2026-01-15")

        with self.assertRefused("Shaft seal leaks", "01/14/2026", error=ValidationError):
            recall.date_end = "2026-01-14"

        recall.invalidate_recordset()
        self.assertEqual(recall.date_end, date(2026, 1, 15))

    def test_without_a_product_it_is_not_opened(self):
        recall = self._create_recall(product_ids=False)

        with self.assertRefused("Shaft seal leaks", "No product"):
            recall.action_open()

        self.assertEqual(recall.state, "draft")
        self.assertFalse(recall.activity_ids)

    def test_opening_tells_those_who_look_after_the_units(self):
        self._create_equipment(self.lot, technician_user_id=self.technician.id)
        self._create_equipment(self.second, maintenance_team_id=self.team.id)
        recall = self._create_recall()

        recall.action_open()
        recall.action_open()

        self.assertEqual(recall.state, "open")
        self.assertEqual(recall.activity_ids.user_id, self.agent + self.technician)
        self.assertEqual(len(recall.activity_ids), 2)
        self.assertIn("Units to treat: 1", recall.activity_ids[0].note)

        recall.action_close()
        self.assertEqual(recall.state, "closed")
        self.assertFalse(recall.activity_ids)

        recall.action_open()
        self.assertEqual(len(recall.activity_ids), 2)

    def test_whoever_reads_it_sees_who_has_to_treat_the_units(self):
        self._create_equipment(self.lot, technician_user_id=self.technician.id)
        recall = self._create_recall()
        recall.action_open()

        for user in (self.agent, self.technician, self.officer, self.legal, self.accountant):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                seen = recall.with_user(user)
                self.assertEqual(seen.activity_ids.user_id, self.technician)
                note = seen.message_post(body=user.name)
                self.assertEqual(note.author_id, user.partner_id)

    def test_nobody_in_charge_leaves_it_to_who_opens_it(self):
        recall = self._create_recall()

        recall.action_open()

        self.assertEqual(recall.activity_ids.user_id, self.legal)

    def test_a_recalled_unit_says_so(self):
        recall = self._create_recall(lot_ids=[Command.set(self.lot.ids)])
        whole = self._create_recall(name="Second")
        self.assertFalse(self.lot.aftersales_recall_ids)

        (recall + whole).action_open()
        (self.lot + self.second).invalidate_recordset(["aftersales_recall_ids"])

        self.assertEqual(self.lot.aftersales_recall_ids, recall + whole)
        self.assertEqual(self.second.aftersales_recall_ids, whole)

    @users("test_agent", "test_technician", "test_officer", "test_accountant")
    def test_others_only_read(self):
        recall = self._create_recall().with_env(self.env)

        self.assertEqual(recall.name, "Shaft seal leaks")
        with self.assertRaises(AccessError):
            recall.action_open()
        self.assertEqual(recall.state, "draft")

    def test_many_recalls_are_counted_at_once(self):
        recalls = self.env["aftersales.recall"].create([
            {"name": f"Recall {number}", "product_ids": [Command.set(self.pump.ids)],
             "lot_ids": [Command.set(self.lot.ids)] if number % 2 else False}
            for number in range(20)
        ])
        self.env.flush_all()
        self.env.invalidate_all()

        with self.assertQueryCount(7):
            recalls.mapped("equipment_count")
