"""Month end the long way: every invoice drafted and summed in Python, for comparison with the one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.dates import UnknownTimeZone, local_date
from accounting.invoice import Invoice
from accounting.money import ZERO
from accounting.month_end import UNMAPPED, MonthEnd, MonthEndRow
from accounting.states import HAS_BILL, InvoiceState
from models.books import books_of_batch
from models.coding import ENTITY_OF_KIND
from models.database import CompanySession
from models.invoice_documents import as_documents
from models.open_reasons import OpenReason, reasons_to_wait
from models.reference_lists import entries_by_key
from models.tables import BillLink, InvoiceRow, ProcoreProject, QuickBooksTransaction

# Nobody owes for these: nothing is to be accrued.
_NO_COST = (InvoiceState.DONT_POST, InvoiceState.NOTHING_TO_POST)
_ON_ITS_WAY = "On its way to QuickBooks."
_WITHDRAWN = "Approval withdrawn in Procore since."
_DATED_LATER = "In QuickBooks, dated after this day."
_REMOVED = "Its bill was deleted or voided in QuickBooks."
_TAKEN_BACK = "Its bill was taken back from QuickBooks."


@dataclass(frozen=True)
class Cost:
    """One line of one invoice."""

    invoice_id: UUID
    project: str
    account: str
    gross: Decimal
    retainage: Decimal
    reason: str


def summed(as_of: date, costs: Sequence[Cost]) -> MonthEnd:
    groups: dict[tuple[str, str], list[Cost]] = {}
    for cost in costs:
        groups.setdefault((cost.project, cost.account), []).append(cost)
    rows = tuple(
        MonthEndRow(
            project=project,
            account=account,
            invoices=len({one.invoice_id for one in members}),
            gross=sum((one.gross for one in members), ZERO),
            retainage=sum((one.retainage for one in members), ZERO),
            reasons=tuple(sorted({one.reason for one in members})),
        )
        for (project, account), members in sorted(groups.items())
    )
    return MonthEnd(
        as_of=as_of,
        rows=rows,
        count=len(rows),
        invoices=len({one.invoice_id for one in costs}),
        gross=sum((row.gross for row in rows), ZERO),
        retainage=sum((row.retainage for row in rows), ZERO),
    )


async def simple_month_end(session: CompanySession, as_of: date, connection_id: UUID | None = None) -> MonthEnd:
    rows = await _open_rows(session, as_of, connection_id)
    zones = await _zones(session, {row.project_id for row in rows})
    due = [row for row in rows if _approved_by(row, as_of, zones)]
    documents = await as_documents(session, due)
    reasons = await reasons_to_wait(session, due)
    by_connection: dict[UUID, list[InvoiceRow]] = {}
    for row in due:
        if row.connection_id is not None:
            by_connection.setdefault(row.connection_id, []).append(row)
    accounts: dict[UUID, dict[int, str]] = {}
    for of, members in by_connection.items():
        accounts |= await _account_names(session, of, {row.id: documents[row.id] for row in members})
    costs = []
    for row in due:
        said = _said(row, reasons.get(row.id, ()))
        document = documents[row.id]
        for line in document.lines:
            if line.gross or line.withheld or line.released:
                account = accounts.get(row.id, {}).get(line.position, UNMAPPED)
                retainage = line.withheld - line.released
                costs.append(Cost(row.id, document.project_name, account, line.gross, retainage, said))
    return summed(as_of, costs)


async def _open_rows(session: CompanySession, as_of: date, connection_id: UUID | None) -> list[InvoiceRow]:
    billed = (
        sa.select(col(BillLink.id))
        .join(
            QuickBooksTransaction,
            sa.and_(
                col(QuickBooksTransaction.company_id) == col(BillLink.company_id),
                col(QuickBooksTransaction.connection_id) == col(BillLink.connection_id),
                col(QuickBooksTransaction.transaction_type) == col(BillLink.transaction_type),
                col(QuickBooksTransaction.quickbooks_id) == col(BillLink.quickbooks_id),
            ),
        )
        .where(col(BillLink.company_id) == session.company_id, col(BillLink.invoice_id) == col(InvoiceRow.id))
        .where(col(BillLink.ended_at).is_(None), col(QuickBooksTransaction.transaction_date) <= as_of)
        .where(col(QuickBooksTransaction.is_deleted).is_(False), col(InvoiceRow.removed_in_quickbooks).is_(False))
        .exists()
    )
    statement = (
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.billing_date) <= as_of, ~billed)
        .where(col(InvoiceRow.approved_at).is_not(None), col(InvoiceRow.state).not_in(_NO_COST))
        .order_by(col(InvoiceRow.id))
    )
    if connection_id is not None:
        statement = statement.where(InvoiceRow.connection_id == connection_id)
    return list(await session.exec(statement))


async def _zones(session: CompanySession, project_ids: set[str]) -> dict[str, str]:
    found = await session.exec(
        select(ProcoreProject.project_id, ProcoreProject.time_zone)
        .where(ProcoreProject.company_id == session.company_id)
        .where(col(ProcoreProject.project_id).in_(project_ids))
    )
    return dict(found.all())


def _approved_by(row: InvoiceRow, as_of: date, zones: Mapping[str, str]) -> bool:
    approved_at: datetime | None = row.approved_at
    if approved_at is None:
        return False
    try:
        return local_date(approved_at, zones.get(row.project_id, "UTC")) <= as_of
    except UnknownTimeZone:
        return approved_at.date() <= as_of + timedelta(days=1)


def _said(row: InvoiceRow, reasons: Sequence[OpenReason]) -> str:
    """Why the invoice has no bill in the books of that day: the first of its reasons, in its sentence."""
    if row.state in HAS_BILL:
        return _REMOVED if row.removed_in_quickbooks else _DATED_LATER
    if row.state is InvoiceState.TAKEN_BACK:
        return _TAKEN_BACK
    if row.approval_withdrawn:
        return _WITHDRAWN
    return reasons[0].sentence if reasons else _ON_ITS_WAY


async def _account_names(
    session: CompanySession, connection_id: UUID, documents: Mapping[UUID, Invoice]
) -> dict[UUID, dict[int, str]]:
    """The account or item of every line that is mapped, by invoice and line position, in QuickBooks' full name."""
    books = (await books_of_batch(session, connection_id, documents)).books
    targets = {
        (invoice_id, line.position): (ENTITY_OF_KIND[target.kind], target.quickbooks_id)
        for invoice_id, document in documents.items()
        for line in document.lines
        if (target := books[invoice_id].coding.target_of(line)) is not None
    }
    wanted: dict[str, set[str]] = {}
    for entity, quickbooks_id in targets.values():
        wanted.setdefault(entity, set()).add(quickbooks_id)
    entries = await entries_by_key(session, connection_id, wanted)
    names: dict[UUID, dict[int, str]] = {}
    for (invoice_id, position), key in targets.items():
        if (entry := entries.get(key)) is not None:
            names.setdefault(invoice_id, {})[position] = entry.full_name
    return names
