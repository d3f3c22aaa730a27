from . import report_contract_change
