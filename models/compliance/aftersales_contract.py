"""Compliance side of the service contract: what the laws of its country ask of it."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import get_lang

from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS

_OUTDATED_ACTIVITY = "aftersales.mail_activity_type_compliance_outdated"
# The states in which a law that ends matters: both parties rely on the contract, or are about to.
_RELIED_ON_STATES = ("to_sign", "active", "suspended")


class AftersalesContract(models.Model):
    _inherit = "aftersales.contract"

    compliance_check_ids = fields.One2many(
        "aftersales.compliance.check", "contract_id", string="Compliance Checks", copy=False,
        domain=[("subject", "=", "contract")], groups=PRICE_GROUPS,
    )
    compliance_date = fields.Datetime(
        string="Compliance Checked On", readonly=True, copy=False,
    )
    compliance_outdated = fields.Boolean(
        string="Law Has Changed", readonly=True, copy=False,
        help="A rule this contract was checked against is no longer in force.",
    )
    compliance_state = fields.Selection(
        selection=[
            ("none", "Not checked"),
            ("passed", "Passed"),
            ("warnings", "Warnings"),
            ("failed", "Failed"),
            ("outdated", "Outdated"),
        ],
        string="Compliance", compute="_compute_compliance", store=True, index=True,
    )
    compliance_failed_count = fields.Integer(
        string="Failed Rules", compute="_compute_compliance", store=True,
    )
    compliance_warning_count = fields.Integer(
        string="Compliance Warnings", compute="_compute_compliance", store=True,
    )
    compliance_open_count = fields.Integer(
        string="Unanswered Questions", compute="_compute_compliance", store=True,
    )

    @api.depends(
        "compliance_check_ids.result", "compliance_check_ids.severity",
        "compliance_check_ids.active", "compliance_date", "compliance_outdated",
    )
    def _compute_compliance(self):
        counts = {
            (contract.id, result, severity): count
            for contract, result, severity, count
            in self.env["aftersales.compliance.check"].sudo()._read_group(
                [("contract_id", "in", self.ids), ("subject", "=", "contract")],
                ["contract_id", "result", "severity"], ["__count"],
            )
        }

        def count(contract, result, *severities):
            return sum(counts.get((contract.id, result, s), 0) for s in severities)

        every = ("info", "warn", "block")
        for contract in self:
            contract.compliance_failed_count = count(contract, "fail", *every)
            contract.compliance_warning_count = count(contract, "warn", *every)
            contract.compliance_open_count = count(contract, "pending", *every)
            if not contract.compliance_date:
                contract.compliance_state = "none"
            elif contract.compliance_outdated:
                contract.compliance_state = "outdated"
            elif contract.compliance_failed_count or count(contract, "pending", "block"):
                contract.compliance_state = "failed"
            elif count(contract, "warn", "warn", "block") or count(contract, "pending", "warn"):
                contract.compliance_state = "warnings"
            else:
                contract.compliance_state = "passed"

    # -------------------------------------------------------------------------
    # Actions
    # -------------------------------------------------------------------------

    def action_check_compliance(self):
        """Check the contracts against the rules in force today."""
        self.check_access("write")
        self._run_compliance()
        return True

    def action_view_compliance(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_compliance_check_action"
        )
        return {
            **action, "domain": [("contract_id", "=", self.id)],
            "context": {"search_default_group_result": 1},
        }

    # -------------------------------------------------------------------------
    # Running the rules
    # -------------------------------------------------------------------------

    def _run_compliance(self, subject="contract", occasion=None):
        """Judge the contracts by every rule that holds for them today.

        What says the same as before stays, with its answer or waiver; the rest is judged anew and
        the old judgement archived.

        :param subject: ``contract``, ``change`` or ``renewal``
        :param occasion: which change or renewal; each is judged and answered on its own. Without
            one, that of each contract (:meth:`_get_compliance_occasion`).
        :return: the current checks
        """
        vals_list = self.sudo()._prepare_compliance_vals(subject, occasion)
        return self._record_compliance(vals_list, subject, occasion)

    def _record_compliance(self, judgements, subject, occasion=None):
        """Keep the judgements that say something new; return the current checks."""
        self.lock_for_update(allow_referencing=True)
        # Judgements are written by nobody's own right: they are made here alone.
        contracts_sudo = self.sudo()
        current = contracts_sudo._get_compliance_checks(subject, occasion)
        by_key = {(check.contract_id.id, check.rule_id.id): check for check in current}
        kept_ids, vals_list = [], []
        for vals in judgements:
            check = by_key.get((vals["contract_id"], vals["rule_id"]))
            if check and check._still_stands(vals):
                kept_ids.append(check.id)
            else:
                vals_list.append(vals)
        kept = current.browse(kept_ids)
        created = (current - kept)._replace(vals_list)
        contracts_sudo._note_compliance_run(subject)
        return (kept + created).with_env(self.env)

    def _prepare_compliance_vals(self, subject, occasion):
        """Return how each contract stands to each rule that holds for it today."""
        vals_list = []
        for company, contracts in self.grouped("company_id").items():
            rules = self.env["aftersales.compliance.rule"]._get_in_force(
                subject, company._get_aftersales_today(),
            )
            for contract in contracts:
                matter = occasion or contract._get_compliance_occasion(subject)
                vals_list += [
                    {
                        "contract_id": contract.id, "subject": subject, "occasion": matter,
                        "rule_id": rule.id, "kind": rule.kind, "severity": rule.severity,
                        **rule._judge(contract, matter),
                    }
                    for rule in rules._get_applicable(contract)
                ]
        return vals_list

    def _as_judged(self):
        """Return the contract as the rules read it: in full, in the language of its company."""
        lang = get_lang(self.env, self.company_id.partner_id.lang).code
        return self.sudo().with_context(lang=lang)

    def _note_compliance_run(self, subject):
        """Write down that the rules were run; a run by the law of today is no longer outdated."""
        vals = {"compliance_date": fields.Datetime.now()}
        if subject == "contract":
            vals["compliance_outdated"] = False
            outdated = self.filtered("compliance_outdated")
            outdated.activity_feedback([_OUTDATED_ACTIVITY])
        # Else the chatter would tell, one by one, all that is written later on with a purpose.
        self.with_context(mail_notrack=True).write(vals)

    # -------------------------------------------------------------------------
    # The gate
    # -------------------------------------------------------------------------

    def _get_compliance_blockers(self, subject="contract", occasion=None):
        """Return why the rules, as last run, stop this contract: each with its law and remedy."""
        self.ensure_one()
        return self._get_unlawful(subject, occasion).get(self, [])

    def _get_unlawful(self, subject="contract", occasion=None):
        """Return a dict contract → why the rules, as last run, stop it; the others are left out.

        :param occasion: as in :meth:`_run_compliance`
        """
        blocking = self.sudo()._get_compliance_checks(subject, occasion).filtered(
            lambda check: check._is_blocking()
        )
        return {
            contract: [check._get_blocker() for check in checks]
            for contract, checks in blocking.sorted().grouped("contract_id").items()
        }

    def _get_compliance_checks(self, subject, occasion=None):
        """Return the current checks of these contracts, with a constant number of queries."""
        if subject == "contract":
            checks = self.compliance_check_ids  # read together with those of its peers
        else:
            checks = self.env["aftersales.compliance.check"].search([
                ("contract_id", "in", self.ids), ("subject", "=", subject),
            ])
        matters = {
            contract: occasion or contract._get_compliance_occasion(subject) for contract in self
        }
        return checks.filtered(
            lambda check: check.active and check.occasion == matters[check.contract_id]
        )

    def _check_transition(self, target):
        if target == "to_sign":
            self.filtered(lambda contract: contract.state == "review")._run_compliance()
        return super()._check_transition(target)

    def _get_transition_blockers(self, target):
        blockers = super()._get_transition_blockers(target)
        if target == "to_sign":
            blockers += self._get_compliance_blockers()
        return blockers

    def _on_transition(self, target):
        if target == "review":
            self._run_compliance()  # shows the reviewer what is wrong and what to answer
        return super()._on_transition(target)

    # -------------------------------------------------------------------------
    # Hooks of those who stand on compliance
    # -------------------------------------------------------------------------

    def _get_compliance_occasion(self, subject):
        """Return which change or renewal is under way (hook); “-” for the contract itself."""
        self.ensure_one()
        return "-"

    def _get_auto_renewal_notice_days(self):
        """Return how many days before an automatic renewal the customer is told (hook).

        None when nothing renews automatically.
        """
        self.ensure_one()
        return None

    def _get_change_gaps(self, occasion):
        """Return what a change by both parties lacks (hook); empty when it is complete.

        :param occasion: which change, as given to :meth:`_run_compliance`
        """
        self.ensure_one()
        return [self.env._("No change is under way.")]

    # -------------------------------------------------------------------------
    # Laws that end
    # -------------------------------------------------------------------------

    @api.model
    def _cron_flag_outdated_compliance(self, batch_size=500):
        """Flag contracts whose checks rest on a law that has ended, and ask for a new check."""
        for company in self._get_companies():
            ended = self.env["aftersales.compliance.rule"].search([
                ("valid_to", "<", company._get_aftersales_today()),
            ])
            if ended:
                self._run_in_batches(
                    Domain("state", "in", _RELIED_ON_STATES)
                    & Domain("company_id", "=", company.id)
                    & Domain("compliance_outdated", "=", False)
                    & Domain("compliance_check_ids", "any", [("rule_id", "in", ended.ids)]),
                    batch_size, lambda batch: batch._flag_outdated_compliance(),
                )

    def _flag_outdated_compliance(self):
        """Flag these contracts and schedule one activity for each: its manager's, or Legal's."""
        contracts = self.filtered(lambda contract: not contract.compliance_outdated)
        contracts.write({"compliance_outdated": True})
        known = self.env["mail.activity"].search([
            ("res_model", "=", self._name), ("res_id", "in", contracts.ids),
            ("activity_type_id", "=", self.env.ref(_OUTDATED_ACTIVITY).id),
        ])
        # One law may end for thousands of contracts: activities, but no mail for each.
        waiting = (contracts - contracts.browse(known.mapped("res_id"))).with_context(
            mail_activity_quick_update=True,
        )
        for user, group in waiting.grouped("user_id").items():
            group.activity_schedule(
                _OUTDATED_ACTIVITY,
                note=self.env._(
                    "A law this contract was checked against is no longer in force. Check its "
                    "compliance again.",
                ),
                user_id=(user if user.active else group._get_legal_user()).id,
            )

    def _get_legal_user(self):
        """Return who looks after these contracts when nobody manages them."""
        users = self.env.ref("aftersales.group_legal").all_user_ids
        return users.filtered(lambda user: self.company_id <= user.company_ids)[:1] or self.env.user
