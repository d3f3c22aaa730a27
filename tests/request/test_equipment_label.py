from urllib.parse import parse_qs, urlparse

from odoo.tests import users

from .portal_request_common import REQUESTS_URL, PortalRequestCommon

URL = "/my/aftersales/equipment"


class TestEquipmentLabel(PortalRequestCommon):
    """The code on a unit leads its customer to the report of a fault of just this unit."""

    def _render(self, units):
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            "aftersales.action_report_equipment_label", units.ids)
        return html.decode()

    def test_code_leads_to_the_form_with_the_unit_chosen(self):
        self._log_in(self.portal_user)

        response = self._open(urlparse(self.unit._get_report_url()).path)

        self.assertTrue(response.url.endswith(f"{REQUESTS_URL}/new?equipment={self.unit.id}"))
        self.assertIn(f'<option value="{self.unit.id}" selected=', response.text)
        self.assertNotIn("is not on your list of equipment", response.text)

    def test_logged_out_visitor_logs_in_first_and_comes_back(self):
        self._log_in()

        response = self._open(f"{URL}/{self.unit.id}/report")

        self.assertEqual(urlparse(response.url).path, "/web/login")
        back = parse_qs(urlparse(response.url).query)["redirect"][0]
        self.assertEqual(back.rstrip("?"), f"{URL}/{self.unit.id}/report")
        self.assertNotIn("SN-0001", response.text)

    def test_somebody_elses_retired_and_unknown_units_tell_nothing(self):
        self._log_in(self.other_portal_user)
        pages = [
            self._open(f"{URL}/{unit_id}/report").text
            for unit_id in (self.unit.id, self.unit.id + 100_000)
        ]
        self.unit.active = False
        self._log_in(self.portal_user)
        pages.append(self._open(f"{URL}/{self.unit.id}/report").text)

        for page in pages:
            self.assertIn("is not on your list of equipment", page)
            self.assertNotIn("SN-0001", page)
            self.assertNotIn("Northside", page.replace("Nora Northside", ""))

    def test_our_own_people_get_the_unit(self):
        self._log_in(self.agent)

        response = self.url_open(f"{URL}/{self.unit.id}/report", allow_redirects=False)

        self.assertTrue(
            response.headers["Location"].endswith(f"/odoo/customer-equipment/{self.unit.id}"))

    def test_page_of_the_unit_bears_the_code(self):
        self._log_in(self.portal_user)

        self.assertIn("o_aftersales_qr", self._open(f"{URL}/{self.unit.id}").text)

    def test_customer_prints_own_labels_only(self):
        printed = []
        report = self.registry["ir.actions.report"]
        self.patch(
            report, "_render_qweb_pdf",
            lambda _self, ref, ids, data=None: (printed.append((ref, list(ids))) or b"%PDF", "pdf"))
        label = "aftersales.action_report_equipment_label"
        self._log_in(self.portal_user)

        for url in (f"{URL}/{self.unit.id}/label", f"{URL}/labels?search=pump"):
            response = self._open(url)
            self.assertEqual(response.headers["Content-Type"], "application/pdf")
            self.assertEqual(printed.pop(), (label, self.unit.ids))
        for url in (f"{URL}/{self.other_unit.id}/label", f"{URL}/labels?search=SN-9999"):
            self.assertTrue(self._open(url).url.endswith(URL))
        self._log_in()
        for url in (f"{URL}/{self.unit.id}/label", f"{URL}/labels"):
            self.assertIn("/web/login", self._open(url).url)
        self.assertFalse(printed)

    @users("test_agent")
    def test_labels_of_many_units_in_the_language_of_their_customers(self):
        self.env["res.lang"].sudo()._activate_lang("zh_CN")
        view = self.env.ref("aftersales.report_equipment_label_document").sudo()
        view.update_field_translations("arch_db", {
            "zh_CN": {"Scan to report a fault": "扫码报修"},
        })
        self.other_customer.lang = "zh_CN"

        html = self._render(self.unit + self.other_unit)

        for text in ("SN-0001", "SN-9999", "Scan to report a fault", "扫码报修"):
            self.assertEqual(html.count(text), 1, text)
        self.assertEqual(html.count("data:image/png;base64"), 2)

    def test_internal_equipment_has_no_label(self):
        drill = self.env["maintenance.equipment"].create({"name": "Our drill"})

        with self.assertRefused("Our drill", "Enter its customer first"):
            self._render(drill)
