from . import portal
from . import portal_change
from . import portal_ending
from . import portal_renewal
