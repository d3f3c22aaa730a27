from . import test_equipment
from . import test_recall
from . import test_tools_warranty
from . import test_warranty
from . import test_warranty_facts
from . import test_warranty_terms
