from . import agreement
from . import billing
from . import compliance
from . import ending
from . import sale
