from odoo.fields import Command

from .portal_request_common import PortalRequestCommon

URL = "/my/aftersales/equipment"


class TestPortalEquipment(PortalRequestCommon):
    """Customers see their own units, whether they are covered, and what happened to them."""

    def test_list_shows_ones_own_only(self):
        for user, own, others in (
            (self.portal_user, "SN-0001", "SN-9999"),
            (self.other_portal_user, "SN-9999", "SN-0001"),
        ):
            self._log_in(user)
            for url in (URL, f"{URL}?search=Pump"):
                page = self._open(url).text
                self.assertIn(own, page)
                self.assertNotIn(others, page)

    def test_unit_tells_cover_and_requests(self):
        self.unit.lot_id.write({"aftersales_warranty_start": "2026-01-01"})
        self._log_in(self.portal_user)

        page = self._open(f"{URL}/{self.unit.id}").text

        self.assertIn("Covered today?", page)
        self.assertIn(self.unit.aftersales_cover_label, page)
        self.assertIn("The pump does not start", page)
        self.assertNotIn("Hotel pump leaks", page)

    def test_unit_of_somebody_else_is_not_shown(self):
        self._log_in(self.other_portal_user)

        response = self._open(f"{URL}/{self.unit.id}")

        self.assertTrue(response.url.endswith(URL))
        self.assertNotIn("SN-0001", response.text)

    def test_history_holds_what_the_visitor_may_see(self):
        self._log_in(self.colleague)

        page = self._open(f"{URL}/{self.unit.id}").text

        self.assertIn("SN-0001", page)
        self.assertNotIn("The pump does not start", page)

    def test_drafts_of_charges_stay_inside(self):
        draft, confirmed = self.env["aftersales.statement"].create([
            {
                "partner_id": self.customer.id, "equipment_id": self.unit.id,
                "charge_ids": [Command.create({
                    "name": "Labour", "kind": "labour", "price_unit": 90.0,
                })],
            } for _n in range(2)
        ])
        confirmed._transition_to("confirmed")
        self._log_in(self.portal_user)

        page = self._open(f"{URL}/{self.unit.id}").text

        self.assertIn(confirmed.name, page)
        self.assertNotIn(f"{draft.name} ·", page)

    def test_logged_out_visitor_sees_nothing(self):
        self._log_in()

        for url in (URL, f"{URL}/{self.unit.id}"):
            self.assertIn("/web/login", self._open(url).url)
