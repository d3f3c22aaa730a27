from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    aftersales_is_equipment = fields.Boolean(
        string="Becomes Customer Equipment",
        help="Each delivered serial number becomes equipment of the customer by itself.",
    )
    aftersales_warranty_months = fields.Integer(
        string="Warranty (months)", help="Warranty of the whole unit. 0: none.",
    )
    aftersales_warranty_basis = fields.Selection(
        selection=[
            ("delivery", "Delivery"), ("installation", "Installation"), ("invoice", "Invoice"),
        ],
        string="Warranty Begins With", default="delivery", required=True,
    )
    aftersales_warranty_scope = fields.Selection(
        selection=[
            ("part", "Parts"),
            ("labour", "Parts and labour"),
            ("travel", "Parts, labour and travel"),
        ],
        string="Warranty Pays", default="travel", required=True,
    )
    aftersales_main_part_ids = fields.Many2many(
        "product.product", "aftersales_main_part_rel", "template_id", "product_id",
        string="Main Parts", help="Parts with a warranty of their own, longer than the unit's.",
    )
    aftersales_main_part_months = fields.Integer(
        string="Warranty of Main Parts (months)", help="0: as long as the whole unit.",
    )
    aftersales_vendor_months = fields.Integer(
        string="Vendor Warranty (months)",
        help="How long the vendor answers to us, from the day we received the unit. 0: none.",
    )
    aftersales_is_wear_part = fields.Boolean(
        string="Wear Part", help="Worn by use: no warranty, and no contract unless it says so.",
    )
    aftersales_part_months = fields.Integer(
        string="Warranty When Fitted (months)",
        help="Warranty of this part when it is fitted in a repair. 0: none of its own.",
    )
