from . import aftersales_request_answer
from . import aftersales_request_step
