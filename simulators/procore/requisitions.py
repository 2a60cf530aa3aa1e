"""Subcontractor invoices over REST: list, show, change, delete, histories.

Source: Procore OpenAPI, RestV11RequisitionsGet, RestV11RequisitionsIdGet, RestV11RequisitionsIdPatch,
RestV10RequisitionsRequisitionIdChangeHistoriesGet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from starlette.responses import Response

from simulators.procore.calls import ADMIN, READ, STANDARD, Call, Endpoint, answer
from simulators.procore.commitments import hidden_from
from simulators.procore.errors import ApiError, bad_parameter, no_access, not_found, refused
from simulators.procore.paging import page_of
from simulators.procore.requisition import STATUSES, V1_0_VIEW, VIEWS, Requisition
from simulators.procore.requisition_drafts import new_requisition
from simulators.procore.wire import Wire, encoded

V1_0, V1_1 = "v1.0", "v1.1"
LARGEST_PAGE = 2000


def _visible(call: Call) -> list[Requisition]:
    """The project's requisitions that the caller may see, in the order of the day."""
    simulator = call.simulator
    project = call.project()
    level = call.level("commitments")
    if level < READ:
        raise no_access()
    rows = simulator.records.requisitions_of_project(project["id"], simulator.switches.list_order)
    if level >= ADMIN:
        return rows
    return [row for row in rows if not _on_hidden_commitment(call, row)]


def _on_hidden_commitment(call: Call, requisition: Requisition) -> bool:
    commitment = call.simulator.records.commitments.get(requisition.commitment_id)
    return commitment is not None and hidden_from(call, commitment)


def _one(call: Call, name: str = "id") -> Requisition:
    project = call.project()
    call.demand("commitments", READ)
    found = call.simulator.records.requisition_in_project(project["id"], call.id_in_path(name))
    if found is None or _on_hidden_commitment(call, found):
        raise not_found()
    return found


def _filtered(call: Call, version: str) -> list[Requisition]:
    query, rows = call.query, _visible(call)
    if not any(name.startswith("filters[") for name, _ in query.pairs):
        return rows
    tests: list[Callable[[Requisition], bool]] = []
    if (ids := query.filter_ids("id")) is not None:
        tests.append(lambda row: row.id in ids)
    if (updated := query.filter_range("updated_at")) is not None:
        tests.append(lambda row: updated.holds(row.updated_at))
    if (created := query.filter_range("created_at")) is not None:
        tests.append(lambda row: created.holds(row.created_at))
    if (status := query.filter("status")) is not None:
        if status not in STATUSES:
            raise bad_parameter("filters[status]")
        tests.append(lambda row: row.status == status)
    several = [value for name, value in query.pairs if name == "filters[status][]"]
    if several and call.simulator.switches.status_list_filter == "any_of":
        tests.append(lambda row: row.status in several)
    if (origin := query.filter("origin_id")) is not None:
        tests.append(lambda row: row.wire.get("origin_id") == origin)
    for name in ("commitment_id", "period_id"):
        if (wanted := query.filter_ids(name)) is not None:
            tests.append(_field_among(name, wanted))
    if version == V1_1 and (last := query.filter_flag("is_last")) is not None:
        latest = call.simulator.records.latest_of_commitment
        tests.append(lambda row: (latest(row.commitment_id) is row) is last)
    return [row for row in rows if all(test(row) for test in tests)]


def _field_among(name: str, wanted: set[int]) -> Callable[[Requisition], bool]:
    return lambda row: row.wire.get(name) in wanted


def _view(call: Call, version: str) -> str:
    if version == V1_0:
        return V1_0_VIEW
    view = call.query.get("view") or "default"
    if view not in VIEWS:
        raise bad_parameter("view")
    return view


def _list(version: str) -> Callable[[Call], Response]:
    def requisitions(call: Call) -> Response:
        view = _view(call, version)
        rows = _filtered(call, version)
        page, headers = page_of(rows, call.query, call.address, default=30, maximum=LARGEST_PAGE)
        files_at = call.simulator.files_at
        body = b"[" + b",".join([row.json(view, files_at) for row in page]) + b"]"
        return Response(body, 200, headers, "application/json")

    return requisitions


def _show(version: str) -> Callable[[Call], Response]:
    def requisition(call: Call) -> Response:
        view = "extended" if version == V1_1 and call.query.get("view") is None else _view(call, version)
        found = _one(call)
        return Response(found.json(view, call.simulator.files_at), 200, None, "application/json")

    return requisition


def create(call: Call) -> Response:
    """A draft; its creator is the user behind the token."""
    project, given = call.project(), call.part("requisition")
    call.demand("commitments", STANDARD)
    commitment_id = call.number("commitment_id")
    commitment = call.simulator.records.commitments.get(commitment_id)
    if commitment is None or commitment["project_id"] != project["id"] or hidden_from(call, commitment):
        raise not_found()
    if given.get("period_id") is None:
        raise ApiError(
            422,
            "The project must have an open billing period (or admin can specify a period_id) to create an invoice",
            "errors_list",
        )
    status = given.get("status", "draft")
    if status != "draft" and call.level("commitments") < ADMIN:
        raise no_access()
    wire = new_requisition(
        call.simulator.records, {**given, "commitment_id": commitment_id}, call.user, call.simulator.clock.now()
    )
    added = call.simulator.book.add(wire, call.actor)
    if status != "draft":
        call.simulator.book.record_status(added, "draft", call.actor)
    return Response(added.json("extended", call.simulator.files_at), 201, None, "application/json")


def change(call: Call) -> Response:
    """Admins change any; others only the newest, in draft or revise and resubmit, and never its status."""
    found, wanted = _one(call), call.part("requisition")
    level = call.level("commitments")
    if level < ADMIN:
        newest = call.simulator.records.latest_of_commitment(found.commitment_id) is found
        if level < STANDARD or not newest or found.status not in {"draft", "revise_and_resubmit"}:
            raise no_access()
        if wanted.get("status") not in {None, found.status, "under_review"}:
            raise no_access()
    call.simulator.book.change(found, wanted, call.actor)
    return Response(found.json("extended", call.simulator.files_at), 200, None, "application/json")


def delete(call: Call) -> Response:
    found = _one(call)
    call.demand("commitments", ADMIN)
    call.simulator.book.remove(found, call.actor)
    return Response(b"", 200)


def change_histories(call: Call) -> Response:
    """Who changed which column and when, oldest first."""
    found = _one(call, "requisition_id")
    rows = [_history_row(row) for row in call.simulator.records.change_histories[found.id]]
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=LARGEST_PAGE)
    return answer(page, headers=headers)


def _history_row(row: Wire) -> Wire:
    return {name: value for name, value in row.items() if name != "requisition_id"}


def items(call: Call) -> Response:
    """`contract_items`, `change_order_items`, `contract_detail_items`: paged lines of one kind."""
    found = _one(call, "requisition_id")
    kind = call.path["kind"].removesuffix("s")
    if kind not in {"contract_item", "change_order_item", "contract_detail_item"}:
        raise not_found()
    lines = found.wire.get("items") or []
    rows = [line for line in lines if line.get("item_type") == kind]
    page, headers = page_of(rows, call.query, call.address, default=100, maximum=LARGEST_PAGE)
    return answer(page, headers=headers)


def detail(call: Call) -> Response:
    """All lines, unpaged."""
    return Response(encoded(_one(call, "requisition_id").wire.get("items") or []), media_type="application/json")


def payment_details(call: Call) -> Response:
    """v2, write only: the due date of an invoice."""
    found = _one(call)
    call.demand("commitments", ADMIN)
    due = call.body.get("due_date")
    try:
        date.fromisoformat(str(due))
    except ValueError as unreadable:
        raise refused("due_date", "is not a date") from unreadable
    found.due_date = str(due)
    return answer({"data": {"id": str(found.id), "due_date": due}})


ENDPOINTS = (
    Endpoint("GET", "/rest/v1.1/requisitions", _list(V1_1)),
    Endpoint("GET", "/rest/v1.0/requisitions", _list(V1_0)),
    Endpoint("GET", "/rest/v1.1/requisitions/{id}", _show(V1_1)),
    Endpoint("GET", "/rest/v1.0/requisitions/{id}", _show(V1_0)),
    Endpoint("GET", "/rest/v1.0/requisitions/{requisition_id}/change_histories", change_histories),
    Endpoint("GET", "/rest/v1.0/requisitions/{requisition_id}/detail", detail),
    Endpoint("GET", "/rest/v1.0/requisitions/{requisition_id}/{kind}", items),
    Endpoint("POST", "/rest/v1.0/requisitions", create),
    Endpoint("POST", "/rest/v1.1/requisitions", create),
    Endpoint("PATCH", "/rest/v1.0/requisitions/{id}", change),
    Endpoint("PATCH", "/rest/v1.1/requisitions/{id}", change),
    Endpoint("DELETE", "/rest/v1.0/requisitions/{id}", delete),
    Endpoint("DELETE", "/rest/v1.1/requisitions/{id}", delete),
    Endpoint(
        "PATCH",
        "/rest/v2.0/companies/{company_id}/projects/{project_id}/requisitions/{id}/payment_details",
        payment_details,
    ),
)
