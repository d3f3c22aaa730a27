from . import aftersales_batch_mixin
from . import aftersales_lifecycle_mixin
from . import ir_qweb
from . import mail_template
from . import aftersales_failure_code
from . import aftersales_service_area
from . import res_company
from . import res_config_settings
