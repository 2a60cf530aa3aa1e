"""What the reconciliation workflow and its activities say to each other. Ids only."""

from abc import ABC, abstractmethod
from uuid import UUID

from temporalio import activity

from contracts.mirroring import Message


class ReconciliationInput(Message):
    company_id: UUID
    run_id: UUID


class BooksToCompare(Message):
    """One connection of a run; ``name`` is the QuickBooks company, for whoever reads the history."""

    company_id: UUID
    run_id: UUID
    connection_id: UUID
    name: str = ""


class ReconciliationPlan(Message):
    """The books to compare; none where the run is over already."""

    books: list[BooksToCompare] = []


class Compared(Message):
    """How many linked pairs were compared, and how many differences stand open and explained."""

    pairs: int
    open: int
    explained: int


class ReconciliationFailure(Message):
    company_id: UUID
    run_id: UUID


class ReconciliationActivities(ABC):
    """Everything the reconciliation workflow has done for it."""

    @activity.defn(name="begin_reconciliation")
    @abstractmethod
    async def begin_reconciliation(self, request: ReconciliationInput) -> ReconciliationPlan:
        """Which books are compared in this run."""

    @activity.defn(name="refresh_linked_bills")
    @abstractmethod
    async def refresh_linked_bills(self, request: BooksToCompare) -> None:
        """Bring the copy of these books up to date; where a person asked for it, read every linked bill once more."""

    @activity.defn(name="compare_linked_bills")
    @abstractmethod
    async def compare_linked_bills(self, request: BooksToCompare) -> Compared:
        """Compare every linked pair of these books, page by page; another attempt goes on after the last page."""

    @activity.defn(name="close_reconciliation")
    @abstractmethod
    async def close_reconciliation(self, request: ReconciliationInput) -> None:
        """Account for everything approved to date, and end the run."""

    @activity.defn(name="fail_reconciliation")
    @abstractmethod
    async def fail_reconciliation(self, request: ReconciliationFailure) -> None:
        """End the run without a statement; the page says so."""
