from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

# A longer notice would bind both parties like a term.
MAX_NOTICE_DAYS = 730


class AftersalesLegalTermsMixin(models.AbstractModel):
    """Bounds of the numbers both parties agree on: what lies outside is a slip of the pen."""

    _name = "aftersales.legal.terms.mixin"
    _description = "Bounds of Legal Terms"

    @api.model
    def _get_term_bounds(self):
        """Return least and greatest value of each term, and why not more."""
        per_cent = self.env._("more than the whole cannot be owed")
        notice = self.env._("a longer notice would bind both parties like a term")
        return {
            "termination_notice_days": (0, MAX_NOTICE_DAYS, notice),
            "confidentiality_months": (0, 600, self.env._("fifty years are as good as for ever")),
            "negotiation_days": (0, 365, self.env._(
                "a dispute that waits longer may fall under the statute of limitations",
            )),
            "liability_cap_percent": (0, 1000, self.env._(
                "a cap of more than ten annual values caps nothing",
            )),
            "penalty_rate_percent": (0, 100, per_cent),
            "penalty_cap_percent": (0, 100, per_cent),
            "late_interest_percent": (0, 100, self.env._("no law allows such an interest")),
            "deposit_amount": (0, None, ""),
            "early_fee_amount": (0, None, ""),
            "early_fee_percent": (0, 100, self.env._("ending cannot cost more than staying")),
            "early_fee_cap": (0, None, ""),
            "invoice_offset_days": (-366, 366, self.env._(
                "an invoice belongs to the year of its period",
            )),
        }

    def _check_term_bounds(self):
        """Raise for the first term that lies outside its bounds."""
        bounds = self._get_term_bounds()
        for record in self.sudo():
            for name, (least, most, reason) in bounds.items():
                value = record[name] if name in record._fields else 0
                if value < least or most is not None and value > most:
                    record._raise_out_of_bounds(name, least, most, reason)

    def _raise_out_of_bounds(self, name, least, most, reason):
        is_whole = self._fields[name].type == "integer"
        values = {
            "record": self.display_name,
            "field": self._fields[name]._description_string(self.env),
            "value": formatLang(self.env, self[name], digits=0 if is_whole else 2),
            "least": least, "most": most, "reason": reason,
        }
        if self[name] < least and not least:
            raise ValidationError(self.env._(
                "%(record)s: “%(field)s” cannot be negative (%(value)s). Enter 0 for none.",
                **values,
            ))
        raise ValidationError(self.env._(
            "%(record)s: “%(field)s” cannot be %(value)s: %(reason)s. Enter a number from "
            "%(least)s to %(most)s.", **values,
        ))
