from . import aftersales_compliance_review
