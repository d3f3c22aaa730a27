from . import asset
from . import coverage
from . import agreement
from . import billing
from . import ending
from . import compliance
from . import renewal
from . import sale
