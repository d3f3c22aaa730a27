# Domains in layer order (docs/architecture.md): a domain is loaded after those it stands on.
from . import base
from . import sla
from . import asset
from . import contract
from . import coverage
from . import request
from . import agreement
from . import billing
from . import ending
from . import compliance
from . import change
from . import renewal
from . import sale
