"""What the connection workflows and their activities say to each other."""

from abc import ABC, abstractmethod
from datetime import datetime
from uuid import UUID

from temporalio import activity

from contracts.mirroring import Message


class AttemptInput(Message):
    """One attempt to connect or reconnect, open until ``deadline`` (UTC)."""

    company_id: UUID
    attempt_id: UUID
    kind: str
    deadline: datetime


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


class StepResult(Message):
    """A step either went well (``reason`` None) or ended the attempt for the reason given."""

    reason: str | None = None
    connection_id: UUID | None = None


class ConnectionInput(Message):
    """One connection's life, carried from run to run."""

    company_id: UUID
    connection_id: UUID
    quickbooks_company: str


class ConnectionRef(Message):
    company_id: UUID
    connection_id: UUID


class ConnectionStatus(Message):
    """Where the connection stands in our table, in words for the Web UI."""

    state: str
    sentence: str


class Connected(Message):
    """A consent was given (again): tokens are new."""

    attempt_id: UUID


class Expired(Message):
    """The authorisation ended; ``reason`` says how it was found."""

    reason: str


class DisconnectWanted(Message):
    actor: str


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
    async def fail_attempt(self, request: AttemptFailure) -> None:
        """End the attempt with its reason; drop its code and tokens."""

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
    async def disconnect(self, request: ConnectionRef) -> ConnectionStatus:
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
