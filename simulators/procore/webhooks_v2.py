"""Webhooks API v2: the same hooks under company and project paths, enveloped, ids as strings.

Source: Procore OpenAPI, RestV20CompaniesCompanyIdWebhooks* and the project twins.
"""

from __future__ import annotations

from starlette.responses import Response

from simulators.procore.calls import Call, Endpoint, answer
from simulators.procore.paging import page_of
from simulators.procore.webhook_events import COMPANY_RESOURCES, EVENT_TYPES, PROJECT_RESOURCES, Delivery, Hook, Trigger
from simulators.procore.webhooks import (
    add_trigger,
    apply_settings,
    masked,
    one_hook,
    owned_hooks,
    owner,
    register,
    remove_trigger,
)
from simulators.procore.wire import Wire

# Our word for what happened to a delivery, and Procore's. A dropped one never left, as after an outage of theirs.
_STATUSES = {"pending": "enqueued", "success": "delivered", "discarded": "discarded", "dropped": "discarded"}


def _shown(hook: Hook) -> Wire:
    return {
        "id": str(hook.id),
        "payload_version": hook.payload_version,
        "namespace": hook.namespace,
        "destination_url": hook.destination_url,
        "destination_headers": masked(hook),
        "status": hook.status,
        "trigger_count": len(hook.triggers),
    }


def _shown_trigger(trigger: Trigger) -> Wire:
    return {"id": str(trigger.id), "resource_name": trigger.resource_name, "event_type": trigger.event_type}


def _page(call: Call, rows: list[Wire]) -> Response:
    page, headers = page_of(rows, call.query, call.address, default=10, maximum=100)
    return answer({"data": page}, headers=headers)


def _list_hooks(call: Call) -> Response:
    return _page(call, [_shown(hook) for hook in owned_hooks(call)])


def _show_hook(call: Call) -> Response:
    return answer({"data": _shown(one_hook(call))})


def _create_hook(call: Call) -> Response:
    return answer({"data": _shown(register(call, call.body, "payload_version"))}, 201)


def _change_hook(call: Call) -> Response:
    hook = one_hook(call)
    apply_settings(call, hook, call.body, "payload_version")
    if call.body.get("status") in {"active", "disabled"}:
        hook.status = call.body["status"]
    return answer({"data": _shown(hook)})


def _delete_hook(call: Call) -> Response:
    call.simulator.events.remove(one_hook(call))
    return Response(b"", 204)


def _list_triggers(call: Call) -> Response:
    return _page(call, [_shown_trigger(trigger) for trigger in one_hook(call, "hook_id").triggers])


def _create_trigger(call: Call) -> Response:
    return answer({"data": _shown_trigger(add_trigger(call, one_hook(call, "hook_id"), call.body))}, 201)


def _delete_trigger(call: Call) -> Response:
    remove_trigger(call, one_hook(call, "hook_id"))
    return Response(b"", 204)


def _deliveries(call: Call) -> Response:
    """`filter[status]`, `filter[resource_name]`, `filter[event_type]`, `filter[start]` and `filter[end]` (days)."""
    hook = one_hook(call, "hook_id")
    return _page(
        call,
        [
            _shown_delivery(each, hook)
            for each in call.simulator.events.deliveries
            if each.hook_id == hook.id and _asked_for(call, each)
        ],
    )


def _shown_delivery(delivery: Delivery, hook: Hook) -> Wire:
    return {
        "id": delivery.event.ulid,
        "status": _STATUSES[delivery.status],
        "payload": delivery.event.payload(hook.payload_version),
        "delivery_attempts": [{"response_status": delivery.response_status}] * delivery.attempts,
    }


def _asked_for(call: Call, delivery: Delivery) -> bool:
    day = delivery.event.moment.date().isoformat()
    wanted = {
        "status": _STATUSES[delivery.status],
        "resource_name": delivery.event.resource,
        "event_type": delivery.event.reason,
    }
    if any(call.query.get(f"filter[{name}]") not in (None, value) for name, value in wanted.items()):
        return False
    start, end = call.query.get("filter[start]"), call.query.get("filter[end]")
    return (start is None or start <= day) and (end is None or day <= end)


def _resources(call: Call) -> Response:
    """`payload_version` is required here, unlike in v1."""
    names = COMPANY_RESOURCES if owner(call) is None else PROJECT_RESOURCES
    version = call.parameter("payload_version")
    rows = [{"name": name, "payload_version": version, "actions": list(EVENT_TYPES)} for name in names]
    return _page(call, rows)


def _under(place: str) -> tuple[Endpoint, ...]:
    return (
        Endpoint("GET", f"{place}/resources", _resources),
        Endpoint("GET", f"{place}/hooks", _list_hooks),
        Endpoint("POST", f"{place}/hooks", _create_hook),
        Endpoint("GET", f"{place}/hooks/{{id}}", _show_hook),
        Endpoint("PATCH", f"{place}/hooks/{{id}}", _change_hook),
        Endpoint("DELETE", f"{place}/hooks/{{id}}", _delete_hook),
        Endpoint("GET", f"{place}/hooks/{{hook_id}}/triggers", _list_triggers),
        Endpoint("POST", f"{place}/hooks/{{hook_id}}/triggers", _create_trigger),
        Endpoint("DELETE", f"{place}/hooks/{{hook_id}}/triggers/{{trigger_id}}", _delete_trigger),
        Endpoint("GET", f"{place}/hooks/{{hook_id}}/deliveries", _deliveries),
    )


ENDPOINTS = (
    *_under("/rest/v2.0/companies/{company_id}/webhooks"),
    *_under("/rest/v2.0/companies/{company_id}/projects/{project_id}/webhooks"),
)
