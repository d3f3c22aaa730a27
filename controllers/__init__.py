from . import messenger
from . import portal
from . import portal_change
from . import portal_ending
from . import portal_renewal
from . import portal_request
from . import portal_equipment
from . import portal_solution
