from . import test_sold_contract
from . import test_sold_cover
from . import test_sold_contract_invoicing
from . import test_story_sold_contract
