import json
import re

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang, html2plaintext
from odoo.tools.float_utils import float_repr

from ...tools.diff import compare_words
from ..agreement.aftersales_clause import (
    CLAUSE_CATEGORIES,
    CLAUSE_ORIGINS,
    CLAUSE_TOPICS,
    fill_placeholders,
)
from ..agreement.aftersales_contract import export_content, export_cover

KINDS = [("field", "Term"), ("line", "Service line"), ("clause", "Clause")]
OPERATIONS = [("modify", "Change"), ("add", "Add"), ("remove", "Remove")]
# The field that holds the new value of a term, by the type of the term.
_VALUE_FIELDS = {
    "date": "new_date", "integer": "new_number", "float": "new_number", "monetary": "new_number",
    "char": "new_text", "text": "new_text", "boolean": "new_flag", "selection": "new_choice",
    "many2one": "new_record_id",
}
_CLAUSE_FIELDS = ("name", "category", "topic", "origin", "is_onerous", "explanation")
# What code notes: the base of the change, its outcome and its acceptance.
_PROTECTED_FIELDS = {"before", "after", "filled_text", "acknowledged_by", "acknowledged_on"}
# Where a line goes on after an interruption, these tell since when; what is promised stays.
_CONTINUATION_FIELDS = {"date_start", "date_anchor", "date_charge_from", "previous_line_id"}
_MARKS = {
    "same": Markup("%s"),
    "deleted": Markup('<del style="background-color:#fee2e2;color:#991b1b;">%s</del>'),
    "inserted": Markup(
        '<ins style="background-color:#dcfce7;color:#166534;text-decoration:none;">%s</ins>'
    ),
}


def mark_changes(before, after):
    """Return a text with what was taken out and put in marked, as HTML for screen and paper."""
    marked = Markup("").join(
        _MARKS[kind] % escape(text) for kind, text in compare_words(before, after)
    )
    return Markup(re.sub(r"\n+", "<br/>", marked))


class AftersalesContractChangeLine(models.Model):
    """One thing a change does to a contract: to a term, to a service line or to a clause.

    ``before`` is what the contract says when the line is drafted; it never follows the contract,
    so that a change of something that changed in the meantime is found out.
    """

    _name = "aftersales.contract.change.line"
    _description = "Contract Change Line"
    _inherit = ["aftersales.contract.line.mixin", "aftersales.approved.part.mixin"]
    _order = "change_id, sequence, id"

    _PART_OF = "change_id"
    _check_company_auto = True

    change_id = fields.Many2one(
        "aftersales.contract.change", required=True, ondelete="cascade", index=True,
    )
    contract_id = fields.Many2one(related="change_id.contract_id")
    company_id = fields.Many2one(related="change_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="change_id.currency_id")
    is_content_open = fields.Boolean(related="change_id.is_content_open")
    kind = fields.Selection(KINDS, required=True, default="line")
    operation = fields.Selection(OPERATIONS, string="What", required=True, default="modify")

    # A term
    field_name = fields.Selection("_selection_field_name", string="Contract Term")
    value_type = fields.Char(compute="_compute_value_type")
    value_model = fields.Char(compute="_compute_value_type")
    value_choices = fields.Char(compute="_compute_value_type")
    new_date = fields.Date()
    new_number = fields.Float(digits=(16, 4))
    new_text = fields.Char()
    new_flag = fields.Boolean(string="New Setting")
    new_choice = fields.Selection("_selection_new_choice")
    new_record_id = fields.Many2oneReference(
        string="New Choice From List", model_field="value_model",
    )

    # A service line: what it shall be (the other fields are those of a priced service)
    contract_line_id = fields.Many2one(
        "aftersales.contract.line", string="Service Line", ondelete="restrict",
        index="btree_not_null",
        domain="[('contract_id', '=', contract_id), ('next_line_ids', '=', False)]",
    )
    name = fields.Text(required=False)
    price_unit = fields.Float(
        string="Unit Price", digits="Product Price",
        compute="_compute_price_unit", store=True, readonly=False, precompute=True,
    )
    date_end = fields.Date(
        string="Until", help="Last day of the line. Empty: the end of the contract.",
    )
    scope_type = fields.Selection(required=False)
    equipment_id = fields.Many2one(
        "maintenance.equipment", check_company=True, index="btree_not_null",
    )
    lot_id = fields.Many2one(
        "stock.lot", string="Serial Number", check_company=True, index="btree_not_null",
    )

    # A clause
    contract_clause_id = fields.Many2one(
        "aftersales.contract.clause", ondelete="set null",
        index="btree_not_null", domain="[('contract_id', '=', contract_id)]",
    )
    clause_id = fields.Many2one(
        "aftersales.clause", string="From Library", ondelete="set null", check_company=True,
        index="btree_not_null",
    )
    title = fields.Char()
    category = fields.Selection(CLAUSE_CATEGORIES, default="general")
    topic = fields.Selection(CLAUSE_TOPICS)
    origin = fields.Selection(CLAUSE_ORIGINS, default="negotiated")
    is_onerous = fields.Boolean(string="Onerous")
    explanation = fields.Text()
    body = fields.Html(string="Wording")
    filled_text = fields.Html(
        readonly=True, sanitize=False, copy=False,
        help="The wording with the data of the changed contract, as both parties sign it.",
    )
    acknowledged_by = fields.Char(copy=False, readonly=True)
    acknowledged_on = fields.Datetime(copy=False, readonly=True)

    # The comparison
    before = fields.Json(readonly=True, copy=False)
    after = fields.Json(compute="_compute_after", store=True, copy=False)
    object_label = fields.Char(string="Concerns", compute="_compute_texts")
    before_text = fields.Text(string="Before (text)", compute="_compute_texts")
    after_text = fields.Text(string="After (text)", compute="_compute_texts")

    # -------------------------------------------------------------------------
    # What may be chosen
    # -------------------------------------------------------------------------

    @api.model
    def _get_terms(self):
        """Return the contract's changeable terms as name → field, by their label."""
        contract = self.env["aftersales.contract"]
        terms = [contract._fields[name] for name in contract._get_changeable_fields()]
        return {
            field.name: field
            for field in sorted(terms, key=lambda field: field._description_string(self.env))
            if field.type in _VALUE_FIELDS
        }

    @api.model
    def _selection_field_name(self):
        return [
            (name, field._description_string(self.env)) for name, field in self._get_terms().items()
        ]

    @api.model
    def _selection_new_choice(self):
        return [
            (f"{name}.{value}", label)
            for name, field in self._get_terms().items() if field.type == "selection"
            for value, label in field._description_selection(self.env)
        ]

    @api.depends("field_name")
    def _compute_value_type(self):
        terms = self._get_terms()
        for line in self:
            field = terms.get(line.field_name)
            is_choice = field and field.type == "selection"
            line.value_type = field and _VALUE_FIELDS[field.type]
            line.value_model = field and field.type == "many2one" and field.comodel_name
            line.value_choices = is_choice and ",".join(
                f"{field.name}.{value}" for value, _label in field._description_selection(self.env)
            )

    def _get_text_lang(self):
        return self.contract_id.partner_id.lang or super()._get_text_lang()

    @api.depends("product_id", "product_uom_id", "price_source", "operation")
    def _compute_price_unit(self):
        """Propose the list price of what is added; a line that exists keeps its price."""
        for line in self:
            if line.operation != "add" or not line.product_id or line.price_unit:
                line.price_unit = line.price_unit
            else:
                draft = self.env["aftersales.contract.line"].new({
                    "contract_id": line.contract_id.id, "product_id": line.product_id.id,
                    "product_uom_id": line.product_uom_id.id,
                })
                line.price_unit = draft._get_list_price()

    # -------------------------------------------------------------------------
    # Before and after
    # -------------------------------------------------------------------------

    @api.model
    def _get_line_fields(self):
        """Return the fields of a contract line that a change proposes anew (hook)."""
        return (
            "product_id", "name", "quantity", "product_uom_id", "price_source", "price_unit",
            "discount", "recurrence_unit", "recurrence_interval", "billing_timing", "scope_type",
            "equipment_id", "lot_id", "covered_product_id", "covered_category_id", "date_end",
            *self._get_cover_fields(),
        )

    @api.depends(lambda self: (
        "kind", "operation", "field_name", "title", "category", "topic", "origin", "is_onerous",
        "explanation", "body", "filled_text", "before",
        *(name for name in set(_VALUE_FIELDS.values())), *self._get_line_fields(),
    ))
    def _compute_after(self):
        for line in self:
            if line.operation == "remove":
                line.after = {}
            elif line.kind == "field":
                line.after = {line.field_name: line._get_new_value()} if line.field_name else {}
            elif line.kind == "line":
                line.after = line._get_proposed_line()
            else:
                line.after = line._get_proposed_clause()

    def _get_new_value(self):
        """Return the new value of the term as the contract would store it, as plain data."""
        field = self._get_terms()[self.field_name]
        value = self[_VALUE_FIELDS[field.type]]
        if field.type == "selection":
            return value.partition(".")[2] if value else False
        if field.type == "date":
            return fields.Date.to_string(value) or False
        if field.type == "integer":
            return int(value)
        return value

    def _get_proposed_line(self):
        cover = set(self._get_cover_fields())
        kept = {name: value for name, value in (self.before or {}).items() if name not in cover}
        terms = export_content(self, set(self._get_line_fields()) - cover)
        return {**kept, **terms, **export_cover(self)}

    def _get_proposed_clause(self):
        text = self.filled_text or fill_placeholders(
            self.body, self.contract_id._get_placeholder_values() if self.contract_id else {},
        )
        vals = {name: self[name] for name in _CLAUSE_FIELDS if name != "name"}
        return {**vals, "name": self.title, "text": str(text)}

    def _get_present(self):
        """Return what the contract says now of this line's object, None when it is gone."""
        self.ensure_one()
        if self.operation == "add":
            return {}
        if self.kind == "field":
            contract_sudo = self.contract_id.sudo()
            return export_content(contract_sudo, [self.field_name]) if self.field_name else None
        if self.kind == "line":
            line_sudo = self._get_contract_line().sudo()
            return line_sudo and {
                **line_sudo._get_signed_content(),
                "date_end": fields.Date.to_string(line_sudo._get_agreed_end()) or False,
            } or None
        clause_sudo = self.contract_clause_id.sudo()
        return clause_sudo and {
            **{name: clause_sudo[name] for name in _CLAUSE_FIELDS}, "text": str(clause_sudo.text),
        } or None

    def _get_contract_line(self):
        """Return the line of the contract that this changes, as it goes on since it was chosen."""
        line = self.contract_line_id
        return line and line.sudo()._get_continuation().with_env(line.env)

    def _capture_before(self):
        """Note what the contract says now, as the base of the change."""
        for line in self.sudo():
            line.before = line._get_present()

    def _is_stale(self):
        """Whether the contract no longer says what it said when this line was drafted.

        Terms that did not exist then are not compared, but for cover: the line had none. Nor is
        since when a line goes on.
        """
        present = json.loads(json.dumps(self._get_present()))
        if present is None:
            return True
        before = {
            key: value for key, value in (self.before or {}).items()
            if self.kind != "line" or key not in _CONTINUATION_FIELDS
        }
        names = before.keys() | present.keys() & set(self._get_cover_fields())
        return {name: present.get(name) for name in names} != before

    def _rebase(self):
        """Follow the object to what it is now, keeping what is proposed."""
        for line in self.filtered("contract_line_id"):
            while successor := line.contract_line_id.next_line_ids[-1:]:
                line.contract_line_id = successor
        self.filtered(lambda line: line._get_present() is None).unlink()
        self.exists()._capture_before()

    # -------------------------------------------------------------------------
    # Proposals that start from what is
    # -------------------------------------------------------------------------

    def _get_object_vals(self):
        """Return the proposal that changes nothing yet: what the object says now."""
        self.ensure_one()
        if self.kind == "field" and self.field_name:
            return self._get_term_vals()
        if self.kind == "line" and self.contract_line_id:
            line_sudo = self.contract_line_id.sudo()
            return {
                **{
                    name: line_sudo._fields[name].convert_to_write(line_sudo[name], line_sudo)
                    for name in self._get_line_fields()
                },
                "date_end": line_sudo._get_agreed_end(),
            }
        if self.kind == "clause" and self.contract_clause_id:
            clause_sudo = self.contract_clause_id.sudo()
            vals = {name: clause_sudo[name] for name in _CLAUSE_FIELDS if name != "name"}
            return {**vals, "title": clause_sudo.name, "body": clause_sudo.body}
        if self.kind == "clause" and self.clause_id:
            clause = self.clause_id.with_context(lang=self._get_text_lang())
            vals = clause._prepare_contract_clause_vals()
            return {
                **{name: vals[name] for name in _CLAUSE_FIELDS if name != "name"},
                "title": vals["name"], "body": vals["body"],
            }
        return {}

    def _get_term_vals(self):
        field = self._get_terms()[self.field_name]
        value = self.contract_id.sudo()[self.field_name]
        if field.type == "selection":
            value = value and f"{self.field_name}.{value}"
        elif field.type == "many2one":
            value = value.id
        return {_VALUE_FIELDS[field.type]: value}

    @api.onchange("field_name", "contract_line_id", "contract_clause_id", "clause_id")
    def _onchange_object(self):
        self.update(self._get_object_vals())

    # -------------------------------------------------------------------------
    # CRUD
    # -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_not_protected(vals_list)
        lines = super().create([self._complete(vals) for vals in vals_list])
        lines.change_id._check_content_open()
        lines._capture_before()
        return lines

    @api.model
    def _complete(self, vals):
        """Add to the values of a new line what its object says and the values leave out."""
        keys = ("change_id", "kind", "field_name", "contract_line_id", "contract_clause_id",
                "clause_id")
        draft = self.new({key: vals[key] for key in keys if key in vals})
        return {**draft._get_object_vals(), **vals}

    def write(self, vals):
        self._check_not_protected([vals])
        if vals.keys() - {"acknowledged_by", "acknowledged_on"}:
            self.change_id._check_content_open()
        if "body" in vals:
            vals = {**vals, "filled_text": False}
        result = super().write(vals)
        if {"field_name", "contract_line_id", "contract_clause_id", "operation"} & vals.keys():
            self._capture_before()
        return result

    @api.model
    def _get_reviewed_fields(self):
        return super()._get_reviewed_fields() - _PROTECTED_FIELDS

    @api.model
    def _check_not_protected(self, vals_list):
        protected = _PROTECTED_FIELDS & {name for vals in vals_list for name in vals}
        if protected and not self.env.su:
            raise UserError(self.env._(
                "“%(field)s” follows from the contract and from what is proposed, and cannot be "
                "written. Use “Refresh” on the change.",
                field=self._fields[min(protected)]._description_string(self.env),
            ))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        self.change_id._check_content_open()

    def _acknowledge(self, name):
        """Record that ``name`` read and accepted these clauses one by one."""
        self.filtered(lambda line: not line.acknowledged_on).sudo().write({
            "acknowledged_by": name, "acknowledged_on": fields.Datetime.now(),
        })

    # -------------------------------------------------------------------------
    # What is missing or impossible
    # -------------------------------------------------------------------------

    def _get_object_key(self):
        """Return what this line changes, None when it adds something."""
        if self.operation == "add":
            return None
        target = self.field_name or self.contract_line_id.id or self.contract_clause_id.id
        return (self.kind, target)

    def _get_content_blockers(self):
        """Return why this line cannot be put before the parties; all reasons at once."""
        self.ensure_one()
        label = self.display_name
        if self.operation != "add" and self.before is None or not self.before and not self.after:
            return [self.env._(
                "%(object)s: choose what is changed.", object=label,
            )]
        if self._is_stale():
            return [self.env._(
                "%(object)s: the contract has changed since this was drafted, the change stands "
                "on an outdated base. Set it to draft and use “Refresh”.", object=label,
            )]
        if self.operation == "modify" and not self._get_changed_names():
            return [self.env._(
                "%(object)s: nothing changes. Enter the new value or delete the row.",
                object=label,
            )]
        check = {
            "field": self._get_term_blockers,
            "line": self._get_line_blockers,
            "clause": self._get_clause_blockers,
        }
        return [
            self.env._("%(object)s: %(reason)s", object=label, reason=reason)
            for reason in check[self.kind]()
        ]

    def _get_term_blockers(self):
        if self.operation != "modify":
            return [self.env._("a term can only be changed, neither added nor removed.")]
        if self.field_name == "date_end" and self.new_date and self.change_id.date_effective:
            if self.new_date < self.change_id.date_effective:
                return [self.env._(
                    "the contract would end on %(end)s, before the change takes effect. A "
                    "contract that ends earlier is terminated.",
                    end=format_date(self.env, self.new_date),
                )]
        return []

    def _get_line_blockers(self):
        blockers = []
        if self.operation == "add":
            if not self.product_id and self.scope_type == "none":
                blockers.append(self.env._("choose a service or what is covered."))
            return blockers
        # Whoever may read the change is told of what stands in its way.
        line, day = self._get_contract_line().sudo(), self.change_id.date_effective
        agreed_end = line._get_agreed_end()
        if line.contract_id != self.contract_id:
            blockers.append(self.env._("it belongs to another contract."))
        if line not in line.contract_id._get_present_lines() or (
            day and agreed_end and agreed_end < day
        ):
            blockers.append(self.env._("the line has ended before the change takes effect."))
        if line.recurrence_unit == "once" and day and line._get_term()[0] < day:
            blockers.append(self.env._(
                "a one-off charge of %(day)s is past. Add another charge or credit its invoice.",
                day=format_date(self.env, line._get_term()[0]),
            ))
        return blockers + (line._get_cut_blockers(day) if day else [])

    def _get_clause_blockers(self):
        blockers = []
        if self.operation == "remove":
            return blockers
        if not self.title or not html2plaintext(self.body or "").strip():
            blockers.append(self.env._("write a title and the wording."))
        if self.is_onerous and not self.explanation:
            blockers.append(self.env._("it is onerous. Write how we explain it to the customer."))
        return blockers

    # -------------------------------------------------------------------------
    # Applying
    # -------------------------------------------------------------------------

    def _get_changed_names(self):
        before, after = self.before or {}, self.after or {}
        names = {**before, **after}
        return [name for name in names if after.get(name, False) != before.get(name, False)]

    def _prepare_contract_line_vals(self):
        """Return the values with which the contract line continues or begins."""
        self.ensure_one()
        proposed = {**self._get_no_cover(), **self.after}
        return {name: proposed[name] for name in self._get_line_fields()}

    def _prepare_contract_clause_vals(self):
        self.ensure_one()
        return {
            **{name: self.after[name] for name in _CLAUSE_FIELDS},
            "body": self.body,
            "frozen_text": self.after["text"],
            "acknowledged_by": self.acknowledged_by,
            "acknowledged_on": self.acknowledged_on,
        }

    def _get_signed_content(self):
        """Return what both parties agree on, as plain data."""
        self.ensure_one()
        return {
            "kind": self.kind, "operation": self.operation, "before": self.before or {},
            "after": self.after or {},
        }

    # -------------------------------------------------------------------------
    # For the reader
    # -------------------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends("before", "after", "kind", "field_name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            line.display_name = line.object_label or kinds[line.kind]

    @api.depends_context("lang")
    @api.depends("before", "after", "kind", "field_name")
    def _compute_texts(self):
        for line in self:
            line.object_label = line._get_object_label()
            rows = line._get_rows()
            for name in ("before", "after"):
                line[f"{name}_text"] = "\n".join(
                    row[name] if line.kind == "field" else f"{row['label']}: {row[name]}"
                    for row in rows if row[name]
                )

    def _get_object_label(self):
        if self.kind == "field":
            field = self._get_terms().get(self.field_name)
            return field and field._description_string(self.env)
        data = self._get_base() or self.after or {}
        label = (data.get("name") or "").split("\n")[0]
        if self.kind == "line":
            scope = self._format_scope(data)
            return f"{label} ({scope})" if scope else label
        return label

    def _format_scope(self, data):
        names = ("equipment_id", "lot_id", "covered_product_id", "covered_category_id")
        return next((self._format_value(name, data[name]) for name in names if data.get(name)), "")

    def _get_base(self):
        """Return what was noted as the base; before it is saved, what the contract says now."""
        return (self.before if self._origin else self._get_present()) or {}

    def _get_rows(self):
        """Return the attributes that differ, each with its label and both readable values."""
        self.ensure_one()
        before, after = self._get_base(), self.after or {}
        if self.kind == "line" and self.operation == "modify":
            # A cover term that is left out is one the line does not have.
            before, after = ({**self._get_no_cover(), **data} for data in (before, after))
        if self.kind == "field":
            names = [self.field_name] if self.field_name else []
        elif self.kind == "line":
            names = [
                name for name in self._get_told_fields()
                if before.get(name) != after.get(name) and (before.get(name) or after.get(name))
            ]
        else:
            names = [
                name for name in self._get_told_fields()
                if (before.get(name) or False) != (after.get(name) or False)
            ]
        return [{
            "label": self._get_target_field(name)._description_string(self.env),
            "before": self._format_value(name, before[name]) if name in before else "",
            "after": self._format_value(name, after[name]) if name in after else "",
        } for name in names]

    def _get_told_fields(self):
        """Return the fields of the object worth a row; what its label says needs none."""
        if self.kind == "clause":
            own = ("is_onerous", "explanation")
            return ("name", *own) if self.operation == "modify" else own
        if self.operation == "modify":
            return self._get_line_fields()
        return ("quantity", "price_unit", "discount", "recurrence_unit", "billing_timing",
                "date_end", *self._get_cover_fields())

    def _get_text_diff(self):
        """Return the text of the clause with its changes marked."""
        before, after = (
            html2plaintext((data or {}).get("text") or "") for data in (self.before, self.after)
        )
        return mark_changes(before, after)

    def _get_target_field(self, name):
        model = {
            "field": "aftersales.contract", "line": "aftersales.contract.line",
            "clause": "aftersales.contract.clause",
        }[self.kind]
        return self.env[model]._fields[name]

    def _format_value(self, name, value):
        """Return a stored value as its reader writes it."""
        field = self._get_target_field(name)
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.type in ("integer", "float", "monetary"):
            return self._format_number(field, value or 0.0)
        if not value:
            return "–"
        if field.type == "date":
            return format_date(self.env, value)
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "many2one":
            # Whoever may read the change may read the names in it.
            return self.env[field.comodel_name].sudo().browse(value).exists().display_name or "–"
        if field.type == "many2many":
            records_sudo = self.env[field.comodel_name].sudo().browse(value).exists()
            return ", ".join(records_sudo.mapped("display_name")) or "–"
        return value

    def _format_number(self, field, value):
        is_money = field.type == "monetary" or field.name == "price_unit"
        least = self.currency_id.decimal_places if is_money else 0
        decimals = len(float_repr(value, 6).rstrip("0").partition(".")[2])
        return formatLang(self.env, value, digits=max(least, decimals))

    def _get_error_label(self):
        return f"{self.change_id.name} / {super()._get_error_label()}"
