"""Billing side of the reversal of invoices: what corrects a contract's invoice bears its PO."""

from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def _modify_default_reverse_values(self, origin_move):
        vals = super()._modify_default_reverse_values(origin_move)
        if origin_move.ref and origin_move.invoice_line_ids.aftersales_contract_id:
            vals["ref"] = origin_move.ref
        return vals
