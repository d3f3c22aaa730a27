from . import aftersales_sla
from . import aftersales_sla_target
from . import aftersales_sla_clock
from . import res_company
from . import res_config_settings
