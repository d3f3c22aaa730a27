import base64

from lxml import html

from odoo.fields import Command

from .portal_request_common import PNG, REQUESTS_URL, PortalRequestCommon

URL = "/my/aftersales"


class TestPortalHome(PortalRequestCommon):
    """The home page tells how else one reaches us, and links of others lead nowhere."""

    def test_hotline_and_hours_are_published(self):
        self.company.write({"phone": "+1 555 0123", "aftersales_hotline_hours": False})
        self._log_in(self.portal_user)

        page = self._open(URL).text
        self.assertIn('href="tel:+1 555 0123"', page)
        self.assertIn("Monday – Friday 08:00–16:00", page)

        self.company.aftersales_hotline_hours = "Day and night"
        page = self._open(URL).text
        self.assertIn("Day and night", page)
        self.assertNotIn("08:00–16:00", page)

    def test_hours_in_words(self):
        self.env.user.tz = "Europe/Berlin"
        hours = self.env["resource.calendar"].create({
            "name": "Hotline", "tz": "Europe/Berlin", "attendance_ids": [
                Command.create({
                    "name": day, "dayofweek": day, "hour_from": start, "hour_to": end,
                    "day_period": period,
                }) for day, start, end, period in (
                    ("0", 8, 12, "morning"), ("0", 12, 13, "lunch"), ("0", 13, 17.5, "afternoon"),
                    ("2", 8, 12, "morning"), ("2", 12, 17, "afternoon"),
                    ("3", 8, 12, "morning"), ("3", 12, 17, "afternoon"), ("5", 0, 24, "full_day"),
                )
            ],
        })

        self.assertEqual(
            hours._describe_hours(),
            "Monday 08:00–12:00 + 13:00–17:30, Wednesday – Thursday 08:00–17:00, "
            "Saturday 00:00–24:00")
        hours.tz = "Asia/Shanghai"
        self.assertTrue(hours._describe_hours().endswith("(time zone Asia/Shanghai)"))
        hours.attendance_ids.unlink()
        self.assertEqual(hours._describe_hours(), "")

    def test_accounts_of_messengers_are_shown_where_they_have_a_public_name(self):
        other_company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["aftersales.messenger"].create([
            {
                "name": "Gateway of WeChat", "public_name": "Service Hall",
                "public_qr": base64.b64encode(PNG),
            },
            {"name": "Internal gateway"},
            {"name": "Old", "public_name": "Old Hall", "active": False},
            {"name": "Far", "public_name": "Far Hall", "company_id": other_company.id},
        ])
        self._log_in(self.portal_user)

        page = self._open(URL).text

        self.assertIn("Other ways to reach us", page)
        self.assertIn("Service Hall", page)
        self.assertIn("o_aftersales_messenger_qr", page)
        for hidden in ("Gateway of WeChat", "Internal gateway", "Old Hall", "Far Hall"):
            self.assertNotIn(hidden, page)

    def test_without_messengers_there_is_no_heading(self):
        self._log_in(self.portal_user)

        self.assertNotIn("Other ways to reach us", self._open(URL).text)

    def test_every_page_of_ours_leads_back_to_the_home_page(self):
        self._log_in(self.portal_user)

        for path in ("requests", "equipment", "solutions", "contracts"):
            page = html.fromstring(self._open(f"{URL}/{path}").text)
            self.assertEqual(
                page.xpath("//ol[contains(@class, 'o_portal_submenu')]/li/a/@href"),
                ["/my/home", URL], path)

    def test_characters_that_no_database_keeps_are_left_out(self):
        self._log_in(self.portal_user)

        for url in (REQUESTS_URL, f"{URL}/equipment", f"{URL}/solutions"):
            self.assertEqual(self._open(f"{url}?search=%00pump").status_code, 200, url)
        page = self._report(subject="Pump\0 hums", serial="SN\0-4711").text

        self.assertIn("We have received your request.", page)
        self.assertRecordValues(
            self._get_newest(), [{"subject": "Pump hums", "serial_told": "SN-4711"}])

    def test_link_that_opens_nothing_says_so_and_does_not_tell_what_exists(self):
        self._log_in(self.other_portal_user)

        own, missing = (
            self._open(f"{REQUESTS_URL}/{request_id}?access_token=wrong")
            for request_id in (self.request.id, self.request.id + 100_000))

        self.assertEqual((own.status_code, missing.status_code), (404, 404))
        self.assertIn("We cannot show you this page", own.text)
        self.assertNotIn(self.request.name, own.text)

    def test_logged_out_visitor_comes_to_the_request_after_the_login(self):
        self._log_in()

        response = self._open(f"{REQUESTS_URL}/{self.request.id}?access_token=wrong")

        self.assertIn("/web/login", response.url)
        self.assertIn(f'value="{REQUESTS_URL}/{self.request.id}"', response.text)
