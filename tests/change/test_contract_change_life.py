from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, users

from .contract_change_common import ContractChangeCommon


class TestContractChangeLife(ContractChangeCommon):
    """From the draft to the agreement of both, and all that stands in the way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_active(clause_ids=[
            Command.create({"name": "Liability", "body": "<p>Up to 1,000.</p>"}),
        ])

    def _notice(self, days=60):
        return {"kind": "field", "field_name": "termination_notice_days", "new_number": days}

    # -------------------------------------------------------------------------
    # Drafting
    # -------------------------------------------------------------------------

    @users("test_officer")
    def test_officer_drafts_in_the_form_from_what_is(self):
        contract = self.contract.with_env(self.env)
        action = contract.action_request_change()
        self.assertFalse(action["res_id"])
        self.assertFalse(contract.change_ids)
        changes = self.env["aftersales.contract.change"].with_context(**action["context"])
        line = contract.line_ids

        with Form(changes) as form:
            self.assertEqual(form.contract_id, contract)
            form.reason = "Cheaper"
            form.date_effective = date(2026, 2, 1)
            with form.service_line_ids.new() as row:
                row.contract_line_id = line
                self.assertEqual(row.price_unit, 100.0)
                row.price_unit = 80.0
            with form.term_line_ids.new() as row:
                row.field_name = "termination_notice_days"
                self.assertEqual(row.new_number, 30.0)
                row.new_number = 14
                self.assertEqual(row.before_text, "30")
            with form.clause_line_ids.new() as row:
                row.contract_clause_id = contract.clause_ids
                self.assertIn("Up to 1,000", row.body)
                row.body = "<p>Up to 500.</p>"

        change = contract.change_ids
        self.assertRegex(change.name, r"^CH/2026/\d{4}$")
        self.assertEqual(
            [(row.object_label, row.before_text, row.after_text)
             for row in change.service_line_ids | change.term_line_ids],
            [("Maintenance plan", "Unit Price: 100.00", "Unit Price: 80.00"),
             ("Termination Notice (days)", "30", "14")],
        )
        self.assertIn(">1,000</del>", change.clause_line_ids._get_text_diff())
        change.action_submit()
        self.assertRecordValues(change, [{
            "state": "review", "amount_annual_before": 1200.0, "amount_annual_after": 960.0,
        }])

    def test_what_a_row_covers_is_named_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        xmlid = "aftersales.selection__aftersales_contract_change_line__scope_type__equipment"
        self.env.ref(xmlid).with_context(lang="fr_FR").name = "Équipement"

        field = self.env["aftersales.contract.change.line"].with_context(
            lang="fr_FR").fields_get(["scope_type"])["scope_type"]

        self.assertEqual(dict(field["selection"])["equipment"], "Équipement")

    def test_numbers_are_counted_per_company(self):
        first = self._create_change(self.contract, self._notice())
        second = self._create_change(self.contract, self._notice())
        other = self._create_company_with_books("Branch")

        self.assertEqual(int(second.name[-4:]), int(first.name[-4:]) + 1)
        self.assertEqual(other._get_aftersales_number("aftersales.contract.change"), "CH/2026/0001")

    def test_empty_draft_is_refused_with_all_reasons_at_once(self):
        change = self._create_change(self.contract, reason=False, date_effective=False)

        with self.assertRefused(
            change.name, "Write why", "It changes nothing", "Enter the day",
        ):
            change.action_submit()

        self.assertEqual(change.state, "draft")

    def test_rows_that_change_nothing_are_refused(self):
        change = self._create_change(
            self.contract, {"kind": "field", "field_name": "termination_notice_days"},
            {"kind": "line", "contract_line_id": self.contract.line_ids.id},
        )

        with self.assertRefused("Termination Notice (days): nothing changes",
                                "Maintenance plan: nothing changes"):
            change.action_submit()

    def test_onerous_clause_needs_its_explanation(self):
        change = self._create_change(self.contract, {
            "kind": "clause", "operation": "add", "title": "Cap", "body": "<p>None.</p>",
            "is_onerous": True,
        })

        with self.assertRefused("Cap", "onerous"):
            change.action_submit()

    def test_past_one_off_charge_cannot_be_changed(self):
        contract = self._create_active(lines=[
            {"product_id": self.fee.id, "recurrence_unit": "once", "price_unit": 250.0}, {},
        ])
        change = self._create_change(contract, {
            "kind": "line", "contract_line_id": contract.line_ids[0].id, "price_unit": 200.0,
        })

        with self.assertRefused("Set-up fee", "one-off charge of 01/01/2026 is past"):
            change.action_submit()

    # -------------------------------------------------------------------------
    # Guards of the base and the date
    # -------------------------------------------------------------------------

    def test_only_a_contract_in_force_is_changed(self):
        draft = self._create_contract()
        change = self._create_change(draft, self._price(draft))

        with self.assertRefused(draft.name, '"Draft"', "in force"):
            change.action_submit()

        self.assertEqual(change.state, "draft")

    def test_changed_base_is_found_out_at_every_step(self):
        change = self._put(self._create_change(self.contract, self._notice()))
        self.env["aftersales.contract"]._as_agreed(
            self.contract.sudo()).termination_notice_days = 45
        before = self._get_state(self.contract)

        with self.assertRefused("Termination Notice (days)", "outdated base"):
            change.sudo()._sign_as_customer("Nora Northside", "typed")
        with self.assertRefused("outdated base"):
            change.action_countersign()

        self.assertFalse(change.customer_signed_on or change.company_signed_on)
        self.assertEqual(self._get_state(self.contract), before)
        change.action_draft()
        change.action_refresh()
        self.assertEqual(change.line_ids.before_text, "45")
        self.assertEqual(self._put(change).state, "to_confirm")

    def test_refresh_follows_a_replaced_line(self):
        change = self._create_change(
            self.contract, self._price(self.contract, 300.0), date_effective="2026-03-01",
        )
        self._agree(self._create_change(
            self.contract, self._price(self.contract), date_effective="2026-01-15",
        ))
        with self.assertRefused("outdated base"):
            change.action_submit()

        change.action_refresh()

        self.assertEqual(change.line_ids.contract_line_id, self.contract.line_ids[-1])
        self.assertEqual(change.line_ids.before_text, "Unit Price: 200.00")
        change.action_submit()
        self.assertEqual(change.amount_annual_after, 3600.0)

    def test_two_agreed_changes_never_take_effect_on_one_day(self):
        self._agree(self._create_change(self.contract, self._price(self.contract)))
        change = self._create_change(self.contract, self._notice())

        with self.assertRefused("Overlapping versions", "on the same day"):
            change.action_submit()

        self.assertEqual(change.state, "draft")

    def test_two_agreed_changes_never_touch_one_thing(self):
        rival = self._create_change(self.contract, self._notice(90), date_effective="2026-02-01")
        change = self._put(self._create_change(self.contract, self._notice()))
        change.sudo()._sign_as_customer("Nora Northside", "typed")
        self._agree(rival)

        with self.assertRefused(rival.name, "Termination Notice (days)", "changes"):
            change.action_countersign()

        self.assertRecordValues(change, [{"state": "to_confirm", "company_signed_on": False}])

    def test_effective_date_lies_after_the_version_in_force(self):
        self._agree(self._create_change(
            self.contract, self._price(self.contract), date_effective="2026-01-12",
        ))
        before = self._get_state(self.contract)

        for day in ("2026-01-12", "2026-01-05"):
            change = self._create_change(self.contract, self._notice(), date_effective=day)
            with self.assertRefused("Overlapping versions", "version 2", "01/12/2026"):
                change.action_submit()

        self.assertEqual(self._get_state(self.contract), before)

    def test_effective_date_lies_within_the_term(self):
        change = self._create_change(
            self.contract, self._notice(), date_effective="2027-01-01",
        )

        with self.assertRefused("after the contract ends on 12/31/2026"):
            change.action_submit()

    def test_closed_books_forbid_a_date_that_is_invoiced(self):
        contract = self._create_active(date_start="2025-11-01")
        change = self._create_change(
            contract, self._price(contract), date_effective="2025-12-10",
        )
        self.company.sudo().fiscalyear_lock_date = "2025-12-31"
        change.action_submit()  # nothing is invoiced
        change.action_draft()
        self.company.sudo().fiscalyear_lock_date = False
        self._bill(contract, "2025-12-31", date(2025, 12, 1))
        self.company.sudo().fiscalyear_lock_date = "2025-12-31"
        before = self._get_state(contract)

        with self.assertRefused("12/10/2025", "closed", "01/01/2026 or later"):
            change.action_submit()

        self.assertEqual(change.state, "draft")
        self.assertEqual(self._get_state(contract), before)
        change.date_effective = "2026-01-10"
        change.action_submit()
        self.assertEqual(change.state, "review")

    def test_contract_never_ends_before_its_change(self):
        change = self._create_change(self.contract, {
            "kind": "field", "field_name": "date_end", "new_date": "2026-01-10",
        })

        with self.assertRefused("would end on 01/10/2026", "terminated"):
            change.action_submit()

    # -------------------------------------------------------------------------
    # Confirmation
    # -------------------------------------------------------------------------

    def test_agreed_only_when_both_have_confirmed(self):
        change = self._put(self._create_change(self.contract, self._notice()))

        change.action_countersign()
        self.assertEqual(change.state, "to_confirm")
        change.sudo()._sign_as_customer("Nora Northside", "typed", ip="192.0.2.7")

        self.assertRecordValues(change, [{
            "state": "agreed", "customer_signed_by": "Nora Northside",
            "customer_method": "typed", "customer_ip": "192.0.2.7",
            "company_signed_by_id": self.officer.id, "date_signed": date(2026, 1, 15),
        }])
        self.assertEqual(self.contract.termination_notice_days, 30)

    def test_nobody_confirms_twice(self):
        change = self._put(self._create_change(self.contract, self._notice()))
        change.sudo()._sign_as_customer("Nora Northside", "typed")
        change.action_countersign()

        for sign in (change.action_countersign,
                     lambda: change.sudo()._sign_as_customer("Eve", "typed")):
            with self.assertRefused(change.name, '"Agreed"'):
                sign()

        self.assertEqual(change.customer_signed_by, "Nora Northside")

    def test_altered_content_cannot_be_confirmed(self):
        change = self._put(self._create_change(self.contract, self._notice()))
        self.env.cr.execute(
            "UPDATE aftersales_contract_change_line SET after = %s WHERE change_id = %s",
            ['{"termination_notice_days": 1}', change.id],
        )
        self.env.invalidate_all()

        with self.assertRefused(change.name, "altered"):
            change.sudo()._sign_as_customer("Nora Northside", "typed")
        with self.assertRefused(change.name, "altered"):
            change.action_countersign()

        self.assertFalse(change.customer_signed_on or change.company_signed_on)

    def test_content_is_closed_once_it_is_before_the_parties(self):
        change = self._put(self._create_change(self.contract, self._notice()))
        line = change.line_ids

        for write in (
            lambda: line.write({"new_number": 5}), line.unlink,
            lambda: change.write({"reason": "Other"}),
            lambda: change.write({"date_effective": "2026-05-01"}),
            lambda: change.write({"line_ids": [Command.create(self._notice(5))]}),
        ):
            with self.assertRefused(change.name, "closed"):
                write()

        self.assertEqual(line.after, {"termination_notice_days": 60})

    def test_confirmations_and_base_are_nobodys_to_write(self):
        change = self._create_change(self.contract, self._notice())

        for vals in ({"customer_signed_by": "Eve"}, {"content_hash": "0"}, {"consequences": []},
                     {"amount_annual_after": 1.0}, {"state": "agreed"}):
            with self.assertRaises(UserError):
                change.write(vals)
        for vals in ({"before": {}}, {"after": {}}, {"acknowledged_by": "Eve"}):
            with self.assertRaises(UserError):
                change.line_ids.write(vals)

        self.assertEqual(change.line_ids.before, {"termination_notice_days": 30})

    def test_reopened_change_forgets_who_confirmed(self):
        change = self._put(self._create_change(self.contract, self._notice()))
        change.sudo()._sign_as_customer("Nora Northside", "typed")

        change.action_draft()

        self.assertRecordValues(change, [{
            "state": "draft", "customer_signed_by": False, "content_hash": False,
        }])
        change.line_ids.new_number = 75
        self.assertEqual(self._agree(change).state, "agreed")

    def test_signed_annex_is_recorded_and_kept(self):
        change = self._put(self._create_change(self.contract, self._notice()))
        scan = self.env["ir.attachment"].with_user(self.officer).create(
            {"name": "annex.pdf", "raw": b"%PDF annex"})
        wizard = self.env["aftersales.contract.sign"].with_user(self.officer).create({
            "record_ref": f"{change._name},{change.id}", "attachment_ids": [Command.set(scan.ids)],
            "date_signed": "2026-01-15",
        })

        wizard.action_confirm()
        change.action_countersign()

        self.assertRecordValues(change, [{
            "state": "agreed", "customer_method": "scan", "customer_signed_by": "Northside Clinic",
        }])
        self.assertEqual(change.scan_ids, scan)
        with self.assertRefused(change.name, "cannot be changed"):
            scan.raw = b"%PDF forged"

    def test_customer_is_told_that_a_change_waits(self):
        self.customer.lang = "en_US"
        change = self._put(self._create_change(self.contract, self._notice()))

        message = change.message_ids.filtered(lambda m: self.customer in m.partner_ids)

        self.assertIn(f"Please read change {change.name}", message.body)

    def test_scan_without_a_document_is_refused(self):
        change = self._put(self._create_change(self.contract, self._notice()))
        wizard = self.env["aftersales.contract.sign"].with_user(self.officer).create(
            {"record_ref": f"{change._name},{change.id}"})

        with self.assertRefused(change.name, "attach the signed document"):
            wizard.action_confirm()

        self.assertFalse(change.customer_signed_on)

    def test_onerous_clause_is_acknowledged_before_the_signature(self):
        change = self._put(self._create_change(self.contract, {
            "kind": "clause", "operation": "add", "title": "Cap", "is_onerous": True,
            "explanation": "We pay at most 500.", "body": "<p>At most 500.</p>",
        }))

        with self.assertRefused("Cap"):
            change.sudo()._sign_as_customer("Nora Northside", "typed")
        change.line_ids._acknowledge("Nora Northside")
        self._confirm(change)
        with freeze_time("2026-01-16 09:00"):
            self._apply_by_cron()

        clause = self.contract.clause_ids.filtered(lambda c: c.name == "Cap")
        self.assertEqual(clause.acknowledged_by, "Nora Northside")

    # -------------------------------------------------------------------------
    # Refused, withdrawn, kept
    # -------------------------------------------------------------------------

    def test_declined_change_leaves_the_contract_alone(self):
        before = self._get_state(self.contract)
        change = self._put(self._create_change(self.contract, self._notice()))

        change.sudo()._decline("Nora Northside", "Too long")

        self.assertRecordValues(change, [{"state": "rejected", "rejection_reason": "Too long"}])
        with self.assertRefused("Rejected"):
            change.action_countersign()
        with freeze_time("2026-01-16 09:00"):
            self.assertEqual(self._apply_by_cron(), 0)
        self.assertEqual(self._get_state(self.contract), before)

    def test_reviewer_rejects_with_a_reason_only(self):
        change = self._create_change(self.contract, self._notice())
        change.action_submit()

        with self.assertRefused("Write the reason"):
            change.with_user(self.legal).action_reject()
        change.with_user(self.legal).rejection_reason = "Unlawful"
        change.with_user(self.legal).action_reject()

        self.assertEqual(change.state, "rejected")

    def test_agreed_change_is_withdrawn_by_a_manager_only(self):
        change = self._agree(self._create_change(self.contract, self._notice()))

        with self.assertRefused("manager", error=AccessError):
            change.action_withdraw()
        change.with_user(self.manager).action_withdraw()

        self.assertEqual(change.state, "withdrawn")

    def test_what_left_the_draft_is_kept(self):
        change = self._create_change(self.contract, self._notice())
        change.action_submit()

        with self.assertRefused(change.name, "Withdraw it"):
            change.unlink()
        change.action_draft()
        change.unlink()

        self.assertFalse(change.exists())

    # -------------------------------------------------------------------------
    # Roles
    # -------------------------------------------------------------------------

    def test_law_is_not_the_officers_to_approve(self):
        change = self._create_change(self.contract, self._notice())
        change.action_submit()

        with self.assertRefused("Legal & Credit", error=AccessError):
            change.action_approve()

        self.assertEqual(change.state, "review")

    def test_only_those_who_write_contracts_countersign_and_apply(self):
        change = self._put(self._create_change(self.contract, self._notice()))

        for user in (self.legal, self.agent, self.accountant):
            with self.assertRaises(AccessError):
                change.with_user(user).action_countersign()
            with self.assertRaises(AccessError):
                change.with_user(user).action_apply()

        self.assertRecordValues(change, [{"state": "to_confirm", "company_signed_on": False}])

    def test_who_reads_and_who_asks(self):
        change = self._create_change(self.contract, self._notice())

        for user in (self.agent, self.legal, self.accountant, self.manager):
            self.assertTrue(change.with_user(user).comparison)
        for user in (self.technician, self.outsider, self.portal_user):
            with self.assertRaises(AccessError):
                change.with_user(user).read(["name"])
        for user in (self.agent, self.accountant, self.technician):
            with self.assertRaises(AccessError):
                self.contract.with_user(user).action_request_change()

    def test_technician_still_opens_the_contract(self):
        contract = self.contract.with_user(self.technician)

        view = contract.get_view(view_type="form")["arch"]

        self.assertNotIn("change_count", view)
        contract.web_read({"name": {}, "state": {}})

    def test_changes_of_other_companies_stay_there(self):
        other = self._create_company_with_books("Branch")
        stranger = self._create_user(
            "stranger", "Sam Stranger", "aftersales.group_manager",
            company_id=other.id, company_ids=[Command.set(other.ids)],
        )
        change = self._create_change(self.contract, self._notice())

        self.assertFalse(
            change.with_user(stranger).search([("id", "=", change.id)]),
        )
        with self.assertRaises(AccessError):
            change.with_user(stranger).read(["name"])

    # -------------------------------------------------------------------------
    # Annex
    # -------------------------------------------------------------------------

    def test_annex_is_printed_once_and_kept_with_its_hash(self):
        change = self._create_change(self.contract, self._notice(), self._price(self.contract))
        with self.assertRefused(change.name, "no annex yet"):
            change.action_open_document()
        self._put(change)

        document = change._ensure_document()

        self.assertEqual(change._ensure_document(), document)
        self.assertEqual(len(change.document_hash), 64)
        text = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales.action_report_aftersales_contract_change", change.ids)[0].decode()
        for part in ("Annex", change.name, self.contract.name, "The clinic grows.",
                     "January 16, 2026", "Termination Notice (days)", "Unit Price",
                     change.content_hash):
            self.assertIn(part, text)
