"""Data mapping as a CSV sheet: downloaded, read back as a dry run that says what each row would do, then saved."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents.mapping_sheet import RowOutcome, SheetRead, read_sheet
from api.pages.connection_frame import ROOT, connection_frame
from api.pages.rendering import page
from api.problems import Problem
from api.services import Services

router = APIRouter(prefix=ROOT)
BELOW = "/mapping/sheet"
ROWS_SHOWN = 200


@router.get("/{connection_id}" + BELOW)
async def sheet(connection_id: UUID, request: Request, visitor: ReadingAdmin, services: ServicesNow) -> Response:
    return await _page(request, visitor, services, connection_id)


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    *,
    read: SheetRead | None = None,
    content: str = "",
    done: str | None = None,
    problem: Problem | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        frame = await connection_frame(session, connection_id, "/mapping")
    rows = [one for one in read.rows if one.outcome is not RowOutcome.UNCHANGED] if read else []
    return page(
        request,
        "mapping_sheet.html",
        visitor,
        status=problem.status if problem else 200,
        done=done,
        problem=problem,
        **frame,
        here=f"{frame['path']}{BELOW}",
        read=read,
        rows=sorted(rows, key=lambda one: one.outcome is not RowOutcome.ERROR)[:ROWS_SHOWN],
        counts={one.value: read.count(one) for one in RowOutcome} if read else {},
        content=content,
    )


@router.post("/{connection_id}" + BELOW)
async def check(
    connection_id: UUID,
    request: Request,
    visitor: ChangingAdmin,
    services: ServicesNow,
    file: Annotated[UploadFile | None, File()] = None,
    content: Annotated[str, Form()] = "",
    seen: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """With a file: a dry run, nothing is saved. With ``content``, the text of the one just checked: saved."""
    is_trial = file is not None and bool(file.filename)
    given = await file.read() if file is not None and is_trial else content.encode()
    if not given:
        missing = Problem(422, "no_file", "Choose the CSV file, then check it.")
        return await _page(request, visitor, services, connection_id, problem=missing)
    try:
        read = await read_sheet(services, visitor, connection_id, given, dry_run=is_trial, seen=seen)
    except Problem as problem:
        if problem.status == 404:
            raise
        return await _page(request, visitor, services, connection_id, problem=problem)
    if is_trial or read.count(RowOutcome.ERROR):
        text = given.decode("utf-8-sig", "replace")
        return await _page(request, visitor, services, connection_id, read=read, content=text)
    freed = sum(one.freed for one in read.saved)
    done = f"{len(read.saved):,} mappings saved. {freed:,} invoices go on by themselves."
    return await _page(request, visitor, services, connection_id, done=done)
