"""What customers see of their service requests, how they report, confirm, reopen and rate."""

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request, route

from ..models.request.aftersales_request_correction import MAX_CONTACTS, MAX_PHONE
from ..models.request.aftersales_request_portal import (
    FILE_ENDINGS,
    FILE_TYPES,
    MAX_FILE_SIZE,
    MAX_FILES,
    MAX_SUBJECT,
    MAX_TEXT,
)
from .portal import AftersalesPortal

HOME_URL = "/my/aftersales"
REQUESTS_URL = f"{HOME_URL}/requests"
REQUEST_URL = f"{REQUESTS_URL}/<int:request_id>"
ENTERED = ("subject", "kind", "category", "equipment", "serial", "description", "environment",
           "impact", "urgency")
# Lists of people and units are for who has logged in.
CHOSEN_BY_LOGIN = ("contact", "equipment")
CORRECTED = ("description", "environment", "phone", "contact", "equipment", "serial")


class AftersalesPortalRequest(AftersalesPortal):

    # -------------------------------------------------------------------------
    # What was typed
    # -------------------------------------------------------------------------

    @staticmethod
    def _read_text(value, limit=MAX_TEXT):
        """Return a text as it can be searched and kept; a file or nothing is no text."""
        return value.replace("\0", "").strip()[:limit] if isinstance(value, str) else ""

    def _read_texts(self, post, names):
        return {
            name: self._read_text(post[name]) for name in names if isinstance(post.get(name), str)
        }

    # -------------------------------------------------------------------------
    # Home
    # -------------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        for counter, domain in (
            ("aftersales_request_count", Domain.TRUE),
            ("aftersales_your_turn_count", self._get_your_turn_domain()),
        ):
            if counter in counters:
                values[counter] = self._count_requests(domain)
        if "aftersales_equipment_count" in counters:
            values["aftersales_equipment_count"] = self._count_equipment()
        return values

    def _get_own_requests_domain(self):
        return request.env["aftersales.request"]._get_portal_domain(request.env.user)

    def _get_your_turn_domain(self):
        """Return the requests that go on when the customer has answered."""
        return Domain("state", "=", "resolved") | (
            Domain("state", "=", "waiting") & Domain("waiting_reason", "=", "customer")
        )

    def _count_requests(self, domain):
        requests = request.env["aftersales.request"]
        if not requests.has_access("read"):
            return 0
        return requests.search_count(self._get_own_requests_domain() & domain)

    def _get_equipment_sudo(self):
        """Return what customers see of equipment: their own only, whoever asks.

        Portal users have no rights on equipment; each search names the customer.
        """
        return request.env["maintenance.equipment"].sudo()

    def _get_own_equipment_domain(self):
        return request.env["aftersales.request"]._get_portal_equipment_domain(
            request.env.user.partner_id)

    def _count_equipment(self):
        return self._get_equipment_sudo().search_count(self._get_own_equipment_domain())

    @route(HOME_URL, type="http", auth="user", website=True, readonly=True)
    def portal_aftersales_home(self, **kwargs):
        counters = self._prepare_home_portal_values(
            ["aftersales_contract_count", "aftersales_to_sign_count"])
        requests = request.env["aftersales.request"]
        if requests.has_access("read"):
            requests = requests.search(
                self._get_own_requests_domain() & Domain("is_open", "=", True), limit=5,
                order="received_on desc, id desc",
            )
        return request.render("aftersales.portal_aftersales_home", {
            **self._prepare_portal_layout_values(),
            **counters,
            "open_count": self._count_requests(Domain("is_open", "=", True)),
            "your_turn_count": self._count_requests(self._get_your_turn_domain()),
            "equipment_count": self._count_equipment(),
            "requests": requests.sudo(),
            "company": request.env.company.sudo(),
            "hotline_hours": request.env.company.sudo()._get_aftersales_hotline_hours(),
            "messengers": request.env["aftersales.messenger"].sudo().search([
                ("company_id", "=", request.env.company.id), ("public_name", "!=", False),
            ]),
            "page_name": "aftersales_home",
        })

    # -------------------------------------------------------------------------
    # List
    # -------------------------------------------------------------------------

    def _get_request_sortings(self):
        return {
            "newest": {"label": request.env._("Newest"), "order": "received_on desc, id desc"},
            "due": {"label": request.env._("Next promise"), "order": "next_due, id desc"},
            "name": {"label": request.env._("Number"), "order": "name desc, id desc"},
        }

    def _get_request_filters(self):
        own = Domain("partner_id", "=", request.env.user.partner_id.id)
        return {
            "open": {"label": request.env._("Open"), "domain": Domain("is_open", "=", True)},
            "your_turn": {
                "label": request.env._("Waiting for you"), "domain": self._get_your_turn_domain(),
            },
            "ended": {"label": request.env._("Ended"), "domain": Domain("is_open", "=", False)},
            "mine": {"label": request.env._("Reported by me"), "domain": own},
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
        }

    def _get_request_search_domain(self, text):
        if not text:
            return Domain.TRUE
        units_sudo = self._get_equipment_sudo().with_context(active_test=False).search(
            self._get_own_equipment_domain() & Domain("lot_id.name", "ilike", text))
        return Domain("equipment_id", "in", units_sudo.ids) | Domain.OR(
            Domain(name, "ilike", text) for name in ("name", "subject", "serial_told")
        )

    @route(
        [REQUESTS_URL, f"{REQUESTS_URL}/page/<int:page>"], type="http", auth="user", website=True,
        readonly=True,
    )
    def portal_my_requests(self, page=1, sortby=None, filterby=None, search=None, **kwargs):
        requests = request.env["aftersales.request"]
        sortings, filters = self._get_request_sortings(), self._get_request_filters()
        sortby = sortby if sortby in sortings else "newest"
        filterby = filterby if filterby in filters else "all"
        search = self._read_text(search, MAX_SUBJECT)
        domain = (
            self._get_own_requests_domain() & filters[filterby]["domain"]
            & self._get_request_search_domain(search)
        )
        requests, pager = self._search_page(
            requests, domain, sortings[sortby]["order"], REQUESTS_URL, page,
            {"sortby": sortby, "filterby": filterby, "search": search},
        )
        request.session["my_aftersales_requests_history"] = requests.ids[:100]
        return request.render("aftersales.portal_my_requests", {
            **self._prepare_portal_layout_values(),
            # The search went through the visitor's rights; pages show names of units and people.
            "requests": requests.sudo(),
            "page_name": "aftersales_requests",
            "pager": pager,
            "default_url": REQUESTS_URL,
            "searchbar_sortings": sortings,
            "sortby": sortby,
            "searchbar_filters": filters,
            "filterby": filterby,
            "searchbar_inputs": {
                "all": {"input": "all", "label": request.env._("Search in requests")},
            },
            "search_in": "all",
            "search": search,
        })

    # -------------------------------------------------------------------------
    # New
    # -------------------------------------------------------------------------

    @route(f"{REQUESTS_URL}/new", type="http", auth="user", methods=["GET", "POST"], website=True)
    def portal_request_new(self, **post):
        entered = self._read_texts(post, ENTERED)
        error = ""
        if request.httprequest.method == "POST":
            try:
                # What is refused leaves nothing behind.
                with request.env.cr.savepoint():
                    request_sudo = request.env["aftersales.request"].sudo()._create_from_portal(
                        request.env.user.partner_id, entered, self._read_files(),
                    )
            except UserError as problem:
                error = str(problem)
            else:
                return self._redirect(request_sudo, None, "received")
        return request.render("aftersales.portal_request_new", {
            **self._prepare_new_request_values(entered, error),
            "is_unknown_unit": bool(post.get("unknown_unit")) and not error,
        })

    def _get_open_requests_by_unit(self):
        """Return what the visitor can read of open requests about units: the latest of each."""
        requests = request.env["aftersales.request"]
        if not requests.has_access("read"):
            return {}
        return {
            found.equipment_id.id: found for found in requests.search(
                self._get_own_requests_domain() & Domain("is_open", "=", True)
                & Domain("equipment_id", "!=", False), order="id").sudo()
        }

    def _prepare_new_request_values(self, entered, error):
        requests = request.env["aftersales.request"].sudo()
        return {
            **self._prepare_portal_layout_values(),
            "entered": entered,
            "error": error,
            "open_by_unit": self._get_open_requests_by_unit(),
            "equipment": self._get_equipment_sudo().search(
                self._get_own_equipment_domain(), order="site_id, name"),
            "categories": requests.env["aftersales.request.category"].search([
                ("is_published", "=", True), ("company_id", "in", [False, request.env.company.id]),
            ]),
            "kinds": requests._fields["kind"]._description_selection(request.env),
            "max_files": MAX_FILES,
            "max_megabytes": MAX_FILE_SIZE // 1024 ** 2,
            "max_subject": MAX_SUBJECT,
            "max_text": MAX_TEXT,
            "accept": ",".join(sorted({*FILE_TYPES, *FILE_ENDINGS})),
            "company": request.env.company.sudo(),
            "page_name": "aftersales_request_new",
        }

    def _read_files(self):
        """Return the files sent, as name and content; one byte more than allowed says enough."""
        sent = request.httprequest.files.getlist("files")
        return [
            (file.filename, file.read(MAX_FILE_SIZE + 1))
            for file in sent[:MAX_FILES + 1] if file.filename
        ]

    # -------------------------------------------------------------------------
    # One request
    # -------------------------------------------------------------------------

    def _get_request(self, request_id, access_token):
        """Return the request as the super-user, when the visitor may see it by right or token.

        :raises AccessError, MissingError: neither right nor token
        """
        request_sudo = self._document_check_access("aftersales.request", request_id, access_token)
        if request.env.user._is_public():
            partner_sudo = request_sudo.partner_id
            request.update_context(
                lang=partner_sudo.lang or request.env.lang, tz=partner_sudo.tz or False)
        return request_sudo.with_context(lang=request.env.lang, tz=request.env.context.get("tz"))

    def _refuse_request(self, request_id):
        """Say why the page does not open, without telling whether there is such a request.

        Who is not logged in may be entitled: after the login they are brought to the page.
        """
        if request.env.user._is_public():
            return request.redirect_query(
                "/web/login", {"redirect": f"{REQUESTS_URL}/{request_id}"})
        return request.render("aftersales.portal_request_closed", {
            **self._prepare_portal_layout_values(), "page_name": "aftersales_request_closed",
        }, status=404)

    def _get_answering_partner(self, request_sudo):
        """Return who acts: the logged-in person, or the contact the link was mailed to."""
        if request.env.user._is_public():
            return request_sudo.partner_id
        return request.env.user.partner_id.sudo()

    @route(REQUEST_URL, type="http", auth="public", website=True)
    def portal_request(self, request_id, access_token=None, message=None, stars=None, **kwargs):
        try:
            request_sudo = self._get_request(request_id, access_token)
        except (AccessError, MissingError):
            return self._refuse_request(request_id)
        values = {
            **self._prepare_request_page_values(request_sudo, access_token, message),
            # Chosen by the link of a mail; it counts when the visitor sends it.
            "chosen_stars": stars,
        }
        return request.render("aftersales.portal_request", self._get_page_view_values(
            request_sudo, access_token, values, "my_aftersales_requests_history", False, **kwargs,
        ))

    def _prepare_request_page_values(self, request_sudo, access_token, message):
        is_customer, now = not request.env.user._is_internal(), fields.Datetime.now()
        given_sudo = request_sudo._get_given_rating()
        return {
            "asked": request_sudo,
            "events": request_sudo._get_portal_events(),
            "targets": request_sudo._get_portal_targets(),
            "files": request_sudo._get_portal_files(),
            "solutions": request_sudo._suggest_for_portal() if is_customer else (),
            "original": self._get_visible_original(request_sudo),
            "plans": request_sudo._get_portal_plans(),
            "next_due": request_sudo.next_due if (request_sudo.next_due or now) > now else False,
            **self._prepare_correction_values(request_sudo, is_customer),
            "may_confirm": is_customer and request_sudo.state == "resolved",
            "may_reopen": is_customer and request_sudo._may_reopen(),
            "may_rate": is_customer and request_sudo.state == "closed" and not given_sudo,
            "given_rating": given_sudo,
            "access_token": access_token,
            "access_query": f"?access_token={access_token}" if access_token else "",
            "backend_url": f"/odoo/service-requests/{request_sudo.id}",
            "message": message,
            "request_error": request.session.pop("aftersales_request_error", ""),
            "page_name": "aftersales_request",
            "res_company": request_sudo.company_id,
        }

    def _prepare_correction_values(self, request_sudo, is_customer):
        """Return what the form of corrections shows: as it is, or as typed and refused.

        Whoever comes by a link is offered no list of units and people.
        """
        if not is_customer or not request_sudo.is_open:
            return {"may_correct": False}
        refused = request.session.pop("aftersales_correction", None) or {}
        values = {
            "may_correct": True,
            "is_correcting": refused.get("request_id") == request_sudo.id,
            "told": {**request_sudo._get_told_texts(), "contact": str(request_sudo.partner_id.id),
                     "equipment": str(request_sudo.equipment_id.id or "")},
            "own_equipment": (), "contacts": (), "max_text": MAX_TEXT, "max_subject": MAX_SUBJECT,
            "max_phone": MAX_PHONE,
        }
        if values["is_correcting"]:
            values["told"].update(refused["entered"])
        if not request.env.user._is_public():
            partner_sudo = request.env.user.partner_id.sudo()
            values["own_equipment"] = self._get_equipment_sudo().search(
                self._get_own_equipment_domain(), order="site_id, name")
            values["contacts"] = request_sudo.partner_id | partner_sudo.search(
                request_sudo._get_portal_contacts_domain(partner_sudo), limit=MAX_CONTACTS)
        return values

    def _get_visible_original(self, request_sudo):
        """Return the request that a duplicate goes on in, where the visitor may read it."""
        original = request_sudo.duplicate_of_id.with_user(request.env.user)
        return original.sudo() if original and original.has_access("read") else False

    # -------------------------------------------------------------------------
    # Answers
    # -------------------------------------------------------------------------

    @route(f"{REQUEST_URL}/confirm", type="http", auth="public", methods=["POST"], website=True)
    def portal_request_confirm(self, request_id, access_token=None, **post):
        """Confirm that it is solved."""
        return self._answer_request(
            request_id, access_token, "confirmed",
            lambda request_sudo, partner: request_sudo._confirm_from_portal(partner),
        )

    @route(f"{REQUEST_URL}/correct", type="http", auth="public", methods=["POST"], website=True)
    def portal_request_correct(self, request_id, access_token=None, **post):
        """Put right what was reported; what is refused comes back as it was typed."""
        entered = self._read_texts(post, CORRECTED)
        if request.env.user._is_public():
            entered = {
                name: text for name, text in entered.items() if name not in CHOSEN_BY_LOGIN}
        request.session["aftersales_correction"] = {"request_id": request_id, "entered": entered}
        response = self._answer_request(
            request_id, access_token, "corrected",
            lambda request_sudo, partner: request_sudo._correct_from_portal(partner, entered),
        )
        if "aftersales_request_error" not in request.session:
            request.session.pop("aftersales_correction", None)
        return response

    @route(f"{REQUEST_URL}/reopen", type="http", auth="public", methods=["POST"], website=True)
    def portal_request_reopen(self, request_id, access_token=None, reason=None, **post):
        """Say that it is not solved, and why."""
        reason = self._read_text(reason)
        return self._answer_request(
            request_id, access_token, "reopened",
            lambda request_sudo, partner: request_sudo._reopen_from_portal(partner, reason),
        )

    @route(f"{REQUEST_URL}/rate", type="http", auth="public", methods=["POST"], website=True)
    def portal_request_rate(
        self, request_id, access_token=None, rating=None, feedback=None, **post,
    ):
        """Say how satisfied one is; the first answer counts."""
        stars = int(rating) if (rating or "").isdecimal() and len(rating) == 1 else 0
        feedback = self._read_text(feedback)
        return self._answer_request(
            request_id, access_token, "rated",
            lambda request_sudo, partner: request_sudo._rate_from_portal(partner, stars, feedback),
        )

    @route(
        f"{REQUEST_URL}/solved/<int:solution_id>", type="http", auth="public", methods=["POST"],
        website=True,
    )
    def portal_request_solved(self, request_id, solution_id, access_token=None, **post):
        """Say that a known solution has solved it."""
        return self._answer_request(
            request_id, access_token, "confirmed",
            lambda request_sudo, partner: request_sudo._solve_from_portal(
                partner, self._get_published_solution(request_sudo.company_id, solution_id)),
        )

    def _get_published_solution(self, company, solution_id):
        """Return a solution that customers may read, as the super-user.

        :raises UserError: there is none
        """
        solutions_sudo = request.env["aftersales.solution"].sudo()
        solution_sudo = solutions_sudo.search(
            solutions_sudo._get_published_domain(company) & Domain("id", "=", solution_id))
        if not solution_sudo:
            raise UserError(request.env._(
                "This solution is not published (any more). Search for another one, or report "
                "your trouble.",
            ))
        return solution_sudo

    def _answer_request(self, request_id, access_token, message, answer):
        """Call ``answer`` for the visitor; what is refused is explained, nothing changes."""
        try:
            request_sudo = self._get_request(request_id, access_token)
        except (AccessError, MissingError):
            return self._refuse_request(request_id)
        if request.env.user._is_internal():
            return self._refuse_answer(request_sudo, access_token, request.env._(
                "Only the customer answers here. Record in the request what they told you.",
            ))
        try:
            with request.env.cr.savepoint():
                answer(request_sudo, self._get_answering_partner(request_sudo))
        except UserError as error:
            return self._refuse_answer(request_sudo, access_token, str(error))
        return self._redirect(request_sudo, access_token, message)

    def _refuse_answer(self, request_sudo, access_token, error):
        request.session["aftersales_request_error"] = error
        return self._redirect(request_sudo, access_token)
