from . import aftersales_contract
from . import aftersales_contract_line
from . import aftersales_contract_template
from . import product_template
from . import res_company
from . import res_config_settings
from . import sale_order
from . import sale_order_line
