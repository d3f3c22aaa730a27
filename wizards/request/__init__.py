from . import aftersales_request_step
