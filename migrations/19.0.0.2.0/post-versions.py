"""Give contracts signed before there were versions the version that both parties signed."""

from odoo import SUPERUSER_ID, api

UNSIGNED = ("draft", "review", "cancelled")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    contracts = env["aftersales.contract"].search([
        ("state", "not in", UNSIGNED), ("version_ids", "=", False),
    ])
    if not contracts:
        return
    signatures = read_signatures(cr, contracts.ids)
    contracts._freeze()
    for contract in contracts:
        frozen = contract.version_ids
        if contract.state != "to_sign":
            signature = signatures[contract.id]
            frozen.write(signature)
            frozen._transition_to("signed")


def read_signatures(cr, contract_ids):
    """Return contract id → values of its version, from the columns that held them."""
    cr.execute("""
        SELECT contract.id, contract.signed_by, contract.date_signed, contract.countersigned_by_id,
               (SELECT array_agg(ir_attachment_id)
                  FROM aftersales_contract_signature_attachment_rel AS rel
                 WHERE rel.aftersales_contract_id = contract.id)
          FROM aftersales_contract AS contract
         WHERE contract.id = ANY(%s)
    """, [contract_ids])
    return {
        contract_id: {
            "customer_signed_by": name or "-",
            "customer_signed_on": day,
            "customer_method": "scan" if attachment_ids else "word",
            "company_signed_by_id": user_id or SUPERUSER_ID,
            "company_signed_on": day,
            "date_signed": day,
            "scan_ids": [(6, 0, attachment_ids or [])],
        }
        for contract_id, name, day, user_id, attachment_ids in cr.fetchall()
    }
