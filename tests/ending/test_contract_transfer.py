from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import users

from .ending_common import EndingCommon


class TestContractTransfer(EndingCommon):
    """A contract passes on to another customer: each pays exactly their own days."""

    def _transfer(self, contract, day, **vals):
        wizard = contract.env["aftersales.contract.transfer"].create({
            "contract_id": contract.id, "partner_id": self.other_customer.id, "date": day,
            "agreed_by_old": "Nora Northside", "agreed_by_new": "Harry Harbour",
            "attachment_ids": [Command.set(self._attach().ids)], **vals,
        })
        wizard.action_confirm()
        return contract.next_contract_ids.sorted("id")[-1:]

    def test_the_parts_of_both_sum_to_the_whole(self):
        contract = self._create_active(lines=[{}, {"price_unit": 33.33, "quantity": 3}])
        invoice = self._bill(contract, "2026-01-15")

        successor = self._transfer(contract, "2026-01-15")

        self.assertEqual((contract.state, contract.termination_ground),
                         ("terminated", "transfer"))
        self.assertEqual((successor.state, successor.previous_contract_id), ("to_sign", contract))
        self.assertRecordValues(self._get_credits(contract), [{
            "amount_untaxed": 109.67, "reversed_entry_id": invoice.id,
            "partner_id": self.customer.id,
            "ref": f"Credit of {invoice.name}: passed on to Harbour Hotel",
        }])
        self.assertFalse(successor.obligation_ids)
        self.assertFalse(self._bill(successor, "2026-01-15"))

        self._sign(successor)

        new_invoice = self._bill(successor, "2026-01-15")
        self.assertEqual(new_invoice.partner_id, self.other_customer)
        self.assertEqual(new_invoice.amount_untaxed, 109.67)
        self.assertEqual(invoice.amount_untaxed, 199.99)
        self.assertEqual(
            [amount for *_days, amount in self._get_owed(contract)], [45.16, 45.16],
        )
        self.assertEqual(self._get_owed(successor)[:3], [
            ("2026-01-15", "2026-01-31", 54.84), ("2026-01-15", "2026-01-31", 54.83),
            ("2026-02-01", "2026-02-28", 100.0),
        ])

    def test_quarter_in_arrears_is_split_by_day(self):
        contract = self._create_active(lines=[{
            "price_unit": 300.0, "recurrence_unit": "quarter", "billing_timing": "arrears",
        }])

        successor = self._transfer(contract, "2026-02-10")
        self.assertEqual(contract.state, "active")
        self._run_night("2026-02-10")
        self._sign(successor)

        self.assertEqual(contract.state, "terminated")
        self.assertFalse(self._get_credits(contract))
        self.assertEqual(self._bill_on(contract, "2026-02-10"), 133.33)
        self.assertEqual(self._bill_on(successor, "2026-04-01"), 166.67)

    def test_terms_lines_and_clauses_pass_on_what_is_over_does_not(self):
        lift = self._create_equipment("Lift 1")
        contract = self._create_active(
            is_consumer=True, customer_reference="PO-1", termination_notice_days=45,
            clause_ids=[Command.create({"name": "Scope", "body": "<p>For {{customer_name}}</p>"})],
            lines=[
                {"scope_type": "equipment", "equipment_id": lift.id, "discount": 10.0},
                {"product_id": self.fee.id, "recurrence_unit": "once", "price_unit": 250.0},
                {"date_end": "2026-01-10"},
            ],
        )

        successor = self._transfer(contract, "2026-01-20")

        self.assertRecordValues(successor, [{
            "partner_id": self.other_customer.id, "date_start": date(2026, 1, 20),
            "date_end": date(2026, 12, 31), "customer_reference": False, "is_consumer": False,
            "termination_notice_days": 45,
        }])
        self.assertRecordValues(successor.line_ids, [{
            "equipment_id": lift.id, "price_unit": 100.0, "discount": 10.0,
            "date_start": date(2026, 1, 20), "date_anchor": date(2026, 1, 1),
            "previous_line_id": contract.line_ids.sorted("id")[0].id,
        }])
        self.assertIn("Harbour Hotel", successor.clause_ids.text)
        self.assertEqual(successor.version_id.state, "pending")
        self.assertEqual(lift.customer_id, self.customer)

        self._run_night("2026-01-20")

        self.assertEqual(lift.customer_id, self.other_customer)

    def test_equipment_stays_where_it_stands_unless_it_moves(self):
        old_site, new_site = self.env["res.partner"].create([
            {"name": "Ward 3", "parent_id": self.customer.id, "type": "delivery"},
            {"name": "Hotel annex", "parent_id": self.other_customer.id, "type": "delivery"},
        ])
        cases = [(False, old_site, self.customer), (True, new_site, new_site)]
        for moves, at_site, without_site in cases:
            with self.subTest(moves=moves):
                lift, door = self._create_equipment("Lift 1"), self._create_equipment("Door")
                lift.site_id, door.site_id = old_site, False
                contract = self._create_active(site_partner_id=old_site.id, lines=[
                    {"scope_type": "equipment", "equipment_id": lift.id},
                    {"scope_type": "equipment", "equipment_id": door.id},
                ])

                successor = self._transfer(contract, "2026-01-15", moves_equipment=moves)

                self.assertEqual(successor.site_partner_id, new_site if moves else old_site)
                self.assertRecordValues(lift | door, [
                    {"customer_id": self.other_customer.id, "site_id": at_site.id},
                    {"customer_id": self.other_customer.id, "site_id": without_site.id},
                ])

    def test_what_review_objects_to_is_solved_before_the_signature(self):
        self.customer.vat = "US1234567"
        contract = self._create_active(clause_ids=[
            Command.create({"name": "Parties", "body": "<p>{{customer_tax_id}}</p>"}),
        ])

        successor = self._transfer(contract, "2026-01-15")

        self.assertEqual((contract.state, successor.state), ("terminated", "draft"))
        self.assertIn("Tax ID of the customer", "".join(successor.message_ids.mapped("body")))

    def test_without_proration_the_old_customer_owes_the_whole_period(self):
        contract = self._create_active(proration="none")
        self._bill(contract, "2026-01-15")

        successor = self._transfer(contract, "2026-01-15")
        self._sign(successor)

        self.assertFalse(self._get_credits(contract))
        self.assertEqual(successor.line_ids.date_charge_from, date(2026, 2, 1))
        self.assertEqual(self._get_owed(successor)[0], ("2026-02-01", "2026-02-28", 100.0))

    def test_withdrawn_transfer_cancels_the_unsigned_successor(self):
        contract = self._create_active()
        before = self._get_owed(contract)
        successor = self._transfer(contract, "2026-02-10")

        contract.action_withdraw_termination()

        self.assertEqual((contract.state, successor.state), ("active", "cancelled"))
        self.assertEqual(self._get_owed(contract), before)

    def test_signed_transfer_cannot_be_withdrawn(self):
        contract = self._create_active()
        successor = self._transfer(contract, "2026-02-10")
        self._sign(successor)
        before = self._get_snapshot(contract)

        with self.assertRefused(successor.name, "in force"):
            contract.action_withdraw_termination()

        self.assertEqual(self._get_snapshot(contract), before)

    def test_refusals_change_nothing(self):
        contract = self._create_active()
        self._bill(contract, "2026-01-15")
        before = self._get_snapshot(contract)
        cases = [
            ("2026-01-20", {"partner_id": self.customer.id}, "already is its customer"),
            ("2026-01-20", {"attachment_ids": False}, "consent of both"),
            ("2026-01-01", {}, "begins on 01/01/2026"),
            ("2027-01-01", {}, "Nothing is left"),
        ]
        for day, vals, message in cases:
            with self.subTest(message=message), self.assertRefused(contract.name, message):
                self._transfer(contract, day, **vals)

            self.assertEqual(self._get_snapshot(contract), before)

    def test_suspended_or_ending_contracts_do_not_pass_on(self):
        suspended, ending = self._create_active(), self._create_active()
        self._suspend(suspended, "2026-02-10")
        self._terminate(ending, "2026-02-10")

        with self.assertRefused(suspended.name, "suspension begins on 02/10/2026"):
            self._transfer(suspended, "2026-01-20")
        with self.assertRefused(ending.name, "terminated as of 02/10/2026"):
            self._transfer(ending, "2026-01-20")

        self.assertFalse((suspended + ending).next_contract_ids)

    @users("test_agent", "test_technician", "test_legal", "test_accountant", "test_outsider")
    def test_other_roles_do_not_transfer(self):
        contract = self._create_active()

        with self.assertRaises(AccessError):
            self._transfer(contract.with_env(self.env), "2026-01-20")

        self.assertFalse(contract.next_contract_ids)
