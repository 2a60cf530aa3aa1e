"""Webhooks: what a project offers, the hooks and triggers we register, and the events that Procore sends us.

Hooks are registered with API v2 because only there a hook tells whether it is active (Procore: OpenAPI,
RestV20CompaniesCompanyIdProjectsProjectIdWebhooks*). Events come in three payload versions and carry ids only
(Procore: documentation/plan_your_app/webhooks.md, webhooks_api.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import ValidationError

from providers.procore.wire import Text, TextOrBlank, WireId, WireModel, read_json, reason_of

PAYLOAD_VERSION = "v4.0"
# A ULID has 26 characters, a number of Procore's 15; more than this is no id.
LONGEST_ID = 32
EVENT_TYPES = ("create", "update", "delete")

# Subcontractor invoices go by different names in Procore's documents, in its own object model and in the list that a
# real account answers ("Draw Requests"); the first one an account offers is the one it means.
REQUISITION_RESOURCES = ("Draw Requests", "Requisitions", "Subcontractor Invoices")


class HookStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class WebhookResource(WireModel):
    """A kind of object whose changes a hook may tell."""

    name: Text


class Hook(WireModel):
    """A registered hook. The header it sends is shown masked, so it is not read."""

    id: WireId
    namespace: TextOrBlank = ""
    destination_url: TextOrBlank = ""
    status: Text = HookStatus.ACTIVE.value
    trigger_count: int = 0

    @property
    def is_active(self) -> bool:
        return self.status == HookStatus.ACTIVE


class Trigger(WireModel):
    """One kind of change of one resource that a hook tells."""

    id: WireId
    resource_name: Text
    event_type: Text


class Delivery(WireModel):
    """An event on its way to us; `status` is one of delivered, failed, discarded, enqueued, retrying."""

    id: WireId
    status: Text


class WebhookEvent(WireModel):
    """That something changed, in any payload version: a hint to look, never the change itself.

    `id` is the delivery's own id (a ULID where Procore sends one): the same for every repetition.
    """

    id: Text
    reason: Text
    resource: Text
    resource_id: Text
    company_id: Text
    project_id: Text | None = None


class _Version4(WireModel):
    id: WireId
    reason: Text
    resource_type: Text
    resource_id: WireId
    company_id: WireId
    project_id: WireId | None = None


class _Version2Or3(WireModel):
    id: WireId
    ulid: WireId | None = None
    event_type: Text
    resource_name: Text
    resource_id: WireId
    company_id: WireId
    project_id: WireId | None = None


def resource_of_requisitions(offered: Iterable[WebhookResource]) -> str | None:
    """The name under which this account tells changes of subcontractor invoices; None where it offers none."""
    names = {resource.name for resource in offered}
    return next((name for name in REQUISITION_RESOURCES if name in names), None)


def read_webhook_event(body: bytes) -> WebhookEvent:
    """The event of a delivery. Raises ValueError, without any of the values sent, for anything else."""
    try:
        value = read_json(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("the body is not UTF-8") from None
    if not isinstance(value, dict):
        raise ValueError("a JSON object is expected")
    event = _event_of(value)
    if max(len(event.id), len(event.resource_id), len(event.project_id or "")) > LONGEST_ID:
        raise ValueError("an id is too long to be one of Procore's")
    return event


def _event_of(value: dict[str, object]) -> WebhookEvent:
    try:
        if "resource_type" in value:
            four = _Version4.model_validate(value)
            return WebhookEvent(
                id=four.id,
                reason=four.reason,
                resource=four.resource_type,
                resource_id=four.resource_id,
                company_id=four.company_id,
                project_id=four.project_id,
            )
        two = _Version2Or3.model_validate(value)
    except ValidationError as error:
        raise ValueError(reason_of(error)) from None
    return WebhookEvent(
        id=two.ulid or two.id,
        reason=two.event_type,
        resource=two.resource_name,
        resource_id=two.resource_id,
        company_id=two.company_id,
        project_id=two.project_id,
    )
