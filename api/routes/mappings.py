"""Mappings of a connection: what there is to map, suggestions, saving in bulk, history, and the CSV sheet."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.access import Accountant, ChangingAdmin, ReadingAdmin, ServicesNow
from api.intents import mapping_sheet, mapping_versions
from api.intents.mapping_sheet import RowOutcome, SheetRead
from api.intents.mapping_versions import SavedMapping, WantedMapping
from models import mapping_subjects, mappings, reference_lists
from models.mappings import TARGET_ENTITIES, MappingKey, MappingTarget
from models.tables import Mapping, MappingKind, ReferenceEntry

router = APIRouter(tags=["mappings"])

Id = Annotated[str, Field(max_length=64)]
Scope = Annotated[str, Field(max_length=64, pattern=r"^((project|commitment):.+)?$")]


class MappingAnswer(BaseModel):
    """One version. ``superseded_at`` null: in force. ``scope`` empty: the whole connection."""

    kind: str
    scope: str
    procore_id: str
    procore_name: str
    quickbooks_list: str
    quickbooks_id: str
    version: int
    by: str
    author_id: UUID | None
    created_at: datetime
    superseded_at: datetime | None
    removed_by: UUID | None


class TargetAnswer(BaseModel):
    """An entry that may be chosen."""

    quickbooks_list: str
    quickbooks_id: str
    name: str


class SuggestionAnswer(BaseModel):
    """A likely counterpart; ``score`` from 0 to 100, ``reason`` in words."""

    quickbooks_list: str
    quickbooks_id: str
    name: str
    score: float
    reason: str
    exact: bool


class SubjectAnswer(BaseModel):
    """One thing of Procore's. ``waiting`` invoices are held until it is mapped."""

    procore_id: str
    name: str
    waiting: int
    mapping: MappingAnswer | None
    target: TargetAnswer | None
    suggestions: list[SuggestionAnswer]


class SubjectsAnswer(BaseModel):
    kind: str
    mapped: int
    unmapped: int
    subjects: list[SubjectAnswer]


class TargetsAnswer(BaseModel):
    targets: list[TargetAnswer]


class MappingsAnswer(BaseModel):
    mappings: list[MappingAnswer]


class MappingBody(BaseModel):
    """``version`` is the one that was shown, 0 where there was none; null saves over whatever is in force."""

    model_config = ConfigDict(extra="forbid")

    kind: MappingKind
    scope: Scope = ""
    procore_id: Id
    procore_name: Annotated[str, Field(max_length=500)] = ""
    quickbooks_list: Annotated[str, Field(max_length=32)]
    quickbooks_id: Id
    version: int | None = None


class MappingsBody(BaseModel):
    """Saved all or none."""

    model_config = ConfigDict(extra="forbid")

    mappings: Annotated[list[MappingBody], Field(min_length=1, max_length=2000)]


class SavedAnswer(BaseModel):
    mapping: MappingAnswer
    freed: int


class AllSavedAnswer(BaseModel):
    """``freed`` invoices go on by themselves."""

    saved: list[SavedAnswer]
    freed: int


class KeyBody(BaseModel):
    """Which mapping; ``version`` is the one that was shown."""

    model_config = ConfigDict(extra="forbid")

    kind: MappingKind
    scope: Scope = ""
    procore_id: Id
    version: int


class RevertBody(KeyBody):
    to: int


class RemovedAnswer(BaseModel):
    removed: bool = True


class SheetRowAnswer(BaseModel):
    line: int
    outcome: RowOutcome
    name: str
    message: str


class SheetAnswer(BaseModel):
    """What a sheet does, or did. With any error nothing is saved; ``rows`` leaves out what stays unchanged.

    Sending ``seen`` back with the same sheet keeps it from overwriting what somebody saved in between.
    """

    dry_run: bool
    new: int
    changed: int
    unchanged: int
    errors: int
    saved: int
    freed: int
    seen: str
    rows: list[SheetRowAnswer]


@router.get("/connections/{connection_id}/mapping-subjects")
async def subjects(
    connection_id: UUID,
    kind: MappingKind,
    visitor: Accountant,
    services: ServicesNow,
    suggest: Annotated[bool, Query()] = True,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> SubjectsAnswer:
    """A page of everything of one kind, what invoices wait for first; with suggestions for what is not mapped."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await mapping_versions.check_connection(session, connection_id)
        found = await mapping_subjects.mapping_subjects(session, connection_id, kind)
        shown = found[offset : offset + limit]
        suggested = await mapping_subjects.suggestions_for(session, connection_id, kind, shown) if suggest else {}
    mapped = sum(one.mapping is not None for one in found)
    return SubjectsAnswer(
        kind=kind,
        mapped=mapped,
        unmapped=len(found) - mapped,
        subjects=[
            SubjectAnswer(
                procore_id=one.procore_id,
                name=one.name,
                waiting=one.waiting,
                mapping=_answer(one.mapping) if one.mapping else None,
                target=_target(one.target) if one.target else None,
                suggestions=[
                    SuggestionAnswer(
                        quickbooks_list=of.target_id.partition(":")[0],
                        quickbooks_id=of.target_id.partition(":")[2],
                        name=of.target_name,
                        score=of.score,
                        reason=of.reason,
                        exact=of.is_exact,
                    )
                    for of in suggested.get(one.procore_id, ())
                ],
            )
            for one in shown
        ],
    )


@router.get("/connections/{connection_id}/mapping-targets")
async def targets(connection_id: UUID, kind: MappingKind, visitor: Accountant, services: ServicesNow) -> TargetsAnswer:
    """Everything that a mapping of this kind may point to."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await mapping_versions.check_connection(session, connection_id)
        entries = await reference_lists.entries_of(session, connection_id, TARGET_ENTITIES[kind])
    return TargetsAnswer(
        targets=[
            _target(entry)
            for entry in entries
            if mapping_versions.target_refusal(kind, entry, MappingTarget(entry.entity, entry.quickbooks_id)) is None
        ]
    )


@router.get("/connections/{connection_id}/mappings")
async def in_force(
    connection_id: UUID, visitor: Accountant, services: ServicesNow, kind: MappingKind | None = None
) -> MappingsAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await mapping_versions.check_connection(session, connection_id)
        live = await mappings.live_mappings(session, connection_id, kinds=[kind] if kind else None)
    return MappingsAnswer(mappings=[_answer(one) for one in live])


@router.put("/connections/{connection_id}/mappings")
async def save(
    connection_id: UUID, body: MappingsBody, visitor: ChangingAdmin, services: ServicesNow
) -> AllSavedAnswer:
    """Confirm one or many. 409 where somebody else changed one since it was shown, 422 where QuickBooks refuses one."""
    wanted = [
        WantedMapping(
            key=MappingKey(one.kind, one.procore_id, one.scope),
            name=one.procore_name or one.procore_id,
            target=MappingTarget(one.quickbooks_list, one.quickbooks_id),
            version=one.version,
        )
        for one in body.mappings
    ]
    return _saved(await mapping_versions.save(services, visitor, connection_id, wanted))


@router.post("/connections/{connection_id}/mappings/remove")
async def remove(connection_id: UUID, body: KeyBody, visitor: ChangingAdmin, services: ServicesNow) -> RemovedAnswer:
    key = MappingKey(body.kind, body.procore_id, body.scope)
    await mapping_versions.remove(services, visitor, connection_id, key, body.version)
    return RemovedAnswer()


@router.post("/connections/{connection_id}/mappings/revert")
async def revert(connection_id: UUID, body: RevertBody, visitor: ChangingAdmin, services: ServicesNow) -> SavedAnswer:
    """Put version ``to`` in force again, as a new version."""
    key = MappingKey(body.kind, body.procore_id, body.scope)
    saved = await mapping_versions.revert(services, visitor, connection_id, key, body.to, body.version)
    return SavedAnswer(mapping=_answer(saved.mapping), freed=saved.freed)


@router.get("/connections/{connection_id}/mapping-history")
async def history(
    connection_id: UUID,
    kind: MappingKind,
    visitor: Accountant,
    services: ServicesNow,
    procore_id: Annotated[str, Query(max_length=64)] = "",
    scope: Annotated[str, Query(max_length=64)] = "",
) -> MappingsAnswer:
    """Every version of one mapping, the newest first."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await mapping_versions.check_connection(session, connection_id)
        versions = await mappings.mapping_history(session, connection_id, MappingKey(kind, procore_id, scope))
    return MappingsAnswer(mappings=[_answer(one) for one in versions])


@router.get("/connections/{connection_id}/mappings.csv")
async def write_sheet(connection_id: UUID, visitor: ReadingAdmin, services: ServicesNow) -> Response:
    text = await mapping_sheet.write_sheet(services, visitor, connection_id)
    headers = {"content-disposition": 'attachment; filename="mappings.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/connections/{connection_id}/mappings.csv")
async def read_sheet(
    connection_id: UUID,
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    dry_run: Annotated[bool, Query()] = True,
    seen: Annotated[str, Query(max_length=64)] = "",
) -> SheetAnswer:
    """The sheet as the body. A dry run, which is what happens unless it is switched off, saves nothing.

    409 where a mapping changed since the dry run that answered ``seen``.
    """
    content = await request.body()
    read = await mapping_sheet.read_sheet(services, visitor, connection_id, content, dry_run=dry_run, seen=seen)
    return _sheet(read, dry_run)


def _sheet(read: SheetRead, dry_run: bool) -> SheetAnswer:
    return SheetAnswer(
        dry_run=dry_run,
        new=read.count(RowOutcome.NEW),
        changed=read.count(RowOutcome.CHANGED),
        unchanged=read.count(RowOutcome.UNCHANGED),
        errors=read.count(RowOutcome.ERROR),
        saved=len(read.saved),
        freed=sum(one.freed for one in read.saved),
        seen=read.seen,
        rows=[
            SheetRowAnswer(line=row.line, outcome=row.outcome, name=row.name, message=row.message)
            for row in read.rows
            if row.outcome is not RowOutcome.UNCHANGED
        ],
    )


def _saved(saved: list[SavedMapping]) -> AllSavedAnswer:
    return AllSavedAnswer(
        saved=[SavedAnswer(mapping=_answer(one.mapping), freed=one.freed) for one in saved],
        freed=sum(one.freed for one in saved),
    )


def _target(entry: ReferenceEntry) -> TargetAnswer:
    return TargetAnswer(quickbooks_list=entry.entity, quickbooks_id=entry.quickbooks_id, name=entry.full_name)


def _answer(row: Mapping) -> MappingAnswer:
    return MappingAnswer(
        kind=row.kind,
        scope=row.scope,
        procore_id=row.procore_id,
        procore_name=row.procore_name,
        quickbooks_list=row.target_entity,
        quickbooks_id=row.target_id,
        version=row.version,
        by=row.author_kind,
        author_id=row.author_id,
        created_at=row.created_at,
        superseded_at=row.superseded_at,
        removed_by=row.removed_by,
    )
