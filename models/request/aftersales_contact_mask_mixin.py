from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

MASK = "•••"
# Says that the ORM fills its cache, which users share; no client can send it.
_FETCHING = object()


class AftersalesContactMaskMixin(models.AbstractModel):
    """Contact data of confidential customers: closed to technicians until a job is theirs.

    Closed is every door by which a value leaves the server for them: what is read or exported
    shows a mask, what is searched, sorted or grouped finds nothing there. Names, cities and
    countries stay, so that everybody knows whose job it is. Code that runs as the super-user
    (mails, the gateway, the clock) works with the data as they are.
    """

    _name = "aftersales.contact.mask.mixin"
    _description = "Masked Contact Data"

    _MASKED_FIELDS = frozenset()
    _MASKED_BY = None  # the stored field that names the partner whose data they are

    # -------------------------------------------------------------------------
    # Whose data are closed
    # -------------------------------------------------------------------------

    def _filter_masked(self):
        """Return the records whose contact data are closed to the user."""
        if not self._is_masking():
            return self.browse()
        owners = {record: record._get_contact_owner() for record in self.sudo()}
        customers = self.env["res.partner"].sudo().union(*owners.values())
        closed = customers.search(
            Domain("id", "in", customers.ids) & self._get_closed_customers_domain())
        return self.browse([
            record.id for record, owner in owners.items() if owner and owner in closed])

    def _filter_masked_names(self):
        """Like :meth:`_filter_masked`; names of linked records are read as the super-user."""
        if not self._is_masked_user():
            return self.browse()
        return self.sudo(False)._filter_masked().sudo(self.env.su)

    def _get_contact_owner(self):
        """Return the customer whose data the record holds (hook)."""
        return self[self._MASKED_BY]._origin.commercial_partner_id

    def _is_masking(self):
        """Whether the user sees less than there is: technicians who do not work at the desk."""
        return not self.env.su and self._is_masked_user()

    def _is_masked_user(self):
        user = self.env.user
        return (
            user.has_group("aftersales.group_technician")
            and not user.has_group("aftersales.group_agent")
        )

    def _get_closed_customers_domain(self):
        """Return the confidential customers for whom the user has no job now."""
        # Whether a customer is confidential is no secret; who reads it has no right beyond that.
        own = self.env["res.partner"].sudo().union(*self._get_customers_with_jobs())
        return Domain("aftersales_confidential", "=", True) & Domain("id", "not in", own.ids)

    def _get_customers_with_jobs(self):
        """Yield the customers for whom the user has an open request, visit or repair."""
        mine = Domain("user_id", "=", self.env.uid)
        yield self.env["aftersales.request"].sudo().search(
            mine & Domain("is_open", "=", True)).commercial_partner_id
        yield self.env["maintenance.request"].sudo().search(
            mine & Domain("stage_id.done", "=", False)
            & Domain("equipment_id.customer_id", "!=", False),
        ).equipment_id.customer_id.commercial_partner_id
        yield self.env["repair.order"].sudo().search(
            mine & Domain("state", "not in", ("done", "cancel")),
        ).partner_id.commercial_partner_id

    # -------------------------------------------------------------------------
    # Reading and exporting
    # -------------------------------------------------------------------------

    def _read_format(self, fnames, load="_classic_read"):
        rows = super()._read_format(fnames, load)
        if masked := self._MASKED_FIELDS & set(fnames):
            hidden = set(self._filter_masked()._ids)
            for row in rows:
                if row["id"] in hidden:
                    row.update({name: row[name] and MASK for name in masked})
        return rows

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        columns = [
            column for column, path in enumerate(fields) if path and path[0] in self._MASKED_FIELDS]
        hidden = self._filter_masked() if columns else self.browse()
        if not hidden:
            return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        lines = []
        # A record may have many lines; its own values stand on the first.
        for record in self:
            rows = super(AftersalesContactMaskMixin, record)._export_rows(
                fields, _is_toplevel_call=_is_toplevel_call)
            if record in hidden:
                for column in columns:
                    rows[0][column] = rows[0][column] and MASK
            lines += rows
        return lines

    def _fetch_query(self, query, fields):
        # The cache holds what is there, whoever has filled it; masks are put on at the doors.
        if not self._MASKED_FIELDS & {field.name for field in fields} or not self._is_masking():
            return super()._fetch_query(query, fields)
        fetching = self.with_context(aftersales_fetching=_FETCHING)
        return super(AftersalesContactMaskMixin, fetching)._fetch_query(
            query, fields).with_env(self.env)

    # -------------------------------------------------------------------------
    # Searching, sorting, grouping
    # -------------------------------------------------------------------------

    def _field_to_sql(self, alias, field_expr, query=None):
        sql = super()._field_to_sql(alias, field_expr, query)
        if (
            field_expr not in self._MASKED_FIELDS
            or self.env.context.get("aftersales_fetching") is _FETCHING
            or not self._is_masking()
        ):
            return sql
        owner = super()._field_to_sql(alias, self._MASKED_BY, query)
        closed = self._get_closed_partners()
        return SQL("CASE WHEN %s IN %s THEN NULL ELSE %s END", owner, closed.subselect(), sql)

    def _get_closed_partners(self):
        """Return a query of the partners whose contact data are closed to the user."""
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        return partners._search(Domain(
            "commercial_partner_id", "in", partners._search(self._get_closed_customers_domain())))

    def _search(self, domain, *args, **kwargs):
        # A related field is searched as the super-user; its path is searched as who asks.
        if self._is_masking():
            domain = Domain(domain).map_conditions(self._follow_path)
        return super()._search(domain, *args, **kwargs)

    def _follow_path(self, condition):
        field = self._fields.get(condition.field_expr)
        if field is None or field.name not in self._MASKED_FIELDS or not field.related:
            return condition
        return Domain(field.related, condition.operator, condition.value)
