"""What the mirroring workflow and the activity that sends alerts say to each other. Ids and counts only."""

from abc import ABC, abstractmethod
from uuid import UUID

from temporalio import activity

from contracts.mirroring import Message


class AlertsRequest(Message):
    company_id: UUID


class AlertsSent(Message):
    """``left_over``: something is still on its way, so the next look has to know when it is tried again."""

    sent: int = 0
    not_sent: int = 0
    left_over: bool = False


class AlertActivities(ABC):
    """Mails and webhooks leave here. What is sent twice carries the same id."""

    @activity.defn(name="send_alerts")
    @abstractmethod
    async def send_alerts(self, request: AlertsRequest) -> AlertsSent:
        """Send everything that is due, once each; what fails is put off in its row, and never fails the activity."""
