from . import test_architecture
from .base import *
from .asset import *
from .contract import *
from .billing import *
