from odoo.fields import Command

from ..common import AftersalesCommon


class ComplianceCommon(AftersalesCommon):
    """Rules of the tests' own making: those shipped are put out of the way by their country."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.country = cls.env["res.country"].create({"name": "Testland", "code": "QT"})
        cls.rules = cls.env["aftersales.compliance.rule"]
        # Shipped neutral rules hold everywhere; here they begin only after the tests.
        cls.rules.search([]).write({"valid_from": "2099-01-01", "valid_to": False,
                                    "superseded_by_id": False})

    @classmethod
    def _create_rule(cls, code="T-1", **vals):
        """Create a rule; automatic when a method is given, else a question.

        A test that runs once per user makes its rules anew; those of the user before are closed.
        """
        for earlier in cls.rules.search([("code", "=", code)]):
            earlier.write({
                "code": f"{code}-{earlier.id}", "valid_from": False, "valid_to": "2000-01-01",
            })
            earlier.flush_recordset()
        kind = "automatic" if "method" in vals else "manual"
        return cls.rules.create({
            "code": code, "name": f"Rule {code}", "law": "Test Code", "article": "art. 7",
            "kind": kind, "question": kind == "manual" and "Is all well?",
            "remedy": "Mend it.", "severity": "block", **vals,
        })

    @classmethod
    def _create_clause_vals(cls, **vals):
        return Command.create({"name": "Clause", "body": "<p>Text.</p>", **vals})

    @classmethod
    def _get_results(cls, contract, subject="contract"):
        checks = cls.env["aftersales.compliance.check"].search([
            ("contract_id", "=", contract.id), ("subject", "=", subject),
        ])
        return {check.rule_id.code: check.result for check in checks}
