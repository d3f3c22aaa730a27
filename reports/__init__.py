from . import coverage
from . import request
from . import agreement
from . import change
