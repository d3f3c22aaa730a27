from . import agreement
from . import billing
from . import compliance
from . import change
from . import sale
