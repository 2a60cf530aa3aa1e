"""The last look before a bill: read again, draft, hold what cannot go, write down what will be sent."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from accounting.bill import draft_bill, marker
from accounting.bill_types import BillDraft, Books, Held, NothingToPost, RetainageBalance
from accounting.blockers import BlockerReason, Hold
from accounting.invoice import Invoice
from accounting.money import ZERO
from accounting.states import InvoiceState
from activities.acting import acting, heartbeating, is_first_attempt
from activities.bill_bytes import transaction_bytes
from activities.desktop_bill import bill_request
from activities.failures import procore_failure, quickbooks_failure
from activities.fresh_look import FreshLook, from_procore, look_again, take_over
from activities.in_hand import Opened, in_line
from activities.outside import Outside
from activities.paperwork import carry_files
from activities.procore_access import is_refusal
from activities.provider_trouble import note_trouble
from activities.reading_procore import CompanyReader
from activities.ready_bill import Ready
from activities.refreshing_books import refresh_copy
from activities.runnable_batches import following_batch, in_words
from activities.sessions_ended import session_ended
from contracts.mirroring import BatchRef, PreparedBatch, PrepareRequest
from contracts.names import REQUEST_SIZE
from models.database import Actor, CompanySession
from models.drafting import Drafting, drafting_of
from models.events import record_event
from models.invoice_states import hold_invoice, move, move_all
from models.invoices import InvoiceOrigin, invoices_to_prepare, origins_of, release
from models.plan_statement import close_plans
from models.posting import batches_written_here
from models.projects import store_commitments, unknown_commitments
from models.provider_trouble import trouble_is_over
from models.standing import OpenConnection, open_connection
from models.stored_tokens import stored_tokens
from models.tables import AttemptState, InvoiceRow, QuickBooksKind
from models.twins import Twin, lock_numbers, paper_of, twins_of_uploads
from models.writing_batches import write_batches
from providers.procore.errors import ProcoreError
from providers.quickbooks_online.errors import QuickBooksOnlineError, ReconnectNeeded

Drafter = Callable[[Invoice, Books, RetainageBalance, bool], BillDraft | Held | NothingToPost]

# After five unexpected exceptions on one invoice the fault is ours to mend, and the invoice says so.
MOST_FAILURES = 5
FIRST_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True)
class Prepared:
    """What preparing came to. ``opened`` is what goes at once: its attempts are marked ``sent`` already."""

    told: PreparedBatch
    opened: Opened | None = None


NOTHING = Prepared(PreparedBatch(batch_id=None, summary="nothing to send"))


class BatchPreparing:
    """One attempt to prepare a batch. ``draft`` is the accounting rule; a test may hand in one that fails."""

    def __init__(self, outside: Outside, request: PrepareRequest, draft: Drafter = draft_bill) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._batch: BatchRef = request.batch
        self._draft = draft
        self._is_desktop = self._had_trouble = self._goes_at_once = False
        self._actor: Actor = acting()

    async def prepare(self, *, in_hand: bool) -> Prepared:
        """Write down what may go. ``in_hand``: whoever asks sends it at once, where somebody may be called at all."""
        async with heartbeating():
            async with self._database.company(self._company_id, self._actor) as session:
                if not is_first_attempt() and (written := await batches_written_here(session)):
                    # The worker died between writing the batch down and telling of it.
                    return Prepared(prepared_batch(written, "finish what was written down before a restart"))
                connection = await open_connection(session, self._batch.connection_id)
                origins = await origins_of(session, self._batch.invoice_ids)
                if connection is None or not origins:
                    await release(session, self._batch.invoice_ids)
                    return NOTHING
                self._is_desktop = connection.kind == QuickBooksKind.DESKTOP
                self._goes_at_once = in_hand and not self._is_desktop
                self._had_trouble = connection.in_trouble
                unknown = await unknown_commitments(session, {one.commitment_id for one in from_procore(origins)})
            if not self._is_desktop and not await self._know_the_books(connection):
                return NOTHING
            # Last, so that nothing passes between what Procore says now and the draft made of it.
            reader = CompanyReader(self._outside, connection.procore_company_id)
            look = await self._look_again(reader, origins, unknown)
            try:
                async with self._database.company(self._company_id, self._actor) as session:
                    prepared = await self._write_down(session, look)
                    await reader.settle(session)
            except ApplicationError:
                # No place in QuickBooks' line soon: it is all done again then, but Procore was asked.
                async with self._database.company(self._company_id, self._actor) as session:
                    await reader.settle(session)
                raise
            if prepared.told.batch_id is None and prepared.told.next is None:
                await carry_files(self._outside, self._company_id, self._actor, connection.quickbooks_company_name)
            return prepared

    async def _know_the_books(self, connection: OpenConnection) -> bool:
        """Bring the copy that duplicates are looked for in up to date; False where QuickBooks lets us in no more."""
        try:
            await refresh_copy(self._outside, self._company_id, connection, self._actor)
        except ReconnectNeeded as ended:
            await session_ended(self._outside, self._company_id, connection, ended, self._actor)
            async with self._database.company(self._company_id, self._actor) as session:
                await release(session, self._batch.invoice_ids)
            return False
        except QuickBooksOnlineError as trouble:
            await note_trouble(self._database, self._company_id, self._actor, connection.id, trouble)
            raise quickbooks_failure(trouble) from None
        return True

    async def _own_rows(self, session: CompanySession) -> list[InvoiceRow]:
        """The batch's invoices that still belong to its books: an admin may have moved some to other ones."""
        rows = await invoices_to_prepare(session, self._batch.invoice_ids)
        return [row for row in rows if row.connection_id == self._batch.connection_id]

    async def _look_again(
        self, reader: CompanyReader, origins: Sequence[InvoiceOrigin], unknown: set[str]
    ) -> FreshLook:
        """The batch's requisitions as they are now, and the commitments where one is not known yet."""
        try:
            look = await look_again(reader, self._batch.project_id, origins)
            if changed := {reading.invoice.commitment_id for reading in look.readings}:
                async with self._database.company(self._company_id, self._actor) as session:
                    unknown |= await unknown_commitments(session, changed)
            if unknown:
                found = await reader.commitments(self._batch.project_id)
                async with self._database.company(self._company_id, self._actor) as session:
                    await store_commitments(session, found)
        except ProcoreError as trouble:
            async with self._database.company(self._company_id, self._actor) as session:
                if await is_refusal(session, trouble):
                    return FreshLook(hidden=trouble)
            await note_trouble(self._database, self._company_id, self._actor, self._batch.connection_id, trouble)
            raise procore_failure(trouble, self._outside.clock.now()) from None
        return look

    async def _write_down(self, session: CompanySession, look: FreshLook) -> Prepared:
        connection = await open_connection(session, self._batch.connection_id) if self._goes_at_once else None
        if self._goes_at_once and connection is None:
            # Paused or ended since this began: what Procore said is heard again when it may post.
            await release(session, self._batch.invoice_ids)
            return NOTHING
        if self._had_trouble:
            await trouble_is_over(session, self._batch.connection_id)
        rows = await self._own_rows(session)
        going = await take_over(session, look, self._batch.project_id, rows)
        ready = await self._draft_all(session, going)
        on_their_way = {one.row.id for one in ready}
        await release(session, [row.id for row in rows if row.id not in on_their_way])
        if not ready:
            following = await following_batch(session, self._batch.connection_id, self._batch.project_id)
            if following is None:
                await close_plans(session)
            return Prepared(PreparedBatch(batch_id=None, summary="nothing to send", next=following))
        # Nobody sees ``ready``: the lock on the number that guards it is held until this unit of work commits.
        sent = [one.row for one in ready]
        await move_all(session, sent, InvoiceState.READY, InvoiceState.SENDING)
        for one in ready:
            record_event(session, "invoice", one.row.id, "sending", number=one.draft.number, total=str(one.draft.total))
        attempts = [one.attempt() for one in ready]
        requests = [attempts[begin : begin + REQUEST_SIZE] for begin in range(0, len(attempts), REQUEST_SIZE)]
        state = AttemptState.PREPARED if connection is None else AttemptState.SENT
        written = await write_batches(session, self._batch.connection_id, self._batch.project_id, requests, state)
        told = prepared_batch(
            [one.batch.id for one in written],
            in_words("bill", [one.draft.number for one in ready], sum((one.draft.total for one in ready), ZERO)),
        )
        if connection is None:
            return Prepared(told)
        settings = self._outside.settings
        in_hand = [await in_line(session, settings, one.batch, one.attempts, is_first=True) for one in written]
        return Prepared(told, Opened(connection, await stored_tokens(session, connection.id), in_hand))

    async def _draft_all(self, session: CompanySession, rows: Sequence[InvoiceRow]) -> list[Ready]:
        draftings = await drafting_of(session, self._batch.connection_id, rows)
        ready: list[Ready] = []
        for row in rows:
            drafting = draftings[row.id]
            try:
                outcome = self._draft(drafting.invoice, drafting.books, drafting.balance, drafting.number_reused)
                await self._settle(session, row, drafting, outcome, ready)
            except Exception as bug:
                # One invoice that trips us must not hold up the others: it is tried again later, five times.
                activity.logger.exception("drafting invoice %s failed", row.id)
                await self._note_failure(session, row, bug)
        return await self._without_twins(session, ready)

    async def _settle(
        self,
        session: CompanySession,
        row: InvoiceRow,
        drafting: Drafting,
        outcome: BillDraft | Held | NothingToPost,
        ready: list[Ready],
    ) -> None:
        match outcome:
            case Held(holds):
                await hold_invoice(session, row, holds)
            case NothingToPost():
                move(row, InvoiceState.NOTHING_TO_POST)
                session.add(row)
                record_event(session, "invoice", row.id, "nothing_to_post")
            case BillDraft():
                ready.append(
                    Ready(row, drafting.invoice, outcome, self._bytes(row, drafting, outcome), drafting.versions)
                )

    def _bytes(self, row: InvoiceRow, drafting: Drafting, draft: BillDraft) -> bytes:
        """The draft as it is sent; to a company file it is one request of a message set."""
        if not self._is_desktop:
            return transaction_bytes(draft)
        return bill_request(draft, self._batch.connection_id, row.id, marker(drafting.invoice.reference))

    async def _note_failure(self, session: CompanySession, row: InvoiceRow, bug: Exception) -> None:
        row.failure_count += 1
        record_event(session, "invoice", row.id, "failed_here", error=type(bug).__name__, count=row.failure_count)
        if row.failure_count >= MOST_FAILURES:
            await hold_invoice(session, row, [Hold(BlockerReason.OUR_BUG, type(bug).__name__)])
            return
        row.not_before = session.now + FIRST_PAUSE * 2 ** (row.failure_count - 1)
        session.add(row)

    async def _without_twins(self, session: CompanySession, ready: Sequence[Ready]) -> list[Ready]:
        """Those that may be ``ready``, under a lock on vendor and number: an upload and its twin cannot both pass."""
        keys = sorted(zlib.crc32(f"{one.draft.vendor_id}|{one.row.normalised_number}".encode()) for one in ready)
        await lock_numbers(session, keys)
        going: list[Ready] = []
        on_their_way: dict[tuple[str, str], list[InvoiceRow | Twin]] = {}
        for known in await twins_of_uploads(session, [one.row for one in ready]):
            on_their_way.setdefault(paper_of(known), []).append(known)
        for one in ready:
            copies = on_their_way.setdefault(paper_of(one.row), [])
            twin = next((copy for copy in copies if copy.source != one.row.source), None)
            if twin is not None:
                subject = f"inBuild {twin.reference}, {twin.number}"
                await hold_invoice(session, one.row, [Hold(BlockerReason.LIKELY_DUPLICATE, subject, str(twin.id))])
                continue
            going.append(one)
            copies.append(one.row)
        return going


def prepared_batch(written: Sequence[UUID], summary: str) -> PreparedBatch:
    """The requests of a batch, in the order in which they go."""
    return PreparedBatch(batch_id=written[0], summary=summary, more=list(written[1:]))
