from odoo import fields, models


class AftersalesFailureCode(models.Model):
    """A word of the language of failures (ISO 14224): how it failed, why, what was done."""

    _name = "aftersales.failure.code"
    _description = "Failure Code"
    _order = "code_type, sequence, code"
    _rec_names_search = ["name", "code"]

    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    code_type = fields.Selection(
        selection=[
            ("mode", "Failure mode"),
            ("mechanism", "Failure mechanism"),
            ("cause", "Failure cause"),
            ("activity", "Maintenance activity"),
            ("detection", "Detection method"),
        ],
        string="Type", required=True, default="cause",
        help="Mode: the effect that is seen. Mechanism: what happened inside. Cause: why it came "
             "to that. Activity: what was done. Detection: how it was found.",
    )
    is_outside_warranty = fields.Boolean(
        string="Not Under Warranty",
        help="No warranty answers for this cause, for example misuse or force majeure.",
    )
    note = fields.Text(string="Explanation", translate=True)

    _code_uniq = models.UniqueIndex(
        "(code_type, code)", "This code exists already for this type. Open it, or choose another.",
    )

    def copy_data(self, default=None):
        return [
            {**vals, "code": self.env._("%(code)s (copy)", code=code.code)}
            for code, vals in zip(self, super().copy_data(default), strict=True)
        ]
