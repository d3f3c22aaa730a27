from . import aftersales_contract_sign
