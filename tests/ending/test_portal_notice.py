from datetime import date

from ..agreement.portal_common import PortalCommon
from .ending_common import EndingCommon


class TestPortalNotice(PortalCommon, EndingCommon):
    """Customers give notice on the portal; it ends nothing until staff confirm it."""

    def setUp(self):
        super().setUp()
        self.contract = self._create_active(subject="Lift care", termination_notice_days=30)
        self.contract.contact_id = self.portal_user.partner_id
        self.token = self.contract.sudo()._portal_ensure_token()
        self.other_token = self._create_active(
            partner_id=self.other_customer.id,
        ).sudo()._portal_ensure_token()

    def _give(self, token=None, **vals):
        vals = {"ground": "notice", "day": "", "note": "We move.", "confirmed": "1", **vals}
        response = self._post("/notice", token, **{k: v for k, v in vals.items() if v is not None})
        self.env.invalidate_all()
        return response

    def assertNoNotice(self):
        self.env.invalidate_all()
        self.assertFalse(self.contract.termination_ids)
        self.assertEqual(self.contract.date_end, date(2026, 12, 31))

    def test_the_form_tells_the_earliest_end_and_the_fee(self):
        self.contract._as_agreed(self.contract).write({
            "early_fee_mode": "percent", "early_fee_percent": 20.0,
        })
        self._log_in(self.portal_user)
        self.assertIn("Give notice", self._open().text)

        page = self._open("/notice").text

        for part in ("02/14/2026", "12/31/2026", "210.00", "Ordinary notice"):
            self.assertIn(part, page)
        self.assertNoNotice()

    def test_a_notice_is_a_draft_with_activity_and_receipt(self):
        self._log_in(self.portal_user)

        page = self._give().text

        self.assertIn("We have received your notice", page)
        notice = self.contract.notice_id
        self.assertRecordValues(notice, [{
            "state": "draft", "ground": "notice", "side": "customer", "note": "We move.",
            "notice_by": "Nora Northside", "date_notice": date(2026, 1, 15),
            "date_earliest": date(2026, 2, 14), "date_last": date(2026, 2, 14),
        }])
        self.assertEqual((self.contract.state, self.contract.date_end),
                         ("active", date(2026, 12, 31)))
        self.assertFalse(self.contract.termination_id)
        self.assertEqual(self.contract.activity_ids.user_id, self.officer)
        self.assertIn("Check the notice", self.contract.activity_ids.note)
        receipt = self.env["mail.mail"].search([
            ("model", "=", "aftersales.contract"), ("res_id", "=", self.contract.id),
            ("subject", "ilike", "your notice"),
        ])
        self.assertEqual(receipt.recipient_ids, self.portal_user.partner_id)
        self.assertIn("02/14/2026", receipt.body_html)

    def test_staff_confirm_it_in_the_wizard(self):
        self._log_in(self.portal_user)
        self._give(day="2026-03-31")
        notice = self.contract.notice_id

        with self._get_form("aftersales.contract.terminate", self.contract) as form:
            self.assertEqual((form.ground, form.side, form.date_last),
                             ("notice", "customer", date(2026, 3, 31)))
        form.record.action_confirm()

        self.assertEqual(self.contract.termination_ids, notice)
        self.assertRecordValues(notice, [{
            "state": "planned", "date_last": date(2026, 3, 31), "note": "We move.",
            "date_end_before": date(2026, 12, 31),
        }])
        self.assertEqual(self.contract.date_end, date(2026, 3, 31))
        self.assertFalse(self.contract.activity_ids)
        self.assertIn("last covered day is", self._open().text)

    def test_staff_set_it_aside(self):
        self._log_in(self.portal_user)
        self._give()
        notice = self.contract.notice_id

        notice.with_user(self.officer).action_set_aside()

        self.assertEqual(notice.state, "withdrawn")
        self.assertFalse(self.contract.notice_id)
        self.assertFalse(self.contract.activity_ids)
        self.assertEqual(self.contract.date_end, date(2026, 12, 31))
        self.assertIn("Give notice", self._open().text)

    def test_for_cause_it_may_end_at_once(self):
        self._log_in(self.portal_user)

        self._give(ground="provider_breach", note="Nobody came.")

        self.assertRecordValues(self.contract.notice_id, [{
            "ground": "provider_breach", "date_last": date(2026, 1, 15), "note": "Nobody came.",
        }])

    def test_a_consumer_needs_a_month_at_most(self):
        self.contract._as_agreed(self.contract).write({
            "termination_notice_days": 90, "is_consumer": True,
        })

        self.assertEqual(
            self.contract._get_earliest_end("notice", date(2026, 1, 31)), date(2026, 2, 28))

    def test_refusals_change_nothing(self):
        self._log_in(self.portal_user)
        cases = [
            ({"confirmed": None}, "confirm that you want"),
            ({"ground": "transfer"}, "choose on which ground"),
            ({"ground": None}, "choose on which ground"),
            ({"ground": "lapse", "note": " "}, "what your notice for cause rests on"),
            ({"day": "2026-02-13"}, "is too early"),
            ({"day": "2026-12-31"}, "anyway"),
            ({"day": "soon"}, "is not a day"),
        ]
        for vals, message in cases:
            with self.subTest(vals=vals):
                self.assertIn(message, self._give(**vals).text)
                self.assertNoNotice()

    def test_a_second_notice_is_refused(self):
        self._log_in(self.portal_user)
        self._give()

        self._give(day="2026-05-31")

        self.assertEqual(len(self.contract.termination_ids), 1)
        self.assertEqual(self.contract.notice_id.date_last, date(2026, 2, 14))

    def test_strangers_give_no_notice(self):
        for user, token in ((self.other_portal_user, None), (None, None),
                            (None, self.other_token), (self.officer, None)):
            with self.subTest(user=user and user.login, token=token):
                self._log_in(user)
                self._give(token)

                self.assertNoNotice()
                self.assertNotIn("notice_confirmed", self._open("/notice", token).text)

    def test_who_has_the_link_gives_notice_without_login(self):
        self._log_in(None)

        self._give(self.token)

        self.assertEqual(self.contract.notice_id.notice_by, "Nora Northside")

    def test_reading_the_page_gives_no_notice(self):
        self._log_in(self.portal_user)

        self._open("/notice?ground=notice&confirmed=1&note=x")

        self.assertNoNotice()
