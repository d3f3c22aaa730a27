from . import aftersales_price_adjustment_wizard
from . import aftersales_renewal_objection
