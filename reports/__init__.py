from . import coverage
from . import agreement
from . import change
