from . import messenger
from . import portal
from . import portal_change
from . import portal_renewal
