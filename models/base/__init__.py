from . import aftersales_lifecycle_mixin
from . import ir_qweb
from . import mail_template
from . import res_company
from . import res_config_settings
