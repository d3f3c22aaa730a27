from . import test_contract_transfer
from . import test_ending_preview
from . import test_ending_processes
from . import test_equipment_change
from . import test_equipment_steps
from . import test_story_endings
from . import test_suspension
from . import test_termination
