"""What the connection workflows and their activities say to each other."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import activity

from contracts.mirroring import Message


class AttemptInput(Message):
    """One attempt to connect or reconnect, open until ``deadline`` (UTC, by the clock of whoever began it).

    ``open_for`` is how long that is from now on: Temporal's clock may be another. None in runs from before it was told.
    """

    company_id: UUID
    attempt_id: UUID
    kind: str
    deadline: datetime
    open_for: timedelta | None = None


class CallbackReceived(Message):
    """The provider sent the person back; the code is stored, encrypted, with the attempt."""

    received_at: datetime


class AttemptRefused(Message):
    """The attempt cannot succeed any more, in words for the admin."""

    reason: str


class AttemptRef(Message):
    company_id: UUID
    attempt_id: UUID


class AttemptFailure(Message):
    company_id: UUID
    attempt_id: UUID
    reason: str


class AttemptEnded(Message):
    """A failed attempt is written down; its tokens, if it had any, wait to be revoked."""

    must_revoke: bool = False


class CompanyFileIdentity(Message):
    """What the Web Connector's first answer says of the open company file: who it is, nothing of the books."""

    file_id: str
    company_name: str
    legal_name: str | None = None
    path: str | None = None
    country: str = "US"
    home_currency: str = "USD"


class CompanyFileVerified(Message):
    """The Web Connector signed in with the attempt's user name and opened a company file."""

    file: CompanyFileIdentity


class CompanyFileRequest(Message):
    company_id: UUID
    attempt_id: UUID
    file: CompanyFileIdentity


class StepResult(Message):
    """A step either went well (``reason`` None) or ended the attempt for the reason given."""

    reason: str | None = None
    connection_id: UUID | None = None


class ConnectionStatus(Message):
    """Where the connection stands in our table, in words for the Web UI.

    ``reason`` is an ExpiryReason while it is expired. ``look_at`` is when the guardian looks next (UTC, by our clock),
    None where the step did not ask; ``look_in`` is how long that is from now on, for a Temporal whose clock is another.
    """

    state: str
    sentence: str
    reason: str | None = None
    since: datetime | None = None
    next: str = ""
    look_at: datetime | None = None
    look_in: timedelta | None = None


class ConnectionInput(Message):
    """One connection's life, carried from run to run."""

    company_id: UUID
    connection_id: UUID
    quickbooks_company: str
    status: ConnectionStatus | None = None
    guard_at: datetime | None = None


class ConnectionRef(Message):
    company_id: UUID
    connection_id: UUID


class DisconnectRequest(Message):
    """``asked_at`` None is the wish that stands in the row. A connect after it makes it void."""

    company_id: UUID
    connection_id: UUID
    asked_at: datetime | None = None


class Connected(Message):
    """A consent was given (again): tokens are new."""

    attempt_id: UUID


class Expired(Message):
    """The authorisation ended; ``reason`` says how it was found."""

    reason: str


class DisconnectWanted(Message):
    actor: str
    asked_at: datetime | None = None


class ConnectionActivities(ABC):
    """Everything the connection workflows have done for them."""

    @activity.defn(name="exchange_code")
    @abstractmethod
    async def exchange_code(self, request: AttemptRef) -> StepResult:
        """Trade the attempt's code for tokens, once."""

    @activity.defn(name="establish_connection")
    @abstractmethod
    async def establish_connection(self, request: AttemptRef) -> StepResult:
        """Read which QuickBooks company it is, and find or create its connection."""

    @activity.defn(name="fail_attempt")
    @abstractmethod
    async def fail_attempt(self, request: AttemptFailure) -> AttemptEnded:
        """End the attempt with its reason; drop its code and tokens."""

    @activity.defn(name="establish_desktop_connection")
    @abstractmethod
    async def establish_desktop_connection(self, request: CompanyFileRequest) -> StepResult:
        """Find or create the connection to a company file that the Web Connector has opened."""

    @activity.defn(name="revoke_attempt_tokens")
    @abstractmethod
    async def revoke_attempt_tokens(self, request: AttemptRef) -> None:
        """Revoke what a failed attempt was given, unless somebody has connected that QuickBooks company."""

    @activity.defn(name="connection_status")
    @abstractmethod
    async def connection_status(self, request: ConnectionRef) -> ConnectionStatus:
        """How the connection stands in our table."""

    @activity.defn(name="read_books")
    @abstractmethod
    async def read_books(self, request: ConnectionRef) -> ConnectionStatus:
        """Read the reference lists and the open transactions of the QuickBooks company."""

    @activity.defn(name="guard_connection")
    @abstractmethod
    async def guard_connection(self, request: ConnectionRef) -> ConnectionStatus:
        """Keep an idle authorisation alive and say how it stands."""

    @activity.defn(name="disconnect")
    @abstractmethod
    async def disconnect(self, request: DisconnectRequest) -> ConnectionStatus:
        """Erase the tokens here; settings, mappings, links and history stay."""

    @activity.defn(name="revoke_tokens")
    @abstractmethod
    async def revoke_tokens(self, request: ConnectionRef) -> None:
        """Tell Intuit that the erased tokens are void; retried while Intuit is down."""


class HousekeepingActivities(ABC):
    @activity.defn(name="restart_missing")
    @abstractmethod
    async def restart_missing(self) -> int:
        """Start every workflow that our tables say should run and does not; how many should run."""
