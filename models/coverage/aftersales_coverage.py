from collections import defaultdict
from datetime import datetime, time

import pytz

from odoo import api, models
from odoo.fields import Domain

from ...tools import coverage
from ...tools.coverage import Reason
from ...tools.periods import ONE_DAY

# Contracts whose terms have been in force; on which days, their own dates say.
IN_FORCE = ("active", "suspended", "expired", "renewed", "terminated")
SPECIFICITY = {"equipment": 0, "lot": 1, "product": 2, "category": 3, "all": 4}
LINE_SHARES = {
    "part": "cover_parts", "labour": "cover_labour", "travel": "cover_travel",
    "other": "cover_other",
}


class AftersalesCoverage(models.AbstractModel):
    """Who pays for a piece of work, how much of it, and why: the coverage engine.

    The order of promises is in :mod:`tools.coverage`, in plain Python. Here the facts are
    gathered for many jobs at once, in a number of queries that does not depend on how many.
    """

    _name = "aftersales.coverage"
    _description = "Coverage Engine"

    # -------------------------------------------------------------------------
    # Entries
    # -------------------------------------------------------------------------

    @api.model
    def _decide_statements(self, statements):
        """Decide who pays for all charges of statements of charges, and store it.

        Lines with a quota are locked meanwhile, so that two decisions cannot draw it twice.

        :return: the charges whose cover has changed
        """
        covers = self.env["aftersales.charge.cover"].sudo()
        changed = self.env["aftersales.charge"]
        # A quota of amount is drawn in one currency at a time.
        for alike in statements.sudo().grouped("currency_id").values():
            changed |= covers._store(self.sudo()._decide(alike)).with_env(self.env)
        return changed

    @api.model
    def _decide(self, statements):
        """Return the shares of all charges, as values of cover decisions."""
        statements = statements.sorted(lambda statement: (statement.date, statement.id))
        jobs = self._prepare_jobs(statements)
        writer = _Writer(self)
        decisions = {}
        for statement in statements:
            job, round_amount = jobs[statement], statement.currency_id.round
            say = writer.for_lang(statement.partner_id.lang)
            for charge in statement.charge_ids:
                shares = coverage.decide(job, self._prepare_item(charge), round_amount)
                decisions[charge] = [
                    self._prepare_cover_vals(statement, job, share, say) for share in shares
                ]
        return decisions

    @api.model
    def _prepare_cover_vals(self, statement, job, share, say):
        return {
            "rule": share.rule,
            "payer": share.payer,
            "percent": round(share.percent, 4),
            "amount": share.amount,
            "reason": say(share.reason),
            "contract_line_id": share.line or False,
            "lot_id": statement.lot_id.id if share.rule == "warranty" else False,
            "recall_id": share.reason.data["recall"] if share.rule == "recall" else False,
            "rework_of_id": share.reason.data["statement"] if share.rule == "rework" else False,
            "date": job.day,
            "visits": share.visits,
            "hours": round(share.hours, 4),
        }

    # -------------------------------------------------------------------------
    # Facts of the jobs
    # -------------------------------------------------------------------------

    @api.model
    def _prepare_jobs(self, statements):
        """Return the facts of each statement's job, as far as the promises ask for them."""
        jobs = {statement: self._prepare_job(statement) for statement in statements}
        self._add_recalls(jobs)
        self._add_reworks(jobs)
        self._add_fitted_parts(jobs)
        self._add_lines(jobs, self._match_lines(statements), lock=True)
        for statement, job in jobs.items():
            job.are_all_parts_main = self._are_all_parts_main(statement, job)
        return jobs

    def _prepare_job(self, statement):
        cause, day = statement.cause_code_id, statement._get_day()
        return coverage.Job(
            key=statement.id,
            day=day,
            mode=statement.service_mode,
            cause=cause.id or None,
            is_cause_outside=cause.is_outside_warranty,
            warranty=self._prepare_warranty(statement, day),
        )

    def _prepare_warranty(self, statement, day):
        """Return the warranty of the unit: its serial number's, else the equipment's own date."""
        lot, product = statement.lot_id, statement.product_id.product_tmpl_id
        if not lot:
            end = statement.equipment_id.warranty_date
            return coverage.Warranty(None, end) if end else None
        vendor_end = lot.aftersales_vendor_end
        return coverage.Warranty(
            start=lot.aftersales_warranty_start or None,
            end=lot.aftersales_warranty_end or None,
            main_parts=frozenset(product.aftersales_main_part_ids._ids),
            main_end=lot.aftersales_main_part_end or None,
            pays=lot.aftersales_warranty_scope or "travel",
            payer="vendor" if vendor_end and day <= vendor_end else "provider",
        )

    def _are_all_parts_main(self, statement, job):
        """Whether the job replaces main parts under warranty, and nothing else."""
        parts = statement.charge_ids.filtered(lambda charge: charge.kind == "part").product_id
        warranty = job.warranty
        return bool(
            parts and warranty and warranty.main_end and job.day <= warranty.main_end
            and warranty.main_parts.issuperset(parts._ids)
        )

    def _prepare_item(self, charge):
        return coverage.Item(
            **self._prepare_item_vals(charge),
            amount=charge.amount_gross,
            goodwill=charge.goodwill_percent if charge.goodwill_approved_by_id else 0.0,
        )

    def _prepare_item_vals(self, charge):
        """Return what is known of a charge before its price."""
        part = charge.product_id if charge.kind == "part" else charge.product_id.browse()
        return {
            "key": charge.id,
            "kind": charge.kind,
            "hours": charge._get_hours() if charge.kind in ("labour", "inspection") else 0.0,
            "part": part.id or None,
            "categories": self._get_category_path(part.categ_id),
            "is_wear_part": part.product_tmpl_id.aftersales_is_wear_part,
        }

    @staticmethod
    def _get_category_path(category):
        """Return the ids of a product category and those above it."""
        path = category.parent_path
        return frozenset(map(int, path.split("/")[:-1])) if path else frozenset()

    # -------------------------------------------------------------------------
    # Recalls, reworks, fitted parts
    # -------------------------------------------------------------------------

    def _add_recalls(self, jobs):
        statements = self.env["aftersales.statement"].union(*jobs)
        recalls = self.env["aftersales.recall"].search([
            ("state", "=", "open"), ("company_id", "in", statements.company_id.ids),
        ], order="id")
        for statement, job in jobs.items() if recalls else ():
            for recall in recalls:
                if self._is_recalled(statement, job, recall):
                    job.recall = Reason("recall", {"recall": recall.id})
                    job.recall_payer = recall.payer
                    job.recall_parts = frozenset(recall.part_ids._ids)
                    break

    @staticmethod
    def _is_recalled(statement, job, recall):
        """Whether the job is done for a recall that takes the unit in."""
        names_it = statement.recall_id == recall or (
            recall.failure_code_id and recall.failure_code_id == statement.mode_code_id)
        return bool(
            names_it and statement.company_id == recall.company_id
            and recall.date_start <= job.day <= (recall.date_end or job.day)
            and (statement.lot_id in recall.lot_ids if recall.lot_ids
                 else statement.product_id in recall.product_ids)
        )

    def _add_reworks(self, jobs):
        """Find our own earlier repair, whose failure has come back within the repeat window."""
        repairs = self._get_earlier_repairs(jobs)
        for statement, job in jobs.items():
            days = statement.company_id.aftersales_rework_days
            for repair in repairs.get(self._get_failure_key(statement), ()):
                if repair.date < statement.date and repair != statement and (
                    (job.day - repair._get_day()).days <= days
                ):
                    job.rework = Reason("rework", {
                        "statement": repair.id, "day": repair._get_day(), "days": days,
                    })
                    break

    def _get_earlier_repairs(self, jobs):
        """Return confirmed repairs by unit and failure, the latest first."""
        statements = self.env["aftersales.statement"].union(*(
            statement for statement in jobs if self._get_failure_key(statement)
        ))
        if not statements:
            return {}
        window = max(statements.company_id.mapped("aftersales_rework_days"), default=0)
        repairs = statements.search([
            ("state", "=", "confirmed"), ("kind", "=", "repair"),
            ("equipment_id", "in", statements.equipment_id.ids),
            ("mode_code_id", "in", statements.mode_code_id.ids),
            ("date", ">=", min(statements.mapped("date")) - ONE_DAY * (window + 1)),
        ], order="date desc, id desc")
        result = defaultdict(list)
        for repair in repairs:
            result[self._get_failure_key(repair)].append(repair)
        return result

    @staticmethod
    def _get_failure_key(statement):
        """Return unit and failure mode; None where one of them is not known."""
        equipment, mode = statement.equipment_id, statement.mode_code_id
        return (equipment.id, mode.id) if equipment and mode else None

    def _add_fitted_parts(self, jobs):
        statements = self.env["aftersales.statement"].union(*jobs)
        parts = self.env["aftersales.equipment.part"].search([
            ("equipment_id", "in", statements.equipment_id.ids),
            ("warranty_end", ">=", min((job.day for job in jobs.values()), default=False)),
        ]) if statements.equipment_id else ()
        fitted = defaultdict(list)
        for part in parts:
            fitted[part.equipment_id].append(part)
        for statement, job in jobs.items():
            for part in fitted.get(statement.equipment_id, ()):
                if part.date_fitted <= job.day <= (part.date_removed or job.day):
                    ends = job.fitted.get(part.product_id.id), part.warranty_end
                    job.fitted[part.product_id.id] = max(filter(None, ends))

    # -------------------------------------------------------------------------
    # Contract lines
    # -------------------------------------------------------------------------

    @api.model
    def _get_price_contracts(self, charges):
        """Return by charge the contract whose prices count for it, where there is one."""
        statements = charges.statement_id
        jobs = {statement: self._prepare_job(statement) for statement in statements}
        self._add_lines(jobs, self._match_lines(statements, is_covering=False))
        contracts, lines = {}, self.env["aftersales.contract.line"]
        for charge in charges:
            item = coverage.Item(**self._prepare_item_vals(charge), amount=1.0)
            if line := coverage.find_price_line(jobs[charge.statement_id], item):
                contracts[charge] = lines.browse(line.key).contract_id
        return contracts

    def _add_lines(self, jobs, matches, lock=False):
        """Give each job the contract lines that take its unit in on its day."""
        quotas = self._get_quotas(jobs, matches, lock)
        refusals = self._get_refusals(matches)
        for statement, job in jobs.items():
            job.lines = tuple(
                coverage.Line(
                    **terms["cover"],
                    quota=quotas.get((statement, line)) or coverage.Quota(),
                    refusal=refusals.get((statement, line)),
                )
                for line, terms in matches[statement]
            )

    def _match_lines(self, statements, is_covering=True):
        """Return by statement the lines that take its unit in on its day, with their terms.

        :param is_covering: leave out lines that name the unit for its price only
        """
        by_customer = defaultdict(list)
        for line in self._get_lines(statements, is_covering):
            by_customer[line.company_id, line.contract_id.commercial_partner_id].append(
                (line, self._prepare_line_terms(line)))
        matches = {}
        for statement in statements:
            day = statement._get_day()
            customer = statement.company_id, statement.commercial_partner_id
            matches[statement] = [
                (line, terms) for line, terms in by_customer.get(customer, ())
                if self._takes_in(terms, statement, day)
            ]
        return matches

    def _get_lines(self, statements, is_covering):
        """Return the lines of the customers' contracts that name units to serve."""
        covers = Domain.OR(
            Domain(name, ">", 0) for name in LINE_SHARES.values()
        ) if is_covering else Domain.TRUE
        return self.env["aftersales.contract.line"].search(covers & Domain([
            ("company_id", "in", statements.company_id.ids),
            ("contract_id.commercial_partner_id", "in", statements.commercial_partner_id.ids),
            ("contract_id.state", "in", IN_FORCE),
            ("scope_type", "!=", "none"),
        ]), order="id")

    def _prepare_line_terms(self, line):
        """Return what is asked of a line many times over: its scope, term and shares."""
        first, last = line._get_term()
        return {
            "scope": line.scope_type,
            "target": {
                "equipment": line.equipment_id, "lot": line.lot_id,
                "product": line.covered_product_id, "category": line.covered_category_id,
            }.get(line.scope_type),
            "first": first,
            "last": last,
            "cover": {
                "key": line.id,
                "specificity": SPECIFICITY[line.scope_type],
                "shares": {kind: line[name] for kind, name in LINE_SHARES.items()},
                "end": last or None,
                "wear_parts": line.covers_wear_parts,
                "excluded_causes": frozenset(line.excluded_cause_ids._ids),
                "excluded_categories": frozenset(line.excluded_category_ids._ids),
            },
        }

    def _takes_in(self, terms, statement, day):
        """Whether a line covers the unit of the job on its day."""
        if not terms["first"] <= day <= (terms["last"] or day):
            return False
        scope, target = terms["scope"], terms["target"]
        if scope == "equipment":
            return target == statement.equipment_id
        if scope == "lot":
            return target == statement.lot_id
        if scope == "product":
            return target == statement.product_id
        if scope == "category":
            return target.id in self._get_category_path(statement.product_id.categ_id)
        return True

    # -------------------------------------------------------------------------
    # Conditions of lines: mode, area, hours
    # -------------------------------------------------------------------------

    def _get_refusals(self, matches):
        """Return by statement and line why a line does not count for the job."""
        sites_within = self._get_sites_within(matches)
        refusals = {}
        for statement, pairs in matches.items():
            for line, _terms in pairs:
                code = self._get_refusal_code(statement, line, sites_within)
                if code:
                    refusals[statement, line] = Reason(code, {"line": line.id})
        return refusals | self._get_window_refusals(matches, refusals)

    def _get_refusal_code(self, statement, line, sites_within):
        if line.service_mode not in ("any", statement.service_mode):
            return "line_mode"
        area = line.service_area_id
        if area and statement._get_site() not in sites_within[area]:
            return "line_area"
        return None

    def _get_sites_within(self, matches):
        """Return by service area which of the jobs' sites lie within."""
        sites = defaultdict(self.env["res.partner"].browse)
        for statement, pairs in matches.items():
            for line, _terms in pairs:
                if line.service_area_id:
                    sites[line.service_area_id] |= statement._get_site()
        return {area: area._filter_addresses(partners) for area, partners in sites.items()}

    def _get_window_refusals(self, matches, refused):
        """Return the refusals of lines whose service hours do not take in the time of the job."""
        moments = defaultdict(list)
        for statement, pairs in matches.items():
            for line, _terms in pairs:
                if line.service_calendar_id and (statement, line) not in refused:
                    moments[line.service_calendar_id].append((statement, line))
        return {
            pair: Reason("line_window", {"line": pair[1].id})
            for calendar, pairs in moments.items()
            for pair in self._filter_outside(calendar, pairs)
        }

    def _filter_outside(self, calendar, pairs):
        """Return the pairs of statement and line whose job lies outside the working hours."""
        moments = [pytz.utc.localize(statement.date) for statement, _line in pairs]
        intervals = calendar._work_intervals_batch(
            self._get_midnight(min(moments)), self._get_midnight(max(moments) + ONE_DAY * 2),
        )[False]
        hours = [(begin, end) for begin, end, _records in intervals]
        return [
            pair for pair, moment in zip(pairs, moments, strict=True)
            if not any(begin <= moment < end for begin, end in hours)
        ]

    @staticmethod
    def _get_midnight(moment):
        """Return the beginning of the day before, so that no time zone cuts an interval."""
        return pytz.utc.localize(datetime.combine(moment.date() - ONE_DAY, time.min))

    # -------------------------------------------------------------------------
    # Quotas
    # -------------------------------------------------------------------------

    def _get_quotas(self, jobs, matches, lock):
        """Return by statement and line what the quotas have left; shared within a period.

        :param lock: keep other decisions from drawing them until the transaction ends
        """
        lines = self.env["aftersales.contract.line"].union(*(
            line for pairs in matches.values() for line, _terms in pairs if line._has_quota()
        ))
        if not lines:
            return {}
        if lock:
            lines.lock_for_update(allow_referencing=True)
        used = lines._get_quota_use(self.env["aftersales.statement"].union(*jobs))
        shared, quotas = {}, {}
        for statement, pairs in matches.items():
            for line, _terms in pairs:
                if line in lines:
                    period = line._get_quota_period(jobs[statement].day)
                    key = line, period
                    if key not in shared:
                        shared[key] = line._prepare_quota(
                            used.get(line, ()), period, statement.currency_id)
                    quotas[statement, line] = shared[key]
        return quotas


class _Writer:
    """Says reasons in a customer's language, each text once."""

    def __init__(self, engine):
        self.env = engine.env
        self.sayers = {}

    def for_lang(self, lang):
        if lang not in self.sayers:
            self.sayers[lang] = self._make(lang)
        return self.sayers[lang]

    def _make(self, lang):
        sentence = self.env["aftersales.coverage.sentence"].with_context(
            lang=lang or self.env.lang)
        said = {}

        def say(reason):
            key = repr(reason)
            if key not in said:
                said[key] = sentence._say(reason)
            return said[key]

        return say
