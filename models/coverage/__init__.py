from . import aftersales_coverage
from . import aftersales_coverage_sentence
from . import aftersales_statement
from . import aftersales_charge
from . import aftersales_charge_cover
from . import aftersales_contract_line
from . import res_company
from . import maintenance_equipment
