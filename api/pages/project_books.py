"""A connection's Projects tab: which projects post here, in bulk, and which of them pay when they are paid."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import project_books as intents
from api.intents.project_books import OUT, UNCHOSEN, MustConfirm, ProjectChange, books_of
from api.pages.connection_frame import ROOT, connection_frame
from api.pages.forms import typed_fields
from api.pages.rendering import page, query
from api.problems import Problem
from api.services import Services
from models import connections
from models.project_books import project_page
from models.routes import routes_now

router = APIRouter(prefix=ROOT)
BELOW = "/projects"

PROJECTS_SHOWN = 25
DONE = {"saved": "Saved. Invoices that waited for these choices go on by themselves."}


@router.get("/{connection_id}" + BELOW)
async def projects(
    connection_id: UUID,
    request: Request,
    visitor: ReadingAdmin,
    services: ServicesNow,
    search: Annotated[str, Query(max_length=100)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
    done: str = "",
) -> Response:
    return await _page(request, visitor, services, connection_id, search.strip(), number, done=DONE.get(done))


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    search: str,
    number: int,
    *,
    done: str | None = None,
    problem: Problem | None = None,
    confirm: MustConfirm | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        frame = await connection_frame(session, connection_id, BELOW)
        found = await project_page(session, search, PROJECTS_SHOWN, (number - 1) * PROJECTS_SHOWN)
        live = await connections.connected(session)
        routes = await routes_now(session)
    here = frame["connection"]
    names = {one.id: one.quickbooks_company_name for one in live}
    takes_all = routes.take_all[0] if len(routes.take_all) == 1 else None
    return page(
        request,
        "connection_projects.html",
        visitor,
        status=problem.status if problem else 200,
        problem=problem,
        done=done,
        **frame,
        found=found,
        books_of=books_of,
        books=[
            *((str(one.id), "Posts here") for one in live if one.id == here.id),
            *((str(one.id), f"Posts to {one.quickbooks_company_name}") for one in live if one.id != here.id),
            (OUT, "Not in these books"),
        ],
        unchosen=(
            f"Posts {'here' if takes_all == here.id else 'to ' + names[takes_all]} (all projects)"
            if takes_all in names
            else "Not chosen yet: invoices wait"
        ),
        search=search,
        number=number,
        pages=max(1, -(-found.total // PROJECTS_SHOWN)),
        confirm=confirm,
        typed=typed or {},
    )


@router.post("/{connection_id}" + BELOW)
async def save(connection_id: UUID, request: Request, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    typed = await typed_fields(request)
    search, number = typed.get("search", ""), int(typed.get("page", "1") or 1)
    try:
        changed = await intents.save(services, visitor, _changes(typed), typed.get("confirmed", ""))
    except MustConfirm as confirm:
        return await _page(request, visitor, services, connection_id, search, number, confirm=confirm, typed=typed)
    except Problem as problem:
        return await _page(request, visitor, services, connection_id, search, number, problem=problem)
    path = f"{ROOT}/{connection_id}{BELOW}"
    done = "saved" if changed else ""
    return RedirectResponse(f"{path}?{query(search=search, page=number, done=done)}", 303)


def _changes(typed: dict[str, str]) -> list[ProjectChange]:
    ids = [name.removeprefix("books.") for name in typed if name.startswith("books.")]
    return [
        ProjectChange(
            project_id=one,
            shown_books=typed.get(f"was.{one}", UNCHOSEN),
            books=typed[f"books.{one}"],
            shown_pay_when_paid=typed.get(f"paid_was.{one}") == "true",
            pay_when_paid=typed.get(f"paid.{one}") == "true",
        )
        for one in ids[:PROJECTS_SHOWN]
    ]
