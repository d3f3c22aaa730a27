from . import aftersales_contract_change_sign
