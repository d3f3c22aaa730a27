"""Coverage side of the contract line: whether it covers now, and what its quotas have left."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.coverage import FULL, Quota
from ...tools.periods import Recurrence
from ..contract.aftersales_contract_line_mixin import PRICE_GROUPS
from .aftersales_coverage import IN_FORCE, LINE_SHARES

QUOTA_FIELDS = {"visits": "quota_visits", "hours": "quota_hours", "amount": "quota_amount"}


class AftersalesContractLine(models.Model):
    _inherit = "aftersales.contract.line"

    charge_cover_ids = fields.One2many(
        "aftersales.charge.cover", "contract_line_id", string="Covered Charges",
        groups="base.group_user",
    )
    quota_label = fields.Char(
        string="Quotas Left", compute="_compute_quota_label", compute_sudo=True,
        help="What the quotas have left in the period of today.",
    )
    quota_left = fields.Float(
        string="Quota Left (%)", compute="_compute_quota_label", compute_sudo=True,
        help="Share that is left of the quota used most in the period of today.",
    )

    @api.model
    def _get_covering_now(self, today, owners=None):
        """Return the lines that pay for any kind of work today.

        :param today: today's date by company
        :param owners: commercial partners whose contracts count, everybody's by default
        """
        if not today or owners is not None and not owners:
            return self
        pays = Domain.OR(Domain(name, ">", 0) for name in LINE_SHARES.values())
        domain = pays & Domain([
            ("company_id", "in", [company.id for company in today]),
            ("contract_id.state", "in", IN_FORCE),
            ("scope_type", "!=", "none"),
        ]) & (Domain("date_end", "=", False) | Domain("date_end", ">=", min(today.values())))
        if owners is not None:
            domain &= Domain("contract_id.commercial_partner_id", "in", owners.ids)
        lines = self.search(domain, order="id")
        return lines.filtered(lambda line: line._takes_in_day(today[line.company_id]))

    def _takes_in_day(self, day):
        first, last = self._get_term()
        return bool(first) and first <= day and (not last or day <= last)

    def _has_quota(self):
        return any(self[name] for name in QUOTA_FIELDS.values())

    def _get_quota_period(self, day):
        """Return the first and last day of the quota period that holds ``day``.

        Periods count from the first day of the line, or of the one it replaces. The last day is
        False for a quota of the whole term.
        """
        self.ensure_one()
        anchor = self.date_anchor or self._get_term()[0]
        if self.quota_period == "term":
            return anchor, False
        return Recurrence(self.quota_period, 1, anchor).cycle_of(day)

    def _prepare_quota(self, uses, period, currency=None):
        """Return what is left in ``period`` after ``uses``.

        :param currency: of the amount left; that of the contract when it is not given
        """
        first, last = period
        spent = dict.fromkeys(QUOTA_FIELDS, 0.0)
        for use in uses:
            if first <= use["date"] and (not last or use["date"] <= last):
                for kind in spent:
                    spent[kind] += use[kind]
        left = {
            kind: self[name] - spent[kind] if self[name] else None
            for kind, name in QUOTA_FIELDS.items()
        }
        if left["amount"] and currency:
            left["amount"] = self.contract_id.currency_id._convert(
                left["amount"], currency, self.company_id, last or first)
        return Quota(**left)

    def _get_quota_use(self, but=None):
        """Return by line what was drawn from its quotas, day by day.

        What a line has used counts on for the one that replaces it.

        :param but: statements that are decided anew and do not count
        """
        chains = self._get_chains()
        every_line = self.union(*chains.values())
        domain = [
            ("contract_line_id", "in", every_line.ids), ("superseded_on", "=", False),
            ("charge_id.statement_id.state", "!=", "cancelled"),
        ]
        if but:
            domain.append(("charge_id.statement_id", "not in", but.ids))
        uses = {}
        for line, day, currency, *sums in self.env["aftersales.charge.cover"]._read_group(
            domain, ["contract_line_id", "date:day", "currency_id"],
            ["visits:sum", "hours:sum", "amount:sum"],
        ):
            use = dict(zip(("visits", "hours", "amount"), sums, strict=True), date=day)
            use["amount"] = currency._convert(
                use["amount"], line.contract_id.currency_id, line.company_id, day)
            uses.setdefault(line, []).append(use)
        return {
            line: [use for ancestor in chain for use in uses.get(ancestor, ())]
            for line, chain in chains.items()
        }

    def _get_chains(self):
        """Return by line the line itself and those it has replaced."""
        chains = {}
        for line in self:
            chain = link = line
            while link := link.previous_line_id:
                chain |= link
            chains[line] = chain
        return chains

    @api.depends_context("lang", "uid")
    @api.depends("charge_cover_ids", "quota_visits", "quota_hours", "quota_amount", "quota_period")
    def _compute_quota_label(self):
        lines = self.filtered(lambda line: line._has_quota() and line._get_term()[0])
        used = lines._get_quota_use()
        for line in self:
            if line in lines:
                period = line._get_quota_period(line.company_id._get_aftersales_today())
                quota = line._prepare_quota(used.get(line, ()), period)
                line.quota_label = line._describe_quota(quota)
                line.quota_left = line._get_quota_left(quota)
            else:
                line.quota_label = line.quota_left = False

    def _describe_quota(self, quota):
        """Return what is left, e.g. "3 of 4 visits · 12.5 of 20 h"."""
        texts = []
        if quota.visits is not None:
            texts.append(self.env._(
                "%(left)s of %(all)s visits", left=f"{max(quota.visits, 0):g}",
                all=self.quota_visits,
            ))
        if quota.hours is not None:
            texts.append(self.env._(
                "%(left)s of %(all)s h", left=f"{max(quota.hours, 0.0):.4g}",
                all=f"{self.quota_hours:g}",
            ))
        if quota.amount is not None and self.env.user.has_groups(PRICE_GROUPS):
            currency = self.contract_id.currency_id
            texts.append(self.env._(
                "%(left)s of %(all)s", left=currency.format(max(quota.amount, 0.0)),
                all=currency.format(self.quota_amount),
            ))
        return " · ".join(texts)

    def _get_quota_left(self, quota):
        """Return the share in per cent that is left of the quota used most."""
        shown = [kind for kind in QUOTA_FIELDS if kind != "amount"
                 or self.env.user.has_groups(PRICE_GROUPS)]
        return min((
            FULL * max(left, 0.0) / self[QUOTA_FIELDS[kind]]
            for kind in shown if (left := getattr(quota, kind)) is not None
        ), default=0.0)
