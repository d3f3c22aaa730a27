"""What every model, view and menu of ours gives for free, checked on the real registry."""

from lxml import etree

from odoo.fields import Command

from .common import AftersalesCommon

PREFIX = "aftersales."
# What customers read on the portal and by RPC; they write nothing themselves.
FOR_CUSTOMERS = {
    "aftersales.contract", "aftersales.contract.line", "aftersales.contract.clause",
    "aftersales.contract.version", "aftersales.request",
}
# What exists once: a period in the register, a version, a current check, a step of reminding.
HELD_ONCE = {
    "aftersales.obligation", "aftersales.contract.version", "aftersales.compliance.check",
    "aftersales.signature.reminder",
    "aftersales.contract.term", "aftersales.renewal.notice", "aftersales.renewal",
    "aftersales.price.adjustment", "aftersales.termination",
    "aftersales.sla.target", "aftersales.request.target", "aftersales.request.phase",
    "aftersales.messenger.account", "aftersales.solution.vote",
}


class TestConformance(AftersalesCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = [cls.env[name] for name in cls.env if name.startswith(PREFIX)]
        cls.tables = [model for model in cls.models if not model._abstract]

    @staticmethod
    def _get_stored_field(model, name):
        field = model._fields.get(name)
        return field if field and field.store else None

    # -------------------------------------------------------------------------
    # Models
    # -------------------------------------------------------------------------

    def test_the_registry_holds_our_models(self):
        self.assertGreater(len(self.tables), 8)

    def test_every_model_has_a_description_of_its_own(self):
        descriptions = {}
        for model in self.models:
            with self.subTest(model=model._name):
                self.assertTrue(model._description)
                self.assertNotEqual(model._description, model._name)
                self.assertNotIn(model._description, descriptions)
                descriptions[model._description] = model._name

    def test_every_field_has_a_label_of_its_own(self):
        for model in self.tables:
            labels = {}
            for name, field in model._fields.items():
                if field._module == "aftersales" and field.string in labels:
                    self.fail(f"{model._name}: {name} and {labels[field.string]} are both called "
                              f"“{field.string}”")
                labels[field.string] = name

    def test_every_model_is_open_to_a_role(self):
        accesses = self.env["ir.model.access"].search([
            ("model_id.model", "in", [model._name for model in self.tables]),
        ])
        for model in self.tables:
            with self.subTest(model=model._name):
                own = accesses.filtered(lambda access, name=model._name:
                                        access.model_id.model == name)
                self.assertTrue(own.filtered("perm_read"))
                self.assertTrue(all(own.mapped("group_id")), "access without a group is for all")
                self.assertNotIn(self.env.ref("base.group_public"), own.group_id)
                for_customers = own.filtered(
                    lambda access: access.group_id == self.env.ref("base.group_portal"))
                self.assertEqual(bool(for_customers), model._name in FOR_CUSTOMERS)
                for right in ("perm_write", "perm_create", "perm_unlink"):
                    self.assertFalse(any(for_customers.mapped(right)))

    def test_customers_read_only_their_own(self):
        """Each model of the portal has a rule that ties it to the customer's company."""
        rules = self.env["ir.rule"].search([
            ("groups", "in", self.env.ref("base.group_portal").ids),
            ("model_id.model", "in", list(FOR_CUSTOMERS)),
        ])
        self.assertEqual(set(rules.mapped("model_id.model")), FOR_CUSTOMERS)
        for rule in rules:
            self.assertIn("user.commercial_partner_id", rule.domain_force)
            if rule.model_id.model != "aftersales.request":  # which are never drafts
                self.assertIn("draft", rule.domain_force)

    def test_every_model_with_a_company_has_a_company_rule(self):
        rules = self.env["ir.rule"].search([("model_id.model", "like", f"{PREFIX}%")])
        for model in self.tables:
            if not self._get_stored_field(model, "company_id") or model._transient:
                continue
            with self.subTest(model=model._name):
                own = rules.filtered(
                    lambda rule, name=model._name: rule.model_id.model == name
                    and rule["global"] and "company_ids" in rule.domain_force)
                self.assertTrue(own)

    def test_company_follows_the_document(self):
        """A stored company is required, or its model is shared on purpose (help says so)."""
        for model in self.tables:
            field = self._get_stored_field(model, "company_id")
            if field and not model._transient and not field.related:
                self.assertTrue(field.required or field.help, model._name)

    def test_every_link_within_a_company_is_checked(self):
        for model in self.tables:
            if "company_id" not in model._fields or model._transient:
                continue
            for name, field in model._fields.items():
                if (
                    field.type == "many2one" and field.store and not field.related
                    and not field.compute and field._module == "aftersales"
                    and field.comodel_name in (
                        "account.journal", "account.payment.term", "product.product",
                        "maintenance.equipment", "stock.lot", "product.pricelist",
                    )
                ):
                    self.assertTrue(field.check_company, f"{model._name}.{name}")

    def test_every_model_with_a_life_uses_the_lifecycle(self):
        for model in self.tables:
            field = model._fields.get("state")
            if field and not field.compute and not field.related:
                with self.subTest(model=model._name):
                    states = {value for value, _label in field.selection}
                    self.assertIsInstance(
                        model, self.env.registry["aftersales.lifecycle.mixin"])
                    self.assertEqual(set(model._TRANSITIONS), states)
                    for targets in model._TRANSITIONS.values():
                        self.assertLessEqual(set(targets), states)
                    self.assertFalse(field.copy)

    def test_every_one2many_finds_its_rows_by_an_index(self):
        for model in self.tables:
            for name, field in model._fields.items():
                if field.type == "one2many" and field.store and field._module == "aftersales":
                    inverse = self.env[field.comodel_name]._fields[field.inverse_name]
                    self.assertTrue(
                        inverse.index or not inverse.store,
                        f"{inverse} is searched by {model._name}.{name} without an index")

    def test_names_on_core_models_carry_our_prefix_or_are_designed(self):
        designed = {
            "maintenance.equipment": {
                "customer_id", "site_id", "product_id", "lot_id", "install_date",
                "specification", "usage_factor", "criticality", "condition", "is_regulated",
                "next_statutory_check", "retired_on", "retire_reason", "replaced_by_id",
                "meter_ids", "event_ids", "part_ids", "warranty_start", "warranty_end",
                "warranty_state", "warranty_text",
            },
            "maintenance.team": {"is_aftersales"},
        }
        for name in self.env:
            if name.startswith((PREFIX, "report.")):
                continue
            for field_name, field in self.env[name]._fields.items():
                if field._module == "aftersales" and field_name not in designed.get(name, ()):
                    self.assertTrue(field_name.startswith("aftersales_"), field)

    # -------------------------------------------------------------------------
    # Records
    # -------------------------------------------------------------------------

    def _create_samples(self):
        """Return one record of every stored model."""
        clause = self.env["aftersales.clause"].create({"name": "Liability", "body": "<p>-</p>"})
        template = self.env["aftersales.contract.template"].create({
            "name": "Lift care", "clause_ids": [Command.set(clause.ids)],
            "line_ids": [Command.create({"product_id": self.service.id, "price_unit": 90.0})],
        })
        draft = self._create_contract(clause_ids=[
            Command.create({"name": "Liability", "body": "<p>-</p>"}),
        ]).sudo()
        active = self._create_active().sudo()
        obligation = active.obligation_ids[0]
        change = self.env["aftersales.contract.change"].create({
            "contract_id": active.id, "reason": "More lifts.",
            "line_ids": [Command.create({
                "kind": "field", "field_name": "date_end", "new_date": "2027-12-31",
            })],
        })
        check = active.compliance_check_ids[0]
        samples = [
            clause, template, template.line_ids, draft, draft.line_ids, draft.clause_ids,
            obligation, active.version_id, check, check.rule_id,
            self.env["aftersales.signature.reminder"].create({
                "version_id": active.version_id.id, "step": 1,
            }),
            self.env["aftersales.suspension"].create({
                "contract_id": active.id, "date_from": "2026-03-01", "reason": "Renovation",
            }),
            self.env["aftersales.termination"].create({
                "contract_id": active.id, "date_last": "2026-06-30", "reason": "Notice",
            }),
            self.env["aftersales.equipment.change"].create({
                "contract_id": active.id, "line_id": active.line_ids.id, "kind": "add",
                "date": "2026-01-15", "agreed_by": "Nora Northside", "agreed_on": "2026-01-15",
            }),
            change, change.line_ids,
            *self._create_renewal_samples(), *self._create_asset_samples(),
            *self._create_coverage_samples(), *self._create_request_samples(),
        ]
        return {record._name: record for record in samples}

    def _create_asset_samples(self):
        lift = self.env["product.product"].create({
            "name": "Lift", "is_storable": True, "tracking": "serial",
        })
        lot = self.env["stock.lot"].create({"name": "L-1", "product_id": lift.id})
        equipment = self.env["maintenance.equipment"].create({
            "name": "Lift", "customer_id": self.customer.id,
            "product_id": lift.id, "lot_id": lot.id,
        })
        meter = self.env["aftersales.meter"].create({
            "equipment_id": equipment.id, "name": "Trips",
            "uom_id": self.env.ref("uom.product_uom_unit").id,
        })
        return [
            self.env["aftersales.failure.code"].create({"code": "T1", "name": "Worn"}),
            self.env["aftersales.service.area"].create({"name": "North"}),
            meter,
            self.env["aftersales.meter.reading"].create({"meter_id": meter.id, "value": 10.0}),
            self.env["aftersales.equipment.event"].create({
                "equipment_id": equipment.id, "kind": "installed", "name": "Installed",
            }),
            self.env["aftersales.equipment.part"].create({
                "equipment_id": equipment.id, "product_id": lift.id,
            }),
            self.env["aftersales.warranty.event"].create({
                "lot_id": lot.id, "days": 10, "reason": "Repair",
            }),
            self.env["aftersales.recall"].create({"name": "Door lock"}),
        ]

    def _create_coverage_samples(self):
        statement = self.env["aftersales.statement"].create({
            "partner_id": self.customer.id,
            "charge_ids": [Command.create({"name": "Labour", "kind": "labour"})],
        })
        cover = self.env["aftersales.charge.cover"].create({
            "charge_id": statement.charge_ids.id, "reason": "Not covered.",
        })
        return [statement, statement.charge_ids, cover]

    def _create_request_samples(self):
        level = self.env["aftersales.sla"].create({
            "name": "Gold",
            "target_ids": [Command.create({"priority": "3", "response_hours": 4.0})],
        })
        self.company.aftersales_sla_id = level
        request = self.env["aftersales.request"].create({
            "subject": "Stuck", "partner_id": self.customer.id,
        })
        messenger = self.env["aftersales.messenger"].create({"name": "WeChat"})
        solution = self.env["aftersales.solution"].create({"name": "Switch it off and on"})
        return [
            level, level.target_ids, request, request.event_ids, request.target_ids,
            self.env["aftersales.request.phase"].search([("request_id", "=", request.id)]),
            messenger,
            self.env["aftersales.messenger.account"].create({
                "messenger_id": messenger.id, "external_user": "nora",
            }),
            self.env["aftersales.messenger.update"].create({
                "messenger_id": messenger.id, "request_id": request.id,
            }),
            self.env["aftersales.request.category"].create({"name": "Doors"}),
            self.env["aftersales.request.stage"].create({"name": "Triage", "meaning": "new"}),
            solution, solution._vote(self.customer, "helpful"),
            self.env["aftersales.duty"].create({
                "team_id": self.env["maintenance.team"].create({"name": "Night"}).id,
                "user_id": self.agent.id, "date_from": "2026-01-15 17:00:00",
                "date_to": "2026-01-16 08:00:00",
            }),
        ]

    def _create_renewal_samples(self):
        index = self.env["aftersales.price.index"].create({
            "name": "Consumer prices",
            "value_ids": [Command.create({"date": "2025-12-01", "value": 104.1})],
        })
        contract = self._create_active(
            date_start="2025-03-01", date_end="2026-02-28", renewal_mode="agreement",
            renewal_notice_days=30, indexation_mode="fixed", indexation_percent=2.0,
            index_freeze_months=10,
        ).sudo()
        step = self.company.aftersales_renewal_step_ids[0]
        self.env["aftersales.renewal.notice"]._remind(
            contract, contract.company_id._get_aftersales_today())
        offer = self.env["aftersales.renewal"]._prepare_offers(contract)
        adjustment = self.env["aftersales.price.adjustment"]._propose(contract)
        return [
            index, index.value_ids, contract.term_id, step, contract.notice_ids[0], offer,
            offer.line_ids, adjustment, adjustment.line_ids,
        ]

    def test_every_record_can_be_copied_and_named(self):
        samples = self._create_samples()
        self.assertEqual(
            set(samples), {model._name for model in self.tables if not model._transient},
            "a new model wants a sample here")
        for name, record in samples.items():
            with self.subTest(model=name):
                self.assertTrue(record.display_name)
                if name not in HELD_ONCE:
                    copy = record.copy()
                    self.assertNotEqual(copy, record)
                    self.assertTrue(copy.display_name)

    def test_every_wizard_opens(self):
        contract = self._create_active()
        for model in self.tables:
            if model._transient and not model._name.endswith(".line"):
                with self.subTest(model=model._name):
                    values = model.with_context(
                        active_model=contract._name, active_id=contract.id,
                    ).default_get(list(model._fields))
                    self.assertIsInstance(values, dict)

    # -------------------------------------------------------------------------
    # Views, actions, menus
    # -------------------------------------------------------------------------

    def _get_own(self, model):
        ids = self.env["ir.model.data"].search([
            ("module", "=", "aftersales"), ("model", "=", model),
        ]).mapped("res_id")
        return self.env[model].with_context(active_test=False).browse(ids).exists()

    def _iter_views(self):
        for view in self._get_own("ir.ui.view").filtered("model"):
            yield view, etree.fromstring(view.arch_db)

    def test_every_view_is_valid(self):
        for view in self._get_own("ir.ui.view"):
            with self.subTest(view=view.xml_id):
                view._check_xml()

    def test_every_button_has_its_method_or_action(self):
        for view, arch in self._iter_views():
            for button in arch.iter("button"):
                name, kind = button.get("name"), button.get("type")
                with self.subTest(view=view.xml_id, button=name):
                    if kind == "object":
                        model = self._get_model_of(view, button)
                        self.assertTrue(callable(getattr(type(model), name, None)))
                        self.assertFalse(name.startswith("_"))
                    elif kind == "action":
                        self.assertTrue(self.env["ir.actions.actions"].browse(int(name)).exists())

    def _get_model_of(self, view, node):
        """Return the model whose view the node stands in: the view's, or a nested list's."""
        path = [
            parent.get("name") for parent in node.iterancestors("field")
            if parent.getchildren() and parent.get("name")
        ]
        model = self.env[view.model]
        for name in reversed(path):
            if field := model._fields.get(name):
                model = self.env[field.comodel_name] if field.comodel_name else model
        return model

    def test_every_main_model_has_its_views(self):
        for name in ("aftersales.contract", "aftersales.contract.template",
                     "aftersales.contract.change",
                     "aftersales.obligation", "aftersales.clause",
                     "aftersales.compliance.rule", "aftersales.compliance.check"):
            types = set(self._get_own("ir.ui.view").filtered(
                lambda view, name=name: view.model == name).mapped("type"))
            with self.subTest(model=name):
                self.assertLessEqual({"list", "form", "search"}, types)

    def test_every_menu_leads_somewhere(self):
        menus = self._get_own("ir.ui.menu")
        self.assertTrue(menus)
        for menu in menus:
            with self.subTest(menu=menu.complete_name):
                self.assertTrue(menu.action or menu.child_id)

    def test_every_action_opens_its_model(self):
        for action in self._get_own("ir.actions.act_window"):
            with self.subTest(action=action.xml_id):
                self.assertIn(action.res_model, self.env)
                for mode in action.view_mode.split(","):
                    self.env[action.res_model].get_view(view_type=mode)

    def test_every_role_opens_every_menu_it_sees(self):
        own = self._get_own("ir.ui.menu")
        for user in (self.agent, self.technician, self.officer, self.legal, self.manager):
            visible = own.with_user(user).filtered(
                lambda menu, user=user: menu.id in menu.with_user(user)._visible_menu_ids())
            self.assertTrue(visible, user.name)
            for action in visible.sudo().mapped("action"):
                if action and action._name == "ir.actions.act_window":
                    with self.subTest(user=user.name, action=action.name):
                        model = self.env[action.res_model].with_user(user)
                        self.assertTrue(model.has_access("read"))
                        model.search([], limit=1)

    def test_forms_of_our_models_open_for_their_readers(self):
        for model in self.tables:
            for user in (self.agent, self.technician, self.officer, self.legal, self.manager):
                if model.with_user(user).has_access("read"):
                    with self.subTest(model=model._name, user=user.name):
                        model.with_user(user).get_views([(False, "form"), (False, "list")])

    # -------------------------------------------------------------------------
    # Crons
    # -------------------------------------------------------------------------

    def test_every_cron_calls_a_method_that_exists(self):
        crons = self._get_own("ir.cron")
        self.assertTrue(crons)
        for cron in crons:
            with self.subTest(cron=cron.name):
                method = cron.code.strip().removeprefix("model.").removesuffix("()")
                self.assertTrue(method.startswith("_cron_"))
                self.assertTrue(callable(getattr(self.env[cron.model_id.model], method, None)))
