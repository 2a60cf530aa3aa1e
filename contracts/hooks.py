"""What the workflows and the activities that look after Procore's webhooks say to each other."""

from abc import ABC, abstractmethod
from uuid import UUID

from temporalio import activity

from contracts.mirroring import Message


class HooksRequest(Message):
    company_id: UUID


class HooksKept(Message):
    """What was done: hooks made and removed, projects left for the next hour, projects that have none for a reason."""

    made: int = 0
    removed: int = 0
    left_over: int = 0
    in_trouble: int = 0


class HookActivities(ABC):
    """Webhooks are a hint to look sooner; everything here may fail without an invoice being missed."""

    @activity.defn(name="keep_procore_hooks")
    @abstractmethod
    async def keep_procore_hooks(self, request: HooksRequest) -> HooksKept:
        """One hook for every visible project, none for the others, and a daily look at how they fare."""

    @activity.defn(name="remove_procore_hooks")
    @abstractmethod
    async def remove_procore_hooks(self, request: HooksRequest) -> HooksKept:
        """Remove every hook of a company with nothing connected; retried while Procore is down."""
