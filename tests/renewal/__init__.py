from . import test_price_adjustment
from . import test_renewal_access
from . import test_renewal_agreement
from . import test_renewal_auto
from . import test_renewal_reminders
from . import test_story_renewed_contract
from . import test_tools_indexation
from . import test_tools_renewal
