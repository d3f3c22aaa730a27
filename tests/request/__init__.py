from . import test_request_clock
from . import test_request_mail
