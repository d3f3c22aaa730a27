"""Equipment in the portal: what customers have, whether it is covered, and its history."""

from odoo.fields import Domain
from odoo.http import request, route

from .portal_request import HOME_URL, AftersalesPortalRequest

EQUIPMENT_URL = f"{HOME_URL}/equipment"
MAX_HISTORY = 50


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
        search = search.strip()[:100] if isinstance(search, str) else ""
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
        })

    @route(f"{EQUIPMENT_URL}/<int:equipment_id>", type="http", auth="user", website=True)
    def portal_equipment(self, equipment_id, **kwargs):
        unit_sudo = self._get_equipment_sudo().with_context(active_test=False).search(
            self._get_own_equipment_domain() & Domain("id", "=", equipment_id))
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
