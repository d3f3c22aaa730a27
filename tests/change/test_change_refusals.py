from odoo.exceptions import UserError

from .contract_change_common import ContractChangeCommon


class TestChangeRefusals(ContractChangeCommon):
    """What a change request is refused for: each text names record, reason and remedy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_active()

    def assertChangeRefused(self, lines, *parts, **vals):
        """Neither saved nor submitted, and nothing of the contract has changed."""
        before = self._get_state(self.contract)
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            self._create_change(self.contract, *lines, **vals).action_submit()
        for part in parts:
            self.assertIn(part, str(caught.exception))
        self.assertEqual(self._get_state(self.contract), before)
        self.assertFalse(self.contract.sudo().change_ids)

    def test_lines(self):
        name = "Maintenance plan"
        for vals, *parts in (
            ({"price_unit": -10.0}, name, "the price is -10.0", "Enter a price of zero or more"),
            ({"quantity": 0}, name, "the quantity is 0.0", "Enter a quantity above zero"),
            ({"quantity": -1}, name, "the quantity is -1.0", "Enter a quantity above zero"),
            ({"discount": 120.0}, name, "the discount is 120.0", "from 0 to 100 %"),
            ({"recurrence_interval": 0}, name, "Enter an interval of at least 1"),
            ({"price_unit": 100.0}, name, "nothing changes", "Enter the new value or delete"),
        ):
            with self.subTest(vals=vals):
                self.assertChangeRefused(
                    [{**self._price(self.contract), "price_unit": 100.0, **vals}], *parts,
                )
        for vals, *parts in (
            ({"price_unit": -10.0}, "the price is -10.0"),
            ({"quantity": 0}, "the quantity is 0.0", "Enter a quantity above zero"),
        ):
            with self.subTest(added=vals):
                self.assertChangeRefused([{
                    "kind": "line", "operation": "add", "product_id": self.service.id,
                    "name": "Second lift", **vals,
                }], "Second lift", *parts)

    def test_terms(self):
        number = self.contract.name
        for name, value, *parts in (
            ("termination_notice_days", -1, "cannot be negative (-1)", "Enter 0 for none"),
            ("termination_notice_days", 9999, "cannot be 9,999", "from 0 to 730"),
            ("penalty_cap_percent", 500, "cannot be 500.00", "from 0 to 100"),
            ("invoice_offset_days", -99999, "cannot be -99,999", "from -366 to 366"),
            ("billing_day", 32, "there is no day 32", "from 1 to 31"),
        ):
            with self.subTest(name=name, value=value):
                self.assertChangeRefused(
                    [{"kind": "field", "field_name": name, "new_number": value}], number, *parts,
                )

    def test_days(self):
        for day, *parts in (
            (False, "Enter the day on which it takes effect"),
            ("2025-12-31", "Overlapping versions", "12/31/2025", "Choose a later day"),
            ("2026-01-01", "Overlapping versions", "01/01/2026", "Choose a later day"),
            ("2027-01-01", "after the contract ends on 12/31/2026", "renew the contract"),
        ):
            with self.subTest(day=day):
                self.assertChangeRefused(
                    [self._price(self.contract)], self.contract.name, *parts, date_effective=day,
                )

    def test_gaps(self):
        self.assertChangeRefused([], "It changes nothing", "Add a term, a line or a clause")
        self.assertChangeRefused(
            [self._price(self.contract)], "Write why the contract is changed", reason=False,
        )

    def test_base_that_moved(self):
        stale = self._create_change(self.contract, self._price(self.contract))
        self._agree(self._create_change(
            self.contract, self._price(self.contract, 150.0), date_effective="2026-01-15",
        ))
        before = self._get_state(self.contract)

        with self.assertRefused(
            stale.name, "Maintenance plan", "stands on an outdated base", "use “Refresh”",
        ):
            stale.action_submit()

        self.assertEqual(self._get_state(self.contract), before)
        self.assertEqual(stale.state, "draft")

    def test_locked_books(self):
        self._bill(self.contract, "2026-01-15")
        self.company.sudo().fiscalyear_lock_date = "2026-01-31"

        self.assertChangeRefused(
            [self._price(self.contract)], "01/16/2026", "books are closed",
            "Choose 02/01/2026 or later",
        )
