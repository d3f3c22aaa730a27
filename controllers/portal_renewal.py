"""What customers see of the renewal of their contracts, how they agree to it and object."""

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from .portal import CONTRACTS_URL, MAX_REASON_LENGTH, AftersalesPortal

RENEWAL_URL = f"{CONTRACTS_URL}/<int:contract_id>/renewal"


class AftersalesPortalRenewal(AftersalesPortal):

    # -------------------------------------------------------------------------
    # The contract page
    # -------------------------------------------------------------------------

    def _prepare_contract_page_values(self, contract_sudo, access_token, message=None):
        values = super()._prepare_contract_page_values(contract_sudo, access_token, message)
        is_shown = contract_sudo._has_coming_renewal()
        term_sudo, offer_sudo = contract_sudo.term_id, contract_sudo._get_waiting_offer()
        is_customer = not request.env.user._is_internal()
        today = contract_sudo.company_id._get_aftersales_today()
        return {
            **values,
            "is_renewal_shown": is_shown,
            "offer": offer_sudo,
            "adjustments": contract_sudo._get_announced_adjustments() if is_shown else (),
            "may_agree_to_renewal": (
                is_customer and is_shown and bool(offer_sudo)
                and not offer_sudo.customer_signed_on and not offer_sudo._get_signing_blockers()
            ),
            "may_decline_renewal": (
                is_customer and is_shown and bool(offer_sudo)
                and not offer_sudo._get_decline_problem()
            ),
            "may_object_to_renewal": (
                is_customer and is_shown and contract_sudo.renewal_mode == "auto"
                and not term_sudo._get_objection_problem(today)
            ),
            "may_withdraw_objection": (
                is_customer and is_shown and not term_sudo._get_online_withdrawal_problem()
            ),
            "renewal_error": request.session.pop("aftersales_renewal_error", ""),
        }

    # -------------------------------------------------------------------------
    # Agreeing
    # -------------------------------------------------------------------------

    @route(f"{RENEWAL_URL}/<int:offer_id>/accept", type="jsonrpc", auth="public", website=True)
    def portal_renewal_accept(
        self, contract_id, offer_id, access_token=None, name=None, signature=None, method=None,
        **kwargs,
    ):
        """Agree to an offer for the customer; return an error to show, or where to go."""
        access_token = access_token or request.httprequest.args.get("access_token")
        try:
            contract_sudo = self._get_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return {"error": request.env._("You may not see this contract. Log in again.")}
        offer_sudo = contract_sudo._get_waiting_offer()
        if error := self._get_renewal_refusal(contract_sudo):
            return {"error": error}
        if offer_sudo.id != offer_id:
            return {"error": request.env._(
                "This offer is no longer open. Load the page again to see what we offer now.",
            )}
        return self._sign_for_customer(
            offer_sudo, name, method, signature,
            self._get_url(contract_sudo, access_token, "renewal_agreed"),
        )

    def _get_renewal_refusal(self, contract_sudo):
        """Return why this visitor cannot answer for the customer, or an empty text."""
        if self._get_closed_page(contract_sudo):
            return request.env._(
                "This link no longer works. Load the page again to see what you can do.",
            )
        if request.env.user._is_internal():
            return request.env._(
                "Only the customer answers here. Record on the contract what they told you.",
            )
        return ""

    @route(
        f"{RENEWAL_URL}/<int:offer_id>/decline", type="http", auth="public", methods=["POST"],
        website=True,
    )
    def portal_renewal_decline(
        self, contract_id, offer_id, access_token=None, reason=None, **kwargs,
    ):
        """Decline an offer for the customer, who says why."""
        reason = (reason or "").strip()[:MAX_REASON_LENGTH]

        def decline(contract_sudo, author):
            offer_sudo = contract_sudo._get_waiting_offer()
            if offer_sudo.id != offer_id:
                raise UserError(request.env._(
                    "This offer is no longer open. You see what we offer now below.",
                ))
            if not reason:
                raise UserError(request.env._("Please write why you decline the renewal."))
            offer_sudo._decline_online(author, reason)

        return self._answer_renewal(contract_id, access_token, "renewal_declined", decline)

    # -------------------------------------------------------------------------
    # Objecting
    # -------------------------------------------------------------------------

    @route(f"{RENEWAL_URL}/object", type="http", auth="public", methods=["POST"], website=True)
    def portal_renewal_object(self, contract_id, access_token=None, reason=None, **kwargs):
        """Object for the customer to the renewal of the term under way."""
        reason = (reason or "").strip()[:MAX_REASON_LENGTH]
        return self._answer_renewal(
            contract_id, access_token, "renewal_objected",
            lambda contract_sudo, author: contract_sudo._get_term_under_way()._object_online(
                author, reason,
            ),
        )

    @route(f"{RENEWAL_URL}/withdraw", type="http", auth="public", methods=["POST"], website=True)
    def portal_renewal_withdraw(self, contract_id, access_token=None, **kwargs):
        """Take the customer's objection back."""
        return self._answer_renewal(
            contract_id, access_token, "renewal_withdrawn",
            lambda contract_sudo, author: (
                contract_sudo._get_term_under_way()._withdraw_objection_online(author)
            ),
        )

    def _answer_renewal(self, contract_id, access_token, message, answer):
        """Call ``answer`` with the contract; what is refused is explained, and nothing changes."""
        try:
            contract_sudo = self._get_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if error := self._get_renewal_refusal(contract_sudo):
            return self._refuse_renewal(contract_sudo, access_token, error)
        try:
            with request.env.cr.savepoint():
                answer(contract_sudo, self._get_author(contract_sudo))
        except UserError as error:
            return self._refuse_renewal(contract_sudo, access_token, str(error))
        return self._redirect(contract_sudo, access_token, message)

    def _refuse_renewal(self, contract_sudo, access_token, error):
        request.session["aftersales_renewal_error"] = error
        return self._redirect(contract_sudo, access_token)
