from . import test_cover_outlook
from . import test_coverage_engine
from . import test_coverage_quota
from . import test_tools_coverage
from . import test_recall_progress
from . import test_statement
