"""Reading a QuickBooks company: its lists, and the copy of its transactions."""

from uuid import UUID

from accounting.connection_states import ConnectionState
from activities.acting import acting, heartbeating
from activities.connection_status import status_now
from activities.failures import quickbooks_failure
from activities.keeping_lists import ListsKeeping
from activities.outside import Outside
from activities.pacing import turns_of
from activities.refreshing_books import bring_up_to_date
from activities.sessions_ended import session_ended
from contracts.connection import ConnectionRef, ConnectionStatus
from models.connections import connection_by_id, lists_were_read
from models.database import Actor
from models.tables import Connection, QuickBooksKind
from providers.quickbooks_online.errors import QuickBooksOnlineError, ReconnectNeeded


class BooksReading:
    """One connection's books, read as far as posting needs them."""

    def __init__(self, outside: Outside, request: ConnectionRef) -> None:
        self._outside = outside
        self._database = outside.database
        self._ref = request
        self._company_id: UUID = request.company_id
        self._connection_id: UUID = request.connection_id
        self._actor: Actor = acting()

    async def read(self) -> ConnectionStatus:
        """Read everything once. An ended session is written down; other trouble is raised to be tried again."""
        connection = await self._connection()
        if connection is None or connection.state is not ConnectionState.ACTIVE:
            return await status_now(self._outside, self._ref)
        if connection.kind is not QuickBooksKind.ONLINE:
            # The company file's lists come with its next session: nobody can call a PC.
            return await status_now(self._outside, self._ref)
        client = self._outside.quickbooks(self._company_id, connection, self._actor)
        turn = turns_of(self._outside, self._company_id, self._connection_id, self._actor)
        lists = ListsKeeping(self._outside, self._company_id, self._connection_id, client, self._actor, turn)
        began_at = self._outside.clock.now()
        try:
            async with heartbeating():
                await lists.read()
                await bring_up_to_date(
                    self._outside, self._company_id, self._connection_id, client, self._actor, lists_from=began_at
                )
        except ReconnectNeeded as ended:
            await session_ended(self._outside, self._company_id, connection, ended, self._actor)
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None
        async with self._database.company(self._company_id, self._actor) as session:
            await lists_were_read(session, self._connection_id)
        await lists.let_go_on()
        return await status_now(self._outside, self._ref)

    async def _connection(self) -> Connection | None:
        async with self._database.company(self._company_id, self._actor) as session:
            return await connection_by_id(session, self._connection_id)
