from odoo import api, fields, models
from odoo.exceptions import UserError


class AftersalesGoodwillRequest(models.TransientModel):
    """Ask for the same goodwill on all charges of statements at once."""

    _name = "aftersales.goodwill.request"
    _description = "Ask for Goodwill"

    statement_ids = fields.Many2many(
        "aftersales.statement", string="Statements", required=True,
        default=lambda self: self._get_default_statements(),
    )
    percent = fields.Float(
        string="Goodwill (%)", digits="Discount", default=100.0, required=True,
        help="Of what is left to the customer after warranty and contract.",
    )
    reason = fields.Char(required=True, help="The customer reads it.")

    @api.model
    def _get_default_statements(self):
        if self.env.context.get("active_model") != "aftersales.statement":
            return False
        return self.env["aftersales.statement"].browse(self.env.context.get("active_ids", []))

    def action_request(self):
        """Put the goodwill on the charges; an approval given before becomes void."""
        self.ensure_one()
        charges = self.statement_ids.charge_ids
        if not charges:
            raise UserError(self.env._(
                "There is no charge yet to be generous with. Enter what was done first.",
            ))
        charges.write({"goodwill_percent": self.percent, "goodwill_reason": self.reason})
        for statement in self.statement_ids:
            statement.message_post(body=self.env._(
                "Goodwill of %(percent)s %% was asked for: %(reason)s",
                percent=f"{self.percent:g}", reason=self.reason,
            ))
        return True
