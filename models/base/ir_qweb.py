from lxml import etree

from odoo import models


class SharedCode(dict):
    """What has been compiled for a batch of mails, by text and options of the template engine.

    A class of its own: what a client sends in the context is never taken for it.
    """


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    def _generate_code_uncached(self, template):
        """Compile a text once for all mails of a batch that says so in its context.

        Odoo compiles the text of a mail template anew for each record, which takes most of the
        time of a mail; a view is compiled once for all.
        """
        shared = self.env.context.get("aftersales_shared_code")
        if not (isinstance(shared, SharedCode) and isinstance(template, etree._Element)):
            return super()._generate_code_uncached(template)
        options = [self.env.context.get(key) for key in self._get_template_cache_keys()]
        key = (etree.tostring(template), *options)
        if key not in shared:
            shared[key] = super()._generate_code_uncached(template)
        return shared[key]
