"""The simulator's web pages, on which a person does what people do in Procore: approve, withdraw, edit, delete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from simulators.procore.errors import ApiError, refused
from simulators.procore.requisition import APPROVED, STATUSES, Requisition
from simulators.procore.requisition_book import Actor
from simulators.procore.simulator import ProcoreSimulator
from simulators.procore.templates import page
from simulators.procore.wire import Wire, amount_of

LARGEST_LIST = 300


def routes(simulator: ProcoreSimulator) -> list[BaseRoute]:
    """`/`, `/projects/{id}`, `/requisitions/{id}` and the buttons on them."""

    async def projects(request: Request) -> Response:
        return page("projects.html", companies=_overview(simulator))

    async def project(request: Request) -> Response:
        return _project(simulator, request)

    async def requisition(request: Request) -> Response:
        found = simulator.records.requisitions.get(request.path_params["id"])
        if found is None:
            return page("missing.html", 404)
        return _requisition(simulator, found, request.query_params.get("message", ""))

    async def set_status(requisition: Requisition, form: FormData) -> None:
        status = form.get("status_button") or form.get("status")
        simulator.book.change(requisition, {"status": status}, _person(simulator, requisition, form))

    async def edit(requisition: Requisition, form: FormData) -> None:
        wanted = _edited(requisition.wire, form)
        if wanted:
            simulator.book.change(requisition, wanted, _person(simulator, requisition, form))

    async def delete(requisition: Requisition, form: FormData) -> None:
        simulator.book.remove(requisition, _person(simulator, requisition, form))

    def button(act: Callable[[Requisition, FormData], Awaitable[None]]) -> Callable[[Request], Awaitable[Response]]:
        async def pressed(request: Request) -> Response:
            found = simulator.records.requisitions.get(request.path_params["id"])
            if found is None:
                return page("missing.html", 404)
            form = await request.form()
            try:
                await act(found, form)
            except ApiError as error:
                return _requisition(simulator, found, f"Refused: {error.text}", error.status)
            return RedirectResponse(_way_back(simulator, found, form), 303)

        return pressed

    return [
        Route("/", projects),
        Route("/projects/{id:int}", project),
        Route("/requisitions/{id:int}", requisition, methods=["GET"]),
        Route("/requisitions/{id:int}/status", button(set_status), methods=["POST"]),
        Route("/requisitions/{id:int}/edit", button(edit), methods=["POST"]),
        Route("/requisitions/{id:int}/delete", button(delete), methods=["POST"]),
    ]


def _overview(simulator: ProcoreSimulator) -> list[Wire]:
    shown = []
    for company in simulator.records.companies.values():
        rows = []
        for project in simulator.records.projects_by_company[company["id"]]:
            requisitions = simulator.records.requisitions_of_project(project["id"])
            approved = [each for each in requisitions if each.is_approved]
            due = (amount_of(each.wire["summary"].get("current_payment_due")) for each in approved)
            rows.append(
                {
                    "id": project["id"],
                    "name": project["name"],
                    "number": project.get("project_number"),
                    "active": project.get("active", True),
                    "permitted": project.get("permitted", True),
                    "invoices": len(requisitions),
                    "approved": len(approved),
                    "due": sum(due, Decimal(0)),
                }
            )
        shown.append({**company, "rows": rows})
    return shown


def _project(simulator: ProcoreSimulator, request: Request) -> Response:
    project = simulator.records.projects.get(request.path_params["id"])
    if project is None:
        return page("missing.html", 404)
    status, text = request.query_params.get("status", ""), request.query_params.get("text", "")
    rows = [
        each.wire
        for each in simulator.records.requisitions_of_project(project["id"])
        if (not status or each.status == status) and _mentions(each.wire, text)
    ]
    rows.sort(key=lambda wire: (wire["updated_at"], wire["id"]), reverse=True)
    return page(
        "project.html",
        project=project,
        rows=rows[:LARGEST_LIST],
        statuses=STATUSES,
        approved=APPROVED,
        status=status,
        text=text,
    )


def _mentions(wire: Wire, text: str) -> bool:
    places = (wire.get("vendor_name"), wire.get("invoice_number"), wire.get("contract_name"))
    return any(text.casefold() in str(place or "").casefold() for place in places)


def _requisition(simulator: ProcoreSimulator, requisition: Requisition, message: str, status: int = 200) -> Response:
    return page(
        "requisition.html",
        status,
        wire=requisition.wire,
        project_name=simulator.records.projects[requisition.project_id]["name"],
        history=simulator.records.change_histories[requisition.id],
        payments=simulator.records.payments_of(requisition.commitment_id),
        procore_pay=simulator.records.commitments.get(requisition.commitment_id, {}).get("procore_pay"),
        users=_people(simulator, requisition),
        statuses=STATUSES,
        approved=APPROVED,
        lock=requisition.lock,
        message=message,
    )


def _people(simulator: ProcoreSimulator, requisition: Requisition) -> list[Wire]:
    company = str(simulator.records.company_of_project(requisition.project_id))
    members = [user for user in simulator.records.users.values() if company in (user.get("companies") or {})]
    return members or list(simulator.records.users.values()) or [simulator.records.service_account]


def _person(simulator: ProcoreSimulator, requisition: Requisition, form: FormData) -> Actor:
    """Whoever the form names; else the first member of the company."""
    people = _people(simulator, requisition)
    named = form.get("by_user_id")
    if named is None:
        return Actor(people[0])
    for user in people:
        if str(user["id"]) == named:
            return Actor(user)
    raise refused("by_user_id", "There is no such person in this company.")


def _edited(wire: Wire, form: FormData) -> Wire:
    """Only what the person really changed."""
    wanted: dict[str, Any] = {}
    for name in ("invoice_number", "billing_date"):
        value = str(form.get(name, wire.get(name) or "")) or None
        if value != (wire.get(name) or None):
            wanted[name] = value
    items = []
    for item in wire.get("items") or []:
        text = form.get(f"work_{item['id']}")
        if isinstance(text, str) and text.strip() and text.strip() != str(item.get("work_completed_this_period")):
            work = text.replace(",", "").strip()
            items.append({"id": item["id"], "work_completed_this_period": work})
    if items:
        wanted["items"] = items
    return wanted


def _way_back(simulator: ProcoreSimulator, requisition: Requisition, form: FormData) -> str:
    """To the list the button stood on, to the invoice, or to the project when the invoice is gone."""
    back = form.get("back")
    if isinstance(back, str) and back.startswith("/projects/"):
        return quote(back, safe="/?&=%+")
    if requisition.id in simulator.records.requisitions:
        return f"/requisitions/{requisition.id}"
    return f"/projects/{requisition.project_id}"
