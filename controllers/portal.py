"""What customers see of their service contracts, and how they sign them."""

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

CONTRACTS_URL = "/my/aftersales/contracts"
MAX_UPLOAD_SIZE = 20 * 1024 * 1024
MAX_REASON_LENGTH = 4000


class AftersalesPortal(CustomerPortal):

    # -------------------------------------------------------------------------
    # Home and list
    # -------------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        contracts = request.env["aftersales.contract"]
        for counter, domain in (
            ("aftersales_contract_count", Domain.TRUE),
            ("aftersales_to_sign_count", self._get_to_sign_domain()),
        ):
            if counter in counters:
                values[counter] = (
                    contracts.search_count(self._get_own_contracts_domain() & domain)
                    if contracts.has_access("read") else 0
                )
        return values

    def _get_own_contracts_domain(self):
        """Return the contracts of the visitor's company, also for staff with wider rights."""
        partner = request.env.user.partner_id.commercial_partner_id
        return (
            Domain("partner_id", "child_of", partner.ids)
            & Domain("state", "not in", request.env["aftersales.contract"]._OPEN_STATES)
        )

    def _get_to_sign_domain(self):
        return Domain("state", "=", "to_sign") & Domain("signed_by", "=", False)

    def _get_contract_sortings(self):
        return {
            "start": {"label": request.env._("Start"), "order": "date_start desc, id desc"},
            "end": {"label": request.env._("End"), "order": "date_end, id desc"},
            "name": {"label": request.env._("Number"), "order": "name desc, id desc"},
        }

    def _get_contract_filters(self):
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "to_sign": {
                "label": request.env._("To sign"), "domain": Domain("state", "=", "to_sign"),
            },
            "running": {
                "label": request.env._("Running"),
                "domain": Domain("state", "in", ("active", "suspended")),
            },
            "ended": {
                "label": request.env._("Ended"),
                "domain": Domain("state", "in", ("expired", "renewed", "terminated")),
            },
        }

    @route(
        [CONTRACTS_URL, f"{CONTRACTS_URL}/page/<int:page>"], type="http", auth="user",
        website=True, readonly=True,
    )
    def portal_my_contracts(self, page=1, sortby=None, filterby=None, **kwargs):
        contracts = request.env["aftersales.contract"]
        sortings, filters = self._get_contract_sortings(), self._get_contract_filters()
        sortby = sortby if sortby in sortings else "start"
        filterby = filterby if filterby in filters else "all"
        domain = self._get_own_contracts_domain() & filters[filterby]["domain"]
        contracts, pager = self._search_page(
            contracts, domain, sortings[sortby]["order"], CONTRACTS_URL, page,
            {"sortby": sortby, "filterby": filterby},
        )
        request.session["my_aftersales_contracts_history"] = contracts.ids[:100]
        return request.render("aftersales.portal_my_contracts", {
            **self._prepare_portal_layout_values(),
            # The search went through the visitor's rights; prices are shown to customers.
            "contracts": contracts.sudo(),
            "page_name": "aftersales_contracts",
            "pager": pager,
            "default_url": CONTRACTS_URL,
            "searchbar_sortings": sortings,
            "sortby": sortby,
            "searchbar_filters": filters,
            "filterby": filterby,
        })

    def _search_page(self, model, domain, order, url, page, url_args):
        """Return one page of the records the visitor may read, and its pager."""
        may_read = model.has_access("read")
        pager = portal_pager(
            url=url, url_args=url_args, page=page, step=self._items_per_page,
            total=model.search_count(domain) if may_read else 0,
        )
        records = model.browse()
        if may_read:
            records = model.search(
                domain, order=order, limit=self._items_per_page, offset=pager["offset"])
        return records, pager

    # -------------------------------------------------------------------------
    # Access
    # -------------------------------------------------------------------------

    def _get_contract(self, contract_id, access_token):
        """Return the contract as the super-user, when the visitor may see it by right or token.

        :raises AccessError, MissingError: neither right nor token
        """
        contract_sudo = self._document_check_access(
            "aftersales.contract", contract_id, access_token,
        )
        return contract_sudo.with_context(lang=self._get_page_lang(contract_sudo))

    def _get_page_lang(self, contract_sudo):
        """Return the visitor's language; one who is not logged in reads the customer's."""
        if request.env.user._is_public() and contract_sudo.partner_id.lang:
            request.update_context(lang=contract_sudo.partner_id.lang)
        return request.env.lang

    def _comes_by_right(self, contract_sudo):
        """Whether the visitor may read the contract without a link."""
        return contract_sudo.with_user(request.env.user).has_access("read")

    def _get_closed_page(self, contract_sudo):
        """Return why this visitor cannot see the contract now: an old link, or a new draft."""
        if contract_sudo.state in contract_sudo._OPEN_STATES:
            return "aftersales.portal_contract_in_revision"
        version_sudo = contract_sudo.version_id
        if version_sudo._is_link_expired() and not self._comes_by_right(contract_sudo):
            return "aftersales.portal_contract_link_expired"
        return False

    def _render_closed_page(self, contract_sudo, template, access_token):
        return request.render(template, {
            "contract": contract_sudo,
            "access_token": access_token,
            "page_name": "aftersales_contract",
            "no_breadcrumbs": True,
        })

    def _get_author(self, contract_sudo):
        """Return who acts: the logged-in person, or the contact the link was mailed to."""
        if request.env.user._is_public():
            return contract_sudo._get_signatory()
        return request.env.user.partner_id.sudo()

    def _may_sign(self, contract_sudo):
        """Whether the visitor may sign for the customer now; our own people never do."""
        version_sudo = contract_sudo.version_id
        return (
            contract_sudo.state == "to_sign" and version_sudo.state == "pending"
            and not version_sudo.customer_signed_on and not request.env.user._is_internal()
        )

    def _get_url(self, record_sudo, access_token, message=""):
        """Return the address of a record's page for this visitor, with what it has to say."""
        query = "&".join(filter(None, [
            f"access_token={access_token}" if access_token else "",
            f"message={message}" if message else "",
        ]))
        return f"{record_sudo.access_url}{query and '?' + query}"

    def _redirect(self, record_sudo, access_token, message=""):
        return request.redirect(self._get_url(record_sudo, access_token, message))

    # -------------------------------------------------------------------------
    # Contract
    # -------------------------------------------------------------------------

    @route(f"{CONTRACTS_URL}/<int:contract_id>", type="http", auth="public", website=True)
    def portal_contract(self, contract_id, access_token=None, message=None, **kwargs):
        try:
            contract_sudo = self._get_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if template := self._get_closed_page(contract_sudo):
            return self._render_closed_page(contract_sudo, template, access_token)
        values = self._prepare_contract_page_values(contract_sudo, access_token, message)
        return request.render("aftersales.portal_contract", self._get_page_view_values(
            contract_sudo, access_token, values, "my_aftersales_contracts_history", False,
            **kwargs,
        ))

    def _prepare_contract_page_values(self, contract_sudo, access_token, message=None):
        """Return what the contract page shows (hook for those who add sections)."""
        printer = request.env["report.aftersales.report_contract"].sudo()
        return {
            "contract": contract_sudo,
            "version": contract_sudo.version_id,
            "versions": contract_sudo.version_ids.filtered(lambda v: v.state != "void"),
            "onerous_clauses": contract_sudo.version_id._get_onerous_clauses(),
            "invoices": self._get_invoices(contract_sudo),
            "may_sign": self._may_sign(contract_sudo),
            "is_staff": request.env.user._is_internal(),
            "printer": printer.with_context(lang=request.env.lang),
            "text_printer": printer.with_context(lang=contract_sudo.partner_id.lang),
            "access_query": f"?access_token={access_token}" if access_token else "",
            "backend_url": f"/odoo/service-contracts/{contract_sudo.id}",
            "default_name": self._get_author(contract_sudo).name,
            "message": message,
            "page_name": "aftersales_contract",
            "res_company": contract_sudo.company_id,
        }

    def _get_invoices(self, contract_sudo):
        """Return the posted invoices and credit notes of the contract, the newest first."""
        lines_sudo = request.env["account.move.line"].sudo().search([
            ("aftersales_contract_id", "=", contract_sudo.id),
            ("parent_state", "=", "posted"),
            ("move_id.move_type", "in", ("out_invoice", "out_refund")),
        ])
        return lines_sudo.move_id.sorted(lambda move: (move.invoice_date, move.id), reverse=True)

    @route(
        f"{CONTRACTS_URL}/<int:contract_id>/document/<int:version_id>/<string:kind>",
        type="http", auth="public", website=True,
    )
    def portal_contract_document(
        self, contract_id, version_id, kind, access_token=None, **kwargs,
    ):
        try:
            contract_sudo = self._get_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if self._get_closed_page(contract_sudo):
            return self._redirect(contract_sudo, access_token)
        version_sudo = contract_sudo.version_ids.filtered(
            lambda version: version.id == version_id and version.state != "void"
        )
        attachment_sudo = version_sudo and self._get_document(version_sudo, kind)
        if not attachment_sudo:
            return request.not_found()
        stream = request.env["ir.binary"]._get_stream_from(attachment_sudo)
        return stream.get_response(as_attachment=True)

    def _get_document(self, version_sudo, kind):
        if kind == "document":
            return version_sudo._ensure_document().sudo()
        if kind == "signed_copy":
            return version_sudo.signed_copy_id
        if kind.isdecimal():
            return version_sudo.scan_ids.filtered(lambda scan: scan.id == int(kind))
        return request.env["ir.attachment"]

    # -------------------------------------------------------------------------
    # Signing
    # -------------------------------------------------------------------------

    @route(
        f"{CONTRACTS_URL}/<int:contract_id>/accept", type="jsonrpc", auth="public", website=True,
    )
    def portal_contract_accept(
        self, contract_id, access_token=None, name=None, signature=None, method=None,
        acknowledged=(), content_hash=None,
    ):
        """Sign for the customer; return an error to show, or where to go.

        :param acknowledged: ids of the onerous clauses whose box was ticked
        :param content_hash: fingerprint of what the page showed
        """
        # The form's address carries the token, as in core.
        access_token = access_token or request.httprequest.args.get("access_token")
        try:
            contract_sudo = self._get_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return {"error": request.env._("You may not see this contract. Log in again.")}
        if error := self._get_accept_error(contract_sudo, content_hash):
            return {"error": error}
        ticked = {box for box in acknowledged or () if isinstance(box, int)}
        return self._sign_for_customer(
            contract_sudo.version_id, name, method, signature,
            self._get_url(contract_sudo, access_token, "signed"),
            acknowledged=contract_sudo.clause_ids.filtered(lambda c: c.id in ticked),
        )

    def _sign_for_customer(self, record_sudo, name, method, signature, next_url, **vals):
        """Sign a record for the visitor; return an error to show, or where to go."""
        contract_sudo = record_sudo.contract_id
        try:
            # A refused signature leaves nothing behind.
            with request.env.cr.savepoint():
                record_sudo._sign_online(
                    name, method, signature,
                    author=self._get_author(contract_sudo),
                    ip=request.httprequest.remote_addr,
                    identified_by=self._get_identification(record_sudo), **vals,
                )
        except UserError as error:
            return {"error": str(error)}
        return {"force_refresh": True, "redirect_url": next_url}

    def _get_accept_error(self, contract_sudo, content_hash):
        """Return why the visitor cannot sign what the page showed, or an empty text."""
        if self._get_closed_page(contract_sudo):
            return request.env._(
                "This link no longer works for signing. Load the page again to see what you can "
                "do.",
            )
        if request.env.user._is_internal():
            return request.env._(
                "Only the customer signs here. For a signature on paper use “Confirm Signature” "
                "on the contract.",
            )
        if content_hash != contract_sudo.version_id.content_hash:
            return request.env._(
                "The contract was changed after you had opened this page. Load the page again "
                "and read it before you sign.",
            )
        return ""

    def _get_identification(self, record_sudo):
        """Say how the visitor reached what is signed, as evidence."""
        user = request.env.user
        if not user._is_public():
            return record_sudo.env._("Portal login %(login)s", login=user.login)
        email = record_sudo.contract_id._get_signatory().email
        if email and record_sudo._was_mailed():
            return record_sudo.env._("Link mailed to %(email)s", email=email)
        return record_sudo.env._("Link with the secret token of the contract")

    @route(
        f"{CONTRACTS_URL}/<int:contract_id>/decline", type="http", auth="public",
        methods=["POST"], website=True,
    )
    def portal_contract_decline(self, contract_id, access_token=None, reason=None, **kwargs):
        try:
            contract_sudo = self._get_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        reason = (reason or "").strip()[:MAX_REASON_LENGTH]
        if self._get_closed_page(contract_sudo) or not self._may_sign(contract_sudo):
            return self._redirect(contract_sudo, access_token, "cannot_decline")
        if not reason:
            return self._redirect(contract_sudo, access_token, "no_reason")
        contract_sudo.version_id._decline(reason, self._get_author(contract_sudo))
        return self._redirect(contract_sudo, access_token, "declined")

    @route(
        f"{CONTRACTS_URL}/<int:contract_id>/new_link", type="http", auth="public",
        methods=["POST"], website=True,
    )
    def portal_contract_new_link(self, contract_id, access_token=None, **kwargs):
        """Mail a new link to the contact of the contract; the expired one is void from now on."""
        try:
            contract_sudo = self._get_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if self._get_closed_page(contract_sudo) != "aftersales.portal_contract_link_expired":
            return self._redirect(contract_sudo, access_token)
        contract_sudo._renew_link()
        return self._render_closed_page(
            contract_sudo, "aftersales.portal_contract_link_sent", False,
        )

    # -------------------------------------------------------------------------
    # Verification
    # -------------------------------------------------------------------------

    @route(
        f"{CONTRACTS_URL}/<int:contract_id>/verify", type="http", auth="public",
        methods=["GET", "POST"], website=True,
    )
    def portal_contract_verify(self, contract_id, access_token=None, file=None, **kwargs):
        """Recompute the fingerprints; a file is only read and compared, never stored."""
        try:
            contract_sudo = self._get_contract(contract_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if template := self._get_closed_page(contract_sudo):
            return self._render_closed_page(contract_sudo, template, access_token)
        versions_sudo = contract_sudo.version_ids.filtered(lambda v: v.state != "void")
        values = {
            **self._prepare_contract_page_values(contract_sudo, access_token),
            "versions": versions_sudo,
            "results": {version.id: version._verify() for version in versions_sudo},
            "page_name": "aftersales_contract_verify",
        }
        if request.httprequest.method == "POST":
            values.update(self._compare_file(versions_sudo, file))
        return request.render("aftersales.portal_contract_verify", values)

    def _compare_file(self, versions_sudo, file):
        """Return what an uploaded file is, or why it cannot be compared."""
        data = file.read(MAX_UPLOAD_SIZE + 1) if file else b""
        if not data:
            return {"file_error": request.env._("Choose a PDF file first.")}
        if len(data) > MAX_UPLOAD_SIZE:
            return {"file_error": request.env._(
                "The file is larger than 20 MB; no document of a contract is.",
            )}
        if not data.startswith(b"%PDF-"):
            return {"file_error": request.env._("This is not a PDF file. Choose the PDF itself.")}
        version_sudo, kind = versions_sudo._identify(data)
        return {"file_name": file.filename, "file_version": version_sudo, "file_kind": kind}
