from . import agreement
from . import billing
