from odoo import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged("post_install", "-at_install")
class TestContractTour(HttpCase):
    """What only a browser sees: the buttons of a contract, in the hands of an officer."""

    def test_draft_to_invoice(self):
        company = self.env.company
        if not company.chart_template:
            self.env["account.chart.template"].try_loading("generic_coa", company=company)
        company.partner_id.tz = "UTC"
        officer = mail_new_test_user(
            self.env, login="tour_officer", groups="aftersales.group_contract_officer",
            password="tour_officer",
        )
        today = company._get_aftersales_today()
        service = self.env["product.product"].create({
            "name": "Lift maintenance", "type": "service", "taxes_id": [Command.clear()],
        })
        contract = self.env["aftersales.contract"].with_user(officer).create({
            "partner_id": self.env["res.partner"].create({"name": "Tower Ltd"}).id,
            "subject": "Lifts of the tower",
            "date_start": today,
            "invoice_action": "post",
            "line_ids": [Command.create({"product_id": service.id, "price_unit": 300.0})],
        })

        self.start_tour(
            f"/odoo/service-contracts/{contract.id}", "aftersales_contract_to_invoice",
            login="tour_officer",
        )

        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.signed_by, "Tower Ltd")
        first = contract.obligation_ids.sorted("period_start")[0].sudo()
        self.assertEqual(first.move_id.state, "posted")
        self.assertEqual(first.move_id.amount_untaxed, 300.0)
        self.assertEqual(first.move_id.invoice_date, today)
