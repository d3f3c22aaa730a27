from . import test_billing_amounts
from . import test_billing_freeing
from . import test_billing_run
