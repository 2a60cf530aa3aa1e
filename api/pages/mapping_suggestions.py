"""Data mapping, *Suggestions*: the likely counterpart of everything not mapped, confirmed by a person, many at once.

Budget codes (cost code and cost type together) and cost types have no likely counterpart: there one is chosen by name.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import mapping_versions
from api.intents.mapping_versions import WantedMapping, target_refusal
from api.pages.connection_frame import ROOT, connection_frame
from api.pages.rendering import page, query
from api.problems import Problem
from api.services import Services
from models.mapping_subjects import mapping_subjects, suggestions_for
from models.mappings import TARGET_ENTITIES, MappingKey, MappingTarget
from models.reference_lists import entries_of
from models.tables import MappingKind

router = APIRouter(prefix=ROOT)
BELOW = "/mapping/suggestions"
SHOWN = 25
K = MappingKind
SUGGESTED = {K.VENDOR: "Vendors", K.PROJECT: "Projects", K.COST_CODE: "Cost codes"}
CHOSEN = {K.BUDGET_CODE: "Cost code + cost type", K.COST_TYPE: "Cost types"}
WORDS = SUGGESTED | CHOSEN


def _kind(word: str) -> MappingKind:
    """An unknown word in an address means the first choice."""
    return next((one for one in WORDS if one.value == word), K.VENDOR)


@router.get("/{connection_id}" + BELOW)
async def suggestions(
    connection_id: UUID,
    request: Request,
    visitor: ReadingAdmin,
    services: ServicesNow,
    kind: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    saved: Annotated[int | None, Query(ge=0)] = None,
    freed: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    done = None if saved is None else f"{saved:,} matched. {freed:,} invoices go on by themselves."
    return await _page(request, visitor, services, connection_id, _kind(kind), number=number, done=done)


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    kind: MappingKind,
    *,
    number: int = 1,
    done: str | None = None,
    problem: Problem | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        frame = await connection_frame(session, connection_id, "/mapping")
        subjects = await mapping_subjects(session, connection_id, kind)
        missing = [one for one in subjects if one.mapping is None]
        number = min(number, max(1, -(-len(missing) // SHOWN)))
        rows = missing[(number - 1) * SHOWN : number * SHOWN]
        suggested = await suggestions_for(session, connection_id, kind, rows) if kind in SUGGESTED else {}
        targets = await entries_of(session, connection_id, TARGET_ENTITIES[kind]) if kind in CHOSEN else []
    here = f"{frame['path']}{BELOW}"
    return page(
        request,
        "mapping_suggestions.html",
        visitor,
        status=problem.status if problem else 200,
        done=done,
        problem=problem,
        **frame,
        here=here,
        kind=kind,
        kinds=[(f"{here}?{query(kind=one.value)}", words, one is kind) for one, words in WORDS.items()],
        rows=rows,
        total=len(missing),
        number=number,
        pages=max(1, -(-len(missing) // SHOWN)),
        is_chosen=kind in CHOSEN,
        suggested=suggested,
        targets=[
            one for one in targets if target_refusal(kind, one, MappingTarget(one.entity, one.quickbooks_id)) is None
        ],
    )


@router.post("/{connection_id}" + BELOW)
async def confirm(
    connection_id: UUID,
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    word: Annotated[str, Form(alias="kind", max_length=32)],
    chosen: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """``chosen`` are Procore's id, a slash, QuickBooks' list, a colon and QuickBooks' id."""
    kind = _kind(word)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        names = {one.procore_id: one.name for one in await mapping_subjects(session, connection_id, kind)}
    wanted = []
    for one in (chosen or [])[:SHOWN]:
        procore_id, _, target = one.rpartition("/")
        entity, _, quickbooks_id = target.partition(":")
        if procore_id in names and quickbooks_id:
            key, aim = MappingKey(kind, procore_id), MappingTarget(entity, quickbooks_id)
            wanted.append(WantedMapping(key, names[procore_id], aim, 0))
    try:
        saved = await mapping_versions.save(services, visitor, connection_id, wanted)
    except Problem as problem:
        if problem.status == 404:
            raise
        return await _page(request, visitor, services, connection_id, kind, problem=problem)
    told = query(kind=kind.value, saved=len(saved) or "0", freed=sum(one.freed for one in saved))
    return RedirectResponse(f"{ROOT}/{connection_id}{BELOW}?{told}", 303)
