"""Data mapping, *Suggestions*: the likely counterpart of everything not mapped, confirmed by a person, many at once.

Budget codes (cost code and cost type together), cost types, classes, locations and payment terms have no likely
counterpart: there one is chosen by name. So is everything that holds in one project or commitment only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import mapping_versions
from api.intents.mapping_versions import EndedMapping, WantedMapping, target_refusal
from api.pages.connection_frame import ROOT, connection_frame
from api.pages.rendering import page, query
from api.problems import Problem, not_found
from api.services import Services
from models.mapping_scopes import scope_choices
from models.mapping_subjects import MappingSubject, mapping_subjects, suggestions_for
from models.mappings import TARGET_ENTITIES, MappingKey, MappingTarget
from models.reference_lists import entries_of
from models.tables import MappingKind, ReferenceEntry

router = APIRouter(prefix=ROOT)
BELOW = "/mapping/suggestions"
SHOWN = 25
# Suggestions of one row that a person may tick.
MOST_EACH = 3
K = MappingKind
SUGGESTED = {K.VENDOR: "Vendors", K.PROJECT: "Projects", K.COST_CODE: "Cost codes"}
CHOSEN = {
    K.BUDGET_CODE: "Cost code + cost type",
    K.COST_TYPE: "Cost types",
    K.PROJECT_CLASS: "Classes",
    K.PROJECT_LOCATION: "Locations",
    K.TERMS: "Payment terms",
}
# What may hold in one project or commitment only.
SCOPED = {K.COST_CODE: "Cost codes", **CHOSEN, K.RETAINAGE_ACCOUNT: "Retainage account", K.AP_ACCOUNT: "A/P account"}


def _words(scope: str) -> dict[MappingKind, str]:
    return SCOPED if scope else SUGGESTED | CHOSEN


def _kind(word: str, scope: str) -> MappingKind:
    """An unknown word in an address means the first choice."""
    words = _words(scope)
    return next((one for one in words if one.value == word), next(iter(words)))


@router.get("/{connection_id}" + BELOW)
async def suggestions(
    connection_id: UUID,
    request: Request,
    visitor: ReadingAdmin,
    services: ServicesNow,
    kind: str = "",
    scope: Annotated[str, Query(max_length=64)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
    saved: Annotated[int | None, Query(ge=0)] = None,
    freed: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    done = None if saved is None else f"{saved:,} matched. {freed:,} invoices go on by themselves."
    chosen = _kind(kind, scope)
    return await _page(request, visitor, services, connection_id, chosen, scope, number=number, done=done)


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    kind: MappingKind,
    scope: str,
    *,
    number: int = 1,
    done: str | None = None,
    problem: Problem | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        frame = await connection_frame(session, connection_id, "/mapping")
        choices = await scope_choices(session, connection_id, scope)
        if scope not in {one.scope for one in choices}:
            raise not_found("project or commitment")
        subjects = await mapping_subjects(session, connection_id, kind, scope)
        # What is chosen by name may be changed here too: no other page shows it.
        is_chosen = bool(scope) or kind in CHOSEN
        missing = [one for one in subjects if is_chosen or one.mapping is None]
        number = min(number, max(1, -(-len(missing) // SHOWN)))
        rows = missing[(number - 1) * SHOWN : number * SHOWN]
        suggested = await suggestions_for(session, connection_id, kind, rows) if not is_chosen else {}
        targets = await entries_of(session, connection_id, TARGET_ENTITIES[kind]) if is_chosen else []
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
        kinds=[
            (f"{here}?{query(kind=one.value, scope=scope)}", text, one is kind) for one, text in _words(scope).items()
        ],
        rows=rows,
        total=len(missing),
        number=number,
        pages=max(1, -(-len(missing) // SHOWN)),
        is_chosen=is_chosen,
        scope=scope,
        scopes=choices,
        suggested=suggested,
        offered=_offered(kind, rows, targets),
    )


@dataclass(frozen=True)
class Offered:
    """One thing of QuickBooks' that a row may be mapped to, as its form sends it."""

    value: str
    text: str
    is_chosen: bool


def _offered(
    kind: MappingKind, rows: Sequence[MappingSubject], targets: Sequence[ReferenceEntry]
) -> dict[str, list[Offered]]:
    """What each row's list offers, by Procore's id: put together here, for there are thousands of them on a page."""
    aims = [(MappingTarget(one.entity, one.quickbooks_id), one) for one in targets]
    taken = [(aim, one.full_name) for aim, one in aims if target_refusal(kind, one, aim) is None]
    return {
        row.procore_id: [
            Offered(
                f"{row.procore_id}/{aim.entity}:{aim.quickbooks_id}@{row.mapping.version if row.mapping else 0}",
                text,
                row.target is not None and row.aim == aim,
            )
            for aim, text in taken
        ]
        for row in rows
    }


@router.post("/{connection_id}" + BELOW)
async def confirm(
    connection_id: UUID,
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    word: Annotated[str, Form(alias="kind", max_length=32)],
    scope: Annotated[str, Form(max_length=64)] = "",
    chosen: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """``chosen`` are Procore's id, a slash, QuickBooks' list, a colon, QuickBooks' id (neither: not mapped), an at sign
    and the version that was shown.
    """
    kind = _kind(word, scope)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        if scope not in {one.scope for one in await scope_choices(session, connection_id, scope)}:
            raise not_found("project or commitment")
        subjects = {one.procore_id: one for one in await mapping_subjects(session, connection_id, kind, scope)}
    wanted, ended = [], []
    for one in (chosen or [])[: SHOWN * MOST_EACH]:
        procore_id, _, choice = one.rpartition("/")
        target, _, shown = choice.rpartition("@")
        entity, _, quickbooks_id = target.partition(":")
        subject, version = subjects.get(procore_id), int(shown) if shown.isdecimal() else 0
        if subject is None:
            continue
        key, aim = MappingKey(kind, procore_id, scope), MappingTarget(entity, quickbooks_id)
        if not quickbooks_id:
            ended += [EndedMapping(key, subject.name, version)] if version else []
        elif subject.aim != aim:
            wanted.append(WantedMapping(key, subject.name, aim, version))
    try:
        saved = await mapping_versions.save(services, visitor, connection_id, wanted, ended)
    except Problem as problem:
        if problem.status == 404:
            raise
        return await _page(request, visitor, services, connection_id, kind, scope, problem=problem)
    freed = sum(one.freed for one in saved)
    told = query(kind=kind.value, scope=scope, saved=len(saved) + len(ended) or "0", freed=freed)
    return RedirectResponse(f"{ROOT}/{connection_id}{BELOW}?{told}", 303)
