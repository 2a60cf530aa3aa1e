"""An attempt to connect: trade the code once, see which QuickBooks company it is, find or create its connection."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from accounting.connection_states import AttemptOutcome, ConnectionState
from activities.acting import acting
from activities.connection_tokens import access_place, refresh_place
from activities.failures import quickbooks_failure
from activities.outside import Outside
from contracts.connection import AttemptFailure, StepResult
from foundation.secret_box import SecretPlace
from models.attempts import attempt as attempt_by_id
from models.attempts import attempt_succeeded, fail_attempt
from models.connections import (
    connection_by_id,
    connection_to,
    ensure_settings,
    erase_tokens,
    forget_revocations,
    locked_attempt,
    move_connection,
)
from models.database import Actor, CompanySession
from models.events import record_event
from models.mirroring import company_rules
from models.tables import Connection, ConnectionAttempt, Credential, QuickBooksKind
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import (
    ClientMisconfigured,
    GrantRefused,
    OutcomeUnclear,
    QuickBooksOnlineError,
    ReconnectNeeded,
)
from providers.quickbooks_online.types import CompanyInfo, Preferences

CODE_REFUSED = "QuickBooks did not accept the sign-in; it was used before or took too long. Try again."
CODE_UNCLEAR = "QuickBooks did not answer while signing in. Try again."
WRONG_CLIENT = "QuickBooks does not know this inBuild installation. Contact inBuild support."
LOST_ACCESS = "QuickBooks refused access to the company right after signing in. Sign in as one of its admins."
NOT_US = "{name} keeps books for {country}. This release works with US companies only."
NO_BILLS = "{name} is on a QuickBooks plan without bills. Upgrade it to Essentials or higher, then try again."
OTHER_COMPANY = "This connection belongs to {old}, but {new} was chosen. Sign in to {old}, or disconnect first."
TAKEN = "{name} is already connected by another inBuild company. Disconnect it there first."


def attempt_place(column: str, attempt_id: UUID) -> SecretPlace:
    return SecretPlace("connection_attempt", column, attempt_id)


@dataclass
class HeldAccessToken:
    """The token of an attempt, good for the few calls that establish a connection."""

    access: str

    async def token(self) -> str:
        return self.access

    async def rejected(self, token: str) -> None:
        """Nothing to renew yet: the same token again tells the client to give up."""


class ConnectingSteps:
    """The steps of one attempt."""

    def __init__(self, outside: Outside, company_id: UUID, attempt_id: UUID) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = company_id
        self._attempt_id = attempt_id
        self._actor: Actor = acting()

    async def exchange(self) -> StepResult:
        """Use the code, once. That it is being used is committed first, so that nobody ever uses it again."""
        async with self._database.company(self._company_id, self._actor) as session:
            attempt = await locked_attempt(session, self._attempt_id)
            if attempt is None or attempt.code is None or attempt.code_used_at is not None:
                return StepResult(reason=CODE_REFUSED)
            code = self._outside.secrets.open_text(attempt.code, attempt_place("code", attempt.id))
            attempt.code, attempt.code_used_at = None, session.now
            session.add(attempt)
        try:
            pair = await self._outside.intuit.exchange(code)
        except GrantRefused:
            return StepResult(reason=CODE_REFUSED)
        except ClientMisconfigured:
            return StepResult(reason=WRONG_CLIENT)
        except QuickBooksOnlineError:
            return StepResult(reason=CODE_UNCLEAR)
        secrets = self._outside.secrets
        async with self._database.company(self._company_id, self._actor) as session:
            attempt = await locked_attempt(session, self._attempt_id)
            if attempt is None or attempt.outcome is not AttemptOutcome.PENDING:
                return StepResult(reason=CODE_REFUSED)
            attempt.access_token = secrets.seal_text(pair.access_token, attempt_place("access_token", attempt.id))
            attempt.refresh_token = secrets.seal_text(pair.refresh_token, attempt_place("refresh_token", attempt.id))
            attempt.access_expires_at, attempt.refresh_expires_at = pair.access_expires_at, pair.refresh_expires_at
            attempt.hard_expires_at = pair.hard_expires_at
            session.add(attempt)
        return StepResult()

    async def establish(self) -> StepResult:
        """Read the company and make the connection. Raises a retryable failure while QuickBooks cannot be read."""
        async with self._database.company(self._company_id, self._actor) as session:
            attempt = await attempt_by_id(session, self._attempt_id)
        if attempt is None or attempt.access_token is None or attempt.quickbooks_company_id is None:
            return StepResult(reason=CODE_REFUSED)
        token = self._outside.secrets.open_text(attempt.access_token, attempt_place("access_token", attempt.id))
        client = QuickBooksOnlineClient(
            self._outside.settings.intuit_api_url,
            self._outside.http,
            HeldAccessToken(token),
            attempt.quickbooks_company_id,
        )
        try:
            company = (await client.company_info()).value
            preferences = (await client.preferences()).value
        except ReconnectNeeded:
            return StepResult(reason=LOST_ACCESS)
        except (OutcomeUnclear, QuickBooksOnlineError) as trouble:
            raise quickbooks_failure(trouble) from None
        if (reason := unsuitable(company, preferences)) is not None:
            return StepResult(reason=reason)
        try:
            async with self._database.company(self._company_id, self._actor) as session:
                result = await self._connect(session, company, preferences)
                name = (await company_rules(session)).name
        except IntegrityError:
            return StepResult(reason=TAKEN.format(name=company.company_name))
        if result.connection_id is not None:
            workflows = self._outside.workflows
            await workflows.connected(self._company_id, result.connection_id, company.company_name, self._attempt_id)
            await workflows.wake_company(self._company_id, name, f"connected to {company.company_name}")
        return result

    async def fail(self, request: AttemptFailure) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            attempt = await locked_attempt(session, self._attempt_id)
            if attempt is not None and attempt.outcome is AttemptOutcome.PENDING:
                fail_attempt(session, attempt, request.reason)

    async def _connect(self, session: CompanySession, company: CompanyInfo, preferences: Preferences) -> StepResult:
        attempt = await locked_attempt(session, self._attempt_id)
        if attempt is None or attempt.outcome is AttemptOutcome.FAILED:
            return StepResult(reason=CODE_REFUSED)
        environment, realm_id = self._outside.settings.intuit_environment, attempt.quickbooks_company_id or ""
        if attempt.outcome is AttemptOutcome.SUCCEEDED:
            made = await connection_to(session, QuickBooksKind.ONLINE, environment, realm_id)
            return StepResult(connection_id=made.id if made else None)
        if attempt.connection_id is not None:
            old = await connection_by_id(session, attempt.connection_id, lock=True)
            if old is not None and old.quickbooks_company_id != realm_id:
                return StepResult(
                    reason=OTHER_COMPANY.format(old=old.quickbooks_company_name, new=company.company_name)
                )
        row = await connection_to(session, QuickBooksKind.ONLINE, environment, realm_id)
        if row is None:
            row = self._new_connection(session, attempt, company, environment, realm_id)
            record_event(session, "connection", row.id, "connection_made", quickbooks_company=company.company_name)
        else:
            row.connected_by, row.connected_at = attempt.started_by, session.now
            move_connection(session, row, ConnectionState.ACTIVE, None)
        row.quickbooks_company_name, row.legal_name = company.company_name, company.legal_name or None
        home = preferences.currency_prefs.home_currency
        row.home_currency = home.value if home else "USD"
        session.add(row)
        await session.flush()
        await ensure_settings(session, row.id)
        await self._hand_over_tokens(session, row, attempt)
        await forget_revocations(session, environment, realm_id)
        attempt_succeeded(session, attempt, row.id)
        return StepResult(connection_id=row.id)

    def _new_connection(
        self,
        session: CompanySession,
        attempt: ConnectionAttempt,
        company: CompanyInfo,
        environment: str,
        realm_id: str,
    ) -> Connection:
        return Connection(
            company_id=session.company_id,
            id=session.new_id(),
            kind=QuickBooksKind.ONLINE,
            environment=environment,
            quickbooks_company_id=realm_id,
            quickbooks_company_name=company.company_name,
            state=ConnectionState.ACTIVE,
            state_since=session.now,
            connected_by=attempt.started_by,
            connected_at=session.now,
            country="US",
            home_currency="USD",
        )

    async def _hand_over_tokens(self, session: CompanySession, row: Connection, attempt: ConnectionAttempt) -> None:
        """Seal the attempt's tokens anew for the credential's own row: a ciphertext works nowhere else."""
        secrets = self._outside.secrets
        if attempt.access_token is None or attempt.refresh_token is None:
            return
        access = secrets.open_text(attempt.access_token, attempt_place("access_token", attempt.id))
        refresh = secrets.open_text(attempt.refresh_token, attempt_place("refresh_token", attempt.id))
        old = await erase_tokens(session, row.id)
        await session.flush()
        credential_id = session.new_id()
        session.add(
            Credential(
                company_id=session.company_id,
                id=credential_id,
                connection_id=row.id,
                access_token=secrets.seal_text(access, access_place(credential_id)),
                refresh_token=secrets.seal_text(refresh, refresh_place(credential_id)),
                access_expires_at=attempt.access_expires_at or session.now,
                refresh_expires_at=attempt.refresh_expires_at or session.now,
                hard_expires_at=attempt.hard_expires_at,
                generation=(old.generation if old else 0) + 1,
            )
        )


def unsuitable(company: CompanyInfo, preferences: Preferences) -> str | None:
    """Why these books cannot be posted to, in words for the admin; None when they can."""
    if company.country.upper() not in {"US", "USA", ""}:
        return NOT_US.format(name=company.company_name, country=company.country)
    if not preferences.vendor_and_purchases_prefs.enable_bills:
        return NO_BILLS.format(name=company.company_name)
    return None
