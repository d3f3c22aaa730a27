from . import report_equipment_label
from . import report_request_evidence
