from . import aftersales_compliance_method
from . import aftersales_compliance_rule
from . import aftersales_compliance_check
from . import aftersales_contract
