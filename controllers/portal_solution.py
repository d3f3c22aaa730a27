"""Known solutions in the portal: searched, suggested while one types, and judged."""

from contextlib import suppress

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request, route
from odoo.tools import html2plaintext

from ..tools.text_search import MAX_LENGTH
from .portal_request import HOME_URL, AftersalesPortalRequest

SOLUTIONS_URL = f"{HOME_URL}/solutions"
VERDICTS = ("solved", "helpful", "unhelpful")
MAX_FOUND = 20


class AftersalesPortalSolution(AftersalesPortalRequest):

    def _find_solutions(self, text, equipment=None, limit=MAX_FOUND):
        """Return published solutions as the super-user; all of them when nothing is asked for."""
        solutions_sudo = request.env["aftersales.solution"].sudo()
        domain = solutions_sudo._get_published_domain(request.env.company)
        if not text:
            return solutions_sudo.search(domain, limit=limit)
        product = equipment.product_id if equipment else None
        return solutions_sudo._suggest(text, product, domain, limit)

    @route(SOLUTIONS_URL, type="http", auth="user", website=True, readonly=True)
    def portal_my_solutions(self, search=None, **kwargs):
        text = self._read_text(search, MAX_LENGTH)
        return request.render("aftersales.portal_my_solutions", {
            **self._prepare_portal_layout_values(),
            "solutions": self._find_solutions(text),
            "search": text,
            "page_name": "aftersales_solutions",
        })

    @route(
        f"{HOME_URL}/solutions/suggest", type="jsonrpc", auth="user", website=True, readonly=True,
    )
    def portal_solutions_suggest(self, text=None, equipment=None, **kwargs):
        """Return published solutions for what is being typed.

        :param text: the trouble in the customer's words
        :param equipment: id of the unit chosen, as text; one of somebody else's counts for none
        """
        if not (text := self._read_text(text)):
            return []
        units_sudo = self._get_equipment_sudo()
        if isinstance(equipment, str) and equipment.isdecimal():
            units_sudo = units_sudo.search(
                self._get_own_equipment_domain() & Domain("id", "=", int(equipment)))
        return [
            {
                "id": solution.id, "name": solution.name,
                "summary": self._shorten(solution.symptom or html2plaintext(solution.steps or "")),
                "url": f"{SOLUTIONS_URL}/{solution.id}",
            }
            for solution in self._find_solutions(text, units_sudo, limit=3)
        ]

    @staticmethod
    def _shorten(text, limit=160):
        return text if len(text) <= limit else f"{text[:limit - 1].rstrip()}…"

    @route(f"{SOLUTIONS_URL}/<int:solution_id>", type="http", auth="user", website=True)
    def portal_solution(self, solution_id, message=None, **kwargs):
        try:
            solution_sudo = self._get_published_solution(request.env.company, solution_id)
        except UserError:
            return request.redirect(SOLUTIONS_URL)
        partner = request.env.user.partner_id
        return request.render("aftersales.portal_solution", {
            **self._prepare_portal_layout_values(),
            "solution": solution_sudo,
            "verdict": solution_sudo.vote_ids.filtered(
                lambda vote: vote.partner_id == partner).verdict,
            "may_vote": not request.env.user._is_internal(),
            "page_name": "aftersales_solution",
        })

    @route(
        f"{SOLUTIONS_URL}/<int:solution_id>/<string:verdict>", type="http", auth="user",
        methods=["POST"], website=True,
    )
    def portal_solution_vote(self, solution_id, verdict, **post):
        """Count what the visitor says of a solution, once per person."""
        try:
            solution_sudo = self._get_published_solution(request.env.company, solution_id)
        except UserError:
            return request.redirect(SOLUTIONS_URL)
        if verdict in VERDICTS and not request.env.user._is_internal():
            # A double click meets itself at the unique vote; the first one counts.
            with suppress(IntegrityError), request.env.cr.savepoint():
                solution_sudo._vote(request.env.user.partner_id, verdict)
        return request.redirect(f"{SOLUTIONS_URL}/{solution_id}")
