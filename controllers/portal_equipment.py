"""Equipment in the portal: what customers have, whether it is covered, and its history."""

from urllib.parse import urlencode

from odoo.fields import Domain
from odoo.http import content_disposition, request, route

from .portal_request import HOME_URL, REQUESTS_URL, AftersalesPortalRequest

EQUIPMENT_URL = f"{HOME_URL}/equipment"
MAX_HISTORY = 50
MAX_LABELS = 200
MAX_SEARCH = 100


class AftersalesPortalEquipment(AftersalesPortalRequest):

    def _get_equipment_search_domain(self, search):
        return Domain.OR(
            Domain(name, "ilike", search)
            for name in ("name", "lot_id.name", "product_id.name", "site_id.name")
        ) if search else Domain.TRUE

    @route(
        [EQUIPMENT_URL, f"{EQUIPMENT_URL}/page/<int:page>"], type="http", auth="user",
        website=True, readonly=True,
    )
    def portal_my_equipment(self, page=1, search=None, **kwargs):
        units_sudo = self._get_equipment_sudo()
        search = self._read_text(search, MAX_SEARCH)
        domain = self._get_own_equipment_domain() & self._get_equipment_search_domain(search)
        units_sudo, pager = self._search_page(
            units_sudo, domain, "site_id, name, id", EQUIPMENT_URL, page, {"search": search},
        )
        return request.render("aftersales.portal_my_equipment", {
            **self._prepare_portal_layout_values(),
            "equipment": units_sudo,
            "page_name": "aftersales_equipment_list",
            "pager": pager,
            "default_url": EQUIPMENT_URL,
            "searchbar_inputs": {
                "all": {"input": "all", "label": request.env._("Search in equipment")},
            },
            "search_in": "all",
            "search": search,
            "labels_url": f"{EQUIPMENT_URL}/labels?{urlencode({'search': search})}",
        })

    def _get_own_unit_sudo(self, equipment_id, **context):
        """Return a unit of the visitor's company; nothing for anybody else's."""
        return self._get_equipment_sudo().with_context(**context).search(
            self._get_own_equipment_domain() & Domain("id", "=", equipment_id))

    @route(f"{EQUIPMENT_URL}/<int:equipment_id>", type="http", auth="user", website=True)
    def portal_equipment(self, equipment_id, **kwargs):
        unit_sudo = self._get_own_unit_sudo(equipment_id, active_test=False)
        if not unit_sudo:
            return request.redirect(EQUIPMENT_URL)
        requests = request.env["aftersales.request"]
        if requests.has_access("read"):
            requests = requests.search(
                self._get_own_requests_domain() & Domain("equipment_id", "=", unit_sudo.id),
                order="received_on desc, id desc", limit=MAX_HISTORY,
            )
        return request.render("aftersales.portal_equipment", {
            **self._prepare_portal_layout_values(),
            "unit": unit_sudo,
            "requests": requests.sudo(),
            "statements": unit_sudo.aftersales_statement_ids.filtered(
                lambda statement: statement.state == "confirmed")[:MAX_HISTORY],
            "events": unit_sudo.event_ids[:MAX_HISTORY],
            "page_name": "aftersales_equipment",
        })

    # -------------------------------------------------------------------------
    # Labels
    # -------------------------------------------------------------------------

    @route(
        f"{EQUIPMENT_URL}/<int:equipment_id>/report", type="http", auth="user", website=True,
        readonly=True,
    )
    def portal_equipment_report(self, equipment_id, **kwargs):
        """Lead whoever scanned the label of a unit to the report of a fault of just this unit.

        Our own people get the unit itself. Of somebody else's unit nothing is told.
        """
        if request.env.user._is_internal():
            return request.redirect(f"/odoo/customer-equipment/{equipment_id}")
        unit_sudo = self._get_own_unit_sudo(equipment_id)
        if not unit_sudo:
            return request.redirect(f"{REQUESTS_URL}/new?unknown_unit=1")
        return request.redirect(f"{REQUESTS_URL}/new?equipment={unit_sudo.id}")

    @route(
        f"{EQUIPMENT_URL}/<int:equipment_id>/label", type="http", auth="user", website=True,
    )
    def portal_equipment_label(self, equipment_id, **kwargs):
        """Print the label of one unit."""
        return self._print_labels(self._get_own_unit_sudo(equipment_id))

    @route(f"{EQUIPMENT_URL}/labels", type="http", auth="user", website=True)
    def portal_equipment_labels(self, search=None, **kwargs):
        """Print the labels of all units, or of those found."""
        search = self._read_text(search, MAX_SEARCH)
        return self._print_labels(self._get_equipment_sudo().search(
            self._get_own_equipment_domain() & self._get_equipment_search_domain(search),
            order="site_id, name, id", limit=MAX_LABELS,
        ))

    def _print_labels(self, units_sudo):
        if not units_sudo:
            return request.redirect(EQUIPMENT_URL)
        pdf, _type = request.env["ir.actions.report"].sudo()._render_qweb_pdf(
            "aftersales.action_report_equipment_label", units_sudo.ids)
        return request.make_response(pdf, headers=[
            ("Content-Type", "application/pdf"), ("Content-Length", len(pdf)),
            ("Content-Disposition", content_disposition(request.env._("Equipment labels.pdf"))),
        ])
