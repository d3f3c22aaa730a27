from markupsafe import Markup

from odoo.exceptions import AccessError
from odoo.fields import Command, Domain
from odoo.tests import freeze_time, tagged

from odoo.addons.mail.tools.discuss import Store

from .request_common import RequestCommon

MASK = "•••"
PHONE, EMAIL, STREET = "+1 555 0177", "head@northside.example", "7 Secret Lane"


@tagged("post_install", "-at_install")
@freeze_time("2026-01-15 09:00:00")
class TestContactMask(RequestCommon):
    """The contact data of a confidential customer, at every door a technician may try."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.aftersales_confidential = True
        cls.contact = cls.env["res.partner"].create({
            "name": "Harriet Head", "parent_id": cls.customer.id, "type": "other",
            "phone": PHONE, "email": EMAIL, "street": STREET, "city": "Springfield",
        })
        cls.team = cls.env["maintenance.team"].create({
            "name": "Pumps", "is_aftersales": True, "member_ids": [
                Command.link(cls.technician.id)],
        })
        cls.request = cls._create_request(
            partner_id=cls.contact.id, team_id=cls.team.id, email_cc="copy@northside.example")
        for user in (cls.technician, cls.manager):
            user.group_ids = [Command.link(cls.env.ref("base.group_allow_export").id)]
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _search(self, model, name, value, operator="ilike"):
        return self.env[model].with_user(self.technician).search(Domain(name, operator, value))

    # -------------------------------------------------------------------------
    # Closed
    # -------------------------------------------------------------------------

    def test_reading_shows_masks_and_leaves_the_name_and_the_city(self):
        contact = self.contact.with_user(self.technician)

        values = contact.read(["name", "city", "phone", "email", "street", "contact_address"])[0]

        self.assertEqual(values, {
            "id": contact.id, "name": "Harriet Head", "city": "Springfield", "phone": MASK,
            "email": MASK, "street": MASK, "contact_address": MASK,
        })
        self.assertEqual(
            self.request.with_user(self.technician).read(["phone", "email_from", "email_cc"])[0],
            {"id": self.request.id, "phone": MASK, "email_from": MASK, "email_cc": MASK})

    def test_reading_as_technician_leaves_the_data_to_all_others(self):
        """What a technician has read is what the super-user reads next."""
        self.env.invalidate_all()
        contact = self.contact.with_user(self.technician)
        contact.read(["phone", "email", "street"])
        self.request.with_user(self.technician).read(["phone"])

        self.assertEqual(contact.sudo().phone, PHONE)
        self.assertEqual(contact.sudo().email, EMAIL)
        self.assertEqual(self.request.with_user(self.agent).phone, PHONE)

    def test_exporting_shows_masks(self):
        contact = self.contact.with_user(self.technician)
        request = self.request.with_user(self.technician)

        self.assertEqual(
            contact.export_data(["name", "phone", "email"])["datas"],
            [["Harriet Head", MASK, MASK]])
        self.assertEqual(
            request.export_data(["phone", "partner_id/phone", "partner_id/name"])["datas"],
            [[MASK, MASK, "Harriet Head"]])
        self.assertEqual(
            request.with_user(self.manager).export_data(["phone", "partner_id/phone"])["datas"],
            [[PHONE, PHONE]])

    def test_exporting_with_many_lines_masks_the_first_of_each_record(self):
        partners = (self.customer | self.other_customer).with_user(self.technician)
        self.other_customer.phone = "+1 555 0200"
        self.customer.phone = PHONE

        rows = partners.with_context(import_compat=False).export_data(
            ["name", "phone", "child_ids/name"])["datas"]

        by_name = {row[0]: row[1] for row in rows if row[0]}
        self.assertEqual(by_name, {
            self.customer.name: MASK, self.other_customer.name: "+1 555 0200"})

    def test_searching_finds_nothing_by_contact_data(self):
        for model, name, value in (
            ("res.partner", "phone", "0177"),
            ("res.partner", "phone_sanitized", "5550177"),
            ("res.partner", "phone_mobile_search", "5550177"),
            ("res.partner", "email", "head@"),
            ("res.partner", "email_normalized", "head@"),
            ("res.partner", "street", "Secret"),
            ("aftersales.request", "phone", "0177"),
            ("aftersales.request", "email_from", "head@"),
            ("aftersales.request", "email_cc", "copy@"),
            ("aftersales.request", "partner_id.phone", "0177"),
            ("aftersales.request", "site_id.street", "Secret"),
            ("mail.followers", "email", "head@"),
        ):
            with self.subTest(model=model, name=name):
                self.assertFalse(self._search(model, name, value))
        with self.subTest("negated, nothing is told either"):
            closed = self._search("res.partner", "phone", "0177", "not ilike")
            self.assertIn(self.contact, closed)

    def test_searching_by_name_finds_the_contact_by_name_only(self):
        partners = self.env["res.partner"].with_user(self.technician)

        self.assertEqual(partners.name_search("Harriet")[0][0], self.contact.id)
        self.assertFalse(partners.name_search(EMAIL))
        self.assertTrue(self.env["res.partner"].with_user(self.agent).name_search(EMAIL))

    def test_grouping_and_sorting_tell_nothing(self):
        requests = self.env["aftersales.request"].with_user(self.technician)
        partners = self.env["res.partner"].with_user(self.technician)
        domain = Domain("id", "in", (self.contact | self.other_customer).ids)
        self.other_customer.street = "1 Open Square"

        self.assertEqual(
            requests.formatted_read_group(
                Domain("id", "=", self.request.id), ["phone"], ["__count"])[0]["phone"], False)
        self.assertEqual(
            partners._read_group(domain, ["street"], ["id:count"]),
            [("1 Open Square", 1), (False, 1)])
        # What is masked stands where nothing is.
        self.assertEqual(
            partners.search(domain, order="street"), self.other_customer | self.contact)
        self.assertEqual(
            partners._read_group(Domain("id", "=", self.contact.id), [], ["email:array_agg"]),
            [([None],)])

    def test_names_are_without_address_and_mail(self):
        address = {"show_address": True, "show_email": True}
        contact = self.contact.with_context(**address)
        request = self.request.with_context(**address)

        def read(user):
            return (
                contact.with_user(user).display_name,
                request.with_user(user).read(["partner_id"])[0]["partner_id"][1],
                request.with_user(user).web_read(
                    {"partner_id": {"fields": {"display_name": {}}, "context": address}},
                )[0]["partner_id"]["display_name"],
            )

        plain = self.contact.display_name
        self.assertEqual(read(self.technician), (plain, plain, plain))
        for name in read(self.agent):
            self.assertIn(STREET, name)
            self.assertIn(EMAIL, name)

    def test_accounts_in_the_portal_tell_no_address(self):
        self.portal_user.partner_id.write({"phone": PHONE, "email": EMAIL})
        users = self.env["res.users"].with_user(self.technician)

        values = users.browse(self.portal_user.id).read(["name", "login", "email", "phone"])[0]

        self.assertEqual(
            (values["login"], values["email"], values["phone"]), (MASK, MASK, MASK))
        for name, value in (
            ("login", self.portal_user.login), ("email", EMAIL), ("phone", "0177"),
        ):
            with self.subTest(name=name):
                self.assertFalse(self._search("res.users", name, value))
        own = users.browse(self.technician.id).read(["login"])[0]
        self.assertEqual(own["login"], self.technician.login)

    def test_messages_and_followers_tell_no_address(self):
        message = self.request.message_post(
            body=Markup("It got worse."), author_id=self.contact.id, message_type="email",
            subtype_xmlid="mail.mt_comment", incoming_email_cc="copy@northside.example")
        follower = self.request.message_follower_ids.filtered(
            lambda follower: follower.partner_id == self.contact)

        self.assertEqual(
            message.with_user(self.technician).read(["email_from", "incoming_email_cc"])[0],
            {"id": message.id, "email_from": MASK, "incoming_email_cc": MASK})
        self.assertEqual(follower.with_user(self.technician).read(["email"])[0]["email"], MASK)
        suggested = self.request.with_user(
            self.technician)._message_get_suggested_recipients(reply_discussion=True)
        self.assertNotIn("northside.example", str(suggested))
        self.assertIn(EMAIL, message.with_user(self.agent).email_from)

    def test_messenger_accounts_tell_no_name(self):
        messenger = self.env["aftersales.messenger"].create({"name": "WeChat", "channel": "wechat"})
        account = self.env["aftersales.messenger.account"].create({
            "messenger_id": messenger.id, "partner_id": self.contact.id,
            "external_user": "wx_harriet_77", "nickname": "Harriet77",
        })
        seen = account.with_user(self.technician)

        self.assertEqual(
            seen.read(["external_user", "nickname", "display_name"])[0],
            {"id": account.id, "external_user": MASK, "nickname": MASK,
             "display_name": f"{MASK} (WeChat)"})
        self.assertFalse(seen.name_search("harriet77"))
        self.assertEqual(
            account.with_user(self.agent).display_name, "Harriet77 (WeChat)")

    def test_the_conversation_on_the_form_tells_no_address(self):
        message = self.request.message_post(
            body=Markup("It got worse."), author_id=self.contact.id, message_type="email",
            subtype_xmlid="mail.mt_comment", incoming_email_cc="copy@northside.example",
            incoming_email_to="desk@aftersales.example")

        def show(user):
            store = Store()
            store.add(message.with_user(user))
            return str(store.get_result())

        shown = show(self.technician)
        self.assertIn("It got worse.", shown)
        self.assertNotIn("northside.example", shown)
        self.assertIn("copy@northside.example", show(self.agent))

    def test_printing_names_the_contact_only(self):
        field = self.env["ir.qweb.field.contact"]

        def print_contact(user):
            return str(field.with_user(user).value_to_html(self.contact.with_user(user), {}))

        printed = print_contact(self.technician)
        self.assertIn("Harriet Head", printed)
        for value in (PHONE, EMAIL, STREET):
            self.assertNotIn(value, printed)
            self.assertIn(value, print_contact(self.agent))

    # -------------------------------------------------------------------------
    # Open
    # -------------------------------------------------------------------------

    def test_a_job_opens_the_data_as_long_as_it_lasts(self):
        contact, request = self.contact.with_user(self.technician), self.request.with_user(
            self.technician)
        request.action_take()

        self.assertEqual(contact.read(["phone", "street"])[0], {
            "id": contact.id, "phone": PHONE, "street": STREET})
        self.assertEqual(request.read(["phone"])[0]["phone"], PHONE)
        self.assertEqual(self._search("res.partner", "phone", "0177"), self.contact)
        self.assertIn(STREET, contact.with_context(show_address=True).display_name)

        request.resolution = "A fuse was replaced."
        request._transition_to("resolved")

        self.assertEqual(contact.read(["phone"])[0]["phone"], MASK)

    def test_a_visit_or_a_repair_opens_the_data(self):
        unit = self.env["maintenance.equipment"].create({
            "name": "Pump 1", "customer_id": self.customer.id})
        jobs = (
            self.env["maintenance.request"].create({
                "name": "Look at it", "equipment_id": unit.id,
                "user_id": self.technician.id, "maintenance_team_id": self.team.id}),
            self.env["repair.order"].create({
                "partner_id": self.contact.id, "user_id": self.technician.id}),
        )
        for job in jobs:
            job.user_id = False
        contact = self.contact.with_user(self.technician)
        for job in jobs:
            with self.subTest(job=job._name):
                job.user_id = self.technician
                self.assertEqual(contact.read(["phone"])[0]["phone"], PHONE)
                job.user_id = False
                self.assertEqual(contact.read(["phone"])[0]["phone"], MASK)

    def test_customers_who_are_not_confidential_are_open(self):
        self.customer.aftersales_confidential = False
        contact = self.contact.with_user(self.technician)

        self.assertEqual(contact.read(["phone"])[0]["phone"], PHONE)
        self.assertEqual(self._search("res.partner", "phone", "0177"), self.contact)

    def test_the_desk_sees_and_finds_all(self):
        for user in (self.agent, self.manager):
            with self.subTest(user=user.login):
                contact = self.contact.with_user(user)
                self.assertEqual(contact.read(["phone"])[0]["phone"], PHONE)
                self.assertEqual(contact.search([("phone", "ilike", "0177")]), contact)

    # -------------------------------------------------------------------------
    # Requests of others
    # -------------------------------------------------------------------------

    def test_events_and_clocks_are_seen_by_who_sees_the_request(self):
        other = self._create_request(subject="Not theirs")
        for name in ("event_ids", "target_ids"):
            with self.subTest(name=name):
                own, theirs = self.request[name], other[name]
                self.assertTrue(own and theirs)
                found = own.with_user(self.technician).search(
                    [("request_id", "in", (self.request | other).ids)])
                self.assertEqual(found, own)
                own.with_user(self.technician).read(["kind"])
                with self.assertRaises(AccessError):
                    theirs.with_user(self.technician).read(["kind"])
                theirs.with_user(self.agent).read(["kind"])
                theirs.with_user(self.legal).read(["kind"])
