from . import contract
from . import billing
