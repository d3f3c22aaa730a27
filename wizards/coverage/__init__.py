from . import aftersales_goodwill_request
