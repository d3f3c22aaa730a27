from math import inf

from odoo import fields, models
from odoo.tools.i18n import format_list

from ...tools.texts import find_phrases, read_plain
from ..agreement.aftersales_clause import CLAUSE_CATEGORIES, CLAUSE_TOPICS
from ..contract.aftersales_contract_line_mixin import RECURRENCES_PER_YEAR

METHODS = [
    ("parties_complete", "Both parties are complete"),
    ("has_lines", "There is at least one line"),
    ("price_agreed", "A price is agreed"),
    ("term_agreed", "A term is agreed"),
    ("place_agreed", "A service address is given"),
    ("clause_present", "A clause is present"),
    ("clause_absent", "A clause is absent"),
    ("forbidden_phrases", "No forbidden phrases"),
    ("onerous_marked", "Onerous standard terms are marked"),
    ("deposit_cap", "The deposit is within its cap"),
    ("penalty_cap", "The penalty is within its cap"),
    ("one_dispute_route", "One route for disputes"),
    ("arbitration_institution", "Arbitration names its institution"),
    ("court_connection", "The court is connected with the dispute"),
    ("auto_renewal_notice", "Automatic renewal is announced"),
    ("prepaid_refund", "Prepaid fees are refunded"),
    ("change_two_party", "A change is agreed by both parties"),
    ("electronic_signature_agreed", "Electronic signature is agreed"),
]
CLAUSE_SUBJECTS = {key for key, _label in CLAUSE_CATEGORIES + CLAUSE_TOPICS}
DAYS_PER_YEAR = 365


class AftersalesComplianceMethod(models.AbstractModel):
    """How a rule looks at a contract: one method ``_meets_<method>`` per entry of ``METHODS``.

    Each returns whether the contract meets the rule, and one sentence naming what was found or is
    missing. They read only what they are given, so that many contracts are read together.
    """

    _name = "aftersales.compliance.method"
    _description = "Compliance Method"

    method = fields.Selection(METHODS, string="Check")
    argument = fields.Text(help="What the check looks for: a number, a topic or phrases.")

    # -------------------------------------------------------------------------
    # Contents of the contract
    # -------------------------------------------------------------------------

    def _meets_parties_complete(self, contract):
        parties = (contract.company_id.partner_id, contract.commercial_partner_id)
        gaps = [gap for partner in parties if (gap := self._get_party_gap(partner))]
        if gaps:
            return False, self.env._("Missing: %(gaps)s.", gaps="; ".join(gaps))
        return True, self.env._(
            "%(provider)s and %(customer)s are completely given.",
            provider=parties[0].name, customer=parties[1].name,
        )

    def _get_party_gap(self, partner):
        """Return what is missing of a party, with its name in front; empty when complete."""
        wanted = [
            (partner.name, self.env._("name")),
            (partner.street, self.env._("street")),
            (partner.city, self.env._("city")),
            (partner.vat or not partner.is_company, self.env._("tax ID")),
        ]
        gaps = [label for value, label in wanted if not value]
        return gaps and self.env._(
            "%(partner)s (%(gaps)s)",
            partner=partner.display_name, gaps=format_list(self.env, gaps),
        )

    def _meets_has_lines(self, contract):
        complete = contract.line_ids.filtered(
            lambda line: line.name and (line.quantity > 0 or not line.product_id)
        )
        if not complete:
            return False, self.env._("No line has both a description and a quantity.")
        return True, self.env._(
            "Lines with a description and a quantity: %(count)s.", count=len(complete),
        )

    def _meets_price_agreed(self, contract):
        charging = contract.line_ids.filtered("product_id")
        priced = self._get_priced(charging)
        if priced:
            return True, self.env._("Lines with a price: %(count)s.", count=len(priced))
        if contract.line_ids and not charging:
            return True, self.env._("The lines say what is covered and charge nothing.")
        return False, self.env._("No line has a price.")

    def _get_priced(self, lines):
        return lines.filtered(lambda line: line.product_id and (
            line.price_source == "pricelist" or line.price_unit > 0
        ))

    def _meets_term_agreed(self, contract):
        start = contract._format_date(contract.date_start)
        if contract.date_end:
            return True, self.env._(
                "From %(start)s until %(end)s.",
                start=start, end=contract._format_date(contract.date_end),
            )
        if contract.termination_notice_days:
            return True, self.env._(
                "From %(start)s without a fixed end, with %(days)s days' notice.",
                start=start, days=contract.termination_notice_days,
            )
        return False, self.env._("There is neither an end nor a termination notice.")

    def _meets_place_agreed(self, contract):
        site = contract.site_partner_id
        if not site:
            return False, self.env._("There is no service address.")
        if not (site.street or site.city):
            return False, self.env._(
                "The service address %(site)s has neither street nor city.",
                site=site.display_name,
            )
        return True, self.env._(
            "The service address is %(address)s.", address=contract._format_address(site),
        )

    # -------------------------------------------------------------------------
    # Clauses
    # -------------------------------------------------------------------------

    def _get_clauses_about(self, contract, *subjects):
        """Return the clauses of these categories or topics that say anything."""
        return contract.clause_ids.filtered(
            lambda clause: {clause.category, clause.topic} & set(subjects)
            and read_plain(clause.body)
        )

    def _list_names(self, records):
        """Return the first lines of their names, as quotations."""
        names = [f"“{name.splitlines()[0]}”" for name in records.mapped("name")]
        return format_list(self.env, names)

    def _list_subjects(self):
        """Return the categories and topics of the argument as the user knows them."""
        clause_fields = self.env["aftersales.clause"]._fields
        labels = {
            **dict(clause_fields["category"]._description_selection(self.env)),
            **dict(clause_fields["topic"]._description_selection(self.env)),
        }
        subjects = [f"“{labels[key]}”" for key in self._get_subjects()]
        return format_list(self.env, subjects, "or")

    def _get_subjects(self):
        return self.argument.split(",")

    def _meets_clause_present(self, contract):
        clauses = self._get_clauses_about(contract, *self._get_subjects())
        if clauses:
            return True, self.env._("Found: %(clauses)s.", clauses=self._list_names(clauses))
        return False, self.env._(
            "No clause is about %(subjects)s.", subjects=self._list_subjects(),
        )

    def _meets_clause_absent(self, contract):
        clauses = self._get_clauses_about(contract, *self._get_subjects())
        if clauses:
            return False, self.env._(
                "About %(subjects)s: %(clauses)s.",
                subjects=self._list_subjects(), clauses=self._list_names(clauses),
            )
        return True, self.env._(
            "No clause is about %(subjects)s.", subjects=self._list_subjects(),
        )

    def _meets_electronic_signature_agreed(self, contract):
        clauses = self._get_clauses_about(contract, "electronic_signature")
        if clauses:
            return True, self.env._("Found: %(clauses)s.", clauses=self._list_names(clauses))
        return False, self.env._("No clause agrees on electronic signature.")

    def _meets_forbidden_phrases(self, contract):
        phrases = self.argument.splitlines()
        found = [
            self.env._(
                "clause “%(clause)s” says “%(phrases)s”",
                clause=clause.name, phrases="”, “".join(phrases_found),
            )
            for clause in contract.clause_ids
            if (phrases_found := find_phrases(phrases, f"<p>{clause.name}</p>{clause.text}"))
        ]
        if found:
            return False, self.env._("Forbidden: %(found)s.", found="; ".join(found))
        return True, self.env._(
            "None of the forbidden phrases stands in the clauses (%(count)s read).",
            count=len(contract.clause_ids),
        )

    def _meets_onerous_marked(self, contract):
        standard = self._get_clauses_about(contract, *self._get_subjects()).filtered(
            lambda clause: clause.origin == "standard"
        )
        bare = standard.filtered(lambda clause: not (clause.is_onerous and clause.explanation))
        if bare:
            return False, self.env._(
                "Not marked onerous and explained: %(clauses)s.", clauses=self._list_names(bare),
            )
        if standard:
            return True, self.env._(
                "Marked and explained: %(clauses)s.", clauses=self._list_names(standard),
            )
        return True, self.env._("No standard term is of these kinds.")

    # -------------------------------------------------------------------------
    # Money
    # -------------------------------------------------------------------------

    def _meets_deposit_cap(self, contract):
        deposit, currency = contract.deposit_amount, contract.currency_id
        if not deposit:
            return True, self.env._("No deposit is agreed.")
        value = self._get_contract_value(contract)
        amounts = {
            "deposit": contract._format_amount(deposit), "percent": self.argument,
            "value": contract._format_amount(value) or "0", "currency": currency.name,
        }
        if currency.compare_amounts(deposit, value * int(self.argument) / 100) > 0:
            return False, self.env._(
                "The deposit of %(deposit)s %(currency)s is above %(percent)s %% of the contract "
                "value of %(value)s %(currency)s.", **amounts,
            )
        return True, self.env._(
            "The deposit of %(deposit)s %(currency)s is within %(percent)s %% of the contract "
            "value of %(value)s %(currency)s.", **amounts,
        )

    def _get_contract_value(self, contract):
        """Return the net price of the whole term; of a year, where the end is open."""
        value = 0.0
        for line in contract.line_ids:
            first, last = line._get_term()
            if line.recurrence_unit == "once":
                value += line.price_subtotal
            elif last:
                days = max((last - first).days + 1, 0)
                value += line._get_annual_price(line.price_unit) * days / DAYS_PER_YEAR
            else:
                value += line._get_annual_price(line.price_unit)
        return contract.currency_id.round(value)

    def _meets_penalty_cap(self, contract):
        amounts = {
            "cap": contract._format_number(contract.penalty_cap_percent), "limit": self.argument,
        }
        if contract.penalty_cap_percent > int(self.argument):
            return False, self.env._(
                "Penalties may reach %(cap)s %% of the annual value, above %(limit)s %%.",
                **amounts,
            )
        fee = contract.early_fee_mode == "percent" and contract.early_fee_percent
        if fee > int(self.argument):
            return False, self.env._(
                "The fee for ending early is %(fee)s %% of the price of the rest of the term, "
                "above %(limit)s %%. Note the loss that justifies it.",
                fee=contract._format_number(fee), **amounts,
            )
        return True, self.env._(
            "Penalties end at %(cap)s %% of the annual value, within %(limit)s %%.", **amounts,
        )

    def _meets_prepaid_refund(self, contract):
        months = int(self.argument)
        prepaid = self._get_priced(contract.line_ids).filtered(
            lambda line: line.billing_timing == "advance" and self._get_months(line) > months
        )
        if not prepaid:
            return True, self.env._("Nothing is charged so far in advance.")
        clauses = self._get_clauses_about(contract, "refund")
        if clauses:
            return True, self.env._(
                "Refunds are regulated: %(clauses)s.", clauses=self._list_names(clauses),
            )
        return False, self.env._(
            "No clause regulates the refund of what is charged in advance: %(lines)s.",
            lines=self._list_names(prepaid),
        )

    def _get_months(self, line):
        """Return the length of a period in months; what is charged once never comes back."""
        per_year = RECURRENCES_PER_YEAR.get(line.recurrence_unit)
        return 12 / per_year * line.recurrence_interval if per_year else inf

    # -------------------------------------------------------------------------
    # Disputes
    # -------------------------------------------------------------------------

    def _meets_one_dispute_route(self, contract):
        route = contract.dispute_route
        label = dict(contract._fields["dispute_route"]._description_selection(self.env))[route]
        other = self._get_clauses_about(
            contract, "court" if route == "arbitration" else "arbitration",
        )
        if other:
            return False, self.env._(
                "The final decision lies with “%(route)s”, and another way is opened by: "
                "%(clauses)s.", route=label, clauses=self._list_names(other),
            )
        arbitration = self._get_clauses_about(contract, "arbitration")
        if len(arbitration) > 1:
            return False, self.env._(
                "More than one clause agrees on arbitration: %(clauses)s.",
                clauses=self._list_names(arbitration),
            )
        return True, self.env._("The only way is “%(route)s”.", route=label)

    def _meets_arbitration_institution(self, contract):
        if contract.dispute_route != "arbitration":
            return True, self.env._("No arbitration is chosen.")
        if contract.dispute_body_id:
            return True, self.env._(
                "The institution is %(institution)s.", institution=contract.dispute_body_id.name,
            )
        return False, self.env._("Arbitration is chosen and no institution is named.")

    def _meets_court_connection(self, contract):
        if contract.dispute_route != "court":
            return True, self.env._("No court is chosen.")
        wanted = [
            (contract.dispute_body_id, self.env._("the court")),
            (contract.court_connection, self.env._("its connection with the dispute")),
        ]
        gaps = [label for value, label in wanted if not value]
        if gaps:
            return False, self.env._("Missing: %(gaps)s.", gaps=format_list(self.env, gaps))
        connections = dict(contract._fields["court_connection"]._description_selection(self.env))
        return True, self.env._(
            "The court is %(court)s, connected by: %(connection)s.",
            court=contract.dispute_body_id.name,
            connection=connections[contract.court_connection],
        )

    # -------------------------------------------------------------------------
    # What happens later
    # -------------------------------------------------------------------------

    def _meets_auto_renewal_notice(self, contract):
        days = contract._get_auto_renewal_notice_days()
        clauses = self._get_clauses_about(contract, "renewal_auto")
        if days is None and clauses:
            return False, self.env._(
                "The contract is not set to renew automatically, and nobody is told of what these "
                "clauses say: %(clauses)s.", clauses=self._list_names(clauses),
            )
        if days is None:
            return True, self.env._("The contract does not renew automatically.")
        if days < int(self.argument):
            return False, self.env._(
                "The customer is told %(days)s days before an automatic renewal, and at least "
                "%(minimum)s are needed.", days=days, minimum=self.argument,
            )
        return True, self.env._(
            "The customer is told %(days)s days before an automatic renewal.", days=days,
        )

    def _meets_change_two_party(self, contract):
        gaps = contract._get_change_gaps(self.env.context.get("compliance_occasion"))
        if gaps:
            return False, " ".join(gaps)
        return True, self.env._(
            "Both parties are asked to confirm; before, after and the effective date are recorded.",
        )
