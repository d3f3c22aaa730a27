from . import res_company
from . import aftersales_contract_change
from . import aftersales_contract_change_line
from . import aftersales_contract
from . import aftersales_contract_line
from . import aftersales_contract_version
from . import aftersales_obligation
from . import ir_attachment
