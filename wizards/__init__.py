from . import asset
from . import agreement
from . import billing
from . import ending
from . import compliance
from . import change
from . import renewal
from . import sale
