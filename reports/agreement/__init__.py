from . import report_contract
from . import report_signature_certificate
