from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, tagged

from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.base.tests.common import DISABLED_MAIL_CONTEXT
from odoo.addons.mail.tests.common import mail_new_test_user


@tagged("post_install", "-at_install")
@freeze_time("2026-01-15 09:00")
class AftersalesCommon(TransactionCase):
    """A service company on Thursday 15 January 2026, its people by role, and two customers.

    Factories work as the contract officer, so that missing rights show up everywhere; what
    belongs to nobody's role (master data, other people's invoices) is made by the super-user.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_context(**DISABLED_MAIL_CONTEXT).env
        cls.company = cls.env.company
        cls._set_up_books(cls.company)
        cls._set_up_people()
        cls._set_up_customers()
        cls._set_up_services()

    # -------------------------------------------------------------------------
    # The stage
    # -------------------------------------------------------------------------

    @classmethod
    def _set_up_books(cls, company):
        """Give a company a chart of accounts, and the settings the tests count on."""
        if not company.chart_template:
            cls.env["account.chart.template"].try_loading(
                "generic_coa", company=company, install_demo=False,
            )
        company.partner_id.tz = "UTC"
        company.write({
            "aftersales_horizon_months": 13,
            "aftersales_grace_days": 30,
            "aftersales_proration": "actual",
            "aftersales_invoice_action": "post",
        })

    @classmethod
    def _create_company_with_books(cls, name, **vals):
        company = cls.env["res.company"].create({"name": name, **vals})
        cls.env.user.company_ids = [Command.link(company.id)]
        cls._set_up_books(company)
        return company

    @classmethod
    def _set_up_people(cls):
        cls.agent = cls._create_user("agent", "Ada Agent", "aftersales.group_agent")
        cls.technician = cls._create_user(
            "technician", "Theo Technician", "aftersales.group_technician",
        )
        cls.officer = cls._create_user(
            "officer", "Olga Officer", "aftersales.group_contract_officer",
        )
        cls.legal = cls._create_user("legal", "Lena Legal", "aftersales.group_legal")
        cls.manager = cls._create_user("manager", "Mario Manager", "aftersales.group_manager")
        cls.accountant = cls._create_user(
            "accountant", "Anna Accountant", "account.group_account_invoice",
        )
        cls.outsider = cls._create_user("outsider", "Otto Outsider", "base.group_user")

    @classmethod
    def _create_user(cls, login, name, groups, **vals):
        """Create a user whose login is ``test_<login>``, for ``@users`` and ``with_user``."""
        return mail_new_test_user(
            cls.env, login=f"test_{login}", name=name, groups=groups,
            email=f"{login}@aftersales.example", **vals,
        )

    @classmethod
    def _set_up_customers(cls):
        cls.customer, cls.other_customer = cls.env["res.partner"].create([
            {"name": "Northside Clinic", "is_company": True, "email": "office@clinic.example"},
            {"name": "Harbour Hotel", "is_company": True, "email": "office@hotel.example"},
        ])
        cls.portal_user = cls._create_user(
            "portal", "Nora Northside", "base.group_portal",
        )
        cls.other_portal_user = cls._create_user(
            "other_portal", "Harry Harbour", "base.group_portal",
        )
        cls.portal_user.partner_id.parent_id = cls.customer
        cls.other_portal_user.partner_id.parent_id = cls.other_customer

    @classmethod
    def _set_up_services(cls):
        cls.income_account = cls.env["account.account"].create({
            "code": "SERV01", "name": "Service income", "account_type": "income",
            "company_ids": [Command.set(cls.company.ids)],
        })
        cls.tax = cls.env["account.tax"].create({
            "name": "Service tax 15%", "amount": 15.0, "type_tax_use": "sale",
            "company_id": cls.company.id, "country_id": cls.company.account_fiscal_country_id.id,
        })
        cls.service = cls._create_service("Maintenance plan", 100.0)
        cls.fee = cls._create_service("Set-up fee", 250.0)

    @classmethod
    def _create_service(cls, name, price, **vals):
        return cls.env["product.product"].create({
            "name": name,
            "type": "service",
            "list_price": price,
            "taxes_id": [Command.set(cls.tax.ids)],
            "property_account_income_id": cls.income_account.id,
            **vals,
        })

    # -------------------------------------------------------------------------
    # Factories
    # -------------------------------------------------------------------------

    @classmethod
    def _create_hours(cls, name, opens, closes, days=5, tz="UTC"):
        """Create service hours, the same on each day from Monday on."""
        return cls.env["resource.calendar"].create({
            "name": name, "tz": tz, "company_id": cls.company.id,
            "attendance_ids": [Command.clear(), *(
                Command.create({
                    "name": str(day), "dayofweek": str(day), "hour_from": opens,
                    "hour_to": closes, "day_period": "morning",
                }) for day in range(days)
            )],
        })

    @classmethod
    def _create_line_vals(cls, **vals):
        """Return a monthly line of 100.00 in advance."""
        return {"product_id": cls.service.id, "price_unit": 100.0, **vals}

    @classmethod
    def _create_contract(cls, **vals):
        """Create a draft of 2026 with one monthly line; ``lines`` is a list of line values."""
        lines = vals.pop("lines", [{}])
        return cls.env["aftersales.contract"].with_user(cls.officer).create({
            "partner_id": cls.customer.id,
            "date_start": "2026-01-01",
            "date_end": "2026-12-31",
            "line_ids": [Command.create(cls._create_line_vals(**line)) for line in lines],
            **vals,
        })

    @classmethod
    def _activate(cls, contracts):
        """Put drafts into force the way people do: submit, approve, confirm the signature."""
        contracts.action_submit()
        contracts.action_approve()
        for contract in contracts:
            cls._sign(contract)
        return contracts

    @classmethod
    def _sign(cls, contract):
        wizard = contract.env["aftersales.contract.sign"].create({
            "record_ref": f"{contract._name},{contract.id}",
            "method": "word",
            "signed_by": "Nora Northside",
            "date_signed": contract.company_id._get_aftersales_today(),
        })
        wizard.action_confirm()

    @classmethod
    def _agree_on_paper(cls, offer, name="Nora Northside", scans=None):
        """Record that both agreed, as the officer does."""
        cls.env["aftersales.contract.sign"].with_user(cls.officer).create({
            "record_ref": f"{offer._name},{offer.id}",
            "method": "scan" if scans else "word",
            "signed_by": name,
            "date_signed": offer.company_id._get_aftersales_today(),
            "attachment_ids": [Command.set(scans.ids if scans else [])],
        }).action_confirm()

    @classmethod
    def _note_signatures(cls, contracts, day="2026-01-15"):
        """Write both signatures on the versions, as if they had come in, and nothing more."""
        contracts.sudo().version_id.write({
            "customer_signed_by": "Nora Northside",
            "customer_signed_on": f"{day} 09:00:00",
            "customer_method": "word",
            "company_signed_by_id": cls.officer.id,
            "company_signed_on": f"{day} 09:00:00",
            "date_signed": day,
        })

    @classmethod
    def _create_active(cls, **vals):
        return cls._activate(cls._create_contract(**vals))

    @classmethod
    def _bill(cls, contracts, until, invoice_date=None):
        """Bill as the officer; return the invoices as the super-user sees them."""
        return contracts._bill(fields.Date.to_date(until), invoice_date).with_env(cls.env)

    @classmethod
    def _activate_currency(cls, code, rate):
        """Return a foreign currency, ``rate`` of which are worth one of the company's."""
        currency = cls.env["res.currency"].with_context(active_test=False).search(
            [("name", "=", code)])
        currency.active = True
        currency.rate_ids.unlink()
        currency.rate_ids = [Command.create({
            "name": "2020-01-01", "rate": rate, "company_id": cls.company.id,
        })]
        return currency

    def _pay(self, moves, payment_date, **vals):
        """Register the payment of posted invoices as the accountant does."""
        return self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids,
        ).create({"payment_date": payment_date, **vals})._create_payments()

    def _run_cron(self, method, model="aftersales.contract"):
        """Run a cron's method; a test cannot commit, so its progress is noted."""
        steps = []

        def commit_progress(_cron, processed=0, *, remaining=None, **_kwargs):
            self.env.flush_all()
            steps.append((processed, remaining))
            return float("inf")

        with patch.object(IrCron, "_commit_progress", commit_progress):
            getattr(self.env[model], method)()
        return steps

    # -------------------------------------------------------------------------
    # Refusals
    # -------------------------------------------------------------------------

    @contextmanager
    def assertRefused(self, *parts, error=UserError):
        """The block raises, and the message holds every part."""
        with self.assertRaises(error) as caught:
            yield
        for part in parts:
            self.assertIn(part, str(caught.exception))

    # -------------------------------------------------------------------------
    # Looking at results
    # -------------------------------------------------------------------------

    @staticmethod
    def _get_periods(contracts):
        """Return the periods of the register as (first day, last day) in the order of time."""
        obligations = contracts.obligation_ids.sorted(lambda o: (o.period_start, o.line_id.id))
        return [
            (str(obligation.period_start), str(obligation.period_end))
            for obligation in obligations
        ]

    @staticmethod
    def _get_amounts(contracts):
        obligations = contracts.obligation_ids.sorted(lambda o: (o.period_start, o.line_id.id))
        return obligations.mapped("amount")

    @staticmethod
    def _get_planned_days(contracts):
        obligations = contracts.obligation_ids.sorted(lambda o: (o.period_start, o.line_id.id))
        return [str(obligation.date_planned) for obligation in obligations]

    def _get_invoices(self, contracts):
        """Return the live invoices that charge these contracts, whoever runs the test."""
        lines = self.env["account.move.line"].sudo().search([
            ("aftersales_contract_id", "in", contracts.ids),
            ("move_id.move_type", "=", "out_invoice"), ("parent_state", "!=", "cancel"),
        ])
        return lines.move_id.sorted("id")
