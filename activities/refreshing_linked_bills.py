"""Before linked bills are compared: the copy of their books is brought up to date, or read once more from the books."""

from collections.abc import Sequence
from datetime import timedelta

from accounting.connection_states import ConnectionState
from activities.failures import quickbooks_failure
from activities.outside import Outside
from activities.pacing import turns_of
from activities.refreshing_books import booked, refresh_copy
from activities.sessions_ended import session_ended
from contracts.reconciliation import BooksToCompare
from models.bill_links import store_transactions
from models.connections import connection_by_id
from models.copy_of_books import mark_deleted
from models.database import Actor
from models.desktop_readings import read_bills_whole
from models.live_links import LiveLink, live_links
from models.reconciliation_runs import books_in_run, run_by_id
from models.tables import Connection, QuickBooksKind, RunState
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import QuickBooksOnlineError, ReconnectNeeded
from providers.quickbooks_online.query import Condition, Select
from providers.quickbooks_online.types import Bill, VendorCredit

# Ids asked for in one query: a metered read each, in an address of some 3,000 characters.
PAGE = 250
# A nightly run takes the copy as another reading of the same day left it: reads are metered. Less than a day, so that
# what it read itself the night before is too old.
NIGHTLY_COPY = timedelta(hours=20)


class BooksRefreshing:
    """One attempt of ``refresh_linked_bills``. What goes wrong is noted in words for the page, and raised."""

    def __init__(self, outside: Outside, request: BooksToCompare, actor: Actor) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = request.company_id
        self._run_id = request.run_id
        self._connection_id = request.connection_id
        self._actor = actor

    async def refresh(self) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            run = await run_by_id(session, self._run_id)
            connection = await connection_by_id(session, self._connection_id)
        if run is None or connection is None or run.state is not RunState.ASKED:
            return
        if connection.kind is not QuickBooksKind.ONLINE:
            # A company file's copy comes with its own sessions: nobody can call a PC.
            if run.reread:
                await self._ask_file()
            return
        if connection.state is not ConnectionState.ACTIVE:
            await self._note("QuickBooks was not connected.")
            return
        reaches = connection.transactions_read_at
        try:
            if not run.is_nightly or reaches is None or self._outside.clock.now() - reaches > NIGHTLY_COPY:
                await refresh_copy(self._outside, self._company_id, connection, self._actor)
            if run.reread:
                await self._reread(connection)
        except ReconnectNeeded as ended:
            await session_ended(self._outside, self._company_id, connection, ended, self._actor)
            await self._note("QuickBooks no longer lets inBuild in.")
        except QuickBooksOnlineError as trouble:
            await self._note("QuickBooks did not answer.")
            raise quickbooks_failure(trouble) from None
        else:
            await self._note(None)

    async def _ask_file(self) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            await read_bills_whole(session, self._connection_id)
        await self._note("Every bill is read again when the Web Connector of this company file calls next.")

    async def _reread(self, connection: Connection) -> None:
        """Read every linked bill by its id, some hundreds with each metered query; on from where an attempt stopped."""
        client = self._outside.quickbooks(self._company_id, connection, self._actor)
        turn = turns_of(self._outside, self._company_id, self._connection_id, self._actor)
        while True:
            async with self._database.company(self._company_id, self._actor) as session:
                place = await books_in_run(session, self._run_id, self._connection_id)
                page = await live_links(session, self._connection_id, place.reread_to, PAGE)
            if not page:
                return
            read: list[Bill | VendorCredit] = []
            for kind in (Bill, VendorCredit):
                ids = tuple(one.quickbooks_id for one in page if one.transaction_type == kind.entity_name)
                if ids:
                    await turn()
                    read += await _by_ids(client, kind, ids)
            await self._keep(page, read)

    async def _keep(self, page: Sequence[LiveLink], read: Sequence[Bill | VendorCredit]) -> None:
        there = {(one.entity_name, one.id) for one in read}
        now = self._outside.clock.now()
        async with self._database.company(self._company_id, self._actor) as session:
            await store_transactions(session, [booked(self._connection_id, one, now) for one in read])
            named = ((one.transaction_type, one.quickbooks_id) for one in page)
            await mark_deleted(session, self._connection_id, [key for key in named if key not in there])
            place = await books_in_run(session, self._run_id, self._connection_id)
            place.reread_to = page[-1].link_id
            session.add(place)

    async def _note(self, trouble: str | None) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            place = await books_in_run(session, self._run_id, self._connection_id)
            place.trouble = trouble
            session.add(place)


async def _by_ids(
    client: QuickBooksOnlineClient, kind: type[Bill] | type[VendorCredit], ids: tuple[str, ...]
) -> Sequence[Bill | VendorCredit]:
    page = await client.query(kind, Select(kind.entity_name, (Condition("Id", "IN", ids),)))
    return page.value.entities
