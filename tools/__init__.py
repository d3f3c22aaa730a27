from . import diff
from . import indexation
from . import periods
from . import proration
from . import renewal
from . import texts
