from .portal_request_common import REQUESTS_URL, PortalRequestCommon


class TestRequestTour(PortalRequestCommon):
    """What only a browser sees: a fault is reported, answered, confirmed and rated."""

    def test_customer_reports_and_agent_resolves(self):
        solution = self.env["aftersales.solution"].create({
            "name": "Pump hums and does not turn", "is_published": True,
            "steps": "<p>Change the capacitor.</p>",
        })

        self.start_tour("/my", "aftersales_portal_report", login="test_portal")

        request = self._get_newest()
        self.assertRecordValues(request, [{
            "subject": "Pump hums", "equipment_id": self.unit.id, "channel": "portal",
            "priority": "2", "partner_id": self.portal_user.partner_id.id,
        }])

        self.start_tour(
            f"/odoo/service-requests/{request.id}", "aftersales_agent_resolve", login="test_agent",
        )

        self.assertRecordValues(request, [{"state": "resolved", "solution_id": solution.id}])
        self.assertTrue(request.responded_on)

        self.start_tour("/my", "aftersales_portal_confirm", login="test_portal")

        self.assertEqual(request.state, "closed")
        self.assertRecordValues(request._get_given_rating(), [{
            "rating": 4.0, "feedback": "Quick and friendly",
            "partner_id": self.portal_user.partner_id.id,
        }])

    def test_what_was_typed_is_kept_until_it_is_sent(self):
        self.start_tour(
            f"{REQUESTS_URL}/new", "aftersales_portal_draft", login="test_portal")

        self.assertRecordValues(self._get_newest(), [{
            "subject": "Pump hums", "equipment_id": self.unit.id, "impact": "1",
        }])
