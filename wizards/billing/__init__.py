from . import account_move_reversal
from . import aftersales_billing_wizard
from . import aftersales_billing_wizard_line
