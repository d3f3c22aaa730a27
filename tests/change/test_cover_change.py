from ..contract.cover_common import CoverCommon
from .contract_change_common import ContractChangeCommon

NBSP = "\N{NO-BREAK SPACE}"


class TestCoverChange(CoverCommon, ContractChangeCommon):
    """Cover of a contract in force changes as both parties agree, term by term."""

    def _create_covered(self, **cover):
        return self._create_active(lines=[self._on(self.lift, **cover)])

    def _change_cover(self, contract, **vals):
        return self._create_change(contract, {
            "kind": "line", "contract_line_id": contract._get_present_lines()[:1].id, **vals,
        })

    def test_a_change_starts_from_the_cover_of_its_line(self):
        contract = self._create_covered(**self.cover)

        change = self._change_cover(contract)

        self.assertEqual(self._read_cover(change.line_ids), [self._get_expected_cover()])
        self.assertFalse(change.line_ids._get_changed_names())
        self.assertFalse(change.line_ids._get_rows())

    def test_every_term_is_added_by_agreement(self):
        contract = self._create_covered()
        change = self._change_cover(contract, **self.cover)

        self.assertEqual(
            [(row["label"], row["before"], row["after"]) for row in change.line_ids._get_rows()],
            [
                ("Parts Covered (%)", "0", "100"),
                ("Labour Covered (%)", "0", "80"),
                ("Travel Covered (%)", "0", "33.33"),
                ("Other Costs Covered (%)", "0", "10"),
                ("With Wear Parts", "No", "Yes"),
                ("Except for Causes", "–", "Misuse, Storm"),
                ("Except for Parts Of", "–", "Lifts"),
                ("Covered Visits", "0", "4"),
                ("Covered Hours", "0", "20.5"),
                ("Covered Amount", "0.00", "5,000.00"),
                ("Quotas Per", "Year", "Quarter"),
                ("Service Mode", "Any", "On site"),
                ("Service Area", "–", "North"),
                ("Service Window", "–", "Weekdays"), ("Service Level", "–", "Gold"),
            ],
        )
        self._agree(self._in_effect(change))

        self.assertEqual(
            self._read_cover(contract._get_present_lines()), [self._get_expected_cover()])
        self.assertEqual(contract.sudo().version_ids.mapped("state"), ["signed", "superseded"])
        for version in contract.sudo().version_ids:
            self.assertEqual(version._verify()["content"], True)

    def _in_effect(self, change):
        """Let the change take effect as soon as it is agreed."""
        change.date_effective = "2026-01-15"
        return change

    def test_every_term_is_taken_away_by_agreement(self):
        contract = self._create_covered(**self.cover)
        line = self.env["aftersales.contract.line"]
        change = self._change_cover(contract, **line._get_no_cover())
        self.assertEqual(set(change.line_ids._get_changed_names()), set(self.cover))

        self._agree(self._in_effect(change))

        [cover] = self._read_cover(contract._get_present_lines())
        self.assertEqual(
            {name: value or False for name, value in cover.items()},
            {name: value or False for name, value in line._get_no_cover().items()},
        )

    def test_other_changes_leave_cover_alone(self):
        contract = self._create_covered(**self.cover)

        self._agree(self._in_effect(self._change_cover(contract, price_unit=200.0)))

        [line] = contract._get_present_lines()
        self.assertEqual(line.price_unit, 200.0)
        self.assertEqual(self._read_cover(line), [self._get_expected_cover()])

    def test_an_added_line_tells_its_cover(self):
        contract = self._create_covered(cover_parts=50.0)
        change = self._create_change(contract, {
            "kind": "line", "operation": "add", "product_id": self.fee.id, "price_unit": 10.0,
            **self._on(self.other_lift, cover_labour=80.0, quota_visits=4),
        })

        self.assertIn(
            "Labour Covered (%): 80\nCovered Visits: 4\nQuotas Per: Year",
            change.line_ids.after_text,
        )
        self.assertNotIn("Travel", change.line_ids.after_text)
        self._agree(self._in_effect(change))

        added = contract._get_present_lines().filtered(lambda line: line.price_unit == 10.0)
        self.assertEqual((added.cover_labour, added.quota_visits), (80.0, 4))

    def test_cover_that_would_overlap_is_not_put_before_the_parties(self):
        contract = self._create_covered(cover_parts=50.0)
        change = self._create_change(contract, {
            "kind": "line", "operation": "add", "product_id": self.fee.id, "price_unit": 10.0,
            "name": "Second", **self._on(self.lift, cover_parts=80.0),
        })
        before = self._get_state(contract)

        with self.assertRefused(contract.name, "Second", "covers the same"):
            change.action_submit()

        self.assertEqual(change.state, "draft")
        self.assertEqual(self._get_state(contract), before)

    def test_lines_exchange_what_they_cover(self):
        contract = self._create_active(lines=[
            self._on(self.lift, cover_parts=50.0), self._on(self.other_lift, cover_parts=80.0),
        ])
        first, second = contract.line_ids
        change = self._create_change(
            contract,
            {"kind": "line", "contract_line_id": first.id, "equipment_id": self.other_lift.id},
            {"kind": "line", "contract_line_id": second.id, "equipment_id": self.lift.id},
        )

        self._agree(self._in_effect(change))

        self.assertEqual(
            {line.equipment_id: line.cover_parts for line in contract._get_present_lines()},
            {self.other_lift: 50.0, self.lift: 80.0},
        )

    def test_bad_cover_is_refused_on_the_change(self):
        contract = self._create_covered(cover_parts=50.0)
        change = self._change_cover(contract)

        for vals, reason in (
            ({"cover_parts": 101.0}, "from 0 to 100 %"), ({"quota_visits": -1}, "no limit"),
            ({"cover_parts": 0.0, "quota_visits": 4}, "covers nothing"),
        ):
            with self.subTest(vals=vals):
                with self.assertRefused(change.name, reason):
                    change.line_ids.write(vals)
                self.assertEqual(change.line_ids.cover_parts, 50.0)

    def test_cover_given_meanwhile_makes_the_change_stale(self):
        contract = self._create_covered()
        change = self._change_cover(contract, price_unit=200.0)
        contract.sudo()._as_agreed(contract.sudo().line_ids).write({"cover_parts": 50.0})

        with self.assertRefused("outdated base"):
            change.action_submit()

        self.assertEqual(change.state, "draft")

    def test_a_change_drafted_before_there_was_cover_is_still_good(self):
        """Its ``before`` and ``after`` name no cover, and the contract has none."""
        contract = self._create_covered()
        change = self._put(self._in_effect(self._change_cover(contract, price_unit=200.0)))
        self.assertFalse(set(self.cover) & change.line_ids.after.keys())
        self.assertFalse(set(self.cover) & change.line_ids.before.keys())

        self._confirm(change)

        self.assertEqual(change.state, "applied")
        self.assertEqual(contract._get_present_lines().cover_parts, 0.0)
