from dataclasses import dataclass
from typing import Any, NamedTuple

from odoo import api, models
from odoo.tools import format_date
from odoo.tools.i18n import format_list

from ...tools import coverage
from ...tools.coverage import FULL, SHARES, WARRANTY_KINDS, Reason

KINDS = ("part", "labour", "travel")
# Work so small that any quota which is not used up has it left.
SMALLEST = 0.01


@dataclass(slots=True, eq=False)
class Unit:
    """What is asked about; for the coverage engine it is the statement of a job on it today."""

    equipment_id: Any
    lot_id: Any
    product_id: Any
    company_id: Any
    commercial_partner_id: Any
    service_mode: str = "on_site"

    def _get_site(self):
        return self.equipment_id.site_id or self.equipment_id.customer_id


class Outlook(NamedTuple):
    """Whether a unit is covered today, until when it stays as it is, and why."""

    state: str
    until: Any
    text: str


class AftersalesCoverOutlook(models.AbstractModel):
    """Answers "is it covered now, and why?" for many units, by the engine that decides jobs.

    Asked is about an ordinary repair at the customer's site today: a part that does not wear,
    labour and travel, and no cause that anybody would have to answer for. Neither the hour of
    the day nor a recall counts, which asks for a job that names it. Nothing is drawn from quotas.
    """

    _name = "aftersales.cover.outlook"
    _description = "Cover Outlook"

    @api.model
    def _tell_equipment(self, equipment):
        """Return the outlook by equipment, in a number of queries that does not grow."""
        equipment.customer_id.commercial_partner_id  # noqa: B018 - reads them all at once
        units = {
            unit: Unit(
                unit, unit.lot_id, unit.product_id, unit.company_id or self.env.company,
                unit.customer_id.commercial_partner_id,
            )
            for unit in equipment
        }
        told = self._tell(units.values())
        return {record: told[unit] for record, unit in units.items()}

    @api.model
    def _tell_lots(self, lots):
        """Return the outlook of serial numbers that are nobody's equipment: their warranty."""
        nobody, nothing = self.env["res.partner"], self.env["maintenance.equipment"]
        units = {
            lot: Unit(nothing, lot, lot.product_id, lot.company_id or self.env.company, nobody)
            for lot in lots
        }
        told = self._tell(units.values())
        return {lot: told[unit] for lot, unit in units.items()}

    def _tell(self, units):
        engine = self.env["aftersales.coverage"]
        companies = self.env["res.company"].union(*(unit.company_id for unit in units))
        today = {company: company._get_aftersales_today() for company in companies}
        matches = self._match_lines(engine, units, today)
        sites_within = engine._get_sites_within(matches)
        used = self._get_quota_use(matches)
        outlooks, told = {}, {}
        for unit in units:
            day = today[unit.company_id]
            warranty = engine._prepare_warranty(unit, day)
            lines = [
                (line, terms, engine._get_refusal_code(unit, line, sites_within))
                for line, terms in matches[unit]
            ]
            # Units with the same promises are told the same.
            key = day, repr(warranty), tuple((line.id, refusal) for line, _terms, refusal in lines)
            if key not in told:
                told[key] = self._tell_promises(day, warranty, lines, used)
            outlooks[unit] = told[key]
        return outlooks

    # -------------------------------------------------------------------------
    # Promises
    # -------------------------------------------------------------------------

    def _match_lines(self, engine, units, today):
        """Return by unit the lines that take it in today, with their terms."""
        by_target = {}
        owners = self.env["res.partner"].union(*(unit.commercial_partner_id for unit in units))
        lines = self.env["aftersales.contract.line"]._get_covering_now(today, owners)
        for line in lines:
            owner = line.company_id, line.contract_id.commercial_partner_id
            by_target.setdefault((owner, line._get_scope_target()), []).append(
                (line, engine._prepare_line_terms(line)))
        return {
            unit: [
                pair for target in unit.equipment_id._get_scope_targets()
                for pair in by_target.get(
                    ((unit.company_id, unit.commercial_partner_id), target), ())
            ] if by_target and unit.equipment_id else []
            for unit in units
        }

    def _get_quota_use(self, matches):
        """Return by line what was drawn from its quotas; lines without one are left out."""
        lines = self.env["aftersales.contract.line"].union(*(
            line for pairs in matches.values() for line, _terms in pairs if line._has_quota()
        ))
        return lines._get_quota_use() if lines else {}

    def _prepare_job(self, day, warranty, lines, used):
        return coverage.Job(key=None, day=day, warranty=warranty, lines=tuple(
            coverage.Line(
                **terms["cover"],
                quota=line._prepare_quota(used[line], line._get_quota_period(day))
                if line in used else coverage.Quota(),
                refusal=Reason(refusal, {"line": line.id}) if refusal else None,
            )
            for line, terms, refusal in lines
        ))

    # -------------------------------------------------------------------------
    # The answer
    # -------------------------------------------------------------------------

    def _tell_promises(self, day, warranty, lines, used):
        """Return the outlook of a unit with this warranty and these contract lines."""
        shares = {}
        for kind in KINDS:
            # Each kind of work finds the quotas as they are.
            job = self._prepare_job(day, warranty, lines, used)
            item = coverage.Item(key=None, kind=kind, amount=SMALLEST, hours=SMALLEST)
            shares[kind] = coverage.decide(job, item, lambda amount: amount)
        has_main_parts = self._has_main_parts_only(day, warranty)
        paid = [
            FULL - sum(share.percent for share in shares[kind] if share.payer == "customer")
            for kind in KINDS
        ]
        if min(paid) >= FULL - coverage.TINY:
            state = "full"
        else:
            state = "part" if max(paid) > coverage.TINY or has_main_parts else "none"
        return Outlook(
            state,
            self._get_last_day(day, warranty, lines, shares, has_main_parts),
            "\n".join(self._write(shares, warranty, has_main_parts)),
        )

    @staticmethod
    def _has_main_parts_only(day, warranty):
        """Whether the warranty of the main parts goes on after that of the whole unit."""
        return bool(
            warranty and warranty.main_end and warranty.main_end >= day
            and not (warranty.end and warranty.end >= day)
            and not (warranty.start and warranty.start > day)
        )

    def _get_last_day(self, day, warranty, lines, shares, has_main_parts):
        """Return the last day on which nobody pays less than today; False where none is set."""
        ends = [
            self._get_last_day_of(kind, day, warranty, lines, shares[kind])
            for kind in KINDS if shares[kind][0].payer != "customer"
        ]
        if has_main_parts:
            ends.append(warranty.main_end)
        return min(filter(None, ends), default=False)

    def _get_last_day_of(self, kind, day, warranty, lines, shares):
        """Return the last day of the promises that pay as much of ``kind`` as today."""
        ends = []
        if warranty and warranty.end and warranty.end >= day and kind in (
            WARRANTY_KINDS[warranty.pays]
        ):
            ends.append(warranty.end)
        paid = sum(share.percent for share in shares if share.payer != "customer")
        ends += [
            terms["last"] or False for _line, terms, refusal in lines
            if not refusal and terms["cover"]["shares"][SHARES[kind]] >= paid - coverage.TINY
        ]
        return all(ends) and max(ends, default=False)

    # -------------------------------------------------------------------------
    # Words
    # -------------------------------------------------------------------------

    def _write(self, shares, warranty, has_main_parts):
        """Return a line of text for each kind of work; one for kinds with the same reason."""
        sentence = self.env["aftersales.coverage.sentence"]
        kinds_by_reason = {}
        for kind in KINDS:
            reasons = tuple(sentence._say(share.reason) for share in shares[kind])
            kinds_by_reason.setdefault(reasons, []).append(sentence._kind(kind))
        if has_main_parts:
            kinds_by_reason[sentence._say_warranty(warranty.main_end),] = [
                self.env._("main parts")]
        for reasons, kinds in kinds_by_reason.items():
            names = format_list(self.env, kinds)
            yield self.env._(
                "%(kinds)s: %(reasons)s", kinds=names[:1].upper() + names[1:],
                reasons=" ".join(reasons),
            )

    @api.model
    def _get_label(self, outlook):
        """Return the answer in a few words."""
        end = outlook.until and format_date(self.env, outlook.until)
        if outlook.state == "full":
            return self.env._("Covered until %(end)s", end=end) if end else self.env._("Covered")
        if outlook.state == "part":
            return (
                self.env._("Partly covered until %(end)s", end=end) if end
                else self.env._("Partly covered")
            )
        return self.env._("Not covered")
