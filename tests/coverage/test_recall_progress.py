from odoo.fields import Command
from odoo.tests import freeze_time, users

from .coverage_common import CoverageCommon


@freeze_time("2026-01-15 09:00")
class TestRecallProgress(CoverageCommon):
    """A recalled unit is treated when a confirmed job was paid for by the recall."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_lot = cls.lot.create({
            "name": "FL-2", "product_id": cls.lift.id, "company_id": cls.company.id,
        })
        cls.second = cls._create_equipment("Lift 2", lot_id=cls.second_lot.id)
        cls.recall = cls.env["aftersales.recall"].create({
            "name": "Door lock", "product_ids": [Command.set(cls.lift.ids)],
        })
        cls.recall.action_open()

    def _treat(self, equipment, **vals):
        statement = self._create_statement(
            ("part", 100.0), ("labour", 80.0), equipment_id=equipment.id,
            lot_id=equipment.lot_id.id, recall_id=self.recall.id, **vals)
        self._decide(statement)
        return statement

    def _get_progress(self):
        self.recall.invalidate_recordset()
        return self.recall.treated_count, self.recall.equipment_count, self.recall.progress

    def test_only_confirmed_jobs_count_and_each_unit_once(self):
        statement = self._treat(self.equipment)
        self.assertEqual(self._get_progress(), (0, 2, 0.0))

        statement.action_confirm()
        self.assertEqual(self._get_progress(), (1, 2, 50.0))

        self._treat(self.equipment, date="2026-01-15 08:00:00").action_confirm()
        self.assertEqual(self._get_progress(), (1, 2, 50.0))

        self._treat(self.second).action_confirm()
        self.assertEqual(self._get_progress(), (2, 2, 100.0))

    def test_a_cancelled_job_and_a_retired_unit_do_not_count(self):
        statement = self._treat(self.equipment)
        statement.action_confirm()
        self._treat(self.second).action_confirm()
        self.second._retire(self.second.company_id._get_aftersales_today(), "Worn out")
        self.assertEqual(self._get_progress(), (1, 1, 100.0))

        statement._transition_to("cancelled")

        self.assertEqual(self._get_progress(), (0, 1, 0.0))

    @users("test_officer", "test_technician", "test_agent")
    def test_who_reads_the_recall_sees_its_progress(self):
        self._treat(self.equipment).sudo().action_confirm()

        self.assertEqual(self.recall.with_env(self.env).treated_count, 1)
