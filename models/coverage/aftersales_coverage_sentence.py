from odoo import models
from odoo.tools import format_date

# More reasons than these do not help the reader.
MAX_REFUSALS = 3


class AftersalesCoverageSentence(models.AbstractModel):
    """Says in one sentence of the context's language why somebody pays.

    One method per code of :class:`tools.coverage.Reason`; its data are the arguments.
    """

    _name = "aftersales.coverage.sentence"
    _description = "Reasons of Cover"

    def _say(self, reason):
        """Return the sentence of a reason."""
        return getattr(self, f"_say_{reason.code}")(**reason.data)

    def _say_none(self, refusals):
        sentences = list(dict.fromkeys(map(self._say, refusals)))[:MAX_REFUSALS]
        if not sentences:
            return self.env._("Neither a warranty nor a contract covers it.")
        space = "" if (self.env.lang or "").startswith(("zh", "ja")) else " "
        return space.join([self.env._("Not covered."), *sentences])

    # -------------------------------------------------------------------------
    # Recall, rework, warranty
    # -------------------------------------------------------------------------

    def _say_recall(self, recall):
        name = self.env["aftersales.recall"].browse(recall).name
        return self.env._("Free of charge: recall “%(recall)s”.", recall=name)

    def _say_rework(self, statement, day, days):
        return self.env._(
            "Free of charge: the failure repaired on %(date)s (%(number)s) has come back within "
            "%(days)s days.",
            date=self._date(day), days=days,
            number=self.env["aftersales.statement"].browse(statement).name,
        )

    def _say_rework_cause(self, cause):
        return self.env._(
            "It is no rework, because of its cause: %(cause)s.", cause=self._cause(cause),
        )

    def _say_part_warranty(self, part, end):
        return self.env._(
            "%(part)s was fitted with a warranty of its own until %(end)s.",
            part=self._product(part), end=self._date(end),
        )

    def _say_main_part(self, part, end):
        return self.env._(
            "%(part)s is a main part, under warranty until %(end)s.",
            part=self._product(part), end=self._date(end),
        )

    def _say_main_part_work(self, end):
        return self.env._(
            "Work on main parts, which are under warranty until %(end)s.", end=self._date(end),
        )

    def _say_warranty(self, end):
        return self.env._("Under warranty until %(end)s.", end=self._date(end))

    def _say_warranty_over(self, end):
        return self.env._("The warranty ended on %(end)s.", end=self._date(end))

    def _say_warranty_not_begun(self, start):
        return self.env._("The warranty begins on %(start)s.", start=self._date(start))

    def _say_warranty_scope(self, kind):
        return self.env._("The warranty does not pay for %(kind)s.", kind=self._kind(kind))

    def _say_warranty_wear(self, part):
        return self.env._(
            "%(part)s is a wear part, which no warranty covers.", part=self._product(part),
        )

    def _say_warranty_cause(self, cause):
        return self.env._(
            "The warranty does not answer for this cause: %(cause)s.", cause=self._cause(cause),
        )

    # -------------------------------------------------------------------------
    # Contract
    # -------------------------------------------------------------------------

    def _say_contract(self, line, kind, percent, fraction, hours):
        texts = {"contract": self._contract(line), "kind": self._kind(kind)}
        if fraction < 1 and hours:
            return self.env._(
                "Contract %(contract)s covers %(kind)s at %(percent)s %%, here for the %(hours)s h "
                "that its quota had left.",
                **texts, percent=f"{percent:g}", hours=f"{hours:.4g}",
            )
        if fraction < 1:
            return self.env._(
                "Contract %(contract)s covers %(kind)s at %(percent)s %%, here as far as its quota "
                "had left.",
                **texts, percent=f"{percent:g}",
            )
        if percent == 100:
            return self.env._("Contract %(contract)s covers %(kind)s in full.", **texts)
        return self.env._(
            "Contract %(contract)s covers %(kind)s at %(percent)s %%.",
            **texts, percent=f"{percent:g}",
        )

    def _say_own_share(self, line, percent):
        return self.env._(
            "The customer's own share under contract %(contract)s.", contract=self._contract(line),
        )

    def _say_line_cause(self, line, cause):
        return self.env._(
            "Contract %(contract)s excludes this cause: %(cause)s.",
            contract=self._contract(line), cause=self._cause(cause),
        )

    def _say_line_wear(self, line, part):
        return self.env._(
            "Contract %(contract)s does not cover wear parts such as %(part)s.",
            contract=self._contract(line), part=self._product(part),
        )

    def _say_line_category(self, line, part):
        return self.env._(
            "Contract %(contract)s excludes parts such as %(part)s.",
            contract=self._contract(line), part=self._product(part),
        )

    def _say_line_kind(self, line, kind):
        return self.env._(
            "Contract %(contract)s does not cover %(kind)s.",
            contract=self._contract(line), kind=self._kind(kind),
        )

    def _say_line_mode(self, line):
        mode = self._line(line).service_mode
        return self.env._(
            "Contract %(contract)s only covers this service: %(mode)s.",
            contract=self._contract(line), mode=self._label("aftersales.contract.line",
                                                            "service_mode", mode),
        )

    def _say_line_area(self, line):
        return self.env._(
            "The site lies outside the area of contract %(contract)s: %(area)s.",
            contract=self._contract(line), area=self._line(line).service_area_id.name,
        )

    def _say_line_window(self, line):
        return self.env._(
            "The work was done outside the service hours of contract %(contract)s: %(hours)s.",
            contract=self._contract(line), hours=self._line(line).service_calendar_id.name,
        )

    def _say_quota_visits(self, line):
        return self._say_quota(line, "quota_visits")

    def _say_quota_hours(self, line):
        return self._say_quota(line, "quota_hours")

    def _say_quota_amount(self, line):
        return self._say_quota(line, "quota_amount")

    def _say_quota(self, line, name):
        return self.env._(
            "The quota of contract %(contract)s is used up: %(quota)s.",
            contract=self._contract(line), quota=self._line(line)._get_quota_text(name),
        )

    # -------------------------------------------------------------------------
    # Goodwill, and the words of all sentences
    # -------------------------------------------------------------------------

    def _say_goodwill(self, item, percent):
        return self.env._(
            "Goodwill of %(percent)s %%: %(reason)s", percent=f"{percent:g}",
            reason=self.env["aftersales.charge"].browse(item).goodwill_reason,
        )

    def _date(self, day):
        return format_date(self.env, day)

    def _product(self, product):
        return self.env["product.product"].browse(product).name

    def _cause(self, cause):
        return self.env["aftersales.failure.code"].browse(cause).name

    def _kind(self, kind):
        """Return the kind of charge within a sentence."""
        return {
            "part": self.env._("parts"),
            "labour": self.env._("labour"),
            "inspection": self.env._("inspections"),
            "travel": self.env._("travel"),
            "other": self.env._("other costs"),
        }[kind]

    def _line(self, line):
        return self.env["aftersales.contract.line"].browse(line)

    def _contract(self, line):
        return self._line(line).contract_id.name

    def _label(self, model, field_name, value):
        return dict(self.env[model]._fields[field_name]._description_selection(self.env))[value]
