from odoo.fields import Command

from ..common import AftersalesCommon


class RequestCommon(AftersalesCommon):
    """Requests of Northside Clinic under the level "Gold": Monday to Friday, 8 to 16 UTC.

    Thursday 15 January 2026, 9:00, is when everything begins.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hours = cls._create_hours("Office hours", 8, 16)
        cls.sla = cls._create_sla("Gold", cls.hours)
        cls.company.aftersales_sla_id = cls.sla
        # Words of the shipped categories must not choose the priority of the tests' requests.
        cls.env["aftersales.request.category"].search([]).active = False

    @classmethod
    def _create_sla(cls, name, calendar, factor=1.0):
        """P1: 1 h to answer, 4 h to resolve; P3: 4 h and 24 h; news every 8 h."""
        return cls.env["aftersales.sla"].create({
            "name": name, "calendar_id": calendar.id, "company_id": cls.company.id,
            "target_ids": [
                Command.create({
                    "priority": priority, "acknowledge_hours": 0.5 * factor,
                    "response_hours": respond * factor, "resolution_hours": resolve * factor,
                    "on_site_hours": on_site * factor, "update_hours": 8 * factor,
                }) for priority, respond, on_site, resolve in (
                    ("1", 1, 2, 4), ("2", 2, 4, 8), ("3", 4, 8, 24), ("4", 8, 0, 40),
                )
            ],
        })

    @classmethod
    def _create_request(cls, **vals):
        return cls.env["aftersales.request"].with_user(cls.agent).create({
            "subject": "The pump does not start",
            "partner_id": cls.portal_user.partner_id.id,
            **vals,
        })

    def _get_target(self, request, kind):
        return request.target_ids.filtered(lambda target: target.kind == kind)
