from . import aftersales_lifecycle_mixin
from . import res_company
from . import res_config_settings
