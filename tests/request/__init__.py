from . import test_request_clock
from . import test_request_processes
from . import test_request_watch
