from . import aftersales_contract
