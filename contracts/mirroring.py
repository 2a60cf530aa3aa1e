"""What the mirroring workflow and its activities say to each other. Ids and counts only: no document, no secret."""

from abc import ABC, abstractmethod
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from temporalio import activity


class Message(BaseModel):
    """Everything that crosses a boundary of Temporal: unknown fields are ignored, new ones need a default."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Toggled(Message):
    """The mirroring toggle was changed. PostgreSQL assigned ``version``; the highest one wins."""

    on: bool
    version: int
    actor: str
    plan_id: UUID | None = None


class Paused(Message):
    """Posting through a connection was paused or resumed. PostgreSQL assigned ``version``; the highest one wins."""

    connection_id: UUID
    connection_name: str
    on: bool
    version: int
    actor: str


class Wake(Message):
    """Something may be due: look now. ``reason`` is for people who read the history."""

    reason: str


class BatchRef(Message):
    """Invoices of one project that go to QuickBooks together.

    ``batch_id`` is set when their attempts are already written down and only the sending has to be finished.
    ``updates``: they have a bill, which is to be changed. ``summary`` says in words what may go.
    """

    connection_id: UUID
    project_id: str
    project_name: str
    invoice_ids: list[UUID] = []
    batch_id: UUID | None = None
    updates: bool = False
    summary: str = ""


class PaymentsRef(Message):
    """Shares of bill payments, of invoices of one project, that Procore may have to follow."""

    connection_id: UUID
    project_id: str
    project_name: str
    share_ids: list[UUID]


class MirroringInput(Message):
    """One company's mirroring, carried from run to run."""

    company_id: UUID
    company_name: str
    toggled: Toggled | None = None
    pauses: list[Paused] = []
    waiting: list[BatchRef] = []
    procore: str = ""


class WatchRequest(Message):
    """``procore_shown`` is what the workflow's details say of Procore's authorisation; a change is worth a result."""

    company_id: UUID
    procore_shown: str = ""


class WatchResult(Message):
    """What is runnable now. ``nothing_connected`` ends the run when nothing else is left to do.

    ``hooks_due``: Procore's webhooks want looking after. ``procore``: why Procore does not let us in, empty while it
    does. ``alerts_due``: mails or webhooks are due to leave. ``pulls``: connections whose books are to be asked about
    payments. ``payments``: what Procore has to follow.
    """

    batches: list[BatchRef] = []
    plan_ids: list[UUID] = []
    nothing_connected: bool = False
    hooks_due: bool = False
    procore: str = ""
    alerts_due: bool = False
    pulls: list[UUID] = []
    payments: list[PaymentsRef] = []


class PlanRequest(Message):
    company_id: UUID
    plan_id: UUID


class PlanMade(Message):
    create_count: int
    create_sum: Decimal
    skip_count: int
    ask_count: int
    link_count: int = 0


class PrepareRequest(Message):
    company_id: UUID
    batch: BatchRef


class PreparedBatch(Message):
    """A batch whose attempts are committed, ready to be sent; ``batch_id`` is None when every invoice was held.

    ``more`` are the further requests that it takes. Whoever knows of ``batch_id`` alone leaves them to a later look.
    """

    batch_id: UUID | None
    summary: str
    next: BatchRef | None = None
    more: list[UUID] = []


class SendRequest(Message):
    company_id: UUID
    batch_id: UUID


class BatchOutcome(Message):
    """What came of a batch, and the next batch of the same project when there is one."""

    posted: int
    rejected: int
    next: BatchRef | None = None


class MirroringActivities(ABC):
    """Everything the mirroring workflow has done for it."""

    @activity.defn(name="watch_company")
    @abstractmethod
    async def watch_company(self, request: WatchRequest) -> WatchResult:
        """Look at everything that is due. Raises a benign error with the next look's delay when nothing is."""

    @activity.defn(name="make_plan")
    @abstractmethod
    async def make_plan(self, request: PlanRequest) -> PlanMade:
        """List what switching on from the plan's start date would bring in, with counts, sums and a hash."""

    @activity.defn(name="prepare_batch")
    @abstractmethod
    async def prepare_batch(self, request: PrepareRequest) -> PreparedBatch:
        """A fresh look, the drafts, and one committed posting attempt per invoice that may go."""

    @activity.defn(name="post_batch")
    @abstractmethod
    async def post_batch(self, request: PrepareRequest) -> BatchOutcome:
        """Both steps of a batch in one: prepare it, and where anything may go send it."""

    @activity.defn(name="send_batch")
    @abstractmethod
    async def send_batch(self, request: SendRequest) -> BatchOutcome:
        """Send a prepared batch, or find out what became of it; record each invoice's outcome."""
