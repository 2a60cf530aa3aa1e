"""Hooks, triggers and the events that go to them, in Procore's three payload versions.

Source: documentation/plan_your_app/webhooks.md and webhooks_api.md; "Draw Requests" from the sandbox's own list.
"""

from __future__ import annotations

import random
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from simulators.procore.requisition_book import Actor
from simulators.procore.wire import Wire, written_time

if TYPE_CHECKING:
    from simulators.procore.webhook_delivery import WebhookDelivery

PROJECT_RESOURCES = (
    "Change Order Packages",
    "Change Order Requests",
    "Contract Payments",
    "Cost Codes",
    "Direct Costs",
    "Documents",
    "Draw Requests",
    "Line Items",
    "Payment Applications",
    "Prime Contracts",
    "Project Users",
    "Project Vendors",
    "Purchase Order Contracts",
    "RFIs",
    "Submittals",
    "Work Order Contracts",
)
COMPANY_RESOURCES = (
    "Company Users",
    "Company Vendors",
    "ERP Requests",
    "Line Item Types",
    "Projects",
    "Standard Cost Codes",
)
EVENT_TYPES = ("create", "update", "delete")
_ULID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass
class Trigger:
    id: int
    resource_name: str
    event_type: str


@dataclass
class Hook:
    """`company_id` is always known; `project_id` None makes it a company hook."""

    id: int
    payload_version: str
    namespace: str
    destination_url: str
    authorization: str | None
    company_id: int
    project_id: int | None
    owner_id: int
    status: str = "active"
    triggers: list[Trigger] = field(default_factory=list)


@dataclass(frozen=True)
class Event:
    """A change as webhooks tell it: ids only, no object."""

    id: int
    ulid: str
    moment: datetime
    resource: str
    reason: str
    resource_id: int
    company_id: int
    project_id: int | None
    user_id: int
    application: str | None

    def payload(self, version: str) -> Wire:
        stamp = self.moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if version == "v4.0":
            return {
                "id": self.ulid,
                "timestamp": stamp,
                "reason": self.reason,
                "company_id": str(self.company_id),
                "project_id": str(self.project_id) if self.project_id is not None else None,
                "user_id": str(self.user_id),
                "resource_type": self.resource,
                "resource_id": str(self.resource_id),
            }
        payload: Wire = {
            "id": self.id,
            "ulid": self.ulid,
            "timestamp": stamp,
            "metadata": {
                "source_user_id": self.user_id,
                "source_project_id": self.project_id,
                "source_operation_id": None,
                "source_company_id": self.company_id,
                "source_application_id": self.application,
            },
            "user_id": self.user_id,
            "company_id": self.company_id,
            "project_id": self.project_id,
            "api_version": version,
            "event_type": self.reason,
            "resource_name": self.resource,
            "resource_id": self.resource_id,
        }
        if version == "v3.0":
            payload["related_resources"] = []
        return payload


@dataclass
class Delivery:
    """One event on its way to one hook. `status`: pending, success, discarded, or dropped on purpose."""

    id: int
    hook_id: int
    event: Event
    status: str = "pending"
    attempts: int = 0
    response_status: int | None = None

    def as_wire(self) -> Wire:
        return {
            "id": self.id,
            "hook_id": self.hook_id,
            "ulid": self.event.ulid,
            "resource_name": self.event.resource,
            "resource_id": self.event.resource_id,
            "event_type": self.event.reason,
            "status": self.status,
            "attempts": self.attempts,
            "response_status": self.response_status,
            "created_at": written_time(self.event.moment),
        }


class WebhookBoard:
    """The registered hooks; turns changes into deliveries and hands them to the delivery engine."""

    def __init__(self, delivery: WebhookDelivery) -> None:
        self._delivery = delivery
        self.hooks: dict[int, Hook] = {}
        # Every Authorization header a hook was ever given: a check of leaks looks for them, removed hooks' too.
        self.authorizations: set[str] = set()
        self.deliveries: deque[Delivery] = deque(maxlen=50_000)
        self._last_id = 0

    def new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def add(self, hook: Hook) -> Hook:
        self.hooks[hook.id] = hook
        return hook

    def remove(self, hook: Hook) -> None:
        del self.hooks[hook.id]
        self._delivery.stop(hook.id)

    def clear(self) -> None:
        for hook in list(self.hooks.values()):
            self.remove(hook)
        self.authorizations.clear()
        self.deliveries.clear()

    def emit(
        self, resource: str, event: str, resource_id: int, company_id: int, project_id: int | None, actor: Actor
    ) -> None:
        """Queue the change for every hook that has a trigger for it."""
        switches, clock = self._delivery.switches, self._delivery.clock
        moment = clock.now()
        happened = Event(
            self.new_id(),
            _ulid(moment),
            moment,
            resource,
            event,
            resource_id,
            company_id,
            project_id,
            actor.user["id"],
            actor.application,
        )
        for hook in self.hooks.values():
            if hook.status != "active" or not _concerns(hook, happened, switches.company_hooks_see_projects):
                continue
            delivery = Delivery(self.new_id(), hook.id, happened)
            self.deliveries.append(delivery)
            if random.random() < switches.webhook_drop_rate:
                delivery.status = "dropped"
                continue
            copies = 2 if random.random() < switches.webhook_duplicate_rate else 1
            for _ in range(copies):
                self._delivery.queue(hook, delivery)


def _concerns(hook: Hook, event: Event, company_hooks_see_projects: bool) -> bool:
    if hook.company_id != event.company_id:
        return False
    if hook.project_id is not None and hook.project_id != event.project_id:
        return False
    project_tool = event.resource in PROJECT_RESOURCES
    if hook.project_id is None and project_tool and not company_hooks_see_projects:
        return False
    return any(
        trigger.resource_name == event.resource and trigger.event_type == event.reason for trigger in hook.triggers
    )


def _ulid(moment: datetime) -> str:
    number = (int(moment.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_ULID_LETTERS[(number >> shift) & 31] for shift in range(125, -1, -5))
