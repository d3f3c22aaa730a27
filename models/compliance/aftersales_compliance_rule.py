from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .aftersales_compliance_method import CLAUSE_SUBJECTS

SUBJECTS = [
    ("contract", "Contract"),
    ("change", "Change"),
    ("renewal", "Renewal"),
]
SEVERITIES = [
    ("info", "Notice"),
    ("warn", "Warning"),
    ("block", "Blocks"),
]
KINDS = [
    ("automatic", "Checked automatically"),
    ("manual", "Answered by Legal"),
]
_NUMBER_METHODS = ("deposit_cap", "penalty_cap", "auto_renewal_notice", "prepaid_refund")
_CLAUSE_METHODS = ("clause_present", "clause_absent", "onerous_marked")


class AftersalesComplianceRule(models.Model):
    """What a law asks of a contract, as dated data: closed when the law ends, never deleted."""

    _name = "aftersales.compliance.rule"
    _description = "Compliance Rule"
    _inherit = ["aftersales.compliance.method"]
    _order = "sequence, code"
    _rec_names_search = ["code", "name", "law"]

    # What the law says
    code = fields.Char(required=True, index=True)
    name = fields.Char(string="Title", required=True, translate=True)
    law = fields.Char(required=True, translate=True)
    article = fields.Char()
    legal_basis = fields.Char(compute="_compute_legal_basis")
    fact = fields.Text(string="What It Says", translate=True)
    sequence = fields.Integer(default=10)

    # When and for whom it holds
    valid_from = fields.Date(string="In Force From")
    valid_to = fields.Date(string="In Force Until", help="Last day in force.", index=True)
    superseded_by_id = fields.Many2one(
        "aftersales.compliance.rule", index="btree_not_null", ondelete="restrict",
    )
    country_id = fields.Many2one(
        "res.country", help="Empty: the rule holds whatever the jurisdiction of the contract.",
    )
    country_group_id = fields.Many2one("res.country.group")
    audience = fields.Selection(
        selection=[
            ("all", "All customers"),
            ("business", "Businesses"),
            ("consumer", "Consumers"),
        ],
        string="For", required=True, default="all",
    )
    covers_ids = fields.Many2many(
        "aftersales.compliance.rule", "aftersales_compliance_rule_covers_rel", "rule_id",
        "covered_id", string="Makes Redundant",
        help="Where this rule holds, these are not checked as well.",
    )

    # How it is checked
    subject = fields.Selection(SUBJECTS, string="Checked On", required=True, default="contract")
    severity = fields.Selection(SEVERITIES, required=True, default="warn")
    kind = fields.Selection(KINDS, string="How", required=True, default="manual")
    question = fields.Text(
        translate=True, help="Put so that “yes” is right; not applicable counts as yes.",
    )
    remedy = fields.Text(translate=True, help="What to do when the contract does not meet it.")

    _code_uniq = models.Constraint("unique (code)", "Another rule has this code.")
    _valid_in_order = models.Constraint(
        "CHECK (valid_to >= valid_from)", "A rule cannot end before it comes into force.",
    )

    @api.depends("law", "article")
    def _compute_legal_basis(self):
        for rule in self:
            rule.legal_basis = ", ".join(filter(None, [rule.law, rule.article]))

    @api.depends("code", "name")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = " ".join(filter(None, [rule.code, rule.name]))

    # -------------------------------------------------------------------------
    # Constraints
    # -------------------------------------------------------------------------

    @api.constrains("kind", "method", "argument", "question")
    def _check_method(self):
        for rule in self:
            if rule.kind == "manual" and not rule.question:
                rule._raise_invalid(self.env._("write the question that Legal answers."))
            if rule.kind == "automatic":
                rule._check_argument()

    def _check_argument(self):
        if not self.method:
            self._raise_invalid(self.env._("choose how it is checked."))
        argument = self.argument or ""
        if self.method in _NUMBER_METHODS and not argument.isdecimal():
            self._raise_invalid(self.env._("its check needs a whole number as argument."))
        if self.method in _CLAUSE_METHODS and not set(argument.split(",")) <= CLAUSE_SUBJECTS:
            self._raise_invalid(self.env._(
                "its check needs categories or topics of clauses as argument, with commas and "
                "without spaces: %(keys)s.", keys=", ".join(sorted(CLAUSE_SUBJECTS)),
            ))
        if self.method == "forbidden_phrases" and not argument.strip():
            self._raise_invalid(self.env._("write the forbidden phrases, one a line."))

    @api.constrains("superseded_by_id", "valid_to", "valid_from")
    def _check_succession(self):
        for rule in self:
            newer = rule.superseded_by_id
            if newer and not (
                rule.valid_to and newer.valid_from and rule.valid_to < newer.valid_from
            ):
                rule._raise_invalid(self.env._(
                    "it is superseded by %(newer)s. Enter its last day in force, before the first "
                    "day of the newer one.", newer=newer.display_name,
                ))

    def _raise_invalid(self, reason):
        raise ValidationError(self.env._(
            "Rule %(rule)s: %(reason)s", rule=self.display_name, reason=reason,
        ))

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for rule, vals in zip(self, vals_list, strict=True):
            if "code" not in (default or {}):
                copies = self.search_count([("code", "=like", f"{rule.code} (%)")])
                vals["code"] = f"{rule.code} ({copies + 2})"
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        for rule in self:
            raise UserError(self.env._(
                "Rule %(rule)s cannot be deleted: contracts were checked against it, or may have "
                "been. Enter its last day in force instead.", rule=rule.display_name,
            ))

    def action_view_checks(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "aftersales.aftersales_compliance_check_action"
        )
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {}}

    # -------------------------------------------------------------------------
    # Which rules hold
    # -------------------------------------------------------------------------

    @api.model
    def _get_in_force(self, subject, today):
        """Return the rules about ``subject`` that hold on that day."""
        return self.search(
            Domain("subject", "=", subject)
            & (Domain("valid_from", "=", False) | Domain("valid_from", "<=", today))
            & (Domain("valid_to", "=", False) | Domain("valid_to", ">=", today))
        )

    def _get_applicable(self, contract):
        """Return those of these rules that hold for the contract, without what others cover."""
        applicable = self.filtered(lambda rule: rule._applies_to(contract))
        return applicable - applicable.covers_ids

    def _applies_to(self, contract):
        country = contract.jurisdiction_id
        return (
            self.audience in ("all", "consumer" if contract.is_consumer else "business")
            and (not self.country_id or self.country_id == country)
            and (not self.country_group_id or country in self.country_group_id.country_ids)
        )

    # -------------------------------------------------------------------------
    # Judging
    # -------------------------------------------------------------------------

    def _judge(self, contract, occasion="-"):
        """Return how the contract stands to this rule: result and evidence of a check.

        The evidence is one text for all readers, in the language of the company: who judges must
        not change it.
        """
        self.ensure_one()
        contract = contract._as_judged().with_context(compliance_occasion=occasion)
        rule = self.with_env(contract.env)
        if rule.kind == "manual":
            return {"result": "pending", "evidence": rule.env._("Nobody has answered yet.")}
        is_met, evidence = getattr(rule, f"_meets_{rule.method}")(contract)
        return {"result": rule._get_result(is_met), "evidence": evidence}

    def _get_result(self, is_met):
        if is_met:
            return "pass"
        return "fail" if self.severity == "block" else "warn"
