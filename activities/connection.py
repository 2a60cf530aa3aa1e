"""The activities of the connection workflows."""

from temporalio import activity

from accounting.connection_states import ConnectionState
from activities.acting import acting
from activities.connecting import ConnectingSteps
from activities.connection_tokens import refresh_place
from activities.failures import quickbooks_failure
from activities.outside import Outside
from activities.reading_books import BooksReading, status_of
from activities.sessions_ended import session_ended
from contracts.connection import (
    AttemptFailure,
    AttemptRef,
    ConnectionActivities,
    ConnectionRef,
    ConnectionStatus,
    HousekeepingActivities,
    StepResult,
)
from foundation.secret_box import SecretPlace
from models.connections import (
    connection_by_id,
    credential_of,
    erase_tokens,
    move_connection,
    revocations_of,
)
from models.directory import companies_to_run, connections_to_run
from models.tables import TokenRevocation
from providers.quickbooks_online.errors import QuickBooksOnlineError, ReconnectNeeded


class ConnectionDesk(ConnectionActivities):
    """Implements what ``contracts/connection.py`` declares."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    @activity.defn(name="exchange_code")
    async def exchange_code(self, request: AttemptRef) -> StepResult:
        return await self._steps(request).exchange()

    @activity.defn(name="establish_connection")
    async def establish_connection(self, request: AttemptRef) -> StepResult:
        return await self._steps(request).establish()

    @activity.defn(name="fail_attempt")
    async def fail_attempt(self, request: AttemptFailure) -> None:
        steps = ConnectingSteps(self._outside, request.company_id, request.attempt_id)
        await steps.fail(request)

    @activity.defn(name="read_books")
    async def read_books(self, request: ConnectionRef) -> ConnectionStatus:
        return await BooksReading(self._outside, request).read()

    @activity.defn(name="guard_connection")
    async def guard_connection(self, request: ConnectionRef) -> ConnectionStatus:
        """Renew the tokens by reading the company once: an idle authorisation lives on by being used."""
        actor = acting()
        async with self._outside.database.company(request.company_id, actor) as session:
            connection = await connection_by_id(session, request.connection_id)
        if connection is None or connection.state is not ConnectionState.ACTIVE:
            return status_of(connection)
        client = self._outside.quickbooks(request.company_id, connection.id, connection.quickbooks_company_id, actor)
        try:
            await client.company_info()
        except ReconnectNeeded as ended:
            await session_ended(self._outside, request.company_id, connection, ended, actor)
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None
        async with self._outside.database.company(request.company_id, actor) as session:
            return status_of(await connection_by_id(session, request.connection_id))

    @activity.defn(name="disconnect")
    async def disconnect(self, request: ConnectionRef) -> ConnectionStatus:
        """The credential goes in the same commit as the state; its refresh token waits in a row of its own."""
        secrets = self._outside.secrets
        async with self._outside.database.company(request.company_id, acting()) as session:
            connection = await connection_by_id(session, request.connection_id, lock=True)
            if connection is None:
                return status_of(None)
            credential = await credential_of(session, connection.id)
            if credential is not None:
                revocation_id = session.new_id()
                token = secrets.open_text(credential.refresh_token, refresh_place(credential.id))
                session.add(
                    TokenRevocation(
                        company_id=request.company_id,
                        id=revocation_id,
                        connection_id=connection.id,
                        environment=connection.environment,
                        quickbooks_company_id=connection.quickbooks_company_id,
                        token=secrets.seal_text(token, SecretPlace("token_revocation", "token", revocation_id)),
                        created_at=session.now,
                    )
                )
                await erase_tokens(session, connection.id)
            move_connection(session, connection, ConnectionState.DISCONNECTED, None)
            return status_of(connection)

    @activity.defn(name="revoke_tokens")
    async def revoke_tokens(self, request: ConnectionRef) -> None:
        actor = acting()
        async with self._outside.database.company(request.company_id, actor) as session:
            revocations = await revocations_of(session, request.connection_id)
        for revocation in revocations:
            place = SecretPlace("token_revocation", "token", revocation.id)
            try:
                await self._outside.intuit.revoke(self._outside.secrets.open_text(revocation.token, place))
            except QuickBooksOnlineError as trouble:
                raise quickbooks_failure(trouble) from None
            async with self._outside.database.company(request.company_id, actor) as session:
                await session.delete(revocation)

    def _steps(self, request: AttemptRef) -> ConnectingSteps:
        return ConnectingSteps(self._outside, request.company_id, request.attempt_id)


class Housekeeping(HousekeepingActivities):
    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    @activity.defn(name="restart_missing")
    async def restart_missing(self) -> int:
        """Start what does not run. What runs is not even signalled: the Schedule fires for ever."""
        async with self._outside.database.directory() as session:
            companies = await companies_to_run(session)
            connections = await connections_to_run(session)
        workflows = self._outside.workflows
        for company in companies:
            await workflows.ensure_company(company.company_id, company.name)
        for one in connections:
            await workflows.ensure_connection(one.company_id, one.connection_id, one.quickbooks_company)
        return len(companies) + len(connections)
