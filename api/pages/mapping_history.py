"""The history of one mapping: every version with its author, and an earlier one put in force again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import mapping_versions
from api.pages.connection_frame import ROOT, connection_frame
from api.pages.rendering import page, query
from api.problems import Problem, not_found
from api.services import Services
from models.mappings import MappingKey, mapping_history
from models.members import names_of
from models.reference_lists import entries_by_key
from models.tables import MappingKind

router = APIRouter(prefix=ROOT)
BELOW = "/mapping/history"
Id = Annotated[str, Query(max_length=64)]


@router.get("/{connection_id}" + BELOW)
async def history(
    connection_id: UUID,
    request: Request,
    visitor: ReadingAdmin,
    services: ServicesNow,
    kind: MappingKind,
    procore_id: Id,
    scope: Id = "",
    done: str = "",
) -> Response:
    said = "Put in force again, as a new version." if done == "reverted" else None
    key = MappingKey(kind, procore_id, scope)
    return await _page(request, visitor, services, connection_id, key, done=said)


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    key: MappingKey,
    *,
    done: str | None = None,
    problem: Problem | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        frame = await connection_frame(session, connection_id, "/mapping")
        versions = await mapping_history(session, connection_id, key)
        if not versions:
            raise not_found("mapping")
        wanted: dict[str, set[str]] = {}
        for one in versions:
            wanted.setdefault(one.target_entity, set()).add(one.target_id)
        targets = await entries_by_key(session, connection_id, wanted)
        people = {one for row in versions for one in (row.author_id, row.removed_by) if one is not None}
        names = await names_of(session, people)
    live = next((one for one in versions if one.superseded_at is None), None)
    return page(
        request,
        "mapping_history.html",
        visitor,
        status=problem.status if problem else 200,
        done=done,
        problem=problem,
        **frame,
        here=f"{frame['path']}{BELOW}",
        key=key,
        versions=versions,
        live=live,
        targets={pair: entry.full_name for pair, entry in targets.items()},
        names=names,
    )


@router.post("/{connection_id}" + BELOW)
async def revert(
    connection_id: UUID,
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    kind: Annotated[MappingKind, Form()],
    procore_id: Annotated[str, Form(max_length=64)],
    to: Annotated[int, Form(ge=1)],
    version: Annotated[int, Form(ge=0)],
    scope: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    key = MappingKey(kind, procore_id, scope)
    try:
        await mapping_versions.revert(services, visitor, connection_id, key, to, version)
    except Problem as problem:
        if problem.status == 404:
            raise
        return await _page(request, visitor, services, connection_id, key, problem=problem)
    told = query(kind=kind.value, procore_id=procore_id, scope=scope, done="reverted")
    return RedirectResponse(f"{ROOT}/{connection_id}{BELOW}?{told}", 303)
