from . import aftersales_equipment_step_mixin
from . import aftersales_equipment_move
from . import aftersales_equipment_retire
from . import aftersales_equipment_swap
from . import aftersales_warranty_extend
