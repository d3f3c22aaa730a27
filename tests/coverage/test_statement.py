from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, users

from .coverage_common import CoverageCommon


@freeze_time("2026-01-15 09:00")
class TestStatement(CoverageCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.labour = cls._create_service("Technician hour", 80.0, uom_id=cls.hour.id)

    def _create_repair(self, **vals):
        """Return a repair of five lines: gross 100 + 160 + 35 + 40 + 15 = 350."""
        return self._create_statement(
            ("part", 100.0), ("labour", 160.0, {"quantity": 2.0}), ("travel", 35.0),
            ("inspection", 40.0), ("other", 15.0), **vals)

    def _get_net(self, statement):
        statement._decide()
        self._assert_adds_up(statement)
        return statement.charge_ids.mapped("amount_net")

    def _assert_adds_up(self, statement):
        for charge in statement.charge_ids:
            self.assertAlmostEqual(
                charge.amount_net + charge.amount_covered + charge.amount_discount,
                charge.amount_gross, 2)

    # -------------------------------------------------------------------------
    # A five-line repair in five situations
    # -------------------------------------------------------------------------

    def test_repair_under_warranty(self):
        self._give_warranty("2025-06-01", "2026-05-31")
        self.assertEqual(self._get_net(self._create_repair()), [0.0, 0.0, 0.0, 0.0, 15.0])

    def test_repair_under_a_contract_of_80_per_cent(self):
        self._create_cover(
            cover_parts=80.0, cover_labour=80.0, cover_travel=80.0, cover_other=80.0)
        statement = self._create_repair()
        self.assertEqual(self._get_net(statement), [20.0, 32.0, 7.0, 8.0, 3.0])
        self.assertEqual(
            (statement.amount_gross, statement.amount_covered, statement.amount_net),
            (350.0, 280.0, 70.0))

    def test_repair_that_uses_up_a_quota(self):
        self._create_cover(quota_hours=1.0)
        self.assertEqual(self._get_net(self._create_repair()), [0.0, 80.0, 0.0, 40.0, 0.0])

    def test_repair_after_misuse(self):
        self._give_warranty("2025-06-01", "2026-05-31")
        line = self._create_cover(excluded_cause_ids=self.misuse.ids)
        statement = self._create_repair(cause_code_id=self.misuse.id)
        self.assertEqual(self._get_net(statement), [100.0, 160.0, 35.0, 40.0, 15.0])
        self.assertEqual(
            statement.charge_ids[0].cover_text,
            "Not covered. The warranty does not answer for this cause: Overload. "
            f"Contract {line.contract_id.name} excludes this cause: Overload.")

    def test_repair_with_goodwill_and_discount(self):
        statement = self._create_repair()
        statement.charge_ids.write({
            "goodwill_percent": 50.0, "goodwill_reason": "Long wait",
            "discount_percent": 10.0, "discount_reason": "Loyal",
        })
        statement.with_user(self.officer).action_approve_goodwill()
        self.assertEqual(self._get_net(statement), [45.0, 72.0, 15.75, 18.0, 6.75])
        self.assertEqual(statement.amount_goodwill, 175.0)
        self.assertEqual(statement.amount_discount, 17.5)
        self.assertEqual(statement._get_totals_by_payer(), [
            ("Goodwill", 175.0), ("Discount", 17.5), ("Customer", 157.5)])

    def test_a_sentence_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "zh_CN"
        self._give_warranty("2025-06-01", "2026-05-31")
        statement = self._create_repair()
        statement._decide()
        chinese = self.env["aftersales.coverage.sentence"].with_context(lang="zh_CN")
        self.assertEqual(
            statement.charge_ids[0].cover_text,
            chinese._say_warranty(self.lot.aftersales_warranty_end))
        self.assertNotEqual(
            statement.charge_ids[0].cover_text, "Under warranty until 05/31/2026.")

    # -------------------------------------------------------------------------
    # Price and basis, tax
    # -------------------------------------------------------------------------

    @users("test_agent")
    def test_the_form_fills_what_equipment_and_product_say(self):
        form = Form(self.env["aftersales.statement"])
        form.equipment_id = self.equipment
        with form.charge_ids.new() as charge:
            charge.kind = "labour"
            charge.product_id = self.labour
            charge.quantity = 2.5
        statement = form.save()
        self.assertEqual(statement.name, "SOC/2026/0001")
        self.assertEqual(
            (statement.partner_id, statement.lot_id, statement.product_id),
            (self.customer, self.lot, self.lift))
        charge = statement.charge_ids
        self.assertEqual((charge.name, charge.price_unit), ("Technician hour", 80.0))
        self.assertEqual(charge.amount_gross, 200.0)
        self.assertEqual(
            charge.basis, "2.5 h × hourly rate $\N{NO-BREAK SPACE}80.00")
        self.assertEqual(charge.tax_ids, self.tax)
        self.assertEqual(statement.amount_total, 230.0)

    def test_the_contract_has_a_price_list_of_its_own(self):
        pricelist = self.env["product.pricelist"].create({
            "name": "Frame", "item_ids": [(0, 0, {
                "compute_price": "fixed", "fixed_price": 64.0, "applied_on": "1_product",
                "product_tmpl_id": self.labour.product_tmpl_id.id,
            })],
        })
        self._create_cover(contract={"pricelist_id": pricelist.id}, cover_labour=0.0)
        statement = self.env["aftersales.statement"].create({
            "equipment_id": self.equipment.id,
            "charge_ids": [(0, 0, {"kind": "labour", "product_id": self.labour.id})],
        })
        self.assertEqual(statement.charge_ids.price_unit, 64.0)
        self.assertEqual(statement.charge_ids.pricelist_id, pricelist)
        statement.charge_ids.price_unit = 70.0
        statement.charge_ids.quantity = 3.0
        self.assertEqual(statement.charge_ids.amount_gross, 210.0)

    def _create_pricelist(self, name, price):
        return self.env["product.pricelist"].create({
            "name": name, "item_ids": [(0, 0, {
                "compute_price": "fixed", "fixed_price": price, "applied_on": "1_product",
                "product_tmpl_id": self.labour.product_tmpl_id.id,
            })],
        })

    def _get_hour_price(self, kind="labour", **vals):
        statement = self.env["aftersales.statement"].create({
            "equipment_id": self.equipment.id, **vals,
            "charge_ids": [(0, 0, {"kind": kind, "product_id": self.labour.id})],
        })
        return statement.charge_ids.price_unit

    def test_prices_are_those_of_the_contract_that_pays(self):
        unit, frame, price_only = (
            self._create_pricelist(name, price)
            for name, price in (("Unit", 70.0), ("Frame", 60.0), ("Prices", 50.0)))
        self._create_cover(
            "Prices", contract={"pricelist_id": price_only.id}, cover_parts=0.0,
            cover_labour=0.0, cover_travel=0.0, cover_other=0.0)
        self.assertEqual(self._get_hour_price(), 50.0)  # agreed for the unit, covered or not
        self._create_cover(
            "Frame", contract={"pricelist_id": frame.id}, scope_type="all", equipment_id=False,
            cover_travel=0.0, quota_hours=2.0)
        line = self._create_cover(
            "Unit", contract={"pricelist_id": unit.id}, cover_labour=0.0, cover_travel=0.0,
            excluded_cause_ids=self.misuse.ids)
        self.assertEqual(self._get_hour_price("labour"), 60.0)  # the frame pays labour
        self.assertEqual(self._get_hour_price("other"), 70.0)  # both pay; the unit is nearer
        self.assertEqual(
            self._get_hour_price("other", cause_code_id=self.misuse.id), 60.0)
        # None pays travel: what is agreed for the unit counts, of the older contract.
        self.assertEqual(self._get_hour_price("travel"), 50.0)
        self.assertFalse(line.cover_labour)

        # The quota of the frame is used up, and it pays no longer.
        self._decide(self._create_statement(("labour", 160.0, {"quantity": 2.0})))
        self.assertEqual(self._get_hour_price("labour"), 50.0)

    # -------------------------------------------------------------------------
    # Life
    # -------------------------------------------------------------------------

    @users("test_agent")
    def test_confirm_decides_and_closes(self):
        statement = self._create_repair().with_user(self.env.user)
        statement.action_confirm()
        self.assertEqual(statement.state, "confirmed")
        self.assertTrue(statement.is_decided)
        charge = statement.charge_ids[0]
        for act in (
            lambda: charge.write({"quantity": 2.0}), charge.sudo().unlink,
            lambda: statement.write({"date": "2026-01-10 09:00:00"}), statement.sudo().unlink,
            lambda: charge.copy(),
        ):
            with self.assertRefused("no draft any more"), self.cr.savepoint():
                act()
        self.assertEqual(charge.quantity, 1.0)
        self.assertEqual(len(statement.charge_ids), 5)
        statement.action_draft()
        charge.quantity = 2.0
        self.assertFalse(statement.is_decided)
        self._assert_adds_up(statement)

    def test_what_keeps_a_statement_from_being_confirmed_comes_at_once(self):
        statement = self._create_statement(
            ("labour", 0.0), ("other", 9.0, {"goodwill_percent": 5.0, "goodwill_reason": "x"}),
            date="2026-01-16 09:00:00")
        with self.assertRefused(
            "in the future", '"labour" has no price', '"other": goodwill of 5 % is not approved',
        ):
            statement.action_confirm()
        self.assertEqual(statement.state, "draft")
        with self.assertRefused("no charge"):
            self._create_statement().action_confirm()

    def test_equipment_of_another_customer_is_refused_with_the_way_out(self):
        count = self.env["aftersales.statement"].search_count([])
        with self.assertRefused(
            "equipment Lift 1/FL-1 belongs to Northside Clinic, not to Harbour Hotel",
            "leave the equipment empty", error=ValidationError,
        ), self.cr.savepoint():
            self._create_statement(("part", 9.0), partner_id=self.other_customer.id)
        self.assertEqual(self.env["aftersales.statement"].search_count([]), count)

        statement = self._create_statement(("part", 9.0))
        with self.assertRefused("Harbour Hotel", error=ValidationError), self.cr.savepoint():
            statement.partner_id = self.other_customer
        self.assertEqual(statement.partner_id, self.customer)

    def test_equipment_that_changed_hands_afterwards_does_not_stop_the_statement(self):
        statement = self._create_statement(("part", 9.0))
        self.equipment.customer_id = self.other_customer
        statement.with_user(self.agent).action_confirm()
        self.assertEqual(statement.state, "confirmed")

    # -------------------------------------------------------------------------
    # Deciding again
    # -------------------------------------------------------------------------

    def test_a_manager_decides_a_confirmed_statement_again(self):
        statement = self._create_statement(("part", 100.0))
        statement.with_user(self.agent).action_confirm()
        self.assertEqual(statement.amount_net, 100.0)
        self._give_warranty("2025-06-01", "2026-05-31")

        for user in (self.agent, self.officer, self.technician):
            with self.assertRefused(
                "is confirmed: only a manager decides again", error=AccessError,
            ), self.cr.savepoint():
                statement.with_user(user).action_decide()
        self.assertEqual(len(statement.cover_ids), 1)

        statement.with_user(self.manager).action_decide()
        self.assertEqual(statement.state, "confirmed")
        self.assertEqual((statement.amount_gross, statement.amount_net), (100.0, 0.0))
        message = statement.message_ids[0]
        self.assertEqual(message.author_id, self.manager.partner_id)
        self.assertIn("decided again after the confirmation", message.body)
        self.assertIn("Customer 100 % → <b>Our company 100 %</b>", message.body)

    def test_decisions_stay_on_record_with_who_paid_before_and_who_changed_it(self):
        self._create_cover(cover_parts=80.0)
        statement = self._create_statement(("part", 100.0))
        statement.with_user(self.agent).action_decide()
        self._give_warranty("2025-06-01", "2026-05-31")
        statement.with_user(self.officer).action_decide()
        self._give_warranty("2025-06-01", "2025-12-31")
        statement.with_user(self.agent).action_confirm()
        self.assertEqual([
            (cover.number, cover.decided_by_id, cover.replaced_label, cover.payer, cover.amount,
             bool(cover.superseded_on))
            for cover in statement.cover_ids.sorted("id")
        ], [
            (1, self.agent, False, "contract", 80.0, True),
            (1, self.agent, False, "customer", 20.0, True),
            (2, self.officer, "Service contract 80 %, Customer 20 %", "provider", 100.0, True),
            (3, self.agent, "Our company 100 %", "contract", 80.0, False),
            (3, self.agent, "Our company 100 %", "customer", 20.0, False),
        ])
        for act in (
            lambda: statement.cover_ids.with_user(self.manager).write({"amount": 1.0}),
            lambda: statement.cover_ids.with_user(self.manager).unlink(),
        ):
            with self.assertRaises(AccessError):
                act()
        with self.assertRefused("stands on record"), self.cr.savepoint():
            statement.cover_ids.unlink()
        self.assertEqual(len(statement.cover_ids), 5)

    def test_a_confirmed_statement_decided_again_keeps_its_prices(self):
        statement = self.env["aftersales.statement"].create({
            "equipment_id": self.equipment.id,
            "charge_ids": [(0, 0, {"kind": "labour", "product_id": self.labour.id})],
        })
        statement.action_confirm()
        self.labour.list_price = 999.0
        self._give_warranty("2025-06-01", "2026-05-31")
        statement.with_user(self.manager).action_decide()
        self.assertEqual((statement.amount_gross, statement.amount_net), (80.0, 0.0))

    def test_who_only_reads_statements_decides_nothing(self):
        statement = self._create_statement(("part", 100.0))
        for user in (self.accountant, self.legal):
            with self.assertRaises(AccessError), self.cr.savepoint():
                statement.with_user(user).action_decide()
        self.assertFalse(statement.cover_ids)

    def test_the_basis_is_there_however_quickly_the_statement_is_confirmed(self):
        statement = self.env["aftersales.statement"].with_user(self.agent).create({
            "equipment_id": self.equipment.id,
            "charge_ids": [(0, 0, {
                "kind": "labour", "product_id": self.labour.id, "quantity": 2.0})],
        })
        statement.action_confirm()
        self.env.flush_all()
        statement.invalidate_recordset()
        self.assertEqual(
            statement.charge_ids.basis, "2 h × hourly rate $\N{NO-BREAK SPACE}80.00")

    def test_nobody_decides_what_is_cancelled(self):
        statement = self._create_statement(("part", 100.0))
        statement.action_cancel()
        with self.assertRefused("is cancelled", "Set it to draft first"):
            statement.with_user(self.manager).action_decide()
        self.assertFalse(statement.cover_ids)

    def test_another_decision_is_told_without_amounts(self):
        statement = self._create_statement(("part", 100.0)).with_user(self.agent)
        statement.action_decide()
        self.assertIn("Customer 100 %", statement.message_ids[0].body)
        self._give_warranty("2025-06-01", "2026-05-31")
        statement.action_decide()
        self.assertIn("Customer 100 % → <b>Our company 100 %</b>", statement.message_ids[0].body)
        self.assertEqual(statement.message_ids[0].author_id, self.agent.partner_id)
        count = len(statement.message_ids)
        self.assertEqual(statement.action_decide()["tag"], "display_notification")
        self.assertEqual(len(statement.message_ids), count)

    # -------------------------------------------------------------------------
    # Goodwill, bad input, rights
    # -------------------------------------------------------------------------

    def test_goodwill_is_asked_for_by_the_agent_and_approved_by_the_officer(self):
        statement = self._create_statement(("part", 100.0), ("travel", 50.0))
        self.env["aftersales.goodwill.request"].with_user(self.agent).create({
            "statement_ids": statement.ids, "percent": 40.0, "reason": "Long wait",
        }).action_request()
        mine = statement.with_user(self.agent)
        with self.assertRefused("contract officer", error=AccessError):
            mine.action_approve_goodwill()
        with self.assertRefused("Approve Goodwill"):
            mine.charge_ids.write({"goodwill_approved_by_id": self.agent.id})
        self.assertFalse(statement.charge_ids.goodwill_approved_by_id)

        statement.with_user(self.officer).action_approve_goodwill()
        self.assertEqual(statement.charge_ids.goodwill_approved_by_id, self.officer)
        self.assertEqual(statement.amount_net, 90.0)
        mine.charge_ids[0].goodwill_percent = 100.0
        self.assertEqual(
            statement.charge_ids.mapped("is_goodwill_pending"), [True, False])
        self.assertFalse(statement.charge_ids[0].goodwill_approved_on)

    def test_bad_input_names_statement_and_charge(self):
        statement = self._create_statement(("part", 100.0))
        for vals, text in (
            ({"quantity": 0.0}, "the quantity is 0"),
            ({"quantity": -1.0}, "the quantity is -1"),
            ({"price_unit": -1.0}, "below zero"),
            ({"discount_percent": 101.0, "discount_reason": "x"}, "the discount is 101 %"),
            ({"goodwill_percent": -1.0, "goodwill_reason": "x"}, "the goodwill is -1 %"),
            ({"discount_percent": 10.0}, "the discount of 10 % has no reason"),
        ):
            with self.assertRefused(
                statement.name, '"part"', text, error=ValidationError,
            ), self.cr.savepoint():
                statement.charge_ids.write(vals)
        self.assertEqual(statement.charge_ids.quantity, 1.0)

    @users("test_technician")
    def test_a_technician_records_charges_and_sees_no_money(self):
        statement = self.env["aftersales.statement"].create({
            "equipment_id": self.equipment.id,
            "charge_ids": [(0, 0, {
                "kind": "labour", "product_id": self.labour.id, "quantity": 2.0})],
        })
        self.assertEqual(statement.sudo().amount_gross, 160.0)
        for record, name in (
            (statement, "amount_net"), (statement.charge_ids, "price_unit"),
            (statement.charge_ids, "basis"),
        ):
            with self.assertRaises(AccessError):
                record.read([name])
        statement.action_decide()
        self.assertIn("Customer 100 %", statement.message_ids[0].body)
        with self.assertRefused("agent", error=UserError):
            statement.action_confirm()
        self.assertEqual(statement.state, "draft")

    def test_a_company_created_later_counts_on_its_own(self):
        company = self._create_company_with_books("Second")
        first = self.env["aftersales.statement"].create({
            "company_id": company.id, "partner_id": self.customer.id})
        self.assertEqual(first.name, "SOC/2026/0001")

    def test_the_paper_says_who_pays_in_the_customers_language(self):
        self._give_warranty("2025-06-01", "2026-05-31")
        statement = self._create_repair()
        statement._decide()
        page = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales.report_statement", statement.ids)[0].decode()
        for text in ("DRAFT", "Our company 100 %", "Under warranty until 05/31/2026.", "Labour"):
            self.assertIn(text, page)
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.technician)._render_qweb_html(
                "aftersales.report_statement", statement.ids)
