"""Know which periods were waived for an end, so that they are owed again when it moves.

Such a period lies beyond the end of its line or contract and had been invoiced: one that had not
was forgotten instead, and what people give up themselves was not on an invoice.
"""


def migrate(cr, version):
    cr.execute("""
        UPDATE aftersales_obligation AS obligation
           SET is_cut = TRUE
          FROM aftersales_contract_line AS line
          JOIN aftersales_contract AS contract ON contract.id = line.contract_id
         WHERE line.id = obligation.line_id
           AND obligation.kind = 'payment'
           AND obligation.is_cut IS NOT TRUE
           AND COALESCE(obligation.waive_reason, '') != ''
           AND obligation.period_start > LEAST(line.date_end, contract.date_end)
           AND EXISTS (
                SELECT 1 FROM account_move_line AS charge
                 WHERE charge.aftersales_obligation_id = obligation.id
           )
    """)
