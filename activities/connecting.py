"""An attempt to connect: trade the code once, see which QuickBooks company it is, find or create its connection."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from accounting.connection_states import AttemptOutcome
from activities.acting import acting, acting_for
from activities.connection_tokens import access_place, refresh_place
from activities.establishing import QuickBooksCompany, establish
from activities.failures import quickbooks_failure
from activities.outside import Outside
from activities.pacing import RequestPacing
from activities.revoking import seal_for_revoking
from contracts.connection import AttemptEnded, AttemptFailure, CompanyFileIdentity, StepResult
from contracts.mirroring import Toggled
from foundation.secret_box import SecretPlace
from models.attempts import attempt as attempt_by_id
from models.attempts import fail_attempt
from models.connections import erase_tokens, locked_attempt, revoke_later
from models.database import Actor, CompanySession
from models.mirroring import company_rules
from models.tables import Connection, ConnectionAttempt, Credential, QuickBooksKind
from models.web_connector import DESKTOP_ENVIRONMENT, file_was_seen, login_by_id
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import (
    AppNotAuthorized,
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
WRONG_ENVIRONMENT = (
    "QuickBooks does not let inBuild into this company: it belongs to Intuit's other environment (sandbox instead of "
    "production, or the reverse), or access was taken back at once. Choose another company."
)
NOT_US = "{name} keeps books for {country}. This release works with US companies only."
NO_BILLS = "{name} is on a QuickBooks plan without bills. Upgrade it to Essentials or higher, then try again."
TAKEN = "{name} is already connected by another inBuild company. Disconnect it there first."
WRONG_FILE = (
    "{name} was opened, but it is not the company file this connection was made for. Open the right file in "
    "QuickBooks, then start again."
)


# CompanyInfo and Preferences are asked before there is a connection whose line they could wait in.
REQUESTS_OF_CONNECTING = 2


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
            if attempt is None:
                return StepResult(reason=CODE_REFUSED)
            # Kept even where the attempt was ended meanwhile: ending it revokes what it was given.
            attempt.refresh_token = secrets.seal_text(pair.refresh_token, attempt_place("refresh_token", attempt.id))
            session.add(attempt)
            if attempt.outcome is not AttemptOutcome.PENDING:
                return StepResult(reason=CODE_REFUSED)
            attempt.access_token = secrets.seal_text(pair.access_token, attempt_place("access_token", attempt.id))
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
        except AppNotAuthorized:
            return StepResult(reason=WRONG_ENVIRONMENT)
        except ReconnectNeeded:
            return StepResult(reason=LOST_ACCESS)
        except (OutcomeUnclear, QuickBooksOnlineError) as trouble:
            raise quickbooks_failure(trouble) from None
        if (reason := unsuitable(company, preferences)) is not None:
            return StepResult(reason=reason)
        home = preferences.currency_prefs.home_currency
        return await self._establish(
            QuickBooksCompany(
                kind=QuickBooksKind.ONLINE,
                environment=self._outside.settings.intuit_environment,
                id=attempt.quickbooks_company_id,
                name=company.company_name,
                legal_name=company.legal_name or None,
                home_currency=home.value if home else "USD",
            )
        )

    async def establish_company_file(self, file: CompanyFileIdentity) -> StepResult:
        """Make the connection to a company file that the Web Connector has opened."""
        async with self._database.company(self._company_id, self._actor) as session:
            attempt = await attempt_by_id(session, self._attempt_id)
            login = await login_by_id(session, attempt.login_id) if attempt and attempt.login_id else None
        if attempt is None or login is None:
            return StepResult(reason=CODE_REFUSED)
        if file.file_id != login.file_id:
            return StepResult(reason=WRONG_FILE.format(name=file.company_name))
        if file.country.upper() not in US:
            return StepResult(reason=NOT_US.format(name=file.company_name, country=file.country))
        return await self._establish(
            QuickBooksCompany(
                kind=QuickBooksKind.DESKTOP,
                environment=DESKTOP_ENVIRONMENT,
                id=file.file_id,
                name=file.company_name,
                legal_name=file.legal_name,
                home_currency=file.home_currency,
            ),
            company_file=file.path,
        )

    async def _establish(self, company: QuickBooksCompany, company_file: str | None = None) -> StepResult:
        async with self._database.company(self._company_id, self._actor) as session:
            begun = await attempt_by_id(session, self._attempt_id)
        actor = acting_for(begun.started_by) if begun else self._actor
        try:
            async with self._database.company(self._company_id, actor) as session:
                done = await establish(session, self._attempt_id, company)
                if done.row is None or done.attempt is None:
                    return StepResult(reason=done.reason or CODE_REFUSED)
                if not done.again:
                    await self._hand_over(session, done.row, done.attempt, company_file)
                connection_id, name = done.row.id, (await company_rules(session)).name
        except IntegrityError:
            return StepResult(reason=TAKEN.format(name=company.name))
        workflows = self._outside.workflows
        await workflows.connected(self._company_id, connection_id, company.name, self._attempt_id)
        if done.toggle_version is not None:
            toggled = Toggled(on=True, version=done.toggle_version, actor=f"connected to {company.name} again")
            await workflows.toggle_mirroring(self._company_id, name, toggled)
        await workflows.wake_company(self._company_id, name, f"connected to {company.name}")
        return StepResult(connection_id=connection_id)

    async def fail(self, request: AttemptFailure) -> AttemptEnded:
        """End the attempt and put its refresh token where it is revoked; whether there is one."""
        async with self._database.company(self._company_id, self._actor) as session:
            attempt = await locked_attempt(session, self._attempt_id)
            if attempt is None:
                return AttemptEnded()
            if attempt.outcome is AttemptOutcome.PENDING:
                fail_attempt(session, attempt, request.reason)
            sealed, attempt.refresh_token = attempt.refresh_token, None
            session.add(attempt)
            if sealed is None or attempt.quickbooks_company_id is None:
                return AttemptEnded()
            place = attempt_place("refresh_token", attempt.id)
            revoke_later(
                session,
                seal_for_revoking(session, self._outside.secrets, sealed, place),
                self._outside.settings.intuit_environment,
                attempt.quickbooks_company_id,
                attempt_id=attempt.id,
            )
            return AttemptEnded(must_revoke=True)

    async def _hand_over(
        self, session: CompanySession, row: Connection, attempt: ConnectionAttempt, company_file: str | None
    ) -> None:
        if row.kind is QuickBooksKind.ONLINE:
            await self._hand_over_tokens(session, row.id, attempt)
            await RequestPacing(self._outside.settings, row.id).charge(session, REQUESTS_OF_CONNECTING)
        elif attempt.login_id is not None:
            await file_was_seen(session, attempt.login_id, row.id, company_file)

    async def _hand_over_tokens(self, session: CompanySession, connection_id: UUID, attempt: ConnectionAttempt) -> None:
        """Seal the attempt's tokens anew for the credential's own row: a ciphertext works nowhere else."""
        secrets = self._outside.secrets
        if attempt.access_token is None or attempt.refresh_token is None:
            return
        access = secrets.open_text(attempt.access_token, attempt_place("access_token", attempt.id))
        refresh = secrets.open_text(attempt.refresh_token, attempt_place("refresh_token", attempt.id))
        old = await erase_tokens(session, connection_id)
        await session.flush()
        credential_id = session.new_id()
        session.add(
            Credential(
                company_id=session.company_id,
                id=credential_id,
                connection_id=connection_id,
                access_token=secrets.seal_text(access, access_place(credential_id)),
                refresh_token=secrets.seal_text(refresh, refresh_place(credential_id)),
                access_expires_at=attempt.access_expires_at or session.now,
                refresh_expires_at=attempt.refresh_expires_at or session.now,
                hard_expires_at=attempt.hard_expires_at,
                generation=(old.generation if old else 0) + 1,
            )
        )
        attempt.access_token = attempt.refresh_token = None
        session.add(attempt)


US = frozenset({"US", "USA", ""})


def unsuitable(company: CompanyInfo, preferences: Preferences) -> str | None:
    """Why these books cannot be posted to, in words for the admin; None when they can."""
    if company.country.upper() not in US:
        return NOT_US.format(name=company.company_name, country=company.country)
    if not preferences.vendor_and_purchases_prefs.enable_bills:
        return NO_BILLS.format(name=company.company_name)
    return None
