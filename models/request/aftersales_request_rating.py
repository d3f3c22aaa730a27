from markupsafe import Markup

from odoo import models
from odoo.tools import format_date

BAD_RATING = 2  # stars; so many or fewer call for somebody
_RATING_ACTIVITY = "aftersales.mail_activity_type_bad_rating"


class AftersalesRequestRating(models.AbstractModel):
    """What a customer's rating means to us: a bad one is looked into by a person."""

    _name = "aftersales.request.rating"
    _description = "Rating of a Request"

    def rating_apply(self, rate, token=None, rating=None, **kwargs):
        """Tell those who answer for the request of a bad rating, once."""
        self.lock_for_update(allow_referencing=True)
        given = self._get_given_rating()
        rated = super().rating_apply(rate, token=token, rating=rating, **kwargs)
        if not given and 0 < rated.rating <= BAD_RATING:
            # Who rates is a customer, or nobody at all; whom it concerns is ours to find.
            self.sudo()._on_bad_rating(rated.sudo())
        return rated

    def _on_bad_rating(self, rating):
        """Ask the manager to talk to the customer, and let the owner know."""
        self.ensure_one()
        manager = self.env["aftersales.request.clock"]._get_manager(self)
        self.with_context(lang=manager.lang).activity_schedule(
            _RATING_ACTIVITY,
            date_deadline=self.company_id._get_aftersales_today(),
            user_id=manager.id,
            note=self.with_context(lang=manager.lang)._prepare_bad_rating_note(rating),
        )
        if self.user_id.active and self.user_id != manager:
            request = self.with_context(lang=self.user_id.lang)
            request.message_notify(
                partner_ids=self.user_id.partner_id.ids,
                subject=request.env._("%(request)s was rated badly", request=self.display_name),
                body=request._prepare_bad_rating_note(rating),
            )

    def _prepare_bad_rating_note(self, rating):
        """Return who gave how many stars, and the customer's own words."""
        return Markup("<p>%s</p><p>“%s”</p>") % (
            self.env._(
                "%(name)s gave %(stars)s of 5 stars on %(date)s. Talk to them, and write into the "
                "request what comes of it.",
                name=rating.partner_id.name or self.commercial_partner_id.name
                or self.env._("The customer"),
                stars=int(rating.rating),
                date=format_date(self.env, self.company_id._get_aftersales_today()),
            ),
            rating.feedback or self.env._("No words with it."),
        )
