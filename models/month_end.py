"""Month end from our tables: what is approved by a day and has no bill dated by then, summed where it lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql
from pydantic_core import to_json
from sqlmodel import col, select

from accounting.blockers import BlockerReason, Hold
from accounting.dates import UnknownTimeZone, zone
from accounting.month_end import UNMAPPED, MonthEnd, MonthEndRow
from accounting.states import HAS_BILL, InvoiceState
from models.database import CompanySession
from models.month_end_accounts import CodedLine, accounts_of
from models.standing import standings
from models.tables import DecisionKind, InvoiceRow, ProcoreProject

# Nobody owes for these: nothing is to be accrued.
_NO_COST = frozenset({InvoiceState.DONT_POST, InvoiceState.NOTHING_TO_POST})
_WITHOUT_BILL = frozenset(InvoiceState) - HAS_BILL - _NO_COST
_ON_ITS_WAY = "On its way to QuickBooks."
# Why an invoice that is past waiting has no bill in the books of that day.
_SAID = {
    "removed": "Its bill was deleted or voided in QuickBooks.",
    "dated_later": "In QuickBooks, dated after this day.",
    "taken_back": "Its bill was taken back from QuickBooks.",
    "withdrawn": "Approval withdrawn in Procore since.",
}

# Approved by the end of the day in the project's zone, and billed by then.
DUE = sql.SQL("""
    invoice.company_id = %(company_id)s AND invoice.billing_date <= %(as_of)s
        AND invoice.approved_at < coalesce(day.ends, %(utc_ends)s)
        AND (%(connection_id)s::uuid IS NULL OR invoice.connection_id = %(connection_id)s)
""")
DAY = sql.SQL("""
    LEFT JOIN unnest(%(project_ids)s::text[], %(ends)s::timestamptz[]) AS day(project_id, ends)
        ON day.project_id = invoice.project_id
""")
# What needs no look at the bills of the whole company: invoices that are not in QuickBooks, those whose bill was
# removed there, and those whose bill counts later. An invoice with a bill has a live link, and every linked bill is in
# our copy of the books.
OPEN = sql.SQL("""
    SELECT invoice.id, invoice.project_id, invoice.commitment_id, invoice.connection_id, invoice.state,
        invoice.removed_in_quickbooks, invoice.approval_withdrawn
    FROM invoice {day}
    WHERE {due} AND (
        invoice.state = ANY(%(without_bill)s)
        OR (invoice.state = ANY(%(has_bill)s) AND invoice.removed_in_quickbooks)
    )
    UNION ALL
    SELECT invoice.id, invoice.project_id, invoice.commitment_id, invoice.connection_id, invoice.state,
        invoice.removed_in_quickbooks, invoice.approval_withdrawn
    FROM quickbooks_transaction AS booked
    JOIN bill_link AS link
        ON link.company_id = booked.company_id AND link.connection_id = booked.connection_id
        AND link.transaction_type = booked.transaction_type AND link.quickbooks_id = booked.quickbooks_id
        AND link.ended_at IS NULL
    JOIN invoice ON invoice.company_id = link.company_id AND invoice.id = link.invoice_id {day}
    WHERE {due} AND booked.company_id = %(company_id)s
        AND (booked.transaction_date > %(as_of)s OR booked.transaction_date IS NULL OR booked.is_deleted)
        AND invoice.state = ANY(%(has_bill)s) AND NOT invoice.removed_in_quickbooks
""").format(day=DAY, due=DUE)
CODES = (
    sql.SQL("""
    WITH open AS MATERIALIZED ({open})
    SELECT DISTINCT open.connection_id, coalesce(line.cost_code_id, '') AS cost_code_id,
        coalesce(line.budget_code, '') AS budget_code, decision.value AS recoded_to,
        CASE WHEN decision.id IS NOT NULL THEN line.invoice_id END AS invoice_id,
        CASE WHEN decision.id IS NOT NULL THEN line.position END AS position,
        CASE WHEN decision.id IS NOT NULL THEN line.description END AS description
    FROM open, LATERAL (
        SELECT * FROM invoice_line WHERE company_id = %(company_id)s AND invoice_id = open.id OFFSET 0
    ) AS line
    LEFT JOIN invoice_decision AS decision
        ON decision.company_id = %(company_id)s AND decision.invoice_id = line.invoice_id AND decision.kind = %(recode)s
        AND decision.ended_at IS NULL AND decision.subject_key = line.position::text
    WHERE open.connection_id IS NOT NULL
""")
    .format(open=OPEN)
    .as_string()
)
# One row without a project carries the totals; the others are the page. ``said`` names why: a word of ours for what is
# past waiting, else the invoice's first open reason with its subject, else one invoice for all of its connection.
LISTED = (
    sql.SQL("""
    WITH open AS MATERIALIZED ({open}),
    reason AS (
        SELECT DISTINCT ON (invoice_id) invoice_id, reason, subject FROM invoice_blocker
        WHERE company_id = %(company_id)s AND cleared_at IS NULL
        ORDER BY invoice_id, since, id
    ),
    waits AS (
        SELECT connection_id, state, any_value(id) AS id FROM open WHERE NOT approval_withdrawn
        GROUP BY connection_id, state
    ),
    said AS (
        SELECT open.id, open.project_id, open.commitment_id, open.connection_id, CASE
            WHEN open.state = ANY(%(has_bill)s) AND open.removed_in_quickbooks THEN ARRAY['removed']
            WHEN open.state = ANY(%(has_bill)s) THEN ARRAY['dated_later']
            WHEN open.state = 'taken_back' THEN ARRAY['taken_back']
            WHEN open.approval_withdrawn THEN ARRAY['withdrawn']
            WHEN reason.reason IS NOT NULL THEN ARRAY[reason.reason, reason.subject]
            ELSE ARRAY[waits.id::text]
        END AS said
        FROM open
        LEFT JOIN reason ON reason.invoice_id = open.id
        LEFT JOIN waits
            ON waits.state = open.state AND waits.connection_id IS NOT DISTINCT FROM open.connection_id
    ),
    placed AS (
        SELECT said.id, said.said, coalesce(nullif(project.name, ''), said.project_id) COLLATE "C" AS project,
            %(accounts)s::jsonb -> said.id::text AS of_line,
            %(accounts)s::jsonb -> concat_ws('/', said.connection_id, 'commitment:' || said.commitment_id)
                AS of_commitment,
            %(accounts)s::jsonb -> concat_ws('/', said.connection_id, 'project:' || said.project_id) AS of_project,
            %(accounts)s::jsonb -> concat_ws('/', said.connection_id, '') AS of_all
        FROM said
        LEFT JOIN procore_project AS project
            ON project.company_id = %(company_id)s AND project.project_id = said.project_id
        -- Looked up once for an invoice, not for each of its lines.
        OFFSET 0
    ),
    cost AS MATERIALIZED (
        SELECT placed.id, any_value(placed.said) AS said, any_value(placed.project) COLLATE "C" AS project,
            coalesce(
                of_line ->> line.position::text, of_commitment ->> codes, of_project ->> codes, of_all ->> codes,
                %(unmapped)s
            ) COLLATE "C" AS account,
            sum(line.gross) AS gross, sum(line.retainage) AS retainage
        FROM placed, LATERAL (
            SELECT position, concat_ws('/', coalesce(cost_code_id, ''), coalesce(budget_code, '')) AS codes, gross,
                withheld - released AS retainage
            FROM invoice_line
            WHERE company_id = %(company_id)s AND invoice_id = placed.id
                AND (gross <> 0 OR withheld <> 0 OR released <> 0)
            -- Of the lines of the company only those of the few.
            OFFSET 0
        ) AS line
        GROUP BY placed.id, 4
    ),
    listed AS MATERIALIZED (
        SELECT project, account, count(*) AS invoices, sum(gross) AS gross, sum(retainage) AS retainage
        FROM cost GROUP BY project, account
    ),
    page AS (
        SELECT * FROM listed ORDER BY project, account LIMIT %(limit)s OFFSET %(offset)s
    )
    SELECT NULL AS project, NULL AS account, count(*) AS count,
        (SELECT count(*) FROM (SELECT DISTINCT id FROM cost) AS one) AS invoices,
        coalesce(sum(gross), 0) AS gross, coalesce(sum(retainage), 0) AS retainage, NULL AS said
    FROM listed
    UNION ALL
    SELECT page.project, page.account, 0, page.invoices, page.gross, page.retainage, reasons.said
    FROM page
    JOIN (
        SELECT project, account, jsonb_agg(DISTINCT said) AS said FROM cost
        WHERE (project, account) IN (SELECT page.project, page.account FROM page) GROUP BY project, account
    ) AS reasons ON reasons.project = page.project AND reasons.account = page.account
    ORDER BY project NULLS FIRST, account
""")
    .format(open=OPEN)
    .as_string()
)


@dataclass(frozen=True)
class _Listed:
    project: str | None
    account: str | None
    count: int
    invoices: int
    gross: Decimal
    retainage: Decimal
    said: Sequence[Sequence[str]] | None


async def month_end_list(
    session: CompanySession, as_of: date, connection_id: UUID | None = None, limit: int | None = None, offset: int = 0
) -> MonthEnd:
    """*Approved, not in QuickBooks as of [date]*, by project and account; all rows unless ``limit`` is set.

    Approved by the end of that day in the project's zone, billed by then, and without a bill that was in the books
    then. A bill posted later but dated by that day is in the books of that day, since QuickBooks' reports go by date.
    """
    wanted = {
        **await _ends(session, as_of),
        "as_of": as_of,
        "connection_id": connection_id,
        "without_bill": sorted(_WITHOUT_BILL),
        "has_bill": sorted(HAS_BILL),
    }
    coded = await session.ask(CODES, CodedLine, **wanted, recode=DecisionKind.RECODE.value)
    accounts = await accounts_of(session, coded)
    total, *found = await session.ask(
        LISTED, _Listed, **wanted, accounts=to_json(accounts).decode(), unmapped=UNMAPPED, limit=limit, offset=offset
    )
    sentences = await _sentences(session, {tuple(one) for row in found for one in row.said or ()})
    rows = tuple(
        MonthEndRow(
            project=row.project or "",
            account=row.account or "",
            invoices=row.invoices,
            gross=row.gross,
            retainage=row.retainage,
            reasons=tuple(sorted({sentences[tuple(one)] for one in row.said or ()})),
        )
        for row in found
    )
    return MonthEnd(as_of, rows, total.count, total.invoices, total.gross, total.retainage)


async def _ends(session: CompanySession, as_of: date) -> dict[str, Any]:
    """When the day ends in each project's zone. Where nobody knows the zone, wherever on earth it may be."""
    projects = await session.exec(
        select(ProcoreProject.project_id, ProcoreProject.time_zone).where(
            ProcoreProject.company_id == session.company_id
        )
    )
    midnight = datetime.combine(as_of + timedelta(days=1), time())
    ends: dict[str, datetime] = {}
    for project_id, time_zone in projects:
        try:
            ends[project_id] = midnight.replace(tzinfo=zone(time_zone)).astimezone(UTC)
        except UnknownTimeZone:
            ends[project_id] = midnight.replace(tzinfo=UTC) + timedelta(days=1)
    return {
        "project_ids": list(ends),
        "ends": list(ends.values()),
        "utc_ends": midnight.replace(tzinfo=UTC),
    }


async def _sentences(session: CompanySession, said: set[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """The sentence behind each ``said`` of the list."""
    waiting: dict[tuple[str, ...], UUID] = {}
    sentences: dict[tuple[str, ...], str] = {}
    for one in said:
        word, *subject = one
        if subject:
            sentences[one] = Hold(BlockerReason(word), subject[0]).sentence
        elif word in _SAID:
            sentences[one] = _SAID[word]
        else:
            waiting[one] = UUID(word)
    rows = await session.exec(
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id)
        .where(col(InvoiceRow.id).in_(waiting.values()))
    )
    told = await standings(session, list(rows))
    for one, invoice_id in waiting.items():
        standing = told.get(invoice_id)
        sentences[one] = standing.hold.sentence if standing is not None else _ON_ITS_WAY
    return sentences
