"""The guardian: keeps an idle authorisation alive by using it, and warns before the end that no renewal moves."""

from uuid import UUID

from accounting.connection_states import ConnectionState, ExpiryReason
from accounting.hard_end import days_to_warn_of
from activities.acting import acting
from activities.connection_status import status_now, status_of
from activities.connection_tokens import AuthorisationEnded
from activities.failures import quickbooks_failure
from activities.outside import Outside
from activities.sessions_ended import session_ended
from contracts.connection import ConnectionRef, ConnectionStatus
from models.connections import connection_by_id, credential_of, refuse_tokens, warn_of_hard_end
from models.database import Actor
from models.tables import Connection, QuickBooksKind
from providers.quickbooks_online.errors import QuickBooksOnlineError, ReconnectNeeded


class Guarding:
    """One attempt of ``guard_connection``."""

    def __init__(self, outside: Outside, request: ConnectionRef) -> None:
        self._outside = outside
        self._database = outside.database
        self._ref = request
        self._company_id: UUID = request.company_id
        self._connection_id: UUID = request.connection_id
        self._actor: Actor = acting()

    async def guard(self) -> ConnectionStatus:
        """Use the authorisation once, so that it lives another 101 days; say how it stands."""
        now = self._outside.clock.now()
        async with self._database.company(self._company_id, self._actor) as session:
            connection = await connection_by_id(session, self._connection_id)
            credential = await credential_of(session, self._connection_id)
            hard_end = credential.hard_expires_at if credential else None
            is_online = connection is not None and connection.kind is QuickBooksKind.ONLINE
            if connection is None or connection.state is not ConnectionState.ACTIVE or not is_online:
                return status_of(connection, now, credential)
            is_over = hard_end is not None and hard_end <= now
            if is_over and credential is not None:
                await refuse_tokens(session, credential, ExpiryReason.HARD_END)
            elif (days := days_to_warn_of(hard_end, now)) is not None:
                await warn_of_hard_end(session, connection, days)
        if is_over:
            await self._ended(connection, AuthorisationEnded(ExpiryReason.HARD_END))
        else:
            await self._use(connection)
        return await status_now(self._outside, self._ref)

    async def _use(self, connection: Connection) -> None:
        client = self._outside.quickbooks(self._company_id, connection, self._actor)
        try:
            await client.company_info()
        except ReconnectNeeded as ended:
            await self._ended(connection, ended)
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None

    async def _ended(self, connection: Connection, error: ReconnectNeeded) -> None:
        await session_ended(self._outside, self._company_id, connection, error, self._actor)
