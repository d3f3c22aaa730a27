from . import test_annual_value
from . import test_contract_access
from . import test_contract_checks
from . import test_contract_life
from . import test_cover_terms
from . import test_covering_lines
from . import test_obligation_schedule
