"""One reconciliation run: the copy of each books refreshed, every linked pair compared, everything approved added up.

Every step commits how far it came, so that another attempt goes on there; none holds a transaction while QuickBooks
answers.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from temporalio import activity

from accounting.differences import differences
from accounting.money import ZERO
from accounting.reconciliation import Group, since_posted
from activities.acting import acting, heartbeating
from activities.linked_pairs import ReadPair, names_of, read_pairs
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
from models.bill_differences import ComparedLink, close_of_ended_links, count_differences, note_differences
from models.connections import connection_by_id
from models.copy_of_books import copy_reaches
from models.database import Actor, CompanySession
from models.events import record_event
from models.pairs_to_compare import linked_pairs
from models.reconciliation import control_of, month_of, read_statement, store_statement
from models.reconciliation_runs import books_in_run, books_of_run, end_run, fail_run, run_by_id
from models.requisition_amounts import MeasuredRequisition, UnmeasuredRequisition, store_measured, unmeasured
from models.tables import QuickBooksKind, RunState
from providers.procore.requisitions import Requisition, read_requisition

# Links compared, and texts added up, in one unit of work: some tenths of a second.
PAGE = 250
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
    """Compare the next page of a connection's linked pairs; what the run has found in it once none is left."""
    place = await books_in_run(session, run_id, connection_id)
    if place.ended_at is None:
        rows = await linked_pairs(session, connection_id, place.compared_to, PAGE)
        if rows:
            connection = await connection_by_id(session, connection_id)
            is_desktop = connection is not None and connection.kind is QuickBooksKind.DESKTOP
            pairs = await read_pairs(session, connection_id, rows, is_desktop=is_desktop)
            await note_differences(session, run_id, await _compared(session, connection_id, pairs))
            moved = [(pair, since_posted(pair.bill, pair.now)) for pair in pairs]
            await store_statement(session, run_id, [(_group(pair), row) for pair, row in moved if row is not None])
            place.compared_to, place.compared = rows[-1].link_id, place.compared + len(rows)
            session.add(place)
            return None
        await close_of_ended_links(session, connection_id, run_id)
        counts = await count_differences(session, connection_id)
        place.open_differences, place.explained_differences = counts.open, counts.explained
        place.copy_reaches, place.ended_at = await copy_reaches(session, connection_id), session.now
        session.add(place)
    return Compared(pairs=place.compared, open=place.open_differences, explained=place.explained_differences)


async def _compared(session: CompanySession, connection_id: UUID, pairs: Sequence[ReadPair]) -> list[ComparedLink]:
    """Every pair with its differences; names are looked up only for what differs."""
    differing = [one for one in pairs if differences(one.pair)]
    names = await names_of(session, connection_id, [one.pair for one in differing]) if differing else {}
    found = {one.row.link_id: differences(replace(one.pair, names=names)) for one in differing}
    return [
        ComparedLink(one.row.link_id, connection_id, one.row.invoice_id, found.get(one.row.link_id, ()))
        for one in pairs
    ]


def _group(one: ReadPair) -> Group:
    return Group(one.row.project_id, str(one.row.connection_id), month_of(one.row.billing_date))
