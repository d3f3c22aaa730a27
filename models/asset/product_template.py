from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .stock_lot import WARRANTY_BASES, WARRANTY_SCOPES

# What a serial number takes from its product, under the same name, until it leaves us.
WARRANTY_TERMS = (
    "aftersales_warranty_basis", "aftersales_warranty_months", "aftersales_main_part_months",
    "aftersales_warranty_scope",
)


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
        WARRANTY_BASES, string="Warranty Begins With", default="delivery", required=True,
    )
    aftersales_warranty_scope = fields.Selection(
        WARRANTY_SCOPES, string="Warranty Pays", default="travel", required=True,
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

    @api.constrains(
        "aftersales_warranty_months", "aftersales_main_part_months", "aftersales_vendor_months",
        "aftersales_part_months",
    )
    def _check_aftersales_months(self):
        for name in ("aftersales_warranty_months", "aftersales_main_part_months",
                     "aftersales_vendor_months", "aftersales_part_months"):
            for product in self.filtered(lambda product, name=name: product[name] < 0):
                raise ValidationError(self.env._(
                    "%(product)s: %(field)s cannot be negative (%(months)s). Enter whole months, "
                    "or 0 for none.",
                    product=product.display_name, months=product[name],
                    field=self._fields[name]._description_string(self.env),
                ))

    @api.constrains(
        "tracking", "is_storable", "aftersales_is_equipment", "aftersales_warranty_months",
        "aftersales_main_part_months", "aftersales_vendor_months",
    )
    def _check_aftersales_tracking(self):
        for product in self:
            if product.tracking == "none" and (
                product.aftersales_warranty_months or product.aftersales_main_part_months
                or product.aftersales_vendor_months
            ):
                raise ValidationError(self.env._(
                    "%(product)s is not tracked by lots or serial numbers, so nobody could tell "
                    "which unit is under warranty. Track it by unique serial number first, or "
                    "set the months of its warranties to 0. A part fitted in a repair may have a "
                    "warranty without: enter it as warranty when fitted.",
                    product=product.display_name,
                ))
            if product.aftersales_is_equipment and product.tracking != "serial":
                raise ValidationError(self.env._(
                    "%(product)s is not tracked by unique serial number, so its units cannot "
                    "become customer equipment. Track it by unique serial number first, or do "
                    "not let it become customer equipment.", product=product.display_name,
                ))

    @api.constrains(
        "aftersales_main_part_months", "aftersales_main_part_ids", "aftersales_warranty_months",
    )
    def _check_aftersales_main_parts(self):
        for product in self.filtered(lambda product: product.aftersales_main_part_months > 0):
            if not product.aftersales_main_part_ids:
                raise ValidationError(self.env._(
                    "%(product)s: there is a warranty of main parts, but no main part. Choose "
                    "the main parts, or set its months to 0.", product=product.display_name,
                ))
            if product.aftersales_main_part_months < product.aftersales_warranty_months:
                raise ValidationError(self.env._(
                    "%(product)s: the warranty of main parts (%(parts)s months) is shorter than "
                    "that of the whole unit (%(unit)s months). Enter more months, or 0 for as "
                    "long as the whole unit.",
                    product=product.display_name, parts=product.aftersales_main_part_months,
                    unit=product.aftersales_warranty_months,
                ))

    def write(self, vals):
        """Let units that have not left us yet follow new warranty terms; others keep theirs."""
        changed = [
            name for name in WARRANTY_TERMS
            if name in vals and any(product[name] != vals[name] for product in self)
        ]
        result = super().write(vals)
        if changed:
            self.env["stock.lot"].sudo()._take_over_terms([
                ("product_id.product_tmpl_id", "in", self.ids),
                ("aftersales_delivered_on", "=", False),
                ("aftersales_warranty_start", "=", False),
            ])
        return result

    def action_aftersales_apply_warranty(self):
        """Give the present terms to units that were delivered before the product had any."""
        self.check_access("write")
        self.env["stock.lot"].sudo()._take_over_terms([
            ("product_id.product_tmpl_id", "in", self.ids),
            ("aftersales_warranty_end", "=", False),
            ("aftersales_main_part_end", "=", False),
        ])
        return True
