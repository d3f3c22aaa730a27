from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, users

from ..common import AftersalesCommon


class TestServiceArea(AftersalesCommon):
    """Which addresses lie in an area."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.germany = cls.env.ref("base.de")
        cls.france = cls.env.ref("base.fr")
        cls.us = cls.env.ref("base.us")
        cls.california = cls.env.ref("base.state_us_5")

    @classmethod
    def _create_area(cls, **vals):
        return cls.env["aftersales.service.area"].with_user(cls.officer).create({
            "name": "North", **vals,
        })

    @classmethod
    def _create_address(cls, zip_code=False, country=None, state=None):
        return cls.env["res.partner"].create({
            "name": "Site", "zip": zip_code, "country_id": country and country.id,
            "state_id": state and state.id,
        })

    def assertZips(self, area, inside, outside):
        codes = [*inside, *outside]
        addresses = self.env["res.partner"].concat(*map(self._create_address, codes))

        self.assertEqual(area._filter_addresses(addresses).mapped("zip"), inside)

    def test_beginnings_and_ranges_of_postal_codes(self):
        area = self._create_area(zip_prefixes="20, 310, 3110-3119,W1, EC1 – EC3")

        self.assertZips(
            area,
            inside=["20095", "20", "31012", "3110", "31199", "W1A 1AA", "w1b", "EC1A 1BB", "EC39"],
            outside=["21000", "2", "31200", "311", "03110", "E1", "EC4", "EC", "120"],
        )

    def test_postal_codes_are_compared_without_blanks_and_hyphens(self):
        area = self._create_area(zip_prefixes="009；114 5，1011 AB")

        self.assertZips(
            area, inside=["00-950", "114 55", "1011AB", "1011 ab"],
            outside=["01-950", "114 65", "1011 AC"],
        )

    @users("test_officer")
    def test_what_is_no_postal_code_is_refused(self):
        area = self._create_area(zip_prefixes="20")

        for text, entry in (
            ("20, 3*", "3*"), ("3110-31", "3110-31"), ("3119-3110", "3119-3110"), ("20-", "20-"),
            ("-20", "-20"), ("10-20-30", "10-20-30"), ("EC1-W3", "EC1-W3"), ("20, A-B", "A-B"),
            ("２０", "２０"),
        ):
            with self.subTest(text=text):
                with self.assertRefused("North", entry, "3110-3119", error=ValidationError):
                    area.zip_prefixes = text
                self.assertEqual(area.zip_prefixes, "20")

    @users("test_officer")
    def test_the_form_bears_text_that_is_not_finished(self):
        with Form(self.env["aftersales.service.area"]) as form:
            form.name = "North"
            form.zip_prefixes = "20-"
            self.assertEqual(form.description, "postal codes 20-")
            form.zip_prefixes = "20-29"

    def test_countries_and_states(self):
        nevada = self.env.ref("base.state_us_23")
        area = self._create_area(
            country_ids=(self.france + self.us).ids, state_ids=self.california.ids)
        inside = (
            self._create_address(country=self.france)
            + self._create_address(country=self.us, state=self.california)
            + self._create_address(state=self.california)
        )
        outside = (
            self._create_address(country=self.us)
            + self._create_address(country=self.us, state=nevada)
            + self._create_address(country=self.germany) + self._create_address()
        )

        self.assertEqual(area._filter_addresses(outside + inside), inside)

    def test_places_and_postal_codes_must_both_fit(self):
        area = self._create_area(country_ids=self.france.ids, zip_prefixes="75")
        inside = self._create_address("75001", self.france)
        outside = (
            self._create_address("75001", self.germany) + self._create_address("69001", self.france)
            + self._create_address(country=self.france)
        )

        self.assertEqual(area._filter_addresses(outside + inside), inside)

    def test_an_address_without_country_lies_in_that_of_the_company(self):
        home = self._create_address()
        abroad = self._create_address(country=self.france)

        german = self._create_area(country_ids=self.germany.ids)
        french = self._create_area(country_ids=self.france.ids)

        self.assertEqual(german._filter_addresses(home + abroad), home)
        self.assertEqual(french._filter_addresses(home + abroad), abroad)

    def test_an_empty_area_is_everywhere(self):
        area = self._create_area()
        addresses = self._create_address() + self._create_address("1", self.france)

        self.assertEqual(area._filter_addresses(addresses), addresses)
        self.assertFalse(area._filter_addresses(self.env["res.partner"]))

    def test_many_addresses_take_no_query_each(self):
        area = self._create_area(
            country_ids=self.france.ids, state_ids=self.california.ids, zip_prefixes="7")
        addresses = self.env["res.partner"].create([
            {"name": "Site", "zip": "75001", "country_id": self.france.id} for _index in range(200)
        ])
        counts = []
        for some in (addresses[:1], addresses[:2], addresses):  # the first fills the caches
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(area._filter_addresses(some), some)
            counts.append(self.cr.sql_log_count - before)

        self.assertEqual(counts[1], counts[2])

    def test_the_description_says_what_belongs_to_it(self):
        cases = [
            ({}, "everywhere"),
            ({"country_ids": self.france.ids}, "France"),
            ({"country_ids": (self.france + self.us).ids, "state_ids": self.california.ids,
              "zip_prefixes": "9, 75"}, "California and France; postal codes 9, 75"),
        ]
        for vals, description in cases:
            self.assertEqual(self._create_area(**vals).description, description)

    @users("test_technician", "test_agent", "test_legal", "test_accountant")
    def test_only_officers_write_areas(self):
        area = self._create_area(zip_prefixes="20").with_user(self.env.user)
        self.assertEqual(area.zip_prefixes, "20")

        with self.assertRaises(AccessError):
            area.zip_prefixes = "30"

        self.assertEqual(area.zip_prefixes, "20")
