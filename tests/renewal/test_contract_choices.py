from lxml import etree

from ..common import AftersalesCommon

# What is done to a contract in force.
CHOICES = (
    "aftersales.aftersales_contract_suspend_action",
    "aftersales.aftersales_contract_terminate_action",
    "aftersales.aftersales_contract_transfer_action",
    "aftersales.aftersales_contract_equipment_action",
    "aftersales.aftersales_renewal_objection_action",
    "aftersales.aftersales_price_adjustment_wizard_action",
)


class TestContractChoices(AftersalesCommon):
    """One button offers what can be done to a contract in force; the gear menu does not."""

    def _get_button_names(self, user, view=False):
        arch = self.env["aftersales.contract"].with_user(user).get_view(
            view and self.env.ref(view).id, "form")["arch"]
        return {button.get("name") for button in etree.fromstring(arch).iter("button")}

    def test_officer_is_offered_every_choice(self):
        contract = self._create_active()

        action = contract.with_user(self.officer).action_open_choices()

        view = "aftersales.aftersales_contract_view_form_choices"
        self.assertEqual((action["res_model"], action["res_id"]), (contract._name, contract.id))
        self.assertEqual((action["target"], action["view_id"][0]), ("new", self.env.ref(view).id))
        self.assertEqual(
            self._get_button_names(self.officer, view) - {None},
            {"action_request_change", *(str(self.env.ref(name).id) for name in CHOICES)},
        )

    def test_choices_are_for_officers(self):
        for user, offered in (
            (self.officer, True), (self.manager, True), (self.agent, False),
            (self.legal, False), (self.technician, False), (self.accountant, False),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(
                    "action_open_choices" in self._get_button_names(user), offered)

    def test_gear_menu_of_a_contract_offers_none_of_them(self):
        bindings = self.env["ir.actions.actions"].with_user(self.officer).get_bindings(
            "aftersales.contract")
        offered = {
            vals["id"] for vals in bindings.get("action", ())
            if "form" in (vals["binding_view_types"] or "").split(",")
        }

        self.assertFalse(offered & {self.env.ref(name).id for name in CHOICES})

    def test_contract_form_has_seven_pages(self):
        arch = self.env["aftersales.contract"].with_user(self.manager).get_view(
            view_type="form")["arch"]
        notebook = etree.fromstring(arch).find("sheet/notebook")

        self.assertEqual(
            [page.get("name") for page in notebook.findall("page")],
            ["lines", "billing", "terms", "compliance", "renewal", "history", "notes"],
        )
