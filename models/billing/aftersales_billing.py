import logging

from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.periods import ONE_DAY

_logger = logging.getLogger(__name__)

# Contracts per transaction. Throughput reaches its plateau here; a conflict or a kill costs
# this much at most.
CHUNK_SIZE = 50
MAX_TRIES = 3


class AftersalesBilling(models.AbstractModel):
    """The billing run: obligations that are due become invoices, each exactly once.

    A chunk of contracts is locked, its obligations are read again under the lock, invoiced and
    committed. One broken contract is flagged and never stops the others.
    """

    _name = "aftersales.billing"
    _description = "Contract Billing"

    # -------------------------------------------------------------------------
    # Entry points
    # -------------------------------------------------------------------------

    @api.model
    def _run(self):
        """Bill everything that is due today, committing after each chunk (cron)."""
        for company in self.env["aftersales.contract"]._get_companies():
            today = company._get_aftersales_today()
            billing = self.with_company(company)
            chunks = billing._get_chunks(billing._get_queue(company, today))
            for position, contracts in enumerate(chunks):
                billing._bill_chunk_with_retries(contracts, today)
                self.env.invalidate_all()
                if not self.env["ir.cron"]._commit_progress(
                    len(contracts), remaining=sum(map(len, chunks[position + 1:])),
                ):
                    return

    @api.model
    def _bill_or_flag(self, contracts, date_until, invoice_date):
        """Bill in the transaction of the caller; contracts with a problem are flagged."""
        moves, problems = self._bill_contracts(contracts, date_until, invoice_date)
        self._flag(problems)
        return moves

    @api.model
    def _bill_or_raise(self, contracts, date_until, invoice_date):
        """Bill in the transaction of the caller, all contracts or none.

        :raises UserError: with every problem of every contract
        """
        moves, problems = self._bill_contracts(contracts, date_until, invoice_date)
        if problems:
            raise UserError("\n\n".join(
                f"{contract.display_name}:\n{problem}" for contract, problem in problems.items()
            ))
        return moves

    # -------------------------------------------------------------------------
    # Queue and chunks
    # -------------------------------------------------------------------------

    @api.model
    def _get_queue(self, company, date_until):
        """Return the company's contracts with something to bill, the oldest debt first."""
        obligation = self.env["aftersales.obligation"].sudo()
        groups = obligation._read_group(
            obligation._get_to_bill_domain(date_until) & Domain("company_id", "=", company.id),
            ["contract_id"], order="date_planned:min, contract_id",
        )
        return self.env["aftersales.contract"].browse(contract.id for [contract] in groups)

    @api.model
    def _get_chunks(self, contracts):
        """Cut the queue into chunks; contracts that share an invoice stay together."""
        chunks = []
        chunk = contracts.browse()
        for group in contracts.grouped(lambda contract: contract._get_invoice_key()).values():
            if chunk and len(chunk) + len(group) > CHUNK_SIZE:
                chunks.append(chunk)
                chunk = contracts.browse()
            chunk += group
        return [*chunks, chunk] if chunk else chunks

    def _bill_chunk_with_retries(self, contracts, today):
        """Bill one chunk in a transaction of its own; on a conflict start anew from fresh data.

        Whoever changed the rows in the meantime has won, and may have billed them: the next try
        sees that. What stays in conflict is left to the next run.
        """
        for attempt in range(1, MAX_TRIES + 1):
            try:
                self._bill_or_flag(contracts, today, today)
                self.env.flush_all()
                return
            except OperationalError as error:
                self.env.cr.rollback()
                _logger.info(
                    "Contracts %s are busy, try %s: %s", contracts.ids, attempt, error,
                )

    # -------------------------------------------------------------------------
    # Contracts of one company, in the transaction of the caller
    # -------------------------------------------------------------------------

    def _bill_contracts(self, contracts, date_until, invoice_date):
        """Create the invoices of those contracts that nobody else is billing right now.

        :return: the invoices, and a dict contract → problem of the contracts that were skipped
        """
        # Roles bill, not accounting rights: the entry points have checked the role.
        billing_sudo, contracts_sudo = self.sudo(), contracts.sudo()
        contracts_sudo = contracts_sudo.with_company(contracts_sudo.company_id)
        contracts_sudo = contracts_sudo.try_lock_for_update(allow_referencing=True)
        contracts_sudo.filtered(lambda c: c.state == "active")._schedule_obligations(date_until)
        obligations = contracts_sudo._get_obligations_to_bill(date_until)
        if not obligations:
            return self.env["account.move"], {}
        invoice_date = billing_sudo._get_open_date(contracts_sudo.company_id, invoice_date)
        problems = billing_sudo._find_problems(obligations, invoice_date)
        ready = obligations.filtered(lambda owed: owed.contract_id not in problems)
        moves, failures = billing_sudo._invoice(ready, invoice_date)
        problems.update(failures)
        (obligations.contract_id - contracts_sudo.browse().concat(*problems))._clear_billing_error()
        return moves.sudo(False), problems

    @api.model
    def _get_open_date(self, company, invoice_date):
        """Return the invoice date, moved past the company's lock dates when it violates them."""
        journal_sudo = company._get_aftersales_sale_journal(company.currency_id)
        # Nobody's secret: the date until which the books are closed.
        locks = company.sudo()._get_violated_lock_dates(invoice_date, True, journal_sudo)
        return locks[-1][0] + ONE_DAY if locks else invoice_date

    def _find_problems(self, obligations, invoice_date):
        """Return a dict contract → reasons why it cannot be invoiced."""
        problems = {}
        for contract, owed in obligations.grouped("contract_id").items():
            try:
                blockers = contract._get_billing_blockers(owed, invoice_date)
            except OperationalError:
                raise
            except Exception as error:
                blockers = [self._describe(error, contract)]
            if blockers:
                problems[contract] = "\n".join(blockers)
        return problems

    def _describe(self, error, contracts):
        """Return the text of an error; log it when it is not one meant for users."""
        if not isinstance(error, UserError):
            _logger.error("Billing of %s failed", contracts.mapped("name"), exc_info=error)
        return str(error)

    def _invoice(self, obligations, invoice_date):
        """Invoice the obligations in one go; when that fails, invoice by invoice.

        :return: the invoices, and a dict contract → problem
        """
        groups = list(obligations.grouped(lambda o: o.contract_id._get_invoice_key()).values())
        moves, problem = self._try_to_invoice(groups, invoice_date)
        if not problem:
            return moves, {}
        problems = {}
        for group in groups:
            group_moves, problem = self._try_to_invoice([group], invoice_date)
            moves |= group_moves
            if problem:
                problems.update(dict.fromkeys(group.contract_id, problem))
        return moves, problems

    def _try_to_invoice(self, groups, invoice_date):
        """Create, post and queue for sending the invoices of some groups, all or none of them.

        :return: the invoices, and the problem that prevented them (or False)
        """
        try:
            with self.env.cr.savepoint():
                return self._create_invoices(groups, invoice_date), False
        except OperationalError:
            raise
        except Exception as error:
            contracts = self.env["aftersales.contract"].concat(*(g.contract_id for g in groups))
            return self.env["account.move"].sudo(), self._describe(error, contracts)

    def _create_invoices(self, groups, invoice_date):
        if not groups:
            return self.env["account.move"].sudo()
        builder = self.env["aftersales.invoice.builder"]
        # The contracts of each group are read together with those of all others.
        prefetch = [contract_id for group in groups for contract_id in group.contract_id.ids]
        moves, complete_moves = builder._create_invoices([
            group.contract_id.with_prefetch(prefetch).sorted("name")._prepare_invoice_vals(
                group, invoice_date,
            )
            for group in groups
        ])
        actions = [group.contract_id[0].invoice_action for group in groups]
        builder._post(moves.browse(
            move.id for move, action in zip(moves, actions, strict=True) if action != "draft"
        ), complete_moves)
        self._queue_sending(moves.browse(
            move.id for move, action in zip(moves, actions, strict=True) if action == "post_send"
        ))
        return moves

    def _queue_sending(self, moves):
        """Hand the invoices to Odoo's own sending job: a mail that fails undoes no invoice."""
        if moves:
            moves.sending_data = {
                "author_user_id": self.env.user.id,
                "author_partner_id": self.env.user.partner_id.id,
            }
            self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()

    @api.model
    def _flag(self, problems):
        for contract, problem in problems.items():
            contract._flag_billing_error(problem)
