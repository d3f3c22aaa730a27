from . import agreement
from . import billing
from . import renewal
