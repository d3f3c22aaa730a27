from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.i18n import format_list

# Only code of this process holds this object: no RPC call, import or form can forge it.
_TRANSITION = object()


class AftersalesLifecycleMixin(models.AbstractModel):
    """State machine declared on the class: ``_TRANSITIONS`` maps a state to those it may reach.

    The model brings a selection field ``state``. Nothing but :meth:`_transition_to` writes it.
    """

    _name = "aftersales.lifecycle.mixin"
    _description = "After-Sales Lifecycle"
    _inherit = ["aftersales.batch.mixin"]

    _TRANSITIONS = {}

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_transition():
            initial = next(iter(self._TRANSITIONS))
            # Asked of the ORM, because a default may also hide in the context.
            default = self.default_get(["state"]).get("state")
            if any(vals.get("state", default) != initial for vals in vals_list):
                self._raise_state_is_protected()
        return super().create(vals_list)

    def write(self, vals):
        if "state" in vals and not self._is_transition():
            self._raise_state_is_protected()
        return super().write(vals)

    def _transition_to(self, target, **vals):
        """Move the records to ``target``, writing ``vals`` with it; those already there stay.

        :raises UserError: naming every record that may not move and all its reasons at once
        :return: True
        """
        records = self.filtered(lambda record: record.state != target)
        if not records:
            return True
        records.lock_for_update(allow_referencing=True)
        records._check_transition(target)
        records.with_context(aftersales_transition=_TRANSITION).write({**vals, "state": target})
        records._on_transition(target)
        return True

    def _check_transition(self, target):
        """Raise with all reasons of all records, when one of them may not reach ``target``."""
        problems = []
        for record in self:
            if target in record._TRANSITIONS.get(record.state, ()):
                reasons = record._get_transition_blockers(target)
            else:
                reasons = [record._get_forbidden_transition_message(target)]
            if reasons:
                lines = [f"{record.display_name}:", *(f"- {reason}" for reason in reasons)]
                problems.append("\n".join(lines))
        if problems:
            raise UserError("\n\n".join(problems))

    def _get_forbidden_transition_message(self, target):
        labels = dict(self._fields["state"]._description_selection(self.env))
        reachable = [labels[state] for state in self._TRANSITIONS.get(self.state, ())]
        if not reachable:
            return self.env._(
                'It is "%(state)s", which is final, and cannot become "%(target)s".',
                state=labels[self.state], target=labels[target],
            )
        return self.env._(
            'It is "%(state)s" and can only become: %(reachable)s; not "%(target)s".',
            state=labels[self.state], target=labels[target],
            reachable=format_list(self.env, reachable, "or"),
        )

    def _get_transition_blockers(self, target):
        """Return the translated reasons why this record may not reach ``target`` (hook)."""
        self.ensure_one()
        return []

    def _on_transition(self, target):
        """Side effects of having reached ``target`` (hook, on the records that moved)."""

    @api.model
    def _is_transition(self):
        return self.env.context.get("aftersales_transition") is _TRANSITION

    def _raise_state_is_protected(self):
        raise UserError(self.env._(
            "The state of %(model)s cannot be written directly. Use the buttons of the record.",
            model=self.env["ir.model"]._get(self._name).name,
        ))
