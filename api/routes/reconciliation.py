"""Reconciliation: the statement of the newest run, its differences and their explanations, and both as CSV."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from accounting.reconciliation import Amounts, Row, Totals
from accounting.reconciliation_report import as_csv, differences_csv
from api.access import Accountant, Member, ServicesNow
from api.intents import reconciling
from api.money import Money
from api.problems import Problem, not_found
from api.reconciliation_report import difference_cells, difference_filter, overview, report_rows
from models.bill_differences import ShownDifference, count_standing, standing_differences
from models.reconciliation_runs import Selection, run_by_id

router = APIRouter(prefix="/reconciliation", tags=["reconciliation"])

LONGEST_NOTE = 500
MOST_AT_ONCE = 500
# A company of 50,000 bills with something to say about every fifth.
MOST_IN_TABLE = 10_000


class AmountsAnswer(BaseModel):
    """gross = net + retainage."""

    gross: Money
    retainage: Money
    net: Money


class RowAnswer(AmountsAnswer):
    """One row of the statement; ``reason`` refines *Not imported*."""

    name: str
    reason: str
    invoices: int


class StatementAnswer(BaseModel):
    """approved adds up to ``approved_to_date`` = places + changes + ``unexplained``; the last is nothing where it ties.

    ``in_quickbooks`` is what the bills among ``places`` come to in QuickBooks now: as posted, plus ``books``.
    """

    approved: list[RowAnswer]
    places: list[RowAnswer]
    changes: list[RowAnswer]
    books: list[RowAnswer]
    approved_to_date: AmountsAnswer
    unexplained: AmountsAnswer
    in_quickbooks: AmountsAnswer
    ties: bool


class ProjectAnswer(BaseModel):
    project_id: str
    name: str
    statement: StatementAnswer


class ComparedAnswer(BaseModel):
    """One connection; ``trouble`` says why its copy is older than the run."""

    connection_id: UUID
    name: str
    compared: int
    copy_reaches: datetime | None
    trouble: str | None
    complete: bool


class ReconciliationAnswer(BaseModel):
    """``run_id`` is null before the first run; ``under_way`` is the run that is being made."""

    run_id: UUID | None
    made_at: datetime | None
    under_way: UUID | None
    trouble: str | None
    open_differences: int
    explained_differences: int
    statement: StatementAnswer | None
    projects: list[ProjectAnswer]
    books: list[ComparedAnswer]


class RunBody(BaseModel):
    """``reread``: every linked bill is read in QuickBooks once more, which its limit on reads counts."""

    model_config = ConfigDict(extra="forbid")

    reread: bool = False


class RunAnswer(BaseModel):
    id: UUID
    state: str
    asked_at: datetime
    ended_at: datetime | None
    trouble: str | None


class RunAsked(BaseModel):
    run_id: UUID


class DifferenceAnswer(BaseModel):
    """One field in which an invoice and its bill disagree, each value in words. ``fingerprint`` names both values."""

    id: UUID
    invoice_id: UUID
    number: str
    vendor: str
    project_id: str
    project: str
    due: Money
    bill_id: str
    field: str
    line: str
    posted: str
    in_procore: str
    in_quickbooks: str
    changed_in: str
    fingerprint: str
    state: str
    since: datetime
    note: str
    explained_by: str | None
    explained_at: datetime | None


class DifferencesAnswer(BaseModel):
    open: int
    explained: int
    differences: list[DifferenceAnswer]


class ExplanationBody(BaseModel):
    """``fingerprint`` is the difference's as it was shown: another one is not explained by this note."""

    model_config = ConfigDict(extra="forbid")

    fingerprint: Annotated[str, Field(max_length=64)]
    note: Annotated[str, Field(max_length=LONGEST_NOTE)]


Month = Annotated[str | None, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-06"])]


def _selection(
    project_id: Annotated[str | None, Query(max_length=32)] = None,
    connection_id: UUID | None = None,
    first: Month = None,
    last: Month = None,
) -> Selection:
    """The months from ``first`` to ``last``, by billing date."""
    try:
        days = [date.fromisoformat(f"{one}-01") if one else None for one in (first, last)]
    except ValueError:
        raise Problem(422, "invalid_input", "A month is written 2026-06. Correct it and send it again.") from None
    return Selection(project_id, connection_id, *days)


Wanted = Annotated[Selection, Depends(_selection)]


@router.get("")
async def show(visitor: Member, services: ServicesNow, wanted: Wanted) -> ReconciliationAnswer:
    """The newest run: gross, retainage and net tie separately, for the whole and for each project."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        shown = await overview(session, wanted, 0)
    report = shown.report
    return ReconciliationAnswer(
        run_id=report.run.id if report else None,
        made_at=report.run.ended_at if report else None,
        under_way=shown.under_way.id if shown.under_way else None,
        trouble=shown.trouble,
        open_differences=shown.counts.open,
        explained_differences=shown.counts.explained,
        statement=_statement(report.totals) if report else None,
        projects=[
            ProjectAnswer(project_id=one.project_id, name=one.name, statement=_statement(one.totals))
            for one in (report.projects if report else ())
        ],
        books=[
            ComparedAnswer(
                connection_id=one.connection_id,
                name=one.name,
                compared=one.compared,
                copy_reaches=one.copy_reaches,
                trouble=one.trouble,
                complete=one.ended_at is not None,
            )
            for one in (report.books if report else ())
        ],
    )


@router.get(".csv")
async def download(visitor: Member, services: ServicesNow, wanted: Wanted) -> Response:
    """Every row of the statement, by project and month, with the totals below."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        told = await report_rows(session, wanted)
    if told is None:
        raise not_found("reconciliation yet")
    run, rows = told
    made_at = run.ended_at or run.asked_at
    title = f"Reconciliation as of {made_at:%Y-%m-%d %H:%M} UTC"
    return _csv(as_csv(title, rows), f"reconciliation-{made_at:%Y-%m-%d}")


@router.post("/runs", status_code=202)
async def run(body: RunBody, visitor: Accountant, services: ServicesNow) -> RunAsked:
    """Have everything compared now; while a run is under way, it is that one."""
    return RunAsked(run_id=await reconciling.run_now(services, visitor, reread=body.reread))


@router.get("/runs/{run_id}")
async def one_run(run_id: UUID, visitor: Member, services: ServicesNow) -> RunAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await run_by_id(session, run_id)
    if found is None:
        raise not_found("run")
    return RunAnswer(
        id=found.id, state=found.state, asked_at=found.asked_at, ended_at=found.ended_at, trouble=found.trouble
    )


@router.get("/differences")
async def differences(
    visitor: Member,
    services: ServicesNow,
    wanted: Wanted,
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> DifferencesAnswer:
    """Open and explained differences, open ones first."""
    of = difference_filter(wanted)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        counts = await count_standing(session, of)
        rows = await standing_differences(session, of, limit, offset)
    told = [_difference(row) for row in rows]
    return DifferencesAnswer(open=counts.open, explained=counts.explained, differences=told)


@router.get("/differences.csv")
async def download_differences(visitor: Member, services: ServicesNow, wanted: Wanted) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        rows = await standing_differences(session, difference_filter(wanted), MOST_IN_TABLE)
    return _csv(differences_csv(difference_cells(row) for row in rows), "reconciliation-differences")


@router.put("/differences/{difference_id}/explanation", status_code=204)
async def explain(difference_id: UUID, body: ExplanationBody, visitor: Accountant, services: ServicesNow) -> None:
    """Note why a difference is right as it is; it stays explained until one of its values changes."""
    await reconciling.explain(services, visitor, difference_id, body.fingerprint, body.note)


@router.delete("/differences/{difference_id}/explanation", status_code=204)
async def open_again(difference_id: UUID, visitor: Accountant, services: ServicesNow) -> None:
    await reconciling.open_again(services, visitor, difference_id)


def _csv(text: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _statement(of: Totals) -> StatementAnswer:
    return StatementAnswer(
        approved=[_row(row) for row in of.approved],
        places=[_row(row) for row in of.places],
        changes=[_row(row) for row in of.changes],
        books=[_row(row) for row in of.books],
        approved_to_date=_amounts(of.approved_to_date),
        unexplained=_amounts(of.unexplained),
        in_quickbooks=_amounts(of.in_books),
        ties=of.ties,
    )


def _amounts(of: Amounts) -> AmountsAnswer:
    return AmountsAnswer(gross=of.gross, retainage=of.retainage, net=of.net)


def _row(row: Row) -> RowAnswer:
    of = row.amounts
    return RowAnswer(
        name=row.name, reason=row.reason, invoices=row.invoices, gross=of.gross, retainage=of.retainage, net=of.net
    )


def _difference(one: ShownDifference) -> DifferenceAnswer:
    return DifferenceAnswer(
        id=one.id,
        invoice_id=one.invoice_id,
        number=one.number,
        vendor=one.vendor_name,
        project_id=one.project_id,
        project=one.project_name,
        due=one.due,
        bill_id=one.bill_id,
        field=one.field,
        line=one.line,
        posted=one.posted,
        in_procore=one.in_procore,
        in_quickbooks=one.in_quickbooks,
        changed_in=one.changed_in,
        fingerprint=one.fingerprint,
        state=one.state,
        since=one.opened_at,
        note=one.note,
        explained_by=one.explained_by,
        explained_at=one.explained_at,
    )
