from . import test_company_today
from . import test_failure_code
from . import test_lifecycle_mixin
from . import test_service_area
from . import test_tools_periods
from . import test_tools_proration
