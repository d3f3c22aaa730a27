from unittest.mock import patch

from odoo.exceptions import UserError

from ..common import AftersalesCommon


class TestLifecycleMixin(AftersalesCommon):
    """What the mixin promises to every model with a state, shown on the contract."""

    def _patched(self, method, replacement):
        return patch.object(type(self.env["aftersales.contract"]), method, replacement)

    def test_records_already_there_stay_untouched(self):
        moved = self._create_contract()
        waiting = self._create_contract()
        moved._transition_to("review")
        seen = []

        with self._patched("_on_transition", lambda records, target: seen.append(records)):
            (moved + waiting)._transition_to("review")

        self.assertEqual(seen, [waiting])

    def test_all_already_there_is_no_transition_at_all(self):
        contract = self._create_contract()
        seen = []

        with self._patched("_on_transition", lambda records, target: seen.append(records)):
            self.assertTrue(contract._transition_to("draft"))

        self.assertEqual(seen, [])

    def test_one_refused_record_stops_all(self):
        ready = self._create_contract()
        blocked = self._create_contract()

        def get_blockers(record, target):
            return ["The roof leaks.", "The key is lost."] if record == blocked else []

        with self._patched("_get_transition_blockers", get_blockers):
            with self.assertRefused(blocked.name, "The roof leaks.", "The key is lost."):
                (ready + blocked)._transition_to("review")

        self.assertEqual((ready + blocked).mapped("state"), ["draft", "draft"])

    def test_values_are_written_with_the_state(self):
        contract = self._create_contract()

        contract._transition_to("review", subject="Lifts of the clinic")

        self.assertEqual((contract.state, contract.subject), ("review", "Lifts of the clinic"))

    def test_refused_transition_writes_no_values(self):
        contract = self._create_contract()

        with self.assertRaises(UserError):
            contract._transition_to("expired", subject="Lifts of the clinic")

        self.assertEqual((contract.state, contract.subject), ("draft", False))

    def test_refusal_says_where_it_can_go(self):
        contract = self._create_contract()

        with self.assertRefused(
            contract.name, 'It is "Draft"', "In Review or Cancelled", 'not "Active"',
        ):
            contract._transition_to("active")

    def test_state_is_refused_at_creation(self):
        for state in ("review", "active", "cancelled"):
            with self.subTest(state=state):
                with self.assertRefused("Service Contract", "Use the buttons"):
                    self._create_contract(state=state, lines=[])

    def test_initial_state_may_be_named_at_creation(self):
        self.assertEqual(self._create_contract(state="draft").state, "draft")

    def test_state_is_refused_by_import(self):
        result = self.env["aftersales.contract"].load(
            ["partner_id/.id", "date_start", "state"],
            [[str(self.customer.id), "2026-01-01", "Active"]],
        )

        self.assertFalse(result["ids"])
        self.assertIn("cannot be written directly", result["messages"][0]["message"])

    def test_default_in_the_context_cannot_set_the_state(self):
        with self.assertRefused("cannot be written directly"):
            self.env["aftersales.contract"].with_context(default_state="active").create({
                "partner_id": self.customer.id,
            })

    def test_hooks_of_all_domains_are_added_up(self):
        """A blocker of a higher domain joins those of the lower ones."""
        contract = self._create_contract(lines=[])
        original = type(contract)._get_transition_blockers

        def with_one_more(record, target):
            return [*original(record, target), "The roof leaks."]

        with self._patched("_get_transition_blockers", with_one_more):
            with self.assertRefused("has no lines", "The roof leaks."):
                contract.action_submit()

        self.assertEqual(contract.state, "draft")
