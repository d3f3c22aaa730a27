from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, users
from odoo.tools import mute_logger

from .common import SoldContractCommon


class TestSoldContract(SoldContractCommon):

    # -------------------------------------------------------------------------
    # What the contract takes over
    # -------------------------------------------------------------------------

    @users("test_seller")
    def test_confirming_prepares_a_draft_with_the_terms_of_the_order(self):
        invoicing, site = self.env["res.partner"].sudo().create([
            {"name": "Payables", "parent_id": self.customer.id, "type": "invoice"},
            {"name": "North wing", "parent_id": self.customer.id, "type": "delivery"},
        ])
        term = self.env.ref("account.account_payment_term_30days")
        order = self._create_order(
            (self.service, 2.0, 120.0, {"discount": 5.0, "name": "Two lifts"}),
            partner_invoice_id=invoicing.id, partner_shipping_id=site.id,
            client_order_ref="PO-7", payment_term_id=term.id,
            commitment_date="2026-02-10 09:00:00",
        ).with_user(self.env.user)

        order.action_confirm()

        contract = self._get_contracts(order)
        self.assertEqual(contract.state, "draft")
        self.assertEqual(contract.template_id, self.template)
        self.assertEqual(contract.subject, "Lift care")
        self.assertEqual(contract.sale_order_id, order)
        self.assertEqual(contract.company_id, self.company)
        self.assertEqual(contract.partner_id, self.customer)
        self.assertEqual(contract.invoice_partner_id, invoicing)
        self.assertEqual(contract.site_partner_id, site)
        self.assertFalse(contract.contact_id)
        self.assertEqual(contract.customer_reference, "PO-7")
        self.assertEqual(contract.payment_term_id, term)
        self.assertEqual(contract.currency_id, order.currency_id)
        self.assertEqual(contract.pricelist_id, order.pricelist_id)
        self.assertEqual(contract.user_id, self.seller)
        self.assertEqual(contract.date_start, date(2026, 2, 10))
        self.assertEqual(contract.date_end, date(2027, 2, 9))
        self.assertEqual(contract.termination_notice_days, 45)

    def test_a_line_keeps_quantity_price_and_text_and_takes_its_recurrence(self):
        analytic = self.env["account.analytic.account"].create({
            "name": "Lifts", "plan_id": self.env["account.analytic.plan"].create(
                {"name": "Service"}).id,
        })
        distribution = {str(analytic.id): 100.0}
        order = self._create_confirmed((self.service, 2.0, 120.0, {
            "discount": 5.0, "name": "Two lifts", "analytic_distribution": distribution,
        }))

        line = self._get_contracts(order).line_ids.filtered("product_id")
        self.assertEqual(line.sale_line_id, order.order_line)
        self.assertEqual(order.order_line.sudo().aftersales_contract_line_ids, line)
        self.assertEqual(line.product_id, self.service)
        self.assertEqual(line.name, "Two lifts")
        self.assertEqual(
            (line.quantity, line.price_unit, line.discount), (2.0, 120.0, 5.0))
        self.assertEqual(line.product_uom_id, order.order_line.product_uom_id)
        self.assertEqual(line.price_source, "fixed")
        self.assertEqual(line.price_subtotal, 228.0)
        self.assertEqual(line.analytic_distribution, distribution)
        self.assertEqual(
            (line.recurrence_unit, line.recurrence_interval, line.billing_timing),
            ("quarter", 1, "arrears"))

    def test_a_service_the_template_does_not_know_recurs_like_its_first_recurring_line(self):
        order = self._create_confirmed((self.hotline, 1.0, 30.0, {}))

        line = self._get_contracts(order).line_ids.filtered("product_id")
        self.assertEqual(line.product_id, self.hotline)
        self.assertEqual((line.recurrence_unit, line.billing_timing), ("quarter", "arrears"))

    def test_a_service_of_a_template_without_lines_recurs_monthly_in_advance(self):
        empty = self.env["aftersales.contract.template"].create({"name": "Plain"})
        self._sell_by_contract(self.hotline, empty)
        order = self._create_confirmed((self.hotline, 1.0, 30.0, {}))

        line = self._get_contracts(order).line_ids
        self.assertEqual((line.recurrence_unit, line.billing_timing), ("month", "advance"))

    def test_the_contract_holds_what_was_sold_and_the_cover_of_the_template(self):
        order = self._create_confirmed(
            (self.service, 1.0, 120.0, {"name": "Lift care"}),
            (self.part, 3.0, 80.0, {}),
        )

        self.assertEqual(
            sorted(self._get_contracts(order).line_ids.mapped("name")),
            ["Emergency calls day and night", "Lift care"])

    def test_lines_of_one_template_share_a_contract_and_others_have_their_own(self):
        other = self.template.copy({"name": "Doors"})
        doors = self._create_service("Door care", 40.0)
        self._sell_by_contract(doors, other)
        order = self._create_confirmed(
            (self.service, 1.0, 120.0, {}), (self.hotline, 1.0, 30.0, {}), (doors, 1.0, 40.0, {}),
        )

        contracts = self._get_contracts(order)
        self.assertEqual(contracts.mapped("template_id"), self.template + other)
        self.assertEqual([
            contract.line_ids.product_id
            for contract in contracts.sorted(lambda contract: contract.template_id.id)
        ], [self.service + self.hotline, doors])

    def test_several_orders_confirmed_together_have_a_contract_each(self):
        orders = (
            self._create_order((self.service, 1.0, 120.0, {}))
            + self._create_order(
                (self.service, 3.0, 90.0, {}), partner_id=self.other_customer.id)
            + self._create_order((self.part, 1.0, 80.0, {}))
        )

        orders.action_confirm()

        contracts = self._get_contracts(orders).sorted("id")
        self.assertEqual(contracts.sale_order_id, orders[0] + orders[1])
        self.assertEqual(contracts.partner_id, self.customer + self.other_customer)
        self.assertEqual(
            contracts.line_ids.filtered("product_id").mapped("price_subtotal"), [120.0, 270.0])

    def test_a_quotation_in_a_foreign_currency_makes_a_contract_in_it(self):
        euro = self._activate_currency("EUR", 0.5)
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        order = self._create_confirmed(
            (self.service, 2.0, 55.5, {}), pricelist_id=pricelist.id)

        contract = self._get_contracts(order)
        self.assertEqual((contract.currency_id, contract.pricelist_id), (euro, pricelist))
        self.assertEqual(contract.line_ids.filtered("product_id").price_subtotal, 111.0)

    def test_each_company_sells_with_its_own_template(self):
        branch = self._create_company_with_books("Branch")
        branch.aftersales_proration = "none"
        self.seller.company_ids = [Command.link(branch.id)]
        template = self.env["aftersales.contract.template"].create({
            "name": "Branch care", "company_id": branch.id,
            "line_ids": [Command.create({"product_id": self.fee.id})],
        })
        self.service.with_company(branch).aftersales_contract_template_id = template

        here = self._create_confirmed((self.service, 1.0, 120.0, {}))
        there = self.env["sale.order"].with_user(self.seller).with_company(branch).create({
            "partner_id": self.customer.id, "company_id": branch.id, "order_line": [
                Command.create({"product_id": self.service.id, "price_unit": 70.0}),
            ],
        })
        there.with_company(self.company).action_confirm()

        self.assertEqual(self._get_contracts(here).template_id, self.template)
        contract = self._get_contracts(there)
        self.assertEqual(contract.template_id, template)
        self.assertEqual(contract.company_id, branch)
        self.assertEqual(contract.proration, "none")
        self.assertEqual(contract.line_ids.company_id, branch)

    def test_the_start_is_the_day_where_the_company_works(self):
        self.company.partner_id.tz = "Asia/Shanghai"
        order = self._create_confirmed(
            (self.service, 1.0, 120.0, {}), commitment_date="2026-02-28 18:00:00")

        self.assertEqual(self._get_contracts(order).date_start, date(2026, 3, 1))

    def test_the_quotation_says_what_its_price_counts_for(self):
        order = self._create_order((self.service, 1.0, 120.0, {}), (self.part, 1.0, 80.0, {}))

        self.assertEqual(order.order_line.mapped("name"), [
            "Maintenance plan\nPrice per quarter, charged in arrears.", "Door roller",
        ])
        self.assertIn("Lift care", order.aftersales_contract_note)
        self.assertFalse(order.aftersales_contract_count)

        order.action_confirm()

        self.assertEqual(
            self._get_contracts(order).line_ids.filtered("product_id").name, "Maintenance plan")

    def test_a_fee_of_the_template_is_charged_once(self):
        self._sell_by_contract(self.fee, self.template)
        order = self._create_confirmed((self.fee, 1.0, 250.0, {}))

        self.assertEqual(order.order_line.name, "Set-up fee\nCharged once.")
        line = self._get_contracts(order).line_ids.filtered("product_id")
        self.assertEqual(line.recurrence_unit, "once")

    def test_an_order_taxed_otherwise_is_noted_on_the_contract(self):
        alike = self._create_confirmed((self.service, 1.0, 120.0, {}))
        other = self._create_confirmed((self.service, 1.0, 120.0, {"tax_ids": []}))

        self.assertNotIn("taxed", str(self._get_contracts(alike).message_ids.mapped("body")))
        self.assertIn("taxed", str(self._get_contracts(other).message_ids.mapped("body")))

    def test_only_a_service_can_be_sold_by_contract(self):
        with self.assertRefused("Door roller", "Change its type", error=ValidationError):
            self.part.aftersales_contract_template_id = self.template

    # -------------------------------------------------------------------------
    # Roles
    # -------------------------------------------------------------------------

    def test_a_seller_without_our_roles_sees_a_note_and_no_link(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))
        contract = self._get_contracts(order)

        self.assertEqual(order.aftersales_contract_count, 0)
        self.assertEqual(
            order.aftersales_contract_note,
            f"What was sold by contract is billed by {contract.name} (Draft), not by this order.")
        self.assertFalse(contract.with_user(self.seller).has_access("read"))
        order.read()  # every field the seller may see

    def test_an_agent_who_sells_sees_the_link_both_ways(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))
        self.agent.group_ids = [
            Command.link(self.env.ref("sales_team.group_sale_salesman_all_leads").id),
        ]
        contract = self._get_contracts(order).with_user(self.agent)

        action = order.with_user(self.agent).action_view_aftersales_contracts()
        self.assertEqual(order.with_user(self.agent).aftersales_contract_count, 1)
        self.assertEqual(contract.search(action["domain"]), contract)
        self.assertEqual(contract.sale_order_count, 1)
        self.assertEqual(contract.action_view_sale_order()["res_id"], order.id)

    def test_an_officer_without_sales_rights_has_no_link_to_the_order(self):
        contract = self._get_contracts(self._create_confirmed((self.service, 1.0, 120.0, {})))

        self.assertEqual(contract.with_user(self.officer).sale_order_count, 0)

    def test_who_keeps_products_chooses_the_template_of_a_service(self):
        keeper = self._create_user("keeper", "Kim Keeper",
            "product.group_product_manager,sales_team.group_sale_salesman",
        )

        with Form(self.fee.product_tmpl_id.with_user(keeper)) as form:
            form.aftersales_contract_template_id = self.template

        self.assertEqual(self.fee.aftersales_contract_template_id, self.template)

    # -------------------------------------------------------------------------
    # After confirming
    # -------------------------------------------------------------------------

    def test_what_the_contract_took_over_cannot_change_on_the_order(self):
        order = self._create_confirmed((self.service, 2.0, 120.0, {}), (self.part, 1.0, 80.0, {}))
        sold, part = order.order_line
        contract = self._get_contracts(order)
        for vals in (
            {"product_uom_qty": 3.0}, {"price_unit": 99.0}, {"discount": 10.0},
            {"product_id": self.hotline.id},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRefused(order.name, contract.name, "change request"),
            ):
                sold.write(vals)

        sold.write({"product_uom_qty": 2.0, "name": "Two lifts, north wing"})
        part.product_uom_qty = 5.0

        self.assertEqual(
            (sold.product_uom_qty, sold.price_unit, sold.discount), (2.0, 120.0, 0.0))
        self.assertEqual(sold.product_id, self.service)
        self.assertEqual(contract.line_ids.filtered("product_id").quantity, 2.0)

    def test_a_line_added_later_joins_the_contract_while_it_is_open(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))
        contract = self._get_contracts(order)
        contract.line_ids.filtered("product_id").quantity = 4.0  # the officer's word

        order.order_line = [Command.create({"product_id": self.hotline.id, "price_unit": 30.0})]

        self.assertEqual(self._get_contracts(order), contract)
        lines = contract.line_ids.filtered("product_id")
        self.assertEqual(lines.product_id, self.service + self.hotline)
        self.assertEqual(sorted(lines.mapped("quantity")), [1.0, 4.0])

    def test_a_line_added_after_approval_is_refused(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))
        contract = self._get_contracts(order)
        contract.action_submit()
        contract.action_approve()

        with self.assertRefused(order.name, contract.name, "change request"):
            order.order_line = [Command.create({"product_id": self.hotline.id})]

        self.assertEqual(contract.line_ids.product_id, self.service)

    def test_a_line_without_quantity_joins_once_it_has_one(self):
        order = self._create_confirmed((self.service, 0.0, 120.0, {}))
        self.assertFalse(self._get_contracts(order))

        order.order_line.write({"product_uom_qty": 2.0, "price_unit": 120.0})

        self.assertEqual(
            self._get_contracts(order).line_ids.filtered("product_id").price_subtotal, 240.0)

    def test_a_negative_quantity_is_refused(self):
        order = self._create_order((self.service, -1.0, 120.0, {}))

        with self.assertRefused("Maintenance plan", "above zero", error=ValidationError):
            order.action_confirm()

    def test_a_template_given_later_leaves_confirmed_orders_alone(self):
        order = self._create_confirmed((self.fee, 1.0, 250.0, {}))
        self._sell_by_contract(self.fee, self.template)

        order.order_line.product_uom_qty = 2.0

        self.assertFalse(self._get_contracts(order))
        self.assertEqual(order.order_line.qty_to_invoice, 2.0)

    def test_an_order_line_has_one_contract_line_in_the_database(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))
        contract = self._get_contracts(order)

        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError) as caught:
            contract.line_ids = [Command.create({
                "product_id": self.service.id, "sale_line_id": order.order_line.id,
            })]

        self.assertIn("sale_line_uniq", str(caught.exception))

    def test_what_a_confirmed_order_relies_on_cannot_be_deleted(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))
        contract = self._get_contracts(order).with_user(self.officer)

        with self.assertRefused(contract.name, order.name, "Cancel the order first"):
            contract.unlink()
        with self.assertRefused(contract.name, order.name, "Cancel the order before"):
            contract.line_ids.filtered("product_id").unlink()

        self.assertEqual(len(contract.line_ids), 2)

    def test_a_copied_contract_is_nobodys_order(self):
        contract = self._get_contracts(self._create_confirmed((self.service, 1.0, 120.0, {})))

        copy = contract.copy()

        self.assertFalse(copy.sale_order_id)
        self.assertFalse(copy.line_ids.sale_line_id)
        self.assertEqual(len(copy.line_ids), 2)

    # -------------------------------------------------------------------------
    # Cancelling and confirming anew
    # -------------------------------------------------------------------------

    def test_cancelling_the_order_cancels_its_unsigned_contract(self):
        for state in ("draft", "review"):
            order = self._create_confirmed((self.service, 1.0, 120.0, {}))
            contract = self._get_contracts(order)
            if state == "review":
                contract.action_submit()
            with self.subTest(state=state):
                order.action_cancel()

                self.assertEqual((order.state, contract.state), ("cancel", "cancelled"))

    def test_cancelling_is_refused_once_the_contract_is_before_the_customer_or_signed(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))
        contract = self._get_contracts(order).with_user(self.officer)
        contract.action_submit()
        contract.action_approve()
        with self.assertRefused(order.name, contract.name, "To Sign", "back to draft"):
            order.action_cancel()
        self._sign(contract)
        with self.assertRefused(order.name, contract.name, "Active", "terminated"):
            order.action_cancel()

        self.assertEqual((order.state, contract.state), ("sale", "active"))

    def test_confirming_anew_reopens_the_contract_with_what_the_order_says_now(self):
        order = self._create_confirmed(
            (self.service, 1.0, 120.0, {}), (self.hotline, 1.0, 30.0, {}))
        contract = self._get_contracts(order)
        order.action_cancel()
        order.action_draft()
        order.order_line[1].unlink()
        order.order_line.write({"product_uom_qty": 3.0, "price_unit": 120.0})
        order.client_order_ref = "PO-9"
        order.commitment_date = "2026-03-01 09:00:00"

        order.action_confirm()

        self.assertEqual(self._get_contracts(order), contract)
        self.assertEqual(contract.state, "draft")
        self.assertEqual(contract.customer_reference, "PO-9")
        self.assertEqual(
            (contract.date_start, contract.date_end), (date(2026, 3, 1), date(2027, 2, 28)))
        self.assertEqual(
            contract.line_ids.filtered("product_id").mapped("price_subtotal"), [360.0])

    def test_confirming_anew_is_refused_after_the_contract_had_its_life(self):
        order = self._create_confirmed((self.service, 1.0, 120.0, {}))
        contract = self._get_contracts(order)
        self._activate(contract.with_user(self.officer))
        contract._transition_to("terminated")
        order.action_cancel()
        order.action_draft()

        with self.assertRefused(order.name, contract.name, "Duplicate the order"):
            order.action_confirm()

        self.assertEqual(contract.state, "terminated")

    # -------------------------------------------------------------------------
    # Setting
    # -------------------------------------------------------------------------

    def test_sold_contracts_go_to_review_when_the_company_wants_it(self):
        self.company.aftersales_submit_sold_contracts = True

        order = self._create_confirmed((self.service, 1.0, 120.0, {}))

        self.assertEqual(self._get_contracts(order).state, "review")

    def test_an_incomplete_contract_stays_a_draft_and_says_why(self):
        self.company.aftersales_submit_sold_contracts = True
        order = self._create_order((self.service, 1.0, 120.0, {}))
        self.service.action_archive()

        order.action_confirm()

        contract = self._get_contracts(order)
        self.assertEqual(contract.state, "draft")
        self.assertIn("is archived", contract.message_ids[0].body)
