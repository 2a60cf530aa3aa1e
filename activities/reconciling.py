"""One reconciliation run: the copy of each books refreshed, every linked pair compared, everything approved added up.

Every step commits how far it came, so that another attempt goes on there; none holds a transaction while QuickBooks
answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity

from accounting.bill_types import TransactionKind
from accounting.bill_versions import BillAsIs
from accounting.differences import differences
from accounting.money import ZERO
from accounting.reconciliation import NOTHING, Amounts, Group, since_posted
from activities.acting import acting, heartbeating
from activities.comparing import Compared as ComparedBill
from activities.comparing import judge_pairs, note_judged
from activities.outside import Outside
from activities.refreshing_linked_bills import BooksRefreshing
from activities.requisition_reading import read
from contracts.reconciliation import (
    BooksToCompare,
    Compared,
    ReconciliationActivities,
    ReconciliationFailure,
    ReconciliationInput,
    ReconciliationPlan,
)
from models.bill_differences import (
    ComparedLink,
    Explanation,
    close_of_ended_links,
    count_differences,
    note_differences,
)
from models.comparisons import comparisons_of, comparisons_to_make
from models.connections import connection_by_id
from models.copy_of_books import copy_reaches
from models.database import Actor, CompanySession
from models.events import record_event
from models.invoices import invoices_by_id
from models.live_links import LiveLink, live_links
from models.reconciliation import control_of, month_of, one_snapshot, read_statement, store_statement
from models.reconciliation_runs import books_in_run, books_of_run, end_run, fail_run, run_by_id
from models.requisition_amounts import MeasuredRequisition, UnmeasuredRequisition, store_measured, unmeasured
from models.savepoint import savepoint
from models.tables import BillComparison, InvoiceRow, RunState
from providers.procore.requisitions import Requisition, read_requisition

# Links compared, and texts added up, in one unit of work: some tenths of a second.
PAGE = 250
LEFT_OUT = "Some bills could not be compared: one is being written just now, or inBuild support has been told of it."
FAILED = "The last run did not come to its end on inBuild's side. Support has been told; run it again."


class Reconciling(ReconciliationActivities):
    """Implements what ``contracts/reconciliation.py`` declares."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._database = outside.database

    @activity.defn(name="begin_reconciliation")
    async def begin_reconciliation(self, request: ReconciliationInput) -> ReconciliationPlan:
        async with self._database.company(request.company_id, acting()) as session:
            run = await run_by_id(session, request.run_id)
            if run is None or run.state is not RunState.ASKED:
                return ReconciliationPlan()
            books = []
            for one in await books_of_run(session, run.id):
                connection = await connection_by_id(session, one.connection_id)
                name = connection.quickbooks_company_name if connection else ""
                books.append(
                    BooksToCompare(
                        company_id=request.company_id, run_id=run.id, connection_id=one.connection_id, name=name
                    )
                )
        return ReconciliationPlan(books=books)

    @activity.defn(name="refresh_linked_bills")
    async def refresh_linked_bills(self, request: BooksToCompare) -> None:
        async with heartbeating():
            await BooksRefreshing(self._outside, request, acting()).refresh()

    @activity.defn(name="compare_linked_bills")
    async def compare_linked_bills(self, request: BooksToCompare) -> Compared:
        actor = acting()
        async with heartbeating():
            while True:
                async with self._database.company(request.company_id, actor) as session:
                    told = await compare_page(session, request.run_id, request.connection_id)
                if told is not None:
                    return told

    @activity.defn(name="close_reconciliation")
    async def close_reconciliation(self, request: ReconciliationInput) -> None:
        actor = acting()
        async with heartbeating():
            await self._measure(request.company_id, actor)
            async with self._database.company(request.company_id, actor) as session:
                await one_snapshot(session)
                statement = await read_statement(session)
                run = await run_by_id(session, request.run_id)
                if run is None or run.state is not RunState.ASKED:
                    return
                await store_statement(session, request.run_id, statement.rows())
                await end_run(session, request.run_id, await control_of(session))
            async with self._database.company(request.company_id, actor) as session:
                books = await books_of_run(session, request.run_id)
                told = sum(one.open_differences for one in books)
                record_event(session, "reconciliation", request.run_id, "reconciled", open_differences=told)

    @activity.defn(name="fail_reconciliation")
    async def fail_reconciliation(self, request: ReconciliationFailure) -> None:
        async with self._database.company(request.company_id, acting()) as session:
            await fail_run(session, request.run_id, FAILED)

    async def _measure(self, company_id: UUID, actor: Actor) -> None:
        """Add up the requisitions whose text is new since the last run."""
        after = ""
        while True:
            async with self._database.company(company_id, actor) as session:
                page = await unmeasured(session, after, PAGE)
                await store_measured(session, [told for one in page if (told := measure(one)) is not None])
            if not page:
                return
            after = page[-1].requisition_id


def measure(one: UnmeasuredRequisition) -> MeasuredRequisition | None:
    """What a requisition comes to; None for a text that cannot be read any more."""
    requisition = read_requisition(one.raw)
    if not isinstance(requisition, Requisition):
        return None
    invoice = read(requisition).invoice
    return MeasuredRequisition(
        requisition_id=one.requisition_id,
        raw_sha256=one.raw_sha256,
        billing_date=invoice.billing_date,
        retainage=sum((line.withheld - line.released for line in invoice.lines), ZERO),
        net=invoice.due,
    )


async def compare_page(session: CompanySession, run_id: UUID, connection_id: UUID) -> Compared | None:
    """Compare the next page of a connection's linked bills; what the run has found in it once none is left."""
    place = await books_in_run(session, run_id, connection_id)
    if place.ended_at is None:
        links = await live_links(session, connection_id, place.compared_to, PAGE)
        if links:
            pairs = await _compare(session, connection_id, links)
            await note_differences(session, run_id, [_found(link, one) for link, one in pairs])
            moved = [(link, since_posted(_as_linked(link), _in_books_now(link, one))) for link, one in pairs]
            rows = [(_group(connection_id, link), row) for link, row in moved if row is not None]
            await store_statement(session, run_id, rows)
            place.compared_to, place.compared = links[-1].link_id, place.compared + len(pairs)
            if len(pairs) < len(links):
                place.trouble = place.trouble or LEFT_OUT
            session.add(place)
            return None
        await close_of_ended_links(session, connection_id, run_id)
        counts = await count_differences(session, connection_id)
        place.open_differences, place.explained_differences = counts.open, counts.explained
        place.copy_reaches, place.ended_at = await copy_reaches(session, connection_id), session.now
        session.add(place)
    return Compared(pairs=place.compared, open=place.open_differences, explained=place.explained_differences)


@dataclass(frozen=True)
class _Judged:
    """A linked bill as it was judged, and what is kept of it from one comparison to the next."""

    compared: ComparedBill
    comparison: BillComparison


async def _compare(
    session: CompanySession, connection_id: UUID, links: Sequence[LiveLink]
) -> list[tuple[LiveLink, _Judged]]:
    """Every link with its pair as it is now. What nobody had noticed yet is written down as a look would have done.

    One whose bill is being written is left out: it is compared once that is over.
    """
    ids = [link.invoice_id for link in links]
    rows = await invoices_by_id(session, ids)
    known = await comparisons_of(session, ids)
    comparisons = await comparisons_to_make(session, ids)
    for invoice_id in ids:
        if invoice_id not in known:
            comparisons[invoice_id] = BillComparison(
                company_id=session.company_id, id=session.new_id(), invoice_id=invoice_id, connection_id=connection_id
            )
    judged = {one.row.id: one for one in await _judge(session, rows, comparisons)}
    for invoice_id, one in judged.items():
        if one.told.fingerprint != comparisons[invoice_id].fingerprint:
            note_judged(session, one, comparisons[invoice_id])
    return [
        (link, _Judged(judged[link.invoice_id], comparisons[link.invoice_id]))
        for link in links
        if link.invoice_id in judged
    ]


async def _judge(
    session: CompanySession, rows: Mapping[UUID, InvoiceRow], comparisons: Mapping[UUID, BillComparison]
) -> list[ComparedBill]:
    """All of them; one that trips us is left out and told to support, the others are compared all the same."""
    try:
        async with savepoint(session):
            return await judge_pairs(session, rows, comparisons)
    except Exception:
        judged = []
        for invoice_id, comparison in comparisons.items():
            try:
                async with savepoint(session):
                    judged += await judge_pairs(session, rows, {invoice_id: comparison})
            except Exception:
                activity.logger.exception("invoice %s could not be compared with its bill", invoice_id)
        return judged


def _found(link: LiveLink, one: _Judged) -> ComparedLink:
    kept = one.comparison
    explanation = None
    if kept.kept_fingerprint is not None and kept.kept_at is not None:
        explanation = Explanation(kept.kept_note or "Kept as it is.", kept.kept_by, kept.kept_at)
    return ComparedLink(link.link_id, kept.connection_id, link.invoice_id, differences(one.compared.pair), explanation)


def _group(connection_id: UUID, link: LiveLink) -> Group:
    return Group(link.project_id, str(connection_id), month_of(link.billing_date))


def _as_linked(link: LiveLink) -> Amounts:
    return Amounts(link.retainage, link.net)


def _in_books_now(link: LiveLink, one: _Judged) -> Amounts | None:
    """What the bill comes to in QuickBooks now, in the invoice's sign: as it was linked, and what moved since."""
    pair = one.compared.pair
    posted, there = pair.posted, pair.quickbooks.bill
    if pair.quickbooks.is_deleted:
        return None
    if posted is None or there is None:
        return _as_linked(link)
    if pair.is_voided:
        return NOTHING
    return _as_linked(link) + (_sums(there) - _sums(posted))


def _sums(bill: BillAsIs) -> Amounts:
    sign = 1 if bill.kind is TransactionKind.BILL else -1
    kept = -sum((line.amount for line in bill.lines if line.is_retainage), ZERO)
    return Amounts(kept * sign, bill.total * sign)
