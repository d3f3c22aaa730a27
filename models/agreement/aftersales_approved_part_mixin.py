from odoo import api, models


class AftersalesApprovedPartMixin(models.AbstractModel):
    """A line or clause of what is approved: what becomes of it in review is noted there."""

    _name = "aftersales.approved.part.mixin"
    _description = "Part of What Is Approved"

    _PART_OF = "contract_id"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._note_edits(lambda part: self.env._("“%(part)s” was added", part=part.display_name))
        return parts

    def write(self, vals):
        result = super().write(vals)
        names = ", ".join(sorted(
            self._fields[name]._description_string(self.env)
            for name in self._get_reviewed_fields() & vals.keys()
        ))
        if names:
            self._note_edits(lambda part: f"“{part.display_name}” ({names})")
        return result

    def unlink(self):
        self._note_edits(lambda part: self.env._("“%(part)s” was removed", part=part.display_name))
        return super().unlink()

    @api.model
    def _get_reviewed_fields(self):
        """Return the fields that say what is approved (hook)."""
        return set(self._fields)

    def _note_edits(self, describe):
        """Note in the thread of each record in review what was done to its parts."""
        for record, parts in self.grouped(self._PART_OF).items():
            if record.state == "review":
                record._note_edit(", ".join(describe(part) for part in parts))
