from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .aftersales_compliance_rule import KINDS, SEVERITIES, SUBJECTS

RESULTS = [
    ("fail", "Failed"),
    ("pending", "To answer"),
    ("warn", "Warning"),
    ("waived", "Waived"),
    ("pass", "Passed"),
]
ANSWERS = [
    ("yes", "Yes"),
    ("no", "No"),
    ("not_applicable", "Not applicable"),
]
_RANKS = {result: rank for rank, (result, _label) in enumerate(RESULTS)}


class AftersalesComplianceCheck(models.Model):
    """How a contract stands to a rule: judged by the machine, answered or waived by Legal.

    A judgement is never rewritten: a new one is a new row, and the old one is archived.
    """

    _name = "aftersales.compliance.check"
    _description = "Compliance Check"
    _order = "contract_id, rank, rule_id, id desc"
    _rec_names_search = ["rule_id.code", "rule_id.name"]

    contract_id = fields.Many2one(
        "aftersales.contract", required=True, readonly=True, ondelete="cascade", index=True,
    )
    company_id = fields.Many2one(
        related="contract_id.company_id", store=True, precompute=True, index=True,
    )
    subject = fields.Selection(SUBJECTS, string="Checked On", required=True, readonly=True)
    occasion = fields.Char(
        required=True, readonly=True, default="-",
        help="Which change or renewal was checked; “-” for the contract itself.",
    )
    active = fields.Boolean(default=True, readonly=True)

    # The rule, as it was
    rule_id = fields.Many2one(
        "aftersales.compliance.rule", required=True, readonly=True, ondelete="restrict",
        index=True,
    )
    kind = fields.Selection(KINDS, string="How", required=True, readonly=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    legal_basis = fields.Char(related="rule_id.legal_basis")
    fact = fields.Text(related="rule_id.fact")
    question = fields.Text(related="rule_id.question")
    remedy = fields.Text(related="rule_id.remedy")

    # The judgement
    result = fields.Selection(RESULTS, required=True, readonly=True, index=True)
    rank = fields.Integer(compute="_compute_rank", store=True, precompute=True)
    evidence = fields.Text(readonly=True)
    finding = fields.Text(compute="_compute_finding", help="The question, and what was found.")
    answer = fields.Selection(ANSWERS, readonly=True)
    note = fields.Text(readonly=True, help="The reviewer's reason.")
    reviewer_id = fields.Many2one("res.users", readonly=True)
    date = fields.Datetime(string="Judged On", required=True, readonly=True,
                           default=fields.Datetime.now)

    # Two runs at once must not judge twice.
    _current_uniq = models.UniqueIndex(
        "(contract_id, subject, occasion, rule_id) WHERE active",
        "A contract has one current check of each rule.",
    )

    @api.depends("result")
    def _compute_rank(self):
        for check in self:
            check.rank = _RANKS.get(check.result, len(_RANKS))

    @api.depends("question", "evidence")
    def _compute_finding(self):
        for check in self:
            check.finding = " ".join(filter(None, [check.question, check.evidence]))

    @api.depends("rule_id")
    def _compute_display_name(self):
        for check in self:
            check.display_name = check.rule_id.display_name

    # -------------------------------------------------------------------------
    # Review
    # -------------------------------------------------------------------------

    def action_answer_yes(self):
        """Answer questions with yes."""
        return self._answer("yes")

    def action_answer_no(self):
        """Answer questions with no."""
        return self._answer("no")

    def action_open_review(self):
        """Ask for an answer with a note, or for the reason of a waiver."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_compliance_review_action"
        )
        return {**action, "context": {"default_check_id": self.id}}

    def _answer(self, answer, note=False):
        """Judge by the answer of Legal; not applicable means yes, and why stands in the note."""
        for check in self:
            if check.kind != "manual":
                check._raise_refused(self.env._("it is checked automatically. Run it again."))
            if answer == "not_applicable" and not note:
                check._raise_refused(self.env._("write in the note why it does not apply."))
        return self._judge_anew([
            {**check._prepare_answer_vals(answer), "note": note} for check in self
        ])

    def _prepare_answer_vals(self, answer):
        env = self.contract_id._as_judged().env
        labels = dict(self._fields["answer"]._description_selection(env))
        return {
            "answer": answer,
            "result": self.rule_id._get_result(answer != "no"),
            "evidence": env._("Answered: %(answer)s.", answer=labels[answer]),
        }

    def _waive(self, reason):
        """Let what failed or is unanswered pass, for a reason that everyone can read."""
        for check in self:
            if check.result not in ("fail", "warn", "pending"):
                check._raise_refused(self.env._("only what failed or is unanswered is waived."))
            if not (reason or "").strip():
                check._raise_refused(self.env._("write the reason of the waiver."))
        self._judge_anew([
            {
                "result": "waived", "evidence": check.evidence, "answer": check.answer,
                "note": reason,
            }
            for check in self
        ])
        for contract, checks in self.grouped("contract_id").items():
            contract.message_post(body=self.env._(
                "Waived: %(rules)s. Reason: %(reason)s",
                rules=", ".join(checks.mapped("display_name")), reason=reason,
            ))
        return True

    def _reopen(self):
        """Take answers and waivers back: the rule judges anew."""
        return self._judge_anew([
            check.rule_id._judge(check.contract_id, check.occasion) for check in self
        ])

    def _judge_anew(self, vals_list):
        """Put new judgements of the user in the place of these, which are archived."""
        self._check_may_review()
        contracts = self.contract_id
        contracts.lock_for_update(allow_referencing=True)
        for check in self:
            if not check.active:
                check._raise_refused(self.env._("it was judged anew meanwhile. Reload the page."))
        # Judgements are written by nobody's own right: they are made here alone.
        checks_sudo = self.sudo()
        checks_sudo._replace([
            {
                **check._prepare_key_vals(), **vals, "severity": check.rule_id.severity,
                "reviewer_id": self.env.uid,
            }
            for check, vals in zip(checks_sudo, vals_list, strict=True)
        ])
        return True

    def _check_may_review(self):
        """Raise unless the user is of Legal, or code that answers for it."""
        if not (self.env.su or self.env.user.has_group("aftersales.group_legal")):
            raise AccessError(self.env._(
                "Questions are answered and rules waived by Legal. Ask one of them.",
            ))
        self.check_access("read")

    def _raise_refused(self, reason):
        raise UserError(self.env._(
            "%(contract)s, rule %(rule)s: %(reason)s",
            contract=self.contract_id.display_name, rule=self.display_name, reason=reason,
        ))

    # -------------------------------------------------------------------------
    # History
    # -------------------------------------------------------------------------

    def _replace(self, vals_list):
        """Archive these judgements and create new ones."""
        self.write({"active": False})
        self.flush_recordset(["active"])  # only one may be current at a time
        return self.create(vals_list)

    def _prepare_key_vals(self):
        """Return what a later judgement of the same matter has in common with this one."""
        return {
            "contract_id": self.contract_id.id, "subject": self.subject,
            "occasion": self.occasion, "rule_id": self.rule_id.id, "kind": self.kind,
        }

    def _still_stands(self, vals):
        """Return whether a new judgement says the same; a human answer stands until a new one."""
        if (self.severity, self.kind) != (vals["severity"], vals["kind"]):
            return False
        if self.kind == "manual":
            return True
        is_met = vals["result"] == "pass"
        return self.evidence == vals["evidence"] and (
            self.result == vals["result"] or self.result == "waived" and not is_met
        )

    def _is_blocking(self):
        return self.severity == "block" and self.result in ("fail", "pending")

    def _get_blocker(self):
        """Return what stands in the way, under which law, and what helps."""
        self.ensure_one()
        rule = self.env._(
            "%(rule)s (%(law)s)", rule=self.rule_id.display_name, law=self.legal_basis,
        )
        if self.result == "pending":
            return self.env._(
                "%(rule)s: nobody has answered “%(question)s” Have Legal answer it on the page "
                "Compliance.", rule=rule, question=self.question,
            )
        return " ".join(filter(None, [
            self.env._("%(rule)s: %(evidence)s", rule=rule, evidence=self.evidence), self.remedy,
        ]))
