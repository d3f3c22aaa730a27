import logging

from psycopg2 import OperationalError

from odoo import models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

MAX_TRIES = 3


class AftersalesBatchMixin(models.AbstractModel):
    """Nightly work on many records: in batches, each of its own transaction, beside others."""

    _name = "aftersales.batch.mixin"
    _description = "After-Sales Work in Batches"

    def _run_in_batches(self, domain, batch_size, work):
        """Call ``work`` on each batch of records nobody else holds; commit after each."""
        last_id = 0
        while batch := self.search(
            domain & Domain("id", ">", last_id), limit=batch_size, order="id",
        ):
            last_id = batch[-1].id
            batch._work_on_free(domain, work)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    def _work_on_free(self, domain, work):
        """Call ``work`` on those of these records that nobody else holds.

        Who wrote one of the rows in the meantime has won: all starts anew, from fresh data and
        with the records for which ``domain`` still holds. What stays in conflict is left to the
        next run, so that it stops nothing else.
        """
        batch = self
        for attempt in range(1, MAX_TRIES + 1):
            try:
                if locked := batch.try_lock_for_update(allow_referencing=True):
                    work(locked)
                    self.env.flush_all()
                return
            except OperationalError as error:
                self.env.cr.rollback()
                _logger.info("%s are busy, try %s: %s", self, attempt, error)
                batch = self.search(domain & Domain("id", "in", self.ids), order="id")
