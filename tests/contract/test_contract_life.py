from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..common import AftersalesCommon

# What design.md promises, written down once more so that no edge appears or goes unseen.
ALLOWED = {
    "draft": {"review", "cancelled"},
    "review": {"to_sign", "draft", "cancelled"},
    "to_sign": {"active", "draft", "cancelled"},
    "active": {"suspended", "expired", "terminated", "renewed"},
    "suspended": {"active", "terminated", "expired"},
    "expired": {"renewed"},
    "renewed": set(),
    "terminated": set(),
    "cancelled": {"draft"},
}
PATHS = {
    "draft": (),
    "review": ("review",),
    "to_sign": ("review", "to_sign"),
    "active": ("review", "to_sign", "active"),
    "suspended": ("review", "to_sign", "active", "suspended"),
    "expired": ("review", "to_sign", "active", "expired"),
    "renewed": ("review", "to_sign", "active", "renewed"),
    "terminated": ("review", "to_sign", "active", "terminated"),
    "cancelled": ("cancelled",),
}


class TestContractLife(AftersalesCommon):

    def _create_in_state(self, state, **vals):
        contract = self._create_contract(**vals)
        for step in PATHS[state]:
            if step == "active" and contract.state == "to_sign":
                self._note_signatures(contract)
            contract._transition_to(step)
        return contract

    # -------------------------------------------------------------------------
    # Transitions
    # -------------------------------------------------------------------------

    def test_every_transition_is_allowed_or_refused_as_designed(self):
        for state in ALLOWED:
            for target in ALLOWED.keys() - {state}:
                contract = self._create_in_state(state)
                if state == "to_sign":
                    self._note_signatures(contract)
                with self.subTest(state=state, target=target):
                    if target in ALLOWED[state]:
                        contract._transition_to(target)

                        self.assertEqual(contract.state, target)
                    else:
                        with self.assertRefused(contract.name, "only become" if ALLOWED[state]
                                                else "which is final"):
                            contract._transition_to(target)

                        self.assertEqual(contract.state, state)

    def test_buttons_lead_from_draft_to_active(self):
        contract = self._create_contract()

        contract.action_submit()
        self.assertEqual(contract.state, "review")

        contract.action_approve()
        self.assertEqual(contract.state, "to_sign")

        self._sign(contract)
        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.date_signed, date(2026, 1, 15))
        self.assertEqual(contract.signed_by, "Nora Northside")
        self.assertEqual(contract.countersigned_by_id, self.officer)

    def test_buttons_lead_back_to_draft(self):
        for state in ("review", "to_sign", "cancelled"):
            with self.subTest(state=state):
                contract = self._create_in_state(state)

                contract.action_draft()

                self.assertEqual(contract.state, "draft")

    def test_cancel_before_the_signature(self):
        for state in ("draft", "review", "to_sign"):
            with self.subTest(state=state):
                contract = self._create_in_state(state)

                contract.action_cancel()

                self.assertEqual(contract.state, "cancelled")

    def test_a_signed_contract_cannot_be_cancelled_or_reopened(self):
        contract = self._create_active()

        with self.assertRefused(contract.name, '"Active"', '"Cancelled"'):
            contract.action_cancel()
        with self.assertRefused(contract.name, '"Active"', '"Draft"'):
            contract.action_draft()

        self.assertEqual(contract.state, "active")
        self.assertEqual(len(contract.obligation_ids), 12)

    def test_a_second_click_does_nothing(self):
        contract = self._create_contract()
        contract.action_submit()

        contract.action_submit()

        self.assertEqual(contract.state, "review")

    def test_a_refusal_names_every_contract_and_every_reason(self):
        draft = self._create_contract()
        cancelled = self._create_in_state("cancelled")
        ready = self._create_in_state("review")

        with self.assertRefused(draft.name, cancelled.name, '"To Sign"'):
            (draft + cancelled + ready).action_approve()

        self.assertEqual((draft + cancelled + ready).mapped("state"),
                         ["draft", "cancelled", "review"])

    def test_all_blockers_are_told_at_once(self):
        contract = self._create_contract(lines=[{"name": "Lift 1"}, {"name": "Lift 2"}])
        contract._transition_to("review")
        contract._transition_to("to_sign")
        self.service.active = False  # between the approval and the signature

        with self.assertRefused("Lift 1", "Lift 2", "archived", "Nobody has signed"):
            contract._transition_to("active")

        self.assertEqual(contract.state, "to_sign")
        self.assertFalse(contract.obligation_ids)

    def test_state_cannot_be_written_from_outside(self):
        contract = self._create_contract()

        for forged in ({}, {"aftersales_transition": True}, {"aftersales_transition": "active"}):
            with self.subTest(context=forged):
                with self.assertRefused("Service Contract", "cannot be written directly"):
                    contract.with_context(**forged).write({"state": "active"})
                with self.assertRaises(UserError):
                    contract.with_context(**forged).copy({"state": "active"})

        self.assertEqual(contract.state, "draft")

    # -------------------------------------------------------------------------
    # Signature
    # -------------------------------------------------------------------------

    def test_signed_scan_is_kept_on_the_contract(self):
        contract = self._create_in_state("to_sign")
        scan = self.env["ir.attachment"].with_user(self.officer).create({
            "name": "signed.pdf", "raw": b"%PDF-1.4 signed",
        })

        self.env["aftersales.contract.sign"].with_user(self.officer).create({
            "record_ref": f"aftersales.contract,{contract.id}", "method": "scan",
            "attachment_ids": scan.ids, "date_signed": "2026-01-12",
        }).action_confirm()

        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.date_signed, date(2026, 1, 12))
        self.assertEqual(contract.signature_attachment_ids, scan)
        self.assertEqual(
            (scan.res_model, scan.res_id), ("aftersales.contract.version", contract.version_id.id),
        )
        with self.assertRaises(AccessError):
            scan.with_user(self.technician).read(["raw"])

    def test_scan_without_a_document_is_refused(self):
        contract = self._create_in_state("to_sign")
        wizard = self.env["aftersales.contract.sign"].with_user(self.officer).create({
            "record_ref": f"aftersales.contract,{contract.id}", "method": "scan",
        })

        with self.assertRefused(contract.name, "attach the signed document"):
            wizard.action_confirm()

        self.assertEqual(contract.state, "to_sign")
        self.assertFalse(contract.date_signed)

    def test_signature_in_the_future_is_refused(self):
        contract = self._create_in_state("to_sign")
        wizard = self.env["aftersales.contract.sign"].with_user(self.officer).create({
            "record_ref": f"aftersales.contract,{contract.id}", "method": "word",
            "date_signed": "2026-01-16",
        })

        with self.assertRefused(contract.name, "01/16/2026", "future"):
            wizard.action_confirm()

        self.assertEqual(contract.state, "to_sign")
        self.assertFalse(contract.date_signed)

    def test_blank_name_of_the_signer_is_refused(self):
        contract = self._create_in_state("to_sign")
        wizard = self.env["aftersales.contract.sign"].with_user(self.officer).create({
            "record_ref": f"aftersales.contract,{contract.id}", "method": "word",
            "signed_by": " ",
        })

        with self.assertRefused(contract.name, "enter who signed"):
            wizard.action_confirm()

        self.assertEqual(contract.state, "to_sign")
        self.assertFalse(contract.date_signed)

    def test_signing_a_draft_is_refused(self):
        contract = self._create_contract()

        with self.assertRefused(contract.name, "does not wait for a signature"):
            self._sign(contract)

        self.assertEqual(contract.state, "draft")
        self.assertFalse(contract.date_signed)

    # -------------------------------------------------------------------------
    # Closed content
    # -------------------------------------------------------------------------

    def test_content_is_open_until_it_is_put_before_the_customer(self):
        for state in ("draft", "review", "cancelled"):
            with self.subTest(state=state):
                contract = self._create_in_state(state)

                contract.write({"date_end": "2027-12-31", "line_ids": [
                    Command.create(self._create_line_vals(name="One more")),
                ]})

                self.assertEqual(len(contract.line_ids), 2)

    def test_content_is_closed_from_to_sign_on(self):
        changes = {
            "contract_type": "full_service", "partner_id": self.other_customer.id,
            "date_start": "2026-02-01", "date_end": "2027-12-31",
            "currency_id": self.env.ref("base.EUR").id, "billing_alignment": "calendar",
            "billing_day": 15, "invoice_offset_days": 5, "proration": "none",
            "payment_term_id": self.env.ref("account.account_payment_term_30days").id,
        }
        for state in ("to_sign", "active", "suspended", "expired", "terminated"):
            contract = self._create_in_state(state)
            before = contract.read(list(changes))
            for field_name, value in changes.items():
                with self.subTest(state=state, field=field_name):
                    with self.assertRefused(contract.name, "is closed"):
                        contract.write({field_name: value})

            self.assertEqual(contract.read(list(changes)), before)

    def test_lines_are_closed_from_to_sign_on(self):
        for state in ("to_sign", "active"):
            with self.subTest(state=state):
                contract = self._create_in_state(state)
                line = contract.line_ids

                for change in (
                    Command.update(line.id, {"price_unit": 1.0}),
                    Command.update(line.id, {"quantity": 2.0}),
                    Command.update(line.id, {"name": "Less"}),
                    Command.delete(line.id),
                    Command.create(self._create_line_vals()),
                ):
                    with self.assertRefused(contract.name, "is closed"):
                        contract.write({"line_ids": [change]})

                self.assertEqual(contract.line_ids, line)
                self.assertEqual((line.price_unit, line.quantity), (100.0, 1.0))

    def test_clauses_are_closed_from_to_sign_on(self):
        contract = self._create_contract(clause_ids=[
            Command.create({"name": "Liability", "body": "<p>Up to 1,000.</p>"}),
        ])
        clause = contract.clause_ids
        contract._transition_to("review")
        contract._transition_to("to_sign")

        for change in (
            Command.update(clause.id, {"body": "<p>Unlimited.</p>"}),
            Command.delete(clause.id),
            Command.create({"name": "New", "body": "<p>New.</p>"}),
        ):
            with self.assertRefused(contract.name, "is closed"):
                contract.write({"clause_ids": [change]})

        self.assertEqual(contract.clause_ids, clause)
        self.assertEqual(clause.body, "<p>Up to 1,000.</p>")

    def test_nothing_moves_into_a_closed_contract_from_another(self):
        closed = self._create_in_state("active")
        draft = self._create_contract(clause_ids=[
            Command.create({"name": "Liability", "body": "<p>None.</p>"}),
        ])

        with self.assertRefused(closed.name, "is closed"):
            draft.line_ids.contract_id = closed
        with self.assertRefused(closed.name, "is closed"):
            draft.clause_ids.contract_id = closed

        self.assertEqual(len(closed.line_ids), 1)
        self.assertFalse(closed.clause_ids)

    def test_bookkeeping_stays_free_after_the_signature(self):
        contract = self._create_in_state("active")
        plan = self.env["account.analytic.plan"].create({"name": "Services"})
        account = self.env["account.analytic.account"].create({
            "name": "Lifts", "plan_id": plan.id,
        })

        contract.write({
            "user_id": self.manager.id, "customer_reference": "PO-4711", "note": "<p>VIP</p>",
            "invoice_action": "draft", "contact_id": self.portal_user.partner_id.id,
        })
        contract.line_ids.write({"analytic_distribution": {str(account.id): 100}, "sequence": 5})

        self.assertEqual(contract.customer_reference, "PO-4711")
        self.assertEqual(contract.line_ids.analytic_distribution, {str(account.id): 100})

    def test_library_and_product_changes_do_not_touch_a_signed_contract(self):
        clause = self.env["aftersales.clause"].create({
            "name": "Liability", "body": "<p>Up to 1,000.</p>",
        })
        template = self._create_template(clause_ids=clause.ids)
        contract = self._create_contract(template_id=template.id, lines=[{}], clause_ids=[
            Command.create(clause._prepare_contract_clause_vals()),
        ])
        self._activate(contract)

        clause.body = "<p>Unlimited.</p>"
        template.line_ids.price_unit = 1.0
        self.service.write({"list_price": 1.0, "name": "Renamed"})

        self.assertEqual(contract.clause_ids.body, "<p>Up to 1,000.</p>")
        self.assertEqual(contract.line_ids.price_unit, 100.0)
        self.assertNotIn("Renamed", contract.line_ids.name)

    # -------------------------------------------------------------------------
    # Templates
    # -------------------------------------------------------------------------

    def _create_template(self, **vals):
        return self.env["aftersales.contract.template"].create({
            "name": "Lift care",
            "contract_type": "full_service",
            "term_months": 24,
            "billing_alignment": "calendar",
            "payment_term_id": self.env.ref("account.account_payment_term_30days").id,
            "line_ids": [
                Command.create({
                    "product_id": self.service.id, "name": "Care", "quantity": 2.0,
                    "price_unit": 90.0, "discount": 10.0, "recurrence_unit": "quarter",
                    "billing_timing": "arrears",
                }),
                Command.create({"name": "Cover of spare parts"}),
            ],
            **vals,
        })

    def _create_from_template(self, template, **vals):
        return self.env["aftersales.contract"].with_user(self.officer).create({
            "partner_id": self.customer.id, "template_id": template.id,
            "date_start": "2026-01-31", **vals,
        })

    def test_template_fills_lines_clauses_and_terms(self):
        clause = self.env["aftersales.clause"].create({
            "name": "Liability", "category": "liability", "body": "<p>Up to 1,000.</p>",
        })
        template = self._create_template(clause_ids=clause.ids)

        contract = self._create_from_template(template)

        self.assertRecordValues(contract, [{
            "contract_type": "full_service", "billing_alignment": "calendar",
            "date_end": date(2028, 1, 30),
            "payment_term_id": self.env.ref("account.account_payment_term_30days").id,
        }])
        self.assertRecordValues(contract.line_ids, [
            {"product_id": self.service.id, "name": "Care", "quantity": 2.0, "price_unit": 90.0,
             "discount": 10.0, "price_subtotal": 162.0, "recurrence_unit": "quarter",
             "billing_timing": "arrears"},
            {"product_id": False, "name": "Cover of spare parts", "quantity": 1.0,
             "price_unit": 0.0, "discount": 0.0, "price_subtotal": 0.0,
             "recurrence_unit": "month", "billing_timing": "advance"},
        ])
        self.assertRecordValues(contract.clause_ids, [{
            "clause_id": clause.id, "name": "Liability", "category": "liability",
            "body": "<p>Up to 1,000.</p>",
        }])

    def test_template_without_a_term_leaves_the_end_open(self):
        contract = self._create_from_template(self._create_template(term_months=0))

        self.assertFalse(contract.date_end)

    def test_values_given_win_over_the_template(self):
        contract = self._create_from_template(
            self._create_template(), date_end="2026-06-30", billing_alignment="start",
        )

        self.assertEqual(contract.date_end, date(2026, 6, 30))
        self.assertEqual(contract.billing_alignment, "start")
        self.assertEqual(len(contract.line_ids), 2)

    def test_template_speaks_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        clause = self.env["aftersales.clause"].create({
            "name": "Liability", "body": "<p>Up to 1,000.</p>",
        })
        clause.with_context(lang="fr_FR").name = "Responsabilité"

        contract = self._create_from_template(self._create_template(clause_ids=clause.ids))

        self.assertEqual(contract.clause_ids.name, "Responsabilité")

    # -------------------------------------------------------------------------
    # Numbers, copies, deletion
    # -------------------------------------------------------------------------

    def test_numbers_count_per_company_and_year(self):
        other_company = self.env["res.company"].create({"name": "Second Service"})
        self.officer.company_ids = [Command.link(other_company.id)]

        def number(company, start):
            contract = self.env["aftersales.contract"].with_user(self.officer).with_context(
                allowed_company_ids=[company.id],
            ).create({"partner_id": self.customer.id, "date_start": start,
                      "company_id": company.id})
            return contract.name

        first = number(self.company, "2031-01-01")

        self.assertRegex(first, r"^SC/2031/\d{4}$")
        self.assertEqual(number(self.company, "2031-05-01"),
                         f"SC/2031/{int(first[-4:]) + 1:04}")
        self.assertEqual(number(self.company, "2032-01-01"), "SC/2032/0001")
        self.assertEqual(number(other_company, "2031-01-01"), "SC/2031/0001")

    def test_copy_is_a_new_draft_without_history(self):
        contract = self._create_active(
            lines=[{"name": "Lift 1"}, {"name": "Lift 2", "price_unit": 50.0}],
            clause_ids=[Command.create({"name": "Liability", "body": "<p>None.</p>"})],
        )

        copy = contract.copy()

        self.assertEqual(copy.state, "draft")
        self.assertNotEqual(copy.name, contract.name)
        self.assertEqual(copy.line_ids.mapped("name"), ["Lift 1", "Lift 2"])
        self.assertEqual(copy.line_ids.mapped("price_unit"), [100.0, 50.0])
        self.assertEqual(copy.clause_ids.mapped("name"), ["Liability"])
        self.assertFalse(copy.obligation_ids)
        self.assertFalse(copy.date_signed)
        self.assertFalse(copy.signed_by)
        self.assertEqual(len(contract.obligation_ids), 24)

    def test_copy_does_not_take_the_lines_of_its_template_again(self):
        contract = self._create_from_template(self._create_template())
        contract.line_ids[1].unlink()

        copy = contract.copy()

        self.assertEqual(copy.template_id, contract.template_id)
        self.assertEqual(copy.line_ids.mapped("name"), ["Care"])

    def test_only_drafts_and_cancelled_contracts_can_be_deleted(self):
        for state in ("draft", "cancelled"):
            with self.subTest(state=state):
                contract = self._create_in_state(state)

                contract.unlink()

                self.assertFalse(contract.exists())
        for state in ("review", "to_sign", "active", "expired", "terminated"):
            with self.subTest(state=state):
                contract = self._create_in_state(state)

                with self.assertRefused(contract.name, "cannot be deleted"):
                    contract.unlink()

                self.assertTrue(contract.exists())
                self.assertTrue(contract.line_ids)

    # -------------------------------------------------------------------------
    # The daily cron
    # -------------------------------------------------------------------------

    def test_cron_expires_contracts_after_their_last_day(self):
        ended = self._create_active(date_start="2025-01-01", date_end="2026-01-14")
        last_day = self._create_active(date_start="2025-01-01", date_end="2026-01-15")
        open_ended = self._create_active(date_start="2025-01-01", date_end=False)

        self._run_cron("_cron_daily")

        self.assertEqual((ended + last_day + open_ended).mapped("state"),
                         ["expired", "active", "active"])
        self.assertEqual(len(ended.obligation_ids), 13)

    def test_cron_is_safe_to_repeat(self):
        contract = self._create_active(date_end=False)
        self._run_cron("_cron_daily")
        before = self._get_periods(contract)

        self._run_cron("_cron_daily")

        self.assertEqual(self._get_periods(contract), before)

    def test_annual_value_of_every_recurrence(self):
        cases = [
            ("once", 1, 0.0), ("day", 1, 36500.0), ("week", 1, 5200.0), ("month", 1, 1200.0),
            ("month", 2, 600.0), ("quarter", 1, 400.0), ("half_year", 1, 200.0),
            ("year", 1, 100.0), ("year", 2, 50.0),
        ]
        for unit, interval, annual in cases:
            with self.subTest(unit=unit, interval=interval):
                contract = self._create_contract(lines=[
                    {"recurrence_unit": unit, "recurrence_interval": interval},
                ])

                self.assertEqual(contract.amount_annual, annual)
