"""Sale side of the contract template: how a sold service recurs."""

from odoo import models


class AftersalesContractTemplate(models.Model):
    _inherit = "aftersales.contract.template"

    def _get_recurrence_line(self, product):
        """Return the line that says how ``product`` recurs: its own, or the first that recurs."""
        own = self.line_ids.filtered(lambda line: line.product_id == product)
        recurring = self.line_ids.filtered(
            lambda line: line.product_id and line.recurrence_unit != "once"
        )
        return (own or recurring)[:1]

    def _prepare_sold_line_vals(self, product):
        """Return what a line of a sold service takes from the template (hook)."""
        line = self._get_recurrence_line(product)
        names = ("recurrence_unit", "recurrence_interval", "billing_timing")
        return {name: line[name] for name in names} if line else {}

    def _prepare_sold_cover_vals(self, product):
        """Return what the template's line of a sold service covers, and how far."""
        line = self.line_ids.filtered(lambda line: line.product_id == product)[:1]
        return line._prepare_cover_vals() if line else {}

    def _get_price_note(self, product):
        """Return what the price of a sold service counts for, in the context's language."""
        line_model = self.env["aftersales.contract.template.line"]
        line = self._get_recurrence_line(product) or line_model.new({})
        if line.recurrence_unit == "once":
            return self.env._("Charged once.")
        unit = line._get_recurrence_label().lower()
        interval = line.recurrence_interval
        timings = dict(line._fields["billing_timing"]._description_selection(self.env))
        return self.env._(
            "Price per %(period)s, charged %(timing)s.",
            period=unit if interval == 1 else f"{interval} × {unit}",
            timing=timings[line.billing_timing].lower(),
        )
