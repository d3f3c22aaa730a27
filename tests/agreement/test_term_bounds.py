from odoo.exceptions import ValidationError

from ..common import AftersalesCommon

# Term, a value beyond its bounds, what the refusal says.
BEYOND = [
    ("termination_notice_days", -1, ("Termination Notice (days)", "cannot be negative (-1)")),
    ("termination_notice_days", 731, ("cannot be 731", "from 0 to 730", "bind both parties")),
    ("confidentiality_months", 601, ("cannot be 601", "from 0 to 600", "fifty years")),
    ("negotiation_days", 366, ("cannot be 366", "from 0 to 365", "statute of limitations")),
    ("liability_cap_percent", 5000, ("cannot be 5,000.00", "from 0 to 1000", "caps nothing")),
    ("penalty_rate_percent", 500, ("cannot be 500.00", "from 0 to 100", "more than the whole")),
    ("penalty_cap_percent", 500, ("cannot be 500.00", "from 0 to 100", "more than the whole")),
    ("late_interest_percent", 100.5, ("cannot be 100.50", "from 0 to 100", "no law allows")),
    ("deposit_amount", -5, ("Deposit", "cannot be negative (-5.00)", "Enter 0 for none")),
    ("invoice_offset_days", -99999, ("Invoice Day Offset", "-99,999", "from -366 to 366")),
    ("invoice_offset_days", 367, ("cannot be 367", "year of its period")),
]
AT_THE_BOUND = {
    "termination_notice_days": 730, "confidentiality_months": 600, "negotiation_days": 365,
    "liability_cap_percent": 1000, "penalty_rate_percent": 100, "penalty_cap_percent": 100,
    "late_interest_percent": 100, "deposit_amount": 0, "invoice_offset_days": -366,
}


class TestTermBounds(AftersalesCommon):
    """A number that can only be a slip of the pen is refused: with field, bound and reason."""

    def test_contract(self):
        contract = self._create_contract()
        for name, value, parts in BEYOND:
            with self.subTest(name=name, value=value):
                before = contract.sudo()[name]
                with self.assertRefused(contract.name, *parts, error=ValidationError):
                    contract[name] = value
                self.assertEqual(contract.sudo()[name], before)
        contract.write(AT_THE_BOUND)
        self.assertRecordValues(contract.sudo(), [AT_THE_BOUND])

    def test_template(self):
        template = self.env["aftersales.contract.template"].create({"name": "Full care"})
        for name, value, parts in BEYOND:
            if name not in template._fields:
                continue
            with self.subTest(name=name, value=value), self.assertRefused(
                "Full care", *(part for part in parts if part.startswith("cannot")),
                error=ValidationError,
            ):
                template[name] = value
