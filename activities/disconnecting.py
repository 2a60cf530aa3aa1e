"""Disconnecting: the tokens go at once, everything an admin has made stays."""

from uuid import UUID

from accounting.connection_states import ConnectionState
from activities.acting import acting, acting_for
from activities.connection_status import status_of
from activities.connection_tokens import refresh_place
from activities.outside import Outside
from activities.revoking import seal_for_revoking
from contracts.connection import ConnectionStatus, DisconnectRequest
from models.connections import connected, connection_by_id, erase_tokens, move_connection, revoke_later
from models.database import CompanySession
from models.gaps import suspend_mirroring
from models.mirroring import company_rules, mirroring_row
from models.tables import Connection


class Disconnecting:
    """One attempt of ``disconnect``."""

    def __init__(self, outside: Outside, request: DisconnectRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._request = request

    async def disconnect(self) -> ConnectionStatus:
        """Disconnect once. A connection made anew after the wish stays as it is."""
        async with self._database.company(self._company_id, acting()) as session:
            before = await connection_by_id(session, self._request.connection_id)
        wanted_by = before.disconnect_wanted_by if before else None
        actor = acting_for(wanted_by) if wanted_by else acting()
        async with self._database.company(self._company_id, actor) as session:
            # Connecting and disconnecting take the toggle's row first: they come one after the other.
            await mirroring_row(session)
            connection = await connection_by_id(session, self._request.connection_id, lock=True)
            if connection is None or connection.state is ConnectionState.DISCONNECTED or self._is_void(connection):
                return status_of(connection)
            await self._put_tokens_away(session, connection)
            move_connection(session, connection, ConnectionState.DISCONNECTED, None)
            await session.flush()
            if not await connected(session):
                await suspend_mirroring(session)
            name = (await company_rules(session)).name
            status = status_of(connection)
        await self._outside.workflows.wake_company(
            self._company_id, name, f"{connection.quickbooks_company_name} was disconnected"
        )
        return status

    def _is_void(self, connection: Connection) -> bool:
        asked_at = self._request.asked_at or connection.disconnect_wanted_at
        return asked_at is not None and asked_at < connection.connected_at

    async def _put_tokens_away(self, session: CompanySession, connection: Connection) -> None:
        """The credential goes in the same commit as the state; its refresh token waits in a row of its own."""
        credential = await erase_tokens(session, connection.id)
        if credential is None:
            return
        place = refresh_place(credential.id)
        revoke_later(
            session,
            seal_for_revoking(session, self._outside.secrets, credential.refresh_token, place),
            connection.environment,
            connection.quickbooks_company_id,
            connection_id=connection.id,
        )
