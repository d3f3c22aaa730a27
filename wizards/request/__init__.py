from . import aftersales_request_answer
