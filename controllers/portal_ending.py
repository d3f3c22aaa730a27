"""How customers give notice of termination on the portal."""

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Date
from odoo.http import request, route

from ..models.ending.aftersales_termination import ONLINE_GROUNDS
from .portal import CONTRACTS_URL, MAX_REASON_LENGTH, AftersalesPortal


class AftersalesPortalEnding(AftersalesPortal):

    def _prepare_contract_page_values(self, contract_sudo, access_token, message=None):
        values = super()._prepare_contract_page_values(contract_sudo, access_token, message)
        return {
            **values,
            "notice": contract_sudo.notice_id,
            "may_give_notice": (
                not request.env.user._is_internal() and not contract_sudo._get_notice_problem()
            ),
        }

    @route(
        f"{CONTRACTS_URL}/<int:contract_id>/notice", type="http", auth="public",
        methods=["GET", "POST"], website=True,
    )
    def portal_contract_notice(
        self, contract_id, access_token=None, ground=None, day=None, note=None, confirmed=None,
        **kwargs,
    ):
        """Show the form to give notice; posted and confirmed, it is a notice received."""
        try:
            contract_sudo = self._get_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        is_closed = self._get_closed_page(contract_sudo) or request.env.user._is_internal()
        if is_closed or contract_sudo._get_notice_problem():
            return self._redirect(contract_sudo, access_token)
        values = {
            "ground": ground, "day": day, "note": (note or "").strip()[:MAX_REASON_LENGTH],
            "confirmed": confirmed,
        }
        if request.httprequest.method == "GET":
            return self._render_notice_form(contract_sudo, access_token, values)
        try:
            with request.env.cr.savepoint():
                self._give_notice(contract_sudo, values)
        except UserError as error:
            return self._render_notice_form(contract_sudo, access_token, values, str(error))
        return self._redirect(contract_sudo, access_token, "notice_given")

    def _give_notice(self, contract_sudo, values):
        if not values["confirmed"]:
            raise UserError(request.env._("Please confirm that you want the contract to end."))
        try:
            day = Date.to_date(values["day"] or False)
        except ValueError as error:
            raise UserError(request.env._(
                "“%(day)s” is not a day. Choose the last day in the calendar.", day=values["day"],
            )) from error
        contract_sudo._give_notice_online(
            self._get_author(contract_sudo), values["ground"], day, values["note"],
        )

    def _render_notice_form(self, contract_sudo, access_token, values, error=""):
        today = contract_sudo.company_id._get_aftersales_today()
        earliest = contract_sudo._get_earliest_end("notice", today)
        grounds = dict(
            request.env["aftersales.termination"]._fields["ground"]._description_selection(
                request.env)
        )
        return request.render("aftersales.portal_contract_notice_form", {
            **self._prepare_contract_page_values(contract_sudo, access_token),
            "access_token": access_token,
            "values": values,
            "notice_error": error,
            "earliest": earliest,
            "fee": contract_sudo._get_early_fee(earliest, "notice", "customer"),
            "grounds": {ground: grounds[ground] for ground in ONLINE_GROUNDS},
        })
