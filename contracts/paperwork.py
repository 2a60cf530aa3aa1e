"""What the paperwork workflow and its activity say to each other: ids and counts of vendors and files."""

from abc import ABC, abstractmethod
from datetime import timedelta
from uuid import UUID

from temporalio import activity

from contracts.mirroring import Message


class PaperworkInput(Message):
    company_id: UUID
    company_name: str


class PaperworkRequest(Message):
    company_id: UUID


class PaperworkDone(Message):
    """What was done, and how long until more is due; None when nothing is."""

    vendors: int = 0
    files: int = 0
    left_out: int = 0
    again_in: timedelta | None = None


class PaperworkActivities(ABC):
    """Nothing here holds up a bill."""

    @activity.defn(name="do_paperwork")
    @abstractmethod
    async def do_paperwork(self, request: PaperworkRequest) -> PaperworkDone:
        """Create the vendors that people asked for, then attach the files of bills; each exactly once."""
