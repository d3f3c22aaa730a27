from . import periods
from . import proration
