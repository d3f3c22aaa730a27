from odoo import api, fields, models
from odoo.exceptions import ValidationError

AUDIENCES = [("customer", "Customer"), ("manager", "Contract manager")]


class AftersalesRenewalStep(models.Model):
    """When to remind whom of the end of a term: of a company, or of one contract instead."""

    _name = "aftersales.renewal.step"
    _description = "Renewal Reminder"
    _order = "company_id, contract_id, days_before desc, audience"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "aftersales.contract", ondelete="cascade", index="btree_not_null", check_company=True,
        help="Empty: for all contracts of the company that have no reminders of their own.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, compute="_compute_company_id", store=True,
        readonly=False, precompute=True,
    )
    days_before = fields.Integer(
        string="Days Before the End", required=True, default=30,
        help="Counted from the last day of the term under way.",
    )
    audience = fields.Selection(AUDIENCES, string="Reminds", required=True, default="customer")

    _step_uniq = models.UniqueIndex(
        "(company_id, COALESCE(contract_id, 0), days_before, audience)",
        "This reminder is already there.",
    )

    @api.depends("contract_id")
    def _compute_company_id(self):
        for step in self:
            step.company_id = step.contract_id.company_id or step.company_id or self.env.company

    @api.depends("days_before", "audience")
    def _compute_display_name(self):
        labels = dict(self._fields["audience"]._description_selection(self.env))
        for step in self:
            step.display_name = self.env._(
                "%(days)s days before the end: %(audience)s",
                days=step.days_before, audience=labels.get(step.audience, ""),
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for vals in vals_list:
            vals["days_before"] += 1  # the same step twice would be one reminder too many
        return vals_list

    @api.constrains("days_before")
    def _check_days_before(self):
        for step in self:
            if step.days_before < 0:
                raise ValidationError(self.env._(
                    "A reminder cannot come %(days)s days after the end of the term. Enter 0 or "
                    "more days before it.", days=-step.days_before,
                ))
