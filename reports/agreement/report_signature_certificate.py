from odoo import api, fields, models


class ReportSignatureCertificate(models.AbstractModel):
    """The page that says who signed what, when and how. It follows the document that was signed."""

    _name = "report.aftersales.report_signature_certificate"
    _description = "Signature Certificate"

    @api.model
    def _get_report_values(self, docids, data=None):
        contract_printer = self.env["report.aftersales.report_contract"]
        contract_printer._check_may_see_prices()
        versions = self.env["aftersales.contract.version"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": versions._name,
            "docs": versions,
            "printer": self,
            "head_height": contract_printer._get_head_height(versions.contract_id),
        }

    def _get_acknowledgements(self, version):
        """Return (title, name, moment) of each onerous clause the customer accepted."""
        return [
            (entry["name"], entry["by"], version.company_id._format_aftersales_moment(
                fields.Datetime.to_datetime(entry["on"]),
            ))
            for entry in version.acknowledgements or []
        ]

    def _group_digits(self, fingerprint):
        """Return a hash in groups of eight digits, which a reader can compare."""
        return " ".join(fingerprint[i:i + 8] for i in range(0, len(fingerprint or ""), 8))
