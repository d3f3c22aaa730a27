from . import test_portal_equipment
from . import test_portal_request
from . import test_request_clock
from . import test_request_life
from . import test_request_routing
from . import test_request_tour
from . import test_solution
from . import test_tools_text_search
