from . import aftersales_phone_intake
from . import aftersales_request_answer
from . import aftersales_request_step
