from odoo.fields import Command

from ..common import AftersalesCommon


class TestRenewalTemplate(AftersalesCommon):

    def test_template_says_what_happens_at_the_end(self):
        template = self.env["aftersales.contract.template"].create({
            "name": "Lift care", "term_months": 12, "renewal_mode": "auto",
            "renewal_term_months": 6, "renewal_notice_days": 45,
            "line_ids": [Command.create({"product_id": self.service.id, "price_unit": 90.0})],
        })

        contract = self.env["aftersales.contract"].with_user(self.officer).create({
            "partner_id": self.customer.id, "template_id": template.id,
            "date_start": "2026-02-01",
        })

        self.assertRecordValues(contract, [{
            "renewal_mode": "auto", "renewal_term_months": 6, "renewal_notice_days": 45,
        }])
