"""What the mirroring workflow and the activities of payments say to each other."""

from abc import ABC, abstractmethod
from uuid import UUID

from temporalio import activity

from contracts.mirroring import Message, PaymentsRef


class PullRequest(Message):
    company_id: UUID
    connection_id: UUID


class Pulled(Message):
    """Whether QuickBooks was asked: nothing is asked of books that were read a moment ago, or may not be read."""

    asked: bool


class FollowRequest(Message):
    company_id: UUID
    payments: PaymentsRef


class Followed(Message):
    """What was done in Procore."""

    written: int = 0
    adopted: int = 0
    changed: int = 0
    removed: int = 0


class PaymentActivities(ABC):
    """Payments back: out of the books, and on to Procore."""

    @activity.defn(name="pull_payments")
    @abstractmethod
    async def pull_payments(self, request: PullRequest) -> Pulled:
        """Ask QuickBooks Online what changed since the last reading, payments among it."""

    @activity.defn(name="follow_payments")
    @abstractmethod
    async def follow_payments(self, request: FollowRequest) -> Followed:
        """Let Procore's contract payments follow these shares. What cannot be done now is put off in its row."""
