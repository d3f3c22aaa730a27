from . import test_request_clock
