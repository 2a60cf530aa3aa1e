"""Preparing the update of one bill: both sides are read again, and only a bill nobody touched since is changed.

What is sent was either shown to the person who asked for it, or is Procore's own change of a bill that is as we posted
it. Anything else ends the wish, and the invoice shows what differs now.
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounting.after_sync import NextStep
from accounting.bill_versions import BillAsIs
from accounting.invoice import InvoiceSource
from accounting.memo import marker
from accounting.money import ZERO, dollars
from activities.acting import acting, heartbeating, is_first_attempt
from activities.asking_again import follow_again, read_again
from activities.comparing import Compared, compare
from activities.failures import procore_failure, quickbooks_failure
from activities.outside import Outside
from activities.pacing import RequestPacing
from activities.procore_access import is_refusal
from activities.reading_procore import CompanyReader
from activities.refreshing_books import booked
from activities.sessions_ended import session_ended
from activities.update_bytes import desktop_update, online_update
from contracts.mirroring import PreparedBatch, PrepareRequest
from models.asking_again import PostedInvoice
from models.bill_links import store_transactions
from models.comparisons import comparison_of, comparisons_of, end_update
from models.copy_of_books import mark_deleted
from models.database import Actor, CompanySession
from models.desktop_readings import read_bills_now
from models.events import record_event
from models.invoices import invoices_by_id
from models.linked_pairs import LinkedBillNow, linked_bills_now
from models.posting import batches_written_here
from models.standing import OpenConnection, open_connection
from models.tables import BillComparison, InvoiceRow, PostingOperation, QuickBooksKind
from models.writing_batches import NewAttempt, write_batch
from providers.procore.errors import ProcoreError
from providers.quickbooks_desktop.messages.bills import BillRet
from providers.quickbooks_online.bill_update import BillAsRead
from providers.quickbooks_online.errors import MissingOrInactive, QuickBooksOnlineError, ReconnectNeeded

NOTHING = PreparedBatch(batch_id=None, summary="nothing to update")
# Procore hides the project, or QuickBooks lets nobody in: whoever mends that needs a while.
LATER = timedelta(hours=1)


@dataclass(frozen=True)
class _Asked:
    """The update to make: through which connection, of which invoice, and its bill as our copy knows it."""

    connection: OpenConnection
    row: InvoiceRow
    linked: LinkedBillNow


class UpdatePreparing:
    """One attempt of ``prepare_batch`` for a bill that is to be updated."""

    def __init__(self, outside: Outside, request: PrepareRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._batch = request.batch
        self._invoice_id: UUID = request.batch.invoice_ids[0]
        self._actor: Actor = acting()

    async def prepare(self) -> PreparedBatch:
        async with heartbeating():
            async with self._database.company(self._company_id, self._actor) as session:
                if not is_first_attempt() and (written := await batches_written_here(session)):
                    return PreparedBatch(batch_id=written[0], summary="finish what was written down before a restart")
                asked = await self._asked(session)
            if asked is None:
                return NOTHING
            if not await self._look_at_procore(asked):
                return NOTHING
            read = await self._read_bill(asked)
            if read is None and asked.connection.kind == QuickBooksKind.ONLINE:
                return NOTHING
            async with self._database.company(self._company_id, self._actor) as session:
                return await self._write_down(session, asked, read)

    async def _asked(self, session: CompanySession) -> _Asked | None:
        comparison = await comparison_of(session, self._invoice_id)
        if comparison is None or comparison.update_wanted_at is None:
            return None
        connection = await open_connection(session, self._batch.connection_id)
        linked = await linked_bills_now(session, [self._invoice_id])
        rows = await invoices_by_id(session, [self._invoice_id])
        if connection is None or not linked or linked[0].connection_id != connection.id:
            return None
        return _Asked(connection, rows[self._invoice_id], linked[0])

    async def _look_at_procore(self, asked: _Asked) -> bool:
        """Bring the invoice up to what Procore says at this moment; False where Procore says nothing."""
        row = asked.row
        if row.source is not InvoiceSource.PROCORE_REQUISITION:
            return True
        reader = CompanyReader(self._outside, asked.connection.procore_company_id)
        try:
            again = await read_again(reader, row.project_id, [row.source_id])
        except ProcoreError as trouble:
            async with self._database.company(self._company_id, self._actor) as session:
                if await is_refusal(session, trouble):
                    await self._put_off(session)
                    return False
            raise procore_failure(trouble, self._outside.clock.now()) from None
        async with self._database.company(self._company_id, self._actor) as session:
            if again.hidden:
                await self._put_off(session)
            else:
                await follow_again(session, row.project_id, again, [PostedInvoice(row.id, row.source_id)])
            await reader.settle(session)
        return not again.hidden

    async def _read_bill(self, asked: _Asked) -> BillAsRead | None:
        """The bill as QuickBooks Online has it at this moment, put into our copy; None where it is gone.

        A company file's bill is the one its last reading brought: its EditSequence tells QuickBooks if that is old.
        """
        connection, linked = asked.connection, asked.linked
        if connection.kind != QuickBooksKind.ONLINE:
            return None
        async with self._database.company(self._company_id, self._actor) as session:
            wait = await RequestPacing(self._outside.settings, connection.id).reserve(session, is_batch=False)
        await asyncio.sleep(wait.total_seconds())
        client = self._outside.quickbooks(self._company_id, connection, self._actor)
        try:
            read = (await client.read_whole_bill(linked.quickbooks_id)).value
        except MissingOrInactive:
            async with self._database.company(self._company_id, self._actor) as session:
                await mark_deleted(session, connection.id, [(linked.transaction_type, linked.quickbooks_id)])
            async with self._database.company(self._company_id, self._actor) as session:
                await compare(session, [self._invoice_id])
            return None
        except ReconnectNeeded as ended:
            await session_ended(self._outside, self._company_id, connection, ended, self._actor)
            return None
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None
        async with self._database.company(self._company_id, self._actor) as session:
            await store_transactions(session, [booked(connection.id, read.bill, self._outside.clock.now())])
        return read

    async def _write_down(self, session: CompanySession, asked: _Asked, read: BillAsRead | None) -> PreparedBatch:
        """Compare once more, and write the attempt down if exactly what was asked for is still to be done."""
        compared = next(iter(await compare(session, [self._invoice_id])), None)
        comparison = (await comparisons_of(session, [self._invoice_id])).get(self._invoice_id)
        if compared is None or comparison is None or comparison.update_wanted_at is None:
            return NOTHING
        wanted = compared.pair.procore.bill
        if compared.told.step not in (NextStep.UPDATE, NextStep.ASK) or wanted is None:
            self._give_up(session, comparison, compared.told.because)
            return NOTHING
        tag = marker(compared.row.reference or 0)
        if read is not None:
            body = online_update(read, wanted, compared.draft)
        else:
            bill = _whole_bill(compared.linked)
            if bill is None:
                await read_bills_now(session, asked.connection.id)
                await self._put_off(session)
                return NOTHING
            body = desktop_update(bill, wanted, compared.draft, tag)
        comparison.update_raw = compared.linked.requisition
        session.add(comparison)
        record_event(session, "invoice", self._invoice_id, "updating", number=wanted.number, total=str(wanted.total))
        attempt = _attempt(compared, wanted, body, tag)
        batch_id = await write_batch(session, asked.connection.id, compared.row.project_id, [attempt])
        return PreparedBatch(batch_id=batch_id, summary=f"update bill {wanted.number} to {dollars(wanted.total)}")

    def _give_up(self, session: CompanySession, comparison: BillComparison, because: str) -> None:
        end_update(comparison)
        session.add(comparison)
        record_event(session, "invoice", self._invoice_id, "not_updated", reason=because)

    async def _put_off(self, session: CompanySession) -> None:
        comparison = (await comparisons_of(session, [self._invoice_id]))[self._invoice_id]
        comparison.not_before = session.now + LATER
        session.add(comparison)


def _whole_bill(linked: LinkedBillNow) -> BillRet | None:
    """A company file's bill with its lines, as last read; None until a reading brought it."""
    if linked.booked is None or "txn_id" not in json.loads(linked.booked):
        return None
    return BillRet.model_validate_json(linked.booked)


def _attempt(compared: Compared, wanted: BillAsIs, body: bytes, tag: str) -> NewAttempt:
    retainage = [line.amount for line in wanted.lines if line.is_retainage]
    kept_in = next((line.account_id for line in wanted.lines if line.is_retainage and line.amount < 0), None)
    return NewAttempt(
        invoice_id=compared.row.id,
        commitment_id=compared.row.commitment_id,
        operation=PostingOperation.UPDATE,
        body=body,
        draft_hash=compared.told.fingerprint,
        marker=tag,
        vendor_id=wanted.vendor_id,
        number=wanted.number,
        total=wanted.total,
        bill_date=wanted.bill_date,
        withheld=-sum((amount for amount in retainage if amount < 0), ZERO),
        released=sum((amount for amount in retainage if amount > 0), ZERO),
        mapping_versions="",
        retainage_account_id=kept_in,
    )
