from . import test_tools_sla
from . import test_sla_clock
from . import test_sla_policy
