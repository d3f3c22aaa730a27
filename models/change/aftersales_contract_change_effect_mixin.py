import logging

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date, html2plaintext

from ...tools.periods import ONE_DAY
from ..agreement.aftersales_clause import fill_placeholders, find_placeholders
from .aftersales_contract_change_line import mark_changes
from .aftersales_obligation import CreditPreview

_logger = logging.getLogger(__name__)

PROBLEM_ACTIVITY = "aftersales.mail_activity_type_change_problem"
REQUEST_ACTIVITY = "aftersales.mail_activity_type_change_request"
# Periods follow from these.
_SCHEDULE_TERMS = {"billing_alignment", "billing_day"}


class AftersalesContractChangeEffectMixin(models.AbstractModel):
    """What a change does to its contract: for trial, to tell the parties, and then in earnest."""

    _name = "aftersales.contract.change.effect.mixin"
    _description = "Effect of a Contract Change"

    consequences = fields.Json(
        readonly=True, copy=False,
        help="Clauses that say something else because a term or price they speak of changes.",
    )
    currency_id = fields.Many2one("res.currency")
    amount_annual_before = fields.Monetary(
        string="Annual Value Before", readonly=True, copy=False,
    )
    amount_annual_after = fields.Monetary(string="Annual Value After", readonly=True, copy=False)
    amount_annual_delta = fields.Monetary(
        string="Difference per Year", compute="_compute_amount_annual_delta",
    )
    amount_credit = fields.Monetary(
        string="Credit", readonly=True, copy=False,
        help="Net amount already invoiced for days from the effective date on, given back.",
    )
    amount_charge = fields.Monetary(
        string="New Charge", readonly=True, copy=False,
        help="Net amount of the new charges for the period under way and for others that were "
             "already invoiced, from the effective date on.",
    )
    amount_dropped = fields.Monetary(
        string="No Longer Owed", readonly=True, copy=False,
        help="Net amount that was planned for the same days, on a draft invoice or on none, and "
             "is owed no more.",
    )
    amount_net = fields.Monetary(
        string="Net Effect", compute="_compute_amount_net",
        help="New charges, less what is given back and what is no longer owed.",
    )
    obligations_dropped = fields.Integer(
        readonly=True, copy=False, help="Obligations of the plan that are owed no more.",
    )
    obligations_added = fields.Integer(readonly=True, copy=False)
    effects_on = fields.Datetime(string="Effects Reckoned On", readonly=True, copy=False)

    @api.depends("amount_annual_before", "amount_annual_after")
    def _compute_amount_annual_delta(self):
        for change in self:
            change.amount_annual_delta = change.amount_annual_after - change.amount_annual_before

    @api.depends("amount_charge", "amount_credit", "amount_dropped")
    def _compute_amount_net(self):
        for change in self:
            change.amount_net = change.amount_charge - change.amount_credit - change.amount_dropped

    # -------------------------------------------------------------------------
    # Trial
    # -------------------------------------------------------------------------

    def _simulate(self, raise_errors=False):
        """Apply the change to the contract for trial, and take everything back.

        :return: dict of the effects; ``blockers``, why it cannot be applied; ``unlawful``, why
            the law forbids the contract it leads to; and the ``judgements`` behind that
        """
        self.ensure_one()
        preview = CreditPreview()
        savepoint = self.env.cr.savepoint()
        try:
            return self.with_context(aftersales_credit_preview=preview)._try_out(preview)
        except OperationalError:
            raise
        except UserError as error:
            if raise_errors:
                raise
            return {"blockers": [str(error)], "unlawful": []}
        finally:
            savepoint.close(rollback=True)

    def _try_out(self, preview):
        if not self.date_effective:
            raise UserError(self.env._(
                "Change %(change)s: enter the day on which it takes effect.",
                change=self.display_name,
            ))
        contract = self._get_agreed_contract()
        contract._catch_up(max(self.date_effective, self.company_id._get_aftersales_today()))
        values = contract._get_placeholder_values()
        planned = contract.obligation_ids.filtered(lambda owed: not owed.waive_reason)
        expected = planned._get_expected_amounts()
        annual = contract.amount_annual
        untouched = contract.clause_ids - self.line_ids.contract_clause_id
        self._apply_to_contract(contract)
        present = contract.obligation_ids.filtered(lambda owed: not owed.waive_reason)
        added = present - planned
        last_day = max(self.date_effective, preview.last_day or self.date_effective)
        charge, dropped = self._compare_expected(
            expected, present._get_expected_amounts(), last_day,
        )
        changed_values = contract._get_placeholder_values()
        judgements = contract._prepare_compliance_vals("change", self.name)
        return {
            "vals": {
                "amount_annual_before": annual,
                "amount_annual_after": contract.amount_annual,
                "amount_credit": preview.amount,
                "amount_charge": charge,
                "amount_dropped": dropped,
                "obligations_dropped": len(planned - present),
                "obligations_added": len(added),
                "consequences": self._get_consequences(untouched, values, changed_values),
            },
            "texts": {
                line.id: str(fill_placeholders(line.body, changed_values))
                for line in self._get_worded_lines()
            },
            "blockers": [],
            "unlawful": self._get_compliance_blockers(contract, judgements),
            "judgements": judgements,
        }

    def _get_compliance_blockers(self, contract, judgements):
        """Return why the law forbids the contract as changed, answers and waivers considered."""
        contract._record_compliance(judgements, "change", self.name)
        contract._run_compliance()
        return [
            *contract._get_compliance_blockers(),
            *contract._get_compliance_blockers("change", self.name),
        ]

    @api.model
    def _compare_expected(self, before, after, last_day):
        """Return what is owed more, and what less, for the periods that begin by ``last_day``.

        :param before: amounts not yet charged, by line and first day
        """
        more = less = 0.0
        for line_id, day in before.keys() | after.keys():
            if day <= last_day:
                delta = after.get((line_id, day), 0.0) - before.get((line_id, day), 0.0)
                more += max(delta, 0.0)
                less += max(-delta, 0.0)
        return more, less

    def _get_consequences(self, clauses, before, after):
        """Return those of the clauses whose text follows from what is changed elsewhere."""
        consequences = []
        for clause in clauses:
            if not find_placeholders(clause.body):
                continue
            text = str(fill_placeholders(clause.body, after))
            if text != str(fill_placeholders(clause.body, before)):
                consequences.append({
                    "clause_id": clause.id, "name": clause.name, "before": str(clause.text),
                    "after": text,
                })
        return consequences

    def _get_worded_lines(self):
        """Return the lines that bring the wording of a clause."""
        return self.line_ids.filtered(
            lambda line: line.kind == "clause" and line.operation != "remove"
        )

    def _update_effects(self, effects):
        """Write down what a trial brought to light."""
        if "vals" not in effects:
            return
        self.write({**effects["vals"], "effects_on": fields.Datetime.now()})
        self.contract_id._record_compliance(effects["judgements"], "change", self.name)
        for line in self._get_worded_lines():
            line.filled_text = effects["texts"][line.id]

    # -------------------------------------------------------------------------
    # In earnest
    # -------------------------------------------------------------------------

    def _get_agreed_contract(self):
        contract_sudo = self.contract_id.sudo().with_company(self.company_id)
        return self.env["aftersales.contract"]._as_agreed(contract_sudo)

    def _apply_to_contract(self, contract):
        """Write on the contract what the lines of this change say, from the effective date on."""
        lines = self.line_ids.sorted("id").grouped("kind")
        terms = {}
        for line in lines.get("field", ()):
            terms.update(line.after)
        # Lines that exchange what they cover do so one after the other.
        self._apply_lines(
            contract._check_cover_later(), lines.get("line", self.line_ids.browse()), terms,
        )
        contract.line_ids._check_cover_overlap()
        self._apply_terms(contract, terms)
        self._apply_clauses(contract, lines.get("clause", ()))
        if contract.state == "active":
            contract._schedule_obligations()

    def _apply_lines(self, contract, change_lines, terms):
        day, reason = self.date_effective, self._get_reason_text()
        present = contract._get_present_lines()
        for change_line in change_lines:
            line = contract.line_ids.browse(change_line._get_contract_line().id)
            if change_line.operation == "remove":
                line._end_on(day - ONE_DAY, reason)
                line.ended_by_change_id = self
            elif change_line.operation == "modify":
                new = line._replace_from(day, change_line._prepare_contract_line_vals(), reason)
                new.added_by_change_id = self
            else:
                contract.line_ids.create({
                    **change_line._prepare_contract_line_vals(), "contract_id": contract.id,
                    "date_start": day, "added_by_change_id": self.id,
                    # Its periods are those of the contract, the first one a part.
                    "date_anchor": contract.date_start,
                })
        if _SCHEDULE_TERMS & terms.keys():
            changed_ids = [line._get_contract_line().id for line in change_lines]
            untouched = present.filtered(
                lambda line: line.id not in changed_ids
                and line.recurrence_unit != "once"
                and (not line.date_end or line.date_end >= day)
            )
            untouched._replace_from(day, {}, reason)

    def _apply_terms(self, contract, terms):
        if not terms:
            return
        last_day = contract.date_end
        contract.write(terms)
        if last_day and "date_end" in terms:
            contract.obligation_ids._go_on_after(last_day)
        if terms.get("date_end"):
            contract.obligation_ids._cut_after(contract.date_end, self._get_reason_text())
        if "invoice_offset_days" in terms:
            waiting = contract.obligation_ids.filtered(
                lambda owed: owed.billing_state == "to_bill"
                and owed.period_start >= self.date_effective
            )
            for owed in waiting:
                owed.date_planned = owed.line_id._get_invoice_date(owed._get_period())

    def _apply_clauses(self, contract, change_lines):
        for change_line in change_lines:
            clause = contract.clause_ids.browse(change_line.contract_clause_id.id)
            if change_line.operation == "remove":
                clause.unlink()
            elif change_line.operation == "modify":
                clause.write(change_line._prepare_contract_clause_vals())
            else:
                contract.clause_ids.create({
                    **change_line._prepare_contract_clause_vals(), "contract_id": contract.id,
                    "clause_id": change_line.clause_id.id,
                    "sequence": change_line.clause_id.sequence or change_line.sequence,
                })

    def _get_reason_text(self):
        return self.env._("Change %(change)s", change=self.name)

    # -------------------------------------------------------------------------
    # Applying
    # -------------------------------------------------------------------------

    def _apply(self):
        """Apply one agreed change in the transaction of the caller, as the system.

        :raises UserError: naming every reason; nothing is changed
        """
        self.ensure_one()
        change = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        change.lock_for_update(allow_referencing=True)
        change.contract_id.lock_for_update(allow_referencing=True)
        change.invalidate_recordset()  # another process may have applied it just now
        change.contract_id._catch_up(self.company_id._get_aftersales_today())
        change._transition_to("applied", apply_error=False)

    def _apply_or_flag(self):
        """Apply one agreed change; when it fails nothing of it stays, and it is flagged."""
        try:
            with self.env.cr.savepoint():
                self._apply()
            return True
        except OperationalError:
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("Change %s cannot be applied", self.id)
            self.with_user(SUPERUSER_ID)._flag_problem(str(error))
            return False

    def _flag_problem(self, problem):
        """Write the problem on the change and ask its responsible to solve it, once."""
        if self.apply_error != problem:
            self.apply_error = problem
        if not self.activity_search([PROBLEM_ACTIVITY]):
            self.activity_schedule(
                PROBLEM_ACTIVITY, user_id=(self.user_id or self.env.user).id,
                note=self.env._("The reason stands on the change. Solve it and apply it again."),
            )

    def _take_effect(self):
        """Change the contract as agreed and give it its next version."""
        contract = self._get_agreed_contract()
        # Annex and version in force are printed while the contract still says what it says.
        self._ensure_document()
        contract.version_id._keep_document()
        self._apply_to_contract(contract)
        for item in self.consequences or []:
            contract.clause_ids.filtered(
                lambda clause, item=item: clause.id == item["clause_id"]
            ).frozen_text = item["after"]
        version = contract._follow_with_version(
            self.date_effective, self, change_id=self.id,
            scan_ids=[Command.set((self.scan_ids | self.document_id).ids)],
        )
        version._ensure_document()
        contract._run_compliance()
        self.activity_unlink([PROBLEM_ACTIVITY, REQUEST_ACTIVITY])
        contract.message_post(body=self.env._(
            "Changed by %(change)s from %(date)s on: version %(number)s.",
            change=self._get_html_link(title=self.name),
            date=format_date(self.env, self.date_effective), number=version.number,
        ))

    @api.model
    def _cron_apply(self, batch_size=50):
        """Apply the agreed changes whose day has come, each in a savepoint of its own."""
        for company in self.env["aftersales.contract"]._get_companies():
            domain = (
                Domain("state", "=", "agreed") & Domain("company_id", "=", company.id)
                & Domain("date_effective", "<=", company._get_aftersales_today())
            )
            done = self.browse()
            while batch := self.search(
                domain & Domain("id", "not in", done.ids), limit=batch_size,
                order="date_effective, id",
            ):
                done |= batch
                for change in batch:
                    change._work_on_free(domain, lambda due: due._apply_or_flag())
                    if not self.env["ir.cron"]._commit_progress(1):
                        return

    # -------------------------------------------------------------------------
    # For the reader
    # -------------------------------------------------------------------------

    def _get_consequence_diffs(self):
        """Return title and marked text of the clauses that follow what is changed."""
        return [
            (item["name"], mark_changes(
                html2plaintext(item["before"]), html2plaintext(item["after"]),
            ))
            for item in self.consequences or []
        ]
