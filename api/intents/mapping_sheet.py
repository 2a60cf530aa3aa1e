"""Mappings as a CSV sheet: written for a spreadsheet, read back all or nothing, with every error by its row."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from accounting.month_end import safe_cell
from api.access import Visitor
from api.intents.mapping_versions import SavedMapping, WantedMapping, check_connection, save_within, target_refusal
from api.problems import Problem
from api.services import Services
from api.telling import tell
from models import mappings, reference_lists
from models.database import CompanySession
from models.mappings import TARGET_ENTITIES, MappingKey, MappingTarget
from models.tables import Mapping, MappingAuthor, MappingKind, ReferenceEntry

COLUMNS = ("kind", "scope", "procore_id", "procore_name", "quickbooks_list", "quickbooks_id", "quickbooks_name")
# A company with 2,000 vendors, 500 codes and 300 projects has a tenth of it; a sheet of a million rows is a mistake.
MOST_ROWS = 20_000
_FORMULAS = ("=", "+", "-", "@")
_KINDS = {kind.value: kind for kind in MappingKind}


class RowOutcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(frozen=True)
class SheetRow:
    """What one row of the sheet would do; ``line`` counts from 1, the header being line 1."""

    line: int
    outcome: RowOutcome
    name: str
    message: str
    wanted: WantedMapping | None = None


@dataclass(frozen=True)
class SheetRead:
    """A sheet, row by row, and what it saved; nothing is saved on a dry run or where any row has an error.

    ``seen`` names the versions in force that the rows were held against.
    """

    rows: tuple[SheetRow, ...]
    seen: str
    saved: tuple[SavedMapping, ...] = ()

    def count(self, outcome: RowOutcome) -> int:
        return sum(row.outcome is outcome for row in self.rows)


async def write_sheet(services: Services, visitor: Visitor, connection_id: UUID) -> str:
    """Every mapping in force as CSV, cells safe to open in a spreadsheet. Raises Problem 404."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        live = await mappings.live_mappings(session, connection_id)
        targets = await _entries(session, connection_id, [(one.target_entity, one.target_id) for one in live])
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in live:
        entry = targets.get((one.target_entity, one.target_id))
        name = entry.full_name if entry else ""
        cells = (one.kind, one.scope, one.procore_id, one.procore_name, one.target_entity, one.target_id, name)
        writer.writerow([safe_cell(cell) for cell in cells])
    return text.getvalue()


async def read_sheet(
    services: Services, visitor: Visitor, connection_id: UUID, content: bytes, *, dry_run: bool, seen: str = ""
) -> SheetRead:
    """Check a sheet and, unless it is a dry run, save it: every row or none.

    ``seen`` is what the dry run answered: whatever somebody changed since is not overwritten. Raises Problem 404, 409
    where that is so, and 422 where it is no such sheet at all: not UTF-8, other columns, too many rows.
    """
    cells = list(parse(content))
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        live = {
            MappingKey(one.kind, one.procore_id, one.scope): one
            for one in await mappings.live_mappings(session, connection_id)
        }
        active = await reference_lists.entries_of(
            session, connection_id, {one for of in TARGET_ENTITIES.values() for one in of}
        )
        targets = {(one.entity, one.quickbooks_id): one for one in active}
        targets |= await _entries(session, connection_id, [(row[4], row[5]) for _, row in cells if len(row) > 5])
        names: dict[tuple[str, str], list[str]] = {}
        for one in active:
            names.setdefault((one.entity, one.full_name.casefold()), []).append(one.quickbooks_id)
        rows = tuple(_checked(line, row, live, targets, names) for line, row in cells)
        read = SheetRead(_without_repeats(rows), _versions(rows))
        if seen and seen != read.seen:
            raise Problem(
                409,
                "mappings_changed",
                "Somebody changed a mapping of this sheet since it was checked. Nothing was saved; check it again.",
            )
        if dry_run or read.count(RowOutcome.ERROR):
            return read
        wanted = [row.wanted for row in read.rows if row.wanted and row.outcome is not RowOutcome.UNCHANGED]
        saved = await save_within(session, visitor, connection_id, wanted, MappingAuthor.IMPORT)
    freed = sum(one.freed for one in saved)
    if freed:
        reason = f"a sheet of mappings freed {freed} invoices"
        await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, reason))
    return replace(read, saved=tuple(saved))


def parse(content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line, cells) of every row that is not empty. Raises Problem 422.

    A byte order mark, as spreadsheets write it, is no part of the first column's name.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(422, "not_utf8", "The file is not UTF-8 text. Save it as “CSV UTF-8” and try again.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(cell.strip().casefold() for cell in next(reader, ()))
        if header != COLUMNS:
            raise Problem(
                422, "wrong_columns", f"The first line must name the columns {', '.join(COLUMNS)}, in this order."
            )
        for count, row in enumerate(reader, start=1):
            if count > MOST_ROWS:
                said = f"The sheet has more than {MOST_ROWS:,} rows. Keep only the mappings you change."
                raise Problem(422, "too_many_rows", said)
            if any(cell.strip() for cell in row):
                yield reader.line_num, tuple(_unquoted(cell) for cell in row)
    except csv.Error:
        raise Problem(
            422, "not_csv", f"Line {reader.line_num} is no CSV: a quote is not closed. Correct it and try again."
        ) from None


def _unquoted(cell: str) -> str:
    """The apostrophe that keeps a spreadsheet from taking a cell for a formula is not part of it."""
    text = cell.strip()
    return text[1:] if text.startswith(tuple(f"'{sign}" for sign in _FORMULAS)) else text


def _checked(
    line: int,
    row: Sequence[str],
    live: dict[MappingKey, Mapping],
    targets: dict[tuple[str, str], ReferenceEntry],
    names: dict[tuple[str, str], list[str]],
) -> SheetRow:
    def error(message: str) -> SheetRow:
        return SheetRow(line, RowOutcome.ERROR, row[3] if len(row) > 3 else "", message)

    if len(row) != len(COLUMNS):
        return error(f"has {len(row)} cells instead of {len(COLUMNS)}")
    kind_word, scope, procore_id, name, entity, quickbooks_id, quickbooks_name = row
    if kind_word not in _KINDS:
        return error(f"kind {kind_word!r} is none of {', '.join(_KINDS)}")
    kind = _KINDS[kind_word]
    if scope and scope.partition(":")[0] not in ("project", "commitment"):
        return error("scope must be empty, project:<id> or commitment:<id>")
    if len(scope) > 64 or len(procore_id) > 64 or len(quickbooks_id) > 64:
        return error("an id has more than 64 characters")
    if not procore_id and kind not in (MappingKind.RETAINAGE_ACCOUNT, MappingKind.AP_ACCOUNT):
        return error("procore_id is empty")
    if any(cell.startswith("=") for cell in row):
        return error("a cell is a formula; write what it comes to")
    if not quickbooks_id:
        lists = (entity,) if entity else TARGET_ENTITIES[kind]
        found = [(one, of) for one in lists for of in names.get((one, quickbooks_name.casefold()), [])]
        if len(found) != 1:
            return error(f"{len(found)} entries of QuickBooks are called {quickbooks_name!r}; give the quickbooks_id")
        entity, quickbooks_id = found[0]
    target = MappingTarget(entity or next(iter(TARGET_ENTITIES[kind]), "list"), quickbooks_id)
    refused = target_refusal(kind, targets.get((target.entity, target.quickbooks_id)), target)
    if refused is not None:
        return error(refused)
    now = live.get(MappingKey(kind, procore_id, scope))
    wanted = WantedMapping(
        MappingKey(kind, procore_id, scope),
        name or (now.procore_name if now else procore_id),
        target,
        now.version if now else 0,
    )
    if now is None:
        return SheetRow(line, RowOutcome.NEW, wanted.name, "", wanted)
    if (now.target_entity, now.target_id) == (target.entity, target.quickbooks_id):
        return SheetRow(line, RowOutcome.UNCHANGED, wanted.name, "", wanted)
    return SheetRow(line, RowOutcome.CHANGED, wanted.name, f"was {now.target_entity} {now.target_id}", wanted)


def _versions(rows: Sequence[SheetRow]) -> str:
    """SHA-256 over the version in force of each mapping in the sheet."""
    seen = [[*astuple(row.wanted.key), row.wanted.version] for row in rows if row.wanted]
    return sha256(json.dumps(seen).encode()).hexdigest()


def _without_repeats(rows: Sequence[SheetRow]) -> tuple[SheetRow, ...]:
    """A mapping that stands in the sheet twice is an error on its second line: nobody knows which one was meant."""
    first: dict[MappingKey, int] = {}
    told = []
    for row in rows:
        before = row.line if row.wanted is None else first.setdefault(row.wanted.key, row.line)
        repeated = SheetRow(row.line, RowOutcome.ERROR, row.name, f"stands on line {before} already")
        told.append(row if before == row.line else repeated)
    return tuple(told)


async def _entries(
    session: CompanySession, connection_id: UUID, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], ReferenceEntry]:
    wanted: dict[str, set[str]] = {}
    for entity, quickbooks_id in pairs:
        wanted.setdefault(entity, set()).add(quickbooks_id)
    return await reference_lists.entries_by_key(session, connection_id, wanted)
