from . import test_compliance_methods
from . import test_compliance_rule
from . import test_compliance_run
from . import test_compliance_review
from . import test_compliance_gate
from . import test_compliance_outdated
from . import test_compliance_packs
from . import test_texts
