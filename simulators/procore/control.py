"""Procore's own control routes: the world document, switches, calls, and changes that people make in the web UI.

Changes of requisitions go through the same book as REST and the page, so histories and webhooks follow.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.procore import issued_payments, permissions
from simulators.procore.errors import ApiError, not_found, refused
from simulators.procore.records import Records
from simulators.procore.requisition import Requisition
from simulators.procore.requisition_book import Actor
from simulators.procore.requisition_drafts import new_requisition
from simulators.procore.simulator import ProcoreSimulator
from simulators.procore.wire import Wire, encoded, written_time

_CHANGEABLE = ("companies", "users", "projects", "vendors", "commitments")


def routes(simulator: ProcoreSimulator) -> list[Route]:
    """/control/{load,reset,state,switches,calls,clients,webhooks,payments,requisitions,...}."""

    async def load(request: Request, sent: Wire) -> object:
        try:
            simulator.load(sent)
        except (KeyError, TypeError, ValueError) as broken:
            raise ApiError(422, f"this is no complete world document: {broken!r}") from broken
        return {"requisitions": len(simulator.records.requisitions), "projects": len(simulator.records.projects)}

    async def add(request: Request, sent: Wire) -> object:
        """More of a world document, on top of what is there; nothing is forgotten."""
        try:
            simulator.records.load(sent)
        except (KeyError, TypeError, ValueError) as broken:
            raise ApiError(422, f"this is no world document: {broken!r}") from broken
        return {"requisitions": len(simulator.records.requisitions), "projects": len(simulator.records.projects)}

    async def reset(request: Request, sent: Wire) -> object:
        simulator.reset()
        return {"status": "reset"}

    async def state(request: Request, sent: Wire) -> object:
        return simulator.records.as_wire()

    async def show_switches(request: Request, sent: Wire) -> object:
        return simulator.switches.as_wire()

    async def change_switches(request: Request, sent: Wire) -> object:
        try:
            simulator.change_switches(sent)
        except ValueError as wrong:
            raise ApiError(422, str(wrong)) from wrong
        return simulator.switches.as_wire()

    async def show_calls(request: Request, sent: Wire) -> object:
        """REST calls by caller (`client id:client_credentials` or `client id:login`) and endpoint."""
        callers = {who: {"total": sum(made.values()), **made} for who, made in simulator.calls.items()}
        return {"total": sum(caller["total"] for caller in callers.values()), "callers": callers}

    async def forget_calls(request: Request, sent: Wire) -> object:
        simulator.calls.clear()
        return {"total": 0, "callers": {}}

    async def add_client(request: Request, sent: Wire) -> object:
        known = simulator.oauth.store.clients.get(sent["client_id"])
        secret = sent.get("client_secret") or (known.client_secret if known else "")
        simulator.register_client(sent["client_id"], secret, list(sent.get("redirect_uris", [])))
        return {"client_id": sent["client_id"], "redirect_uris": list(sent.get("redirect_uris", []))}

    async def revoke_tokens(request: Request, sent: Wire) -> object:
        """End every grant of `user_id` (none given: all), as a person or Procore does behind our back."""
        ended = 0
        for grant in simulator.oauth.store.grants:
            if sent.get("user_id") in (None, int(grant.subject)) and not grant.revoked:
                grant.revoked, ended = True, ended + 1
        return {"revoked": ended}

    async def show_webhooks(request: Request, sent: Wire) -> object:
        return {
            "hooks": [
                {
                    "id": hook.id,
                    "project_id": hook.project_id,
                    "company_id": hook.company_id,
                    "namespace": hook.namespace,
                    "destination_url": hook.destination_url,
                    "payload_version": hook.payload_version,
                    "triggers": [[each.resource_name, each.event_type] for each in hook.triggers],
                }
                for hook in simulator.events.hooks.values()
            ],
            "deliveries": [delivery.as_wire() for delivery in simulator.events.deliveries],
            "authorizations": sorted(simulator.events.authorizations),
        }

    async def create_requisition(request: Request, sent: Wire) -> object:
        """`requisition` (see `requisition_drafts`), `status`, `by_user_id` (creates), `approved_by_user_id`."""
        given = dict(sent["requisition"])
        status = sent.get("status") or given.pop("status", "draft")
        wire = new_requisition(simulator.records, given, _actor(simulator.records, sent).user, simulator.clock.now())
        added = simulator.book.add(wire, _actor(simulator.records, sent))
        if status != "draft":
            approver = _actor(simulator.records, sent, "approved_by_user_id")
            simulator.book.change(added, {"status": status}, approver, force=True)
        return _shown(added)

    async def change_requisition(request: Request, sent: Wire) -> object:
        """Header fields, `items`, `summary`, `status`; beside them `by_user_id` and `force`.

        `bump_updated_at` false leaves `updated_at` alone, for edits that Procore may make silently.
        """
        found, actor = _requisition(simulator, request), _actor(simulator.records, sent)
        wanted = {name: value for name, value in sent.items() if name not in {"by_user_id", "force", "bump_updated_at"}}
        before = found.wire["updated_at"]
        simulator.book.change(found, wanted, actor, force=bool(sent.get("force")))
        if sent.get("bump_updated_at") is False:
            found.wire["updated_at"] = before
            found.touched()
        return _shown(found)

    async def set_status(request: Request, sent: Wire) -> object:
        found, actor = _requisition(simulator, request), _actor(simulator.records, sent)
        simulator.book.change(found, {"status": sent["status"]}, actor, force=bool(sent.get("force")))
        return _shown(found)

    async def show_requisition(request: Request, sent: Wire) -> object:
        found = _requisition(simulator, request)
        return {**found.wire, "change_histories": simulator.records.change_histories[found.id]}

    async def delete_requisition(request: Request, sent: Wire) -> object:
        found = _requisition(simulator, request)
        simulator.book.remove(found, _actor(simulator.records, sent), force=bool(sent.get("force")))
        return {"deleted": found.id}

    async def change_object(request: Request, sent: Wire) -> object:
        """Set fields of a company, user, project, vendor or commitment, annotations included."""
        kind = request.path_params["kind"]
        if kind not in _CHANGEABLE:
            raise not_found()
        table: dict[int, Wire] = getattr(simulator.records, kind)
        wire = table.get(int(request.path_params["id"]))
        if wire is None:
            raise not_found()
        wire.update(sent)
        if "updated_at" in wire and "updated_at" not in sent:
            wire["updated_at"] = written_time(simulator.clock.now())
        return wire

    async def set_permission(request: Request, sent: Wire) -> object:
        """`company_id`, `tool`, `level` (None, Read Only, Standard, Admin) of one user."""
        user = simulator.records.user(int(request.path_params["id"]))
        if user is None:
            raise not_found()
        if sent["level"] not in permissions.LEVELS:
            raise refused("level", "is not included in the list")
        companies = user.setdefault("companies", {})
        entry = companies.setdefault(str(sent["company_id"]), {"permissions": {}})
        entry["permissions"][sent["tool"]] = sent["level"]
        return user

    async def issue_payment(request: Request, sent: Wire) -> object:
        """`contract_id`, the fields of a payment, `procore_pay`; `by_user_id` entered it."""
        given = {name: value for name, value in sent.items() if name != "by_user_id"}
        return issued_payments.issue(simulator, given, _actor(simulator.records, sent))

    async def change_payment(request: Request, sent: Wire) -> object:
        given = {name: value for name, value in sent.items() if name != "by_user_id"}
        return issued_payments.change(simulator, request.path_params["id"], given, _actor(simulator.records, sent))

    async def delete_payment(request: Request, sent: Wire) -> object:
        issued_payments.remove(simulator, request.path_params["id"], _actor(simulator.records, sent))
        return {"deleted": request.path_params["id"]}

    handlers: list[tuple[str, str, Callable[[Request, Wire], Awaitable[object]]]] = [
        ("POST", "load", load),
        ("POST", "add", add),
        ("POST", "reset", reset),
        ("GET", "state", state),
        ("GET", "switches", show_switches),
        ("POST", "switches", change_switches),
        ("GET", "calls", show_calls),
        ("DELETE", "calls", forget_calls),
        ("POST", "clients", add_client),
        ("POST", "tokens/revoke", revoke_tokens),
        ("GET", "webhooks", show_webhooks),
        ("POST", "requisitions", create_requisition),
        ("GET", "requisitions/{id:int}", show_requisition),
        ("PATCH", "requisitions/{id:int}", change_requisition),
        ("DELETE", "requisitions/{id:int}", delete_requisition),
        ("POST", "requisitions/{id:int}/status", set_status),
        ("POST", "payments", issue_payment),
        ("PATCH", "payments/{id:int}", change_payment),
        ("DELETE", "payments/{id:int}", delete_payment),
        ("POST", "users/{id:int}/permissions", set_permission),
        ("PATCH", "{kind}/{id:int}", change_object),
    ]
    return [Route(f"/control/{path}", _json(handler), methods=[method]) for method, path, handler in handlers]


def _json(handler: Callable[[Request, Wire], Awaitable[object]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            sent: Any = json.loads(await request.body() or b"{}")
            if not isinstance(sent, dict):
                raise ApiError(422, "the body must be a JSON object")
            return Response(encoded(await handler(request, sent)), media_type="application/json")
        except ApiError as error:
            return JSONResponse(error.body("mixed"), error.status)
        except ValueError as unreadable:
            return JSONResponse({"message": str(unreadable)}, 422)
        except KeyError as missing:
            return JSONResponse({"message": f"{missing} is missing"}, 422)

    return answer


def _requisition(simulator: ProcoreSimulator, request: Request) -> Requisition:
    found = simulator.records.requisitions.get(int(request.path_params["id"]))
    if found is None:
        raise not_found()
    return found


def _actor(records: Records, sent: Wire, name: str = "by_user_id") -> Actor:
    """The named user; the first user when nobody is named. The service account acts through its app."""
    user_id = sent.get(name, sent.get("by_user_id"))
    user = next(iter(records.users.values()), None) if user_id is None else records.user(int(user_id))
    if user is None:
        raise refused(name, "Entity with this ID not found")
    return Actor(user, "dmsa" if user is records.service_account else None)


def _shown(requisition: Requisition) -> Wire:
    return requisition.wire
