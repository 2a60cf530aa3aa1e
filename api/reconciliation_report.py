"""What the reconciliation's page, its printed report, its tables and its routes show of the newest run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from accounting.money import ZERO
from accounting.reconciliation import Origin, Totals, totals
from accounting.reconciliation_report import ReportRow
from api.difference_words import field_words, side_words
from models.bill_differences import (
    DifferenceCounts,
    DifferenceFilter,
    ShownDifference,
    count_standing,
    standing_differences,
)
from models.connections import connection_by_id
from models.database import CompanySession
from models.invoice_choices import project_names
from models.reconciliation_runs import (
    BooksNight,
    Selection,
    books_of_run,
    months_of,
    newest_run,
    newest_trouble,
    run_under_way,
    statement_by_project,
    statement_of,
    trend,
)
from models.tables import ReconciliationRun

RUNS_IN_TREND = 30


@dataclass(frozen=True)
class ComparedBooks:
    """One connection in the newest run; ``copy_reaches`` is how far QuickBooks was known (None: a company file's
    sessions tell), ``ended_at`` is None where it was not compared to its end.
    """

    connection_id: UUID
    name: str
    compared: int
    copy_reaches: datetime | None
    trouble: str | None
    ended_at: datetime | None


@dataclass(frozen=True)
class ProjectTotals:
    project_id: str
    name: str
    totals: Totals


@dataclass(frozen=True)
class Choices:
    """What the filters offer: (id, name) each, and months, the newest first."""

    projects: Sequence[tuple[str, str]]
    connections: Sequence[tuple[str, str]]
    months: Sequence[date]


@dataclass(frozen=True)
class Report:
    """The newest run that told something, as far as it is wanted.

    ``counted_apart`` tells that everything is wanted, so that the run's own count of approvals has to agree.
    """

    run: ReconciliationRun
    totals: Totals
    projects: Sequence[ProjectTotals]
    books: Sequence[ComparedBooks]
    counted_apart: bool


@dataclass(frozen=True)
class Overview:
    """All that the page shows; ``report`` is None before the first run."""

    report: Report | None
    choices: Choices
    under_way: ReconciliationRun | None
    trouble: str | None
    counts: DifferenceCounts
    differences: Sequence[ShownDifference]
    trend: Sequence[BooksNight]


async def overview(session: CompanySession, wanted: Selection, limit: int, offset: int = 0) -> Overview:
    """The newest run with a page of its differences."""
    run = await newest_run(session)
    report = await _report(session, run, wanted) if run is not None else None
    of = difference_filter(wanted)
    return Overview(
        report=report,
        choices=await _choices(session, run),
        under_way=await run_under_way(session),
        trouble=await newest_trouble(session),
        counts=await count_standing(session, of),
        differences=await standing_differences(session, of, limit, offset),
        trend=await trend(session, wanted.connection_id, RUNS_IN_TREND),
    )


async def _report(session: CompanySession, run: ReconciliationRun, wanted: Selection) -> Report:
    by_project = await statement_by_project(session, run.id, wanted)
    books = await _compared_books(session, run)
    return Report(
        run=run,
        totals=totals(row for project in by_project for row in project.rows),
        projects=[ProjectTotals(one.project_id, one.name, totals(one.rows)) for one in by_project],
        books=[one for one in books if wanted.connection_id in (None, one.connection_id)],
        counted_apart=wanted == Selection(),
    )


async def _compared_books(session: CompanySession, run: ReconciliationRun) -> list[ComparedBooks]:
    told = []
    for one in await books_of_run(session, run.id):
        connection = await connection_by_id(session, one.connection_id)
        name = connection.quickbooks_company_name if connection else ""
        told.append(ComparedBooks(one.connection_id, name, one.compared, one.copy_reaches, one.trouble, one.ended_at))
    return told


async def _choices(session: CompanySession, run: ReconciliationRun | None) -> Choices:
    projects = await project_names(session)
    if run is None:
        return Choices(projects, [], [])
    connections = [(str(one.connection_id), one.name) for one in await _compared_books(session, run)]
    return Choices(projects, connections, await months_of(session, run.id))


def difference_filter(wanted: Selection) -> DifferenceFilter:
    """The differences of a selection: by the days of its months."""
    last = (wanted.last + timedelta(days=31)).replace(day=1) - timedelta(days=1) if wanted.last else None
    return DifferenceFilter(wanted.project_id, wanted.connection_id, wanted.first, last)


async def report_rows(session: CompanySession, wanted: Selection) -> tuple[ReconciliationRun, list[ReportRow]] | None:
    """Every row of the newest statement, month by month, with names; None before the first run."""
    run = await newest_run(session)
    if run is None:
        return None
    projects = dict(await project_names(session))
    books = {str(one.connection_id): one.name for one in await _compared_books(session, run)}
    rows = [
        ReportRow(
            project=projects.get(group.project_id, group.project_id),
            month=group.month,
            quickbooks_company=books.get(group.connection_id, ""),
            row=row,
        )
        for group, row in await statement_of(session, run.id, wanted)
    ]
    return run, rows


def difference_cells(one: ShownDifference) -> tuple[str, ...]:
    """One difference as the cells of a table, in the order of DIFFERENCE_HEADER."""
    return (
        one.project_name,
        one.vendor_name,
        one.number,
        f"{one.due:.2f}",
        one.bill_id,
        field_words(one.field, ""),
        one.line,
        one.posted,
        one.in_procore,
        one.in_quickbooks,
        side_words(one.changed_in),
        one.state,
        f"{one.opened_at:%Y-%m-%d}",
        one.note,
        one.explained_by or "",
    )


def counts_agree(report: Report) -> bool:
    """Whether the statement's first row is what Procore's approvals come to when they are counted apart."""
    now = [row for row in report.totals.approved if row.name == Origin.PROCORE]
    told = (sum(row.invoices for row in now), sum((row.amounts.net for row in now), ZERO))
    return told == (report.run.approved_count, report.run.approved_net)
