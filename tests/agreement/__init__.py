from . import test_clause_text
from . import test_contract_report
from . import test_contract_version
