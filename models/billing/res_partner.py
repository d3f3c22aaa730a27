"""Billing side of the customer: its rank, raised for a whole billing batch at once."""

from collections import defaultdict

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _increase_rank(self, field, n=1):
        """Note new customers of a billing batch instead of writing them one by one."""
        ranks = self.env.context.get("aftersales_ranks")
        if ranks is None:
            return super()._increase_rank(field, n)
        new = self.filtered(lambda partner: not partner[field])
        for partner in new:
            ranks[partner.id, field] += n
        return super(ResPartner, self - new)._increase_rank(field, n)

    def _raise_ranks(self, ranks):
        """Write the ranks noted by :meth:`_increase_rank`, all equal ones in one go."""
        ids = defaultdict(list)
        for (partner_id, field), rank in ranks.items():
            ids[field, rank].append(partner_id)
        for (field, rank), partner_ids in ids.items():
            self.browse(partner_ids)[field] = rank
