"""Which linked invoices have to be compared with their bills, what was found, and what people said to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.after_sync import AfterSync, NextStep
from accounting.differences import BillField, Difference, Side
from models.database import CompanySession
from models.events import record_event
from models.rows import OnConflict, insert_rows
from models.tables import BillComparison, InvoiceRow

# What stands for the SyncToken of a bill that is not in the books any more.
DELETED = "deleted"


@dataclass(frozen=True)
class _Linked:
    invoice_id: UUID
    connection_id: UUID


MOVED_ON = """
    SELECT link.invoice_id, link.connection_id
    FROM unnest(%(connection_ids)s::uuid[], %(types)s::text[], %(quickbooks_ids)s::text[], %(sync_tokens)s::text[])
        AS given(connection_id, transaction_type, quickbooks_id, sync_token)
    JOIN bill_link AS link
        ON link.company_id = %(company_id)s AND link.connection_id = given.connection_id
        AND link.transaction_type = given.transaction_type AND link.quickbooks_id = given.quickbooks_id
        AND link.ended_at IS NULL
    LEFT JOIN bill_comparison AS comparison
        ON comparison.company_id = %(company_id)s AND comparison.invoice_id = link.invoice_id
    WHERE coalesce(comparison.sync_token, link.sync_token) <> given.sync_token
"""


async def bills_were_read(session: CompanySession, bills: Iterable[Mapping[str, Any]]) -> None:
    """Bills of the books as just read: those of linked invoices that moved on since are compared again.

    A mapping names ``connection_id``, ``transaction_type``, ``quickbooks_id`` and ``sync_token``.
    """
    read = list(bills)
    if not read:
        return
    found = await session.ask(
        MOVED_ON,
        _Linked,
        connection_ids=[one["connection_id"] for one in read],
        types=[one["transaction_type"] for one in read],
        quickbooks_ids=[one["quickbooks_id"] for one in read],
        sync_tokens=[one["sync_token"] for one in read],
    )
    await _due(session, found)


async def bills_are_gone(session: CompanySession, connection_id: UUID, gone: Iterable[tuple[str, str]]) -> None:
    """Transactions, by (type, id), that are not in the books any more: their invoices are compared again."""
    await bills_were_read(
        session,
        (
            {"connection_id": connection_id, "transaction_type": kind, "quickbooks_id": one, "sync_token": DELETED}
            for kind, one in gone
        ),
    )


LINKED = """
    SELECT invoice_id, connection_id FROM bill_link
    WHERE company_id = %(company_id)s AND ended_at IS NULL AND invoice_id = ANY(%(invoice_ids)s)
"""


async def compare_again(session: CompanySession, invoice_ids: Sequence[UUID]) -> None:
    """These invoices, where they have a bill, are compared with it by the next look."""
    if invoice_ids:
        await _due(session, await session.ask(LINKED, _Linked, invoice_ids=list(invoice_ids)))


async def _due(session: CompanySession, linked: Iterable[_Linked]) -> None:
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "invoice_id": one.invoice_id,
            "connection_id": one.connection_id,
            "due_at": session.now,
            "step": NextStep.NOTHING,
            "because": "",
            "fingerprint": "",
            "differences": [],
        }
        for one in {one.invoice_id: one for one in linked}.values()
    ]
    keeps = ("step", "because", "fingerprint", "differences")
    await insert_rows(session, BillComparison, rows, OnConflict(("company_id", "invoice_id"), keeps))


async def link_ended(session: CompanySession, invoice_id: UUID) -> None:
    """The invoice has no bill any more, or another one: what was found of the old one says nothing of it."""
    await session.execute(
        sa.delete(BillComparison)
        .where(col(BillComparison.company_id) == session.company_id, col(BillComparison.invoice_id) == invoice_id)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True)
class _Due:
    invoice_id: UUID


# While a write is on its way nobody knows which version is in the books.
DUE = """
    SELECT invoice_id FROM bill_comparison AS comparison
    WHERE company_id = %(company_id)s AND due_at <= %(now)s AND NOT EXISTS (
        SELECT FROM posting_attempt AS attempt
        WHERE attempt.company_id = comparison.company_id AND attempt.subject_kind = 'invoice'
            AND attempt.subject_id = comparison.invoice_id AND attempt.state IN ('prepared', 'sent', 'unclear')
    )
    ORDER BY due_at, invoice_id LIMIT %(limit)s
"""
QUIET = """
    SELECT invoice_id FROM bill_comparison AS comparison
    WHERE company_id = %(company_id)s AND invoice_id = ANY(%(invoice_ids)s) AND NOT EXISTS (
        SELECT FROM posting_attempt AS attempt
        WHERE attempt.company_id = comparison.company_id AND attempt.subject_kind = 'invoice'
            AND attempt.subject_id = comparison.invoice_id AND attempt.state IN ('prepared', 'sent', 'unclear')
    )
"""


async def due_comparisons(session: CompanySession, limit: int) -> list[UUID]:
    """Invoices to compare with their bills now, longest due first."""
    return [one.invoice_id for one in await session.ask(DUE, _Due, now=session.now, limit=limit)]


PUT_OFF = """
    UPDATE bill_comparison SET due_at = %(due_at)s WHERE company_id = %(company_id)s AND invoice_id = %(invoice_id)s
"""


async def put_off(session: CompanySession, invoice_id: UUID, pause: timedelta) -> None:
    """Compare this invoice later: something on our side went wrong."""
    await session.do(PUT_OFF, invoice_id=invoice_id, due_at=session.now + pause)


async def comparisons_of(session: CompanySession, invoice_ids: Sequence[UUID]) -> dict[UUID, BillComparison]:
    """The comparisons of these invoices, locked, by invoice id."""
    return await _locked(session, invoice_ids)


async def comparisons_to_make(session: CompanySession, invoice_ids: Sequence[UUID]) -> dict[UUID, BillComparison]:
    """As ``comparisons_of``, without those whose bill is being written: they are compared once that is over."""
    locked = await _locked(session, invoice_ids)
    quiet = {one.invoice_id for one in await session.ask(QUIET, _Due, invoice_ids=list(locked))}
    return {invoice_id: one for invoice_id, one in locked.items() if invoice_id in quiet}


async def _locked(session: CompanySession, invoice_ids: Sequence[UUID]) -> dict[UUID, BillComparison]:
    found = await session.exec(
        select(BillComparison)
        .where(BillComparison.company_id == session.company_id)
        .where(col(BillComparison.invoice_id).in_(invoice_ids))
        .order_by(col(BillComparison.invoice_id))
        .with_for_update()
    )
    return {one.invoice_id: one for one in found}


async def comparison_of(session: CompanySession, invoice_id: UUID) -> BillComparison | None:
    """What the last comparison of one invoice found; None where none was made."""
    found = await session.exec(
        select(BillComparison).where(
            BillComparison.company_id == session.company_id, BillComparison.invoice_id == invoice_id
        )
    )
    return found.first()


def note_comparison(
    session: CompanySession, row: InvoiceRow, comparison: BillComparison, told: AfterSync, sync_token: str
) -> None:
    """Write down what a comparison found, and what is true of the invoice beside its state.

    What a person explained stays explained while exactly the same differs, and so does the wish to update the bill.
    """
    is_news = told.fingerprint != comparison.fingerprint
    comparison.due_at, comparison.compared_at, comparison.sync_token = None, session.now, sync_token
    comparison.step, comparison.because, comparison.fingerprint = told.step, told.because, told.fingerprint
    comparison.differences = [asdict(one) for one in told.differences]
    if comparison.kept_fingerprint is not None and comparison.kept_fingerprint != told.fingerprint:
        forget_explanation(comparison)
    if comparison.update_fingerprint != told.fingerprint:
        end_update(comparison)
    if told.step is NextStep.UPDATE and comparison.update_wanted_at is None:
        want_update(session, comparison, by=None)
    row.changed = told.changed and comparison.kept_fingerprint is None
    row.removed_in_quickbooks = told.removed_in_quickbooks
    session.add(row)
    session.add(comparison)
    if is_news:
        _tell(session, row, told)


def want_update(session: CompanySession, comparison: BillComparison, by: UUID | None) -> None:
    """The bill is to be updated by exactly the differences found; ``by`` None: the connection's setting wants it."""
    comparison.update_fingerprint, comparison.update_wanted_at = comparison.fingerprint, session.now
    comparison.update_wanted_by, comparison.not_before = by, None
    session.add(comparison)


def end_update(comparison: BillComparison) -> None:
    """The update was made, or is not wanted any more."""
    comparison.update_fingerprint = comparison.update_wanted_by = comparison.update_wanted_at = None
    comparison.update_raw = comparison.not_before = None


def forget_explanation(comparison: BillComparison) -> None:
    """What was explained has changed: somebody has to look again."""
    comparison.kept_fingerprint = comparison.kept_by = comparison.kept_at = comparison.kept_note = None


def differences_in(comparison: BillComparison) -> tuple[Difference, ...]:
    """The differences found, as they were told."""
    return tuple(
        Difference(
            field=BillField(one["field"]),
            in_procore=one["in_procore"],
            in_quickbooks=one["in_quickbooks"],
            posted=one["posted"],
            changed_in=Side(one["changed_in"]),
            line=one["line"],
        )
        for one in comparison.differences
    )


def _tell(session: CompanySession, row: InvoiceRow, told: AfterSync) -> None:
    if told.removed_in_quickbooks:
        kind = "removed_in_quickbooks"
    else:
        kind = "changed_after_posting" if told.changed else "agrees_again"
    if kind == "agrees_again" and told.differences:
        # Withdrawn or deleted in Procore: that was told when it was seen.
        return
    fields = sorted({one.field.value for one in told.differences})
    record_event(session, "invoice", row.id, kind, fields=fields, reason=told.because, step=told.step.value)
