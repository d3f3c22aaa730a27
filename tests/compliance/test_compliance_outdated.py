from odoo.tests import freeze_time

from .common import ComplianceCommon

ACTIVITY = "aftersales.mail_activity_type_compliance_outdated"


class TestComplianceOutdated(ComplianceCommon):
    """When a law ends, contracts that rest on it are flagged once, until they are checked anew."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.newer = cls._create_rule("T-NEW", method="has_lines", valid_from="2026-03-01")
        cls.older = cls._create_rule("T-OLD", method="has_lines", valid_to="2026-02-28",
                                     superseded_by_id=cls.newer.id)
        cls.contract = cls._create_active()

    def _run(self):
        self._run_cron("_cron_flag_outdated_compliance")

    def _get_activities(self, contracts=None):
        return (contracts or self.contract).sudo().activity_search([ACTIVITY])

    @freeze_time("2026-02-28 23:00")
    def test_the_last_day_in_force_is_in_force(self):
        self._run()

        self.assertEqual(self.contract.compliance_state, "passed")
        self.assertFalse(self._get_activities())

    @freeze_time("2026-03-01 01:00")
    def test_a_law_that_ended_flags_the_contract_once(self):
        for _turn in range(2):
            self._run()

        self.assertEqual(self.contract.compliance_state, "outdated")
        activity = self._get_activities()
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.officer)
        self.assertEqual(activity.summary, "A law this contract rests on has ended")

    @freeze_time("2026-03-01 01:00")
    def test_an_activity_marked_done_does_not_come_back(self):
        self._run()
        self._get_activities().action_feedback()

        self._run()

        self.assertFalse(self._get_activities())
        self.assertEqual(self.contract.compliance_state, "outdated")

    @freeze_time("2026-03-01 01:00")
    def test_a_new_check_by_the_new_law_clears_it(self):
        self._run()

        self.contract.with_user(self.legal).action_check_compliance()
        self.assertEqual(self.contract.compliance_state, "passed")
        self.assertEqual(self._get_results(self.contract), {"T-NEW": "pass"})
        self.assertFalse(self._get_activities())

        self._run()
        self.assertEqual(self.contract.compliance_state, "passed")
        self.assertFalse(self._get_activities())

    @freeze_time("2026-03-01 01:00")
    def test_only_contracts_somebody_relies_on_are_flagged(self):
        with freeze_time("2026-01-15 09:00"):
            reviewed = self._create_contract()
            reviewed.action_submit()
            waiting = self._create_contract()
            waiting.action_submit()
            waiting.action_approve()

        self._run()

        self.assertEqual(reviewed.compliance_state, "passed")
        self.assertEqual(waiting.compliance_state, "outdated")

    @freeze_time("2026-03-01 01:00")
    def test_contracts_that_rest_on_other_rules_are_not(self):
        with freeze_time("2026-01-15 09:00"):
            self.older.country_id = self.country
            free = self._create_active()

        self._run()

        self.assertEqual(free.compliance_state, "passed")
        self.assertEqual(self.contract.compliance_state, "outdated")

    @freeze_time("2026-03-01 01:00")
    def test_without_a_manager_legal_is_asked(self):
        self.contract.user_id = False

        self._run()

        self.assertTrue(self._get_activities().user_id.has_group("aftersales.group_legal"))

    @freeze_time("2026-03-01 01:00")
    def test_an_archived_manager_is_not_asked(self):
        self.officer.active = False

        self._run()

        self.assertNotEqual(self._get_activities().user_id, self.officer)
        self.assertTrue(self._get_activities().user_id.has_group("aftersales.group_legal"))

    @freeze_time("2026-03-01 01:00")
    def test_batches_reach_every_contract_and_commit_in_between(self):
        with freeze_time("2026-01-15 09:00"):
            contracts = self.contract + self._create_active() + self._create_active()
        model = type(self.contract)
        run = model._cron_flag_outdated_compliance
        self.patch(model, "_cron_flag_outdated_compliance",
                   lambda records: run(records, batch_size=2))

        steps = self._run_cron("_cron_flag_outdated_compliance")

        self.assertEqual([processed for processed, _remaining in steps], [2, 1])
        self.assertEqual(contracts.mapped("compliance_state"), ["outdated"] * 3)
        self.assertEqual(len(self._get_activities(contracts)), 3)

    @freeze_time("2026-03-01 01:00")
    def test_queries_of_a_batch_do_not_grow_with_contracts(self):
        with freeze_time("2026-01-15 09:00"):
            contracts = self.env["aftersales.contract"].concat(
                *(self._create_active() for _number in range(12))
            ).sudo()

        def count_queries(batch):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch._flag_outdated_compliance()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count_queries(contracts[:1])
        few = count_queries(contracts[1:3])
        many = count_queries(contracts[3:])

        self.assertLessEqual(many - few, 3)
        self.assertEqual(contracts.mapped("compliance_state"), ["outdated"] * 12)
