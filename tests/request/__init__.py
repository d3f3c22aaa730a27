from . import test_request_clock
from . import test_request_life
from . import test_request_routing
