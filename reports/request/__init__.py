from . import report_request_evidence
