"""Webhooks API v1: hooks, triggers, deliveries, resources.

Source: Procore OpenAPI, RestV10Webhooks*; documentation/plan_your_app/webhooks_api.md.
"""

from __future__ import annotations

import re

from starlette.responses import Response

from simulators.procore.calls import STANDARD, Call, Endpoint, answer
from simulators.procore.errors import ApiError, missing_parameter, not_found, refused
from simulators.procore.paging import page_of
from simulators.procore.webhook_events import COMPANY_RESOURCES, EVENT_TYPES, PROJECT_RESOURCES, Hook, Trigger
from simulators.procore.wire import Wire

_NAMESPACE = re.compile(r"[a-z0-9-]+")
_PAYLOADS = {"v2": "v2.0", "v3": "v3.0", "v4": "v4.0", "v2.0": "v2.0", "v3.0": "v3.0", "v4.0": "v4.0"}


def owner(call: Call) -> int | None:
    """The project that owns the hook, or None for a company hook. 403 below Standard on the Webhooks API."""
    named = call.path.get("project_id") or call.query.get("project_id") or call.body.get("project_id")
    project_id = int(call.project()["id"]) if named else None
    if project_id is None and not (
        call.path.get("company_id") or call.query.get("company_id") or call.body.get("company_id")
    ):
        raise missing_parameter("company_id")
    call.demand("webhooks", STANDARD)
    return project_id


def owned_hooks(call: Call) -> list[Hook]:
    project_id = owner(call)
    return [
        hook
        for hook in call.simulator.events.hooks.values()
        if hook.company_id == call.company and hook.project_id == project_id
    ]


def one_hook(call: Call, name: str = "id") -> Hook:
    """The hook of this id, if it belongs to the owner named in the request."""
    wanted = call.id_in_path(name)
    for hook in owned_hooks(call):
        if hook.id == wanted:
            return hook
    raise not_found()


def register(call: Call, given: Wire, version_field: str) -> Hook:
    """A new hook. 422 for a bad namespace, payload version or address."""
    project_id = owner(call)
    hook = Hook(call.simulator.events.new_id(), "v2.0", "", "", None, call.company, project_id, call.user["id"])
    apply_settings(call, hook, given, version_field)
    return call.simulator.events.add(hook)


def apply_settings(call: Call, hook: Hook, given: Wire, version_field: str) -> None:
    """Set what is given on the hook, all or nothing."""
    namespace = str(given.get("namespace", hook.namespace))
    if not _NAMESPACE.fullmatch(namespace):
        raise refused("namespace", "may only contain lowercase letters, digits and dashes")
    version = _PAYLOADS.get(str(given.get(version_field, hook.payload_version)))
    if version is None:
        raise refused(version_field, "is not included in the list")
    url = str(given.get("destination_url", hook.destination_url))
    if not call.simulator.delivery.reaches(url):
        raise refused("destination_url", "is not a URL this server may send to")
    headers = given.get("destination_headers")
    if isinstance(headers, dict):
        hook.authorization = headers.get("Authorization")
        if hook.authorization is not None:
            call.simulator.events.authorizations.add(hook.authorization)
    hook.namespace, hook.payload_version, hook.destination_url = namespace, version, url


def masked(hook: Hook) -> Wire:
    """The Authorization header is only shown by its last five characters."""
    secret = hook.authorization
    return {} if secret is None else {"Authorization": "*" * max(0, len(secret) - 5) + secret[-5:]}


def add_trigger(call: Call, hook: Hook, given: Wire) -> Trigger:
    """422 for an unknown resource or event type, or a trigger that is there already."""
    resource, event_type = given.get("resource_name"), given.get("event_type")
    known = COMPANY_RESOURCES + PROJECT_RESOURCES if hook.project_id is None else PROJECT_RESOURCES
    if not isinstance(resource, str) or resource not in known:
        raise refused("resource_name", "is not included in the list")
    if not isinstance(event_type, str) or event_type not in EVENT_TYPES:
        raise refused("event_type", "is not included in the list")
    if any((each.resource_name, each.event_type) == (resource, event_type) for each in hook.triggers):
        raise refused("base", "Trigger already exists")
    trigger = Trigger(call.simulator.events.new_id(), resource, event_type)
    hook.triggers.append(trigger)
    return trigger


def remove_trigger(call: Call, hook: Hook) -> None:
    wanted = call.id_in_path("trigger_id")
    if all(trigger.id != wanted for trigger in hook.triggers):
        raise not_found()
    hook.triggers = [trigger for trigger in hook.triggers if trigger.id != wanted]


def _shown(hook: Hook) -> Wire:
    return {
        "id": hook.id,
        "api_version": hook.payload_version.removesuffix(".0"),
        "destination_headers": masked(hook),
        "destination_url": hook.destination_url,
        "namespace": hook.namespace,
        "owned_by_company_id": hook.company_id if hook.project_id is None else None,
        "owned_by_project_id": hook.project_id,
        "owned_by_user_id": hook.owner_id,
    }


def _shown_trigger(trigger: Trigger) -> Wire:
    return {"id": trigger.id, "resource_name": trigger.resource_name, "event_type": trigger.event_type}


def _list_hooks(call: Call) -> Response:
    namespace = call.query.get("namespace")
    rows = [_shown(hook) for hook in owned_hooks(call) if namespace is None or hook.namespace == namespace]
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=1000)
    return answer(page, headers=headers)


def _show_hook(call: Call) -> Response:
    return answer(_shown(one_hook(call)))


def _create_hook(call: Call) -> Response:
    return answer(_shown(register(call, call.part("hook"), "api_version")), 201)


def _change_hook(call: Call) -> Response:
    hook = one_hook(call)
    apply_settings(call, hook, call.part("hook"), "api_version")
    return answer(_shown(hook))


def _delete_hook(call: Call) -> Response:
    hook = one_hook(call)
    call.simulator.events.remove(hook)
    return answer(_shown(hook))


def _list_triggers(call: Call) -> Response:
    rows = [_shown_trigger(trigger) for trigger in one_hook(call, "hook_id").triggers]
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=1000)
    return answer(page, headers=headers)


def _create_trigger(call: Call) -> Response:
    return answer(_shown_trigger(add_trigger(call, one_hook(call, "hook_id"), call.part("trigger"))), 201)


def _create_triggers(call: Call) -> Response:
    """207 with what succeeded and what failed."""
    hook, wanted = one_hook(call, "hook_id"), call.body.get("triggers")
    if not isinstance(wanted, list) or not wanted:
        raise missing_parameter("triggers")
    success: list[Wire] = []
    failed: list[Wire] = []
    for given in wanted:
        try:
            success.append(_shown_trigger(add_trigger(call, hook, given)))
        except ApiError as error:
            failed.append({**given, "errors": {error.field: [error.text]}})
    return answer({"success": success, "failed": failed}, 207)


def _delete_trigger(call: Call) -> Response:
    remove_trigger(call, one_hook(call, "hook_id"))
    return Response(b"", 200)


def _deliveries(call: Call) -> Response:
    """Newest last; the next page starts after `page_start`, the last id of this one."""
    hook = one_hook(call, "hook_id")
    start = call.number("page_start") if call.query.get("page_start") else 0
    size = min(call.number("page_size") if call.query.get("page_size") else 100, 1000)
    rows = [each for each in call.simulator.events.deliveries if each.hook_id == hook.id and each.id > start]
    return answer([each.as_wire() for each in rows[:size]])


def _resources(call: Call) -> Response:
    names = COMPANY_RESOURCES if owner(call) is None else PROJECT_RESOURCES
    rows = [{"name": name, "event_types": list(EVENT_TYPES)} for name in names]
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=1000)
    return answer(page, headers=headers)


_AT = "/rest/v1.0/webhooks"
ENDPOINTS = (
    Endpoint("GET", f"{_AT}/resources", _resources),
    Endpoint("GET", f"{_AT}/hooks", _list_hooks),
    Endpoint("POST", f"{_AT}/hooks", _create_hook),
    Endpoint("GET", f"{_AT}/hooks/{{id}}", _show_hook),
    Endpoint("PATCH", f"{_AT}/hooks/{{id}}", _change_hook),
    Endpoint("DELETE", f"{_AT}/hooks/{{id}}", _delete_hook),
    Endpoint("GET", f"{_AT}/hooks/{{hook_id}}/triggers", _list_triggers),
    Endpoint("POST", f"{_AT}/hooks/{{hook_id}}/triggers", _create_trigger),
    Endpoint("POST", f"{_AT}/hooks/{{hook_id}}/triggers/bulk", _create_triggers),
    Endpoint("DELETE", f"{_AT}/hooks/{{hook_id}}/triggers/{{trigger_id}}", _delete_trigger),
    Endpoint("GET", f"{_AT}/hooks/{{hook_id}}/deliveries", _deliveries),
)
