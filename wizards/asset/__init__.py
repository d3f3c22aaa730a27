from . import aftersales_warranty_extend
