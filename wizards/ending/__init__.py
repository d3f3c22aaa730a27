from . import aftersales_contract_suspend
from . import aftersales_contract_resume
from . import aftersales_contract_terminate
from . import aftersales_contract_terminate_line
from . import aftersales_contract_transfer
from . import aftersales_contract_equipment
from . import aftersales_equipment_step_mixin
from . import aftersales_equipment_move
