"""The states of invoices, and the reasons that hold them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from accounting.blockers import BlockerReason, Hold
from accounting.states import IllegalMove, InvoiceState, check_move
from models.database import CompanySession
from models.events import record_event
from models.rows import insert_rows
from models.tables import InvoiceBlocker, InvoiceRow


def state_under(holds: Sequence[Hold]) -> InvoiceState:
    """Where reasons to hold put an invoice: nothing to decide and it only waits, else it needs a person."""
    if not holds:
        return InvoiceState.IMPORTED
    if all(hold.shows_as_waiting for hold in holds):
        return InvoiceState.WAITING
    return InvoiceState.NEEDS_YOU


def move(row: InvoiceRow, new: InvoiceState) -> None:
    """Raises IllegalMove unless the table of moves lists it."""
    check_move(row.state, new)
    row.state = new


class Movable(Protocol):
    """An invoice as far as moving it goes."""

    @property
    def id(self) -> UUID: ...

    @property
    def state(self) -> InvoiceState: ...


async def move_all(session: CompanySession, rows: Sequence[Movable], *through: InvoiceState) -> None:
    """Move many invoices through these states to the last, in one statement; whoever leased them has them no more.

    The rows in hand keep the old values. Raises IllegalMove unless the table of moves lists every step.
    """
    for row in rows:
        for old, new in pairwise((row.state, *through)):
            check_move(old, new)
    if rows:
        await session.do(MOVE, ids=[row.id for row in rows], state=through[-1].value)


MOVE = """
    UPDATE invoice SET state = %(state)s, leased_until = NULL WHERE company_id = %(company_id)s AND id = ANY(%(ids)s)
"""
POSTED = """
    UPDATE invoice SET state = %(state)s, leased_until = NULL, failure_count = 0, changed = id = ANY(%(changed)s)
    WHERE company_id = %(company_id)s AND id = ANY(%(ids)s) AND state = %(from_state)s
"""


async def are_posted(session: CompanySession, invoice_ids: Sequence[UUID], changed: Sequence[UUID]) -> None:
    """These invoices are in QuickBooks; ``changed`` are those whose bill is not what was meant.

    Raises IllegalMove where one was not being sent.
    """
    moved = await session.do(
        POSTED,
        ids=list(invoice_ids),
        changed=list(changed),
        from_state=InvoiceState.SENDING.value,
        state=InvoiceState.POSTED.value,
    )
    if moved != len(invoice_ids):
        raise IllegalMove(f"{len(invoice_ids) - moved} of these invoices were not being sent")


async def write_blockers(session: CompanySession, holds: dict[UUID, Sequence[Hold]]) -> None:
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "invoice_id": invoice_id,
            "reason": hold.reason,
            "subject": hold.subject,
            "subject_key": hold.subject_key,
            "since": session.now,
        }
        for invoice_id, reasons in holds.items()
        for hold in reasons
    ]
    if rows:
        await insert_rows(session, InvoiceBlocker, rows)


async def clear_blockers(
    session: CompanySession, invoice_ids: Sequence[UUID], reasons: Sequence[BlockerReason] | None = None
) -> None:
    """Clear these reasons of these invoices; all of them when none are named."""
    named = sa.true() if reasons is None else col(InvoiceBlocker.reason).in_(reasons)
    await session.execute(
        sa.update(InvoiceBlocker)
        .where(col(InvoiceBlocker.company_id) == session.company_id)
        .where(col(InvoiceBlocker.invoice_id).in_(invoice_ids), col(InvoiceBlocker.cleared_at).is_(None), named)
        .values(cleared_at=session.now)
        .execution_options(synchronize_session=False)
    )


async def hold_invoice(session: CompanySession, row: InvoiceRow, holds: Sequence[Hold]) -> None:
    """Replace an invoice's open reasons by these, release it, and say so."""
    await clear_blockers(session, [row.id])
    await write_blockers(session, {row.id: holds})
    move(row, state_under(holds))
    row.leased_until = None
    session.add(row)
    record_event(session, "invoice", row.id, "held", reasons=[hold.reason for hold in holds])
