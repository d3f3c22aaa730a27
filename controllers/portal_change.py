"""What customers see of the changes of their contracts, how they confirm and ask for them."""

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route
from odoo.tools import consteq

from .portal import AftersalesPortal

CHANGES_URL = "/my/aftersales/changes"
REQUEST_URL = "/my/aftersales/contracts/<int:contract_id>/change"
MAX_TEXT_LENGTH = 4000


class AftersalesPortalChange(AftersalesPortal):

    # -------------------------------------------------------------------------
    # Access
    # -------------------------------------------------------------------------

    def _get_shared_document(self, model, record_id, access_token):
        """Return the record as the super-user, when the visitor may see it.

        By the token of the record, as a person of the customer's company, or by one's own rights.

        :raises AccessError, MissingError: none of these, or no such record
        """
        record = request.env[model].browse(record_id).exists()
        if not record:
            raise MissingError(request.env._("This page does not exist (any more)."))
        # Read as the super-user only what decides on the access.
        record_sudo = record.sudo()
        if access_token and record_sudo.access_token and consteq(
            record_sudo.access_token, access_token,
        ):
            return record_sudo
        if not self._is_own(record_sudo):
            record.check_access("read")
        return record_sudo

    def _is_own(self, record_sudo):
        """Whether the visitor is a person of the customer's company."""
        user = request.env.user
        owner = record_sudo.partner_id.commercial_partner_id
        return not user._is_public() and user.partner_id.commercial_partner_id == owner

    def _is_old_link(self, change_sudo):
        """Whether the visitor came by a mailed link that no longer works, and by no right."""
        return change_sudo._is_link_expired() and not (
            self._is_own(change_sudo) or self._comes_by_right(change_sudo)
        )

    def _get_change(self, change_id, access_token):
        change_sudo = self._get_shared_document(
            "aftersales.contract.change", change_id, access_token,
        )
        if not change_sudo._is_shown_to_customer() and not request.env.user._is_internal():
            raise MissingError(request.env._("This page does not exist (any more)."))
        if request.env.user._is_public() and change_sudo.partner_id.lang:
            request.update_context(lang=change_sudo.partner_id.lang)
        return change_sudo.with_context(lang=request.env.lang)

    def _get_visitor_name(self, change_sudo):
        if request.env.user._is_public():
            contract_sudo = change_sudo.contract_id
            return (contract_sudo.contact_id or contract_sudo.partner_id).name
        return request.env.user.name

    # -------------------------------------------------------------------------
    # A change
    # -------------------------------------------------------------------------

    @route(f"{CHANGES_URL}/<int:change_id>", type="http", auth="public", website=True)
    def portal_change(self, change_id, access_token=None, message=None, **kwargs):
        try:
            change_sudo = self._get_change(change_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if self._is_old_link(change_sudo):
            return self._render_closed_page(
                change_sudo, "aftersales.portal_contract_link_expired", access_token,
            )
        is_waiting = change_sudo.state == "to_confirm" and not change_sudo.customer_signed_on
        pending = change_sudo._get_onerous_lines().filtered(lambda line: not line.acknowledged_on)
        query = f"?access_token={access_token}" if access_token else ""
        return request.render("aftersales.portal_change", {
            **self._prepare_portal_layout_values(),
            "change": change_sudo,
            "contract": change_sudo.contract_id,
            "is_shown_whole": change_sudo._has_annex(),
            "may_answer": is_waiting and not request.env.user._is_internal(),
            "lines_to_acknowledge": pending,
            "access_token": access_token,
            "access_query": query,
            "default_name": self._get_visitor_name(change_sudo),
            "message": message,
            "page_name": "aftersales_change",
            "res_company": change_sudo.company_id,
        })

    @route(f"{CHANGES_URL}/<int:change_id>/annex", type="http", auth="public", website=True)
    def portal_change_annex(self, change_id, access_token=None, **kwargs):
        try:
            change_sudo = self._get_change(change_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if self._is_old_link(change_sudo):
            return self._redirect(change_sudo, access_token)
        if not change_sudo._has_annex():
            return request.not_found()
        stream = request.env["ir.binary"]._get_stream_from(change_sudo._ensure_document().sudo())
        return stream.get_response(as_attachment=True)

    @route(
        f"{CHANGES_URL}/<int:change_id>/acknowledge", type="http", auth="public",
        methods=["POST"], website=True,
    )
    def portal_change_acknowledge(self, change_id, access_token=None, name=None, **post):
        """Record that the customer accepts clauses one by one; the boxes are named by line."""
        try:
            change_sudo = self._get_change(change_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        may_answer = not (request.env.user._is_internal() or self._is_old_link(change_sudo))
        if change_sudo.state == "to_confirm" and may_answer:
            ticked = change_sudo._get_onerous_lines().filtered(
                lambda line: post.get(f"line_{line.id}")
            )
            ticked._acknowledge((name or "").strip() or self._get_visitor_name(change_sudo))
        return self._redirect(change_sudo, access_token)

    @route(f"{CHANGES_URL}/<int:change_id>/accept", type="jsonrpc", auth="public", website=True)
    def portal_change_accept(
        self, change_id, access_token=None, name=None, signature=None, method="drawn",
        content_hash=None, **kwargs,
    ):
        """Confirm for the customer; return an error to show, or where to go."""
        # The form's address carries the token, and the fingerprint of what the page showed.
        arguments = request.httprequest.args
        access_token = access_token or arguments.get("access_token")
        content_hash = content_hash or arguments.get("content_hash")
        try:
            change_sudo = self._get_change(change_id, access_token)
        except (AccessError, MissingError):
            return {"error": request.env._("You may not see this change. Log in again.")}
        if error := self._get_change_accept_error(change_sudo, content_hash):
            return {"error": error}
        return self._sign_for_customer(
            change_sudo, name, method, signature,
            self._get_url(change_sudo, access_token, "confirmed"),
        )

    def _get_change_accept_error(self, change_sudo, content_hash):
        if self._is_old_link(change_sudo):
            return request.env._(
                "This link no longer works. Load the page again to see what you can do.",
            )
        if request.env.user._is_internal():
            return request.env._(
                "Only the customer confirms here. For a signature on paper use “Confirm for the "
                "Customer” on the change.",
            )
        if content_hash != change_sudo.content_hash:
            return request.env._(
                "The change was altered after you had opened this page. Load the page again and "
                "read it before you confirm.",
            )
        return ""

    @route(
        f"{CHANGES_URL}/<int:change_id>/decline", type="http", auth="public", methods=["POST"],
        website=True,
    )
    def portal_change_decline(self, change_id, access_token=None, reason=None, **kwargs):
        try:
            change_sudo = self._get_change(change_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if request.env.user._is_internal() or self._is_old_link(change_sudo):
            return self._redirect(change_sudo, access_token)
        try:
            change_sudo._decline(
                self._get_visitor_name(change_sudo), (reason or "").strip()[:MAX_TEXT_LENGTH],
            )
        except UserError:
            return self._redirect(change_sudo, access_token, "cannot_decline")
        return self._redirect(change_sudo, access_token, "declined")

    @route(
        f"{CHANGES_URL}/<int:change_id>/new_link", type="http", auth="public", methods=["POST"],
        website=True,
    )
    def portal_change_new_link(self, change_id, access_token=None, **kwargs):
        """Mail a new link to the contact of the contract; the expired one is void from now on."""
        try:
            change_sudo = self._get_change(change_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if not self._is_old_link(change_sudo):
            return self._redirect(change_sudo, access_token)
        change_sudo._renew_link()
        return self._render_closed_page(
            change_sudo, "aftersales.portal_contract_link_sent", False,
        )

    # -------------------------------------------------------------------------
    # Asking for a change
    # -------------------------------------------------------------------------

    @route(REQUEST_URL, type="http", auth="public", methods=["GET", "POST"], website=True)
    def portal_change_request(
        self, contract_id, access_token=None, reason=None, date_effective=None, **kwargs,
    ):
        try:
            contract_sudo = self._get_shared_document(
                "aftersales.contract", contract_id, access_token,
            )
        except (AccessError, MissingError):
            return request.redirect("/my")
        if template := self._get_closed_page(contract_sudo):
            return self._render_closed_page(contract_sudo, template, access_token)
        error = ""
        if request.httprequest.method == "POST":
            try:
                change_sudo = request.env["aftersales.contract.change"]._create_customer_request(
                    contract_sudo, (reason or "")[:MAX_TEXT_LENGTH],
                    self._read_date(date_effective),
                )
            except UserError as problem:
                error = str(problem)
            else:
                # Who came by the contract's link goes on by the link of the change.
                token = access_token and change_sudo._portal_ensure_token()
                return self._redirect(change_sudo, token, "requested")
        return request.render("aftersales.portal_change_request", {
            **self._prepare_portal_layout_values(),
            "contract": contract_sudo,
            "access_token": access_token,
            "reason": reason or "",
            "date_effective": date_effective or "",
            "error": error,
            "page_name": "aftersales_change",
            "res_company": contract_sudo.company_id,
        })

    def _read_date(self, text):
        try:
            return fields.Date.to_date(text or None)
        except ValueError as error:
            raise UserError(request.env._("Please enter a date of the calendar.")) from error
