from odoo.fields import Command

from ..common import AftersalesCommon


class SoldContractCommon(AftersalesCommon):
    """A lift service sold by contract, a spare part, and a salesperson without our roles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._create_user(
            "seller", "Sara Seller", "sales_team.group_sale_salesman_all_leads",
        )
        cls.template = cls.env["aftersales.contract.template"].create({
            "name": "Lift care",
            "term_months": 12,
            "termination_notice_days": 45,
            "line_ids": [
                Command.create({
                    "sequence": 1, "product_id": cls.fee.id, "price_unit": 250.0,
                    "recurrence_unit": "once",
                }),
                Command.create({
                    "sequence": 2, "product_id": cls.service.id, "price_unit": 100.0,
                    "recurrence_unit": "quarter", "billing_timing": "arrears",
                }),
                Command.create({"sequence": 3, "name": "Emergency calls day and night"}),
            ],
        })
        cls.hotline = cls._create_service("Hotline", 30.0)
        cls._sell_by_contract(cls.service + cls.hotline, cls.template)
        cls.part = cls.env["product.product"].create({
            "name": "Door roller", "type": "consu", "list_price": 80.0,
            "invoice_policy": "order", "taxes_id": [Command.set(cls.tax.ids)],
            "property_account_income_id": cls.income_account.id,
        })

    @classmethod
    def _sell_by_contract(cls, products, template):
        products.product_tmpl_id.aftersales_contract_template_id = template

    @classmethod
    def _create_order(cls, *lines, **vals):
        """Create a quotation as the salesperson; a line is (product, quantity, price, more)."""
        return cls.env["sale.order"].with_user(cls.seller).create({
            "partner_id": cls.customer.id,
            "order_line": [
                Command.create({
                    "product_id": product.id, "product_uom_qty": quantity,
                    "price_unit": price, **more,
                })
                for product, quantity, price, more in lines
            ],
            **vals,
        })

    @classmethod
    def _create_confirmed(cls, *lines, **vals):
        order = cls._create_order(*lines, **vals)
        order.action_confirm()
        return order

    @staticmethod
    def _get_contracts(orders):
        return orders.sudo().aftersales_contract_ids.sudo()
