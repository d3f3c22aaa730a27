from . import aftersales_billing_wizard
from . import aftersales_billing_wizard_line
