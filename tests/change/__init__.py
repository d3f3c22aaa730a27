from . import test_contract_change_apply
from . import test_contract_change_life
from . import test_contract_change_mail
from . import test_contract_change_portal
from . import test_contract_change_processes
from . import test_cover_change
from . import test_story_contract_change
from . import test_text_diff
