from . import test_renewal_auto
from . import test_renewal_reminders
from . import test_tools_indexation
from . import test_tools_renewal
