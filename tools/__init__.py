from . import diff
from . import periods
from . import proration
from . import texts
