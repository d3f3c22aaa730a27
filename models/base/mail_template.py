from odoo import models

from .ir_qweb import SharedCode


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _for_batch(self):
        """Return the template ready to write many mails with little work for each."""
        return self.with_context(aftersales_shared_code=SharedCode())
