from . import aftersales_suspension
from . import aftersales_termination
from . import aftersales_equipment_change
from . import aftersales_contract
from . import aftersales_contract_line
from . import ir_attachment
from . import maintenance_equipment
