from . import test_architecture
from . import test_conformance
from .agreement import *
from .asset import *
from .base import *
from .billing import *
from .contract import *
