from . import agreement
from . import change
