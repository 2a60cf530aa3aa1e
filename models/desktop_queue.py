"""The queue of writes to a company file: what waits, the one that has no answer, and what came of the others."""

import base64
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.states import BEFORE_SENDING
from models.columns import UtcInstant
from models.database import CompanySession
from models.rows import LEFT_ALONE, insert_rows
from models.standing import open_connection
from models.tables import (
    AttemptState,
    DesktopWrite,
    InvoiceBlocker,
    InvoiceRow,
    PostingAttempt,
    WriteState,
)

# A bill goes out only on a look at Procore that is no older than this.
FRESH_FOR = timedelta(minutes=5)
# A bill takes QuickBooks a second or two: one batch that is being handed out, and the next.
MOST_AT_ONCE = 30
MOST_WAITING = 2 * MOST_AT_ONCE
# A Web Connector that was silent for longer than this is gone: QuickBooks answers within minutes, or never.
LIVE_FOR = timedelta(minutes=5)
UNANSWERED = (WriteState.SENT, WriteState.UNCLEAR)
OVER = (WriteState.DONE, WriteState.REFUSED, WriteState.POSTPONED)


def message_set_id(attempt_id: UUID) -> str:
    """The key of an attempt in QuickBooks: 20 characters, always the same for the same attempt."""
    return base64.b32encode(sha256(attempt_id.bytes).digest()[:15]).decode("ascii")[:20]


async def queue_writes(
    session: CompanySession,
    connection_id: UUID,
    attempt_ids: Sequence[UUID],
    looked_at: datetime,
    *,
    are_removals: bool = False,
) -> None:
    """Put attempts into the queue in this order; one that is there stays where it is.

    ``are_removals``: they take bills back, which asks nothing of Procore and may wait for as long as the PC sleeps.
    """
    if not attempt_ids:
        return
    queued_at = session.now
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "connection_id": connection_id,
            "attempt_id": attempt_id,
            "state": WriteState.WAITING,
            "looked_at": looked_at,
            "is_removal": are_removals,
            "queued_at": queued_at,
            "position": position,
            "message_set_id": message_set_id(attempt_id),
            "said_done": False,
            "rounds": 0,
            "adopted": False,
        }
        for position, attempt_id in enumerate(attempt_ids, start=1)
    ]
    await insert_rows(session, DesktopWrite, rows, LEFT_ALONE)


async def unanswered_write(session: CompanySession, connection_id: UUID) -> DesktopWrite | None:
    """The one write whose outcome is not known; while there is one, nothing else is sent."""
    found = await session.exec(
        select(DesktopWrite)
        .where(DesktopWrite.company_id == session.company_id, DesktopWrite.connection_id == connection_id)
        .where(col(DesktopWrite.state).in_(UNANSWERED))
        .with_for_update()
    )
    return found.first()


async def fresh_writes(session: CompanySession, connection_id: UUID, limit: int) -> list[DesktopWrite]:
    """What may be handed out now, in order: waiting, and looked at in Procore within the last minutes if need be."""
    found = await session.exec(
        select(DesktopWrite)
        .where(DesktopWrite.company_id == session.company_id, DesktopWrite.connection_id == connection_id)
        .where(DesktopWrite.state == WriteState.WAITING)
        .where(
            sa.or_(
                col(DesktopWrite.looked_at) >= sa.literal(session.now - FRESH_FOR, UtcInstant),
                col(DesktopWrite.is_removal).is_(True),
            )
        )
        .order_by(col(DesktopWrite.queued_at), col(DesktopWrite.position))
        .limit(limit)
        .with_for_update()
    )
    return list(found)


async def waiting_writes(session: CompanySession, connection_id: UUID) -> int:
    found = await session.exec(
        select(sa.func.count())
        .select_from(DesktopWrite)
        .where(col(DesktopWrite.company_id) == session.company_id, col(DesktopWrite.connection_id) == connection_id)
        .where(col(DesktopWrite.state) == WriteState.WAITING)
    )
    return found.one()


async def write_by_id(session: CompanySession, write_id: UUID) -> DesktopWrite:
    """A write, locked for this unit of work."""
    found = await session.exec(
        select(DesktopWrite)
        .where(DesktopWrite.company_id == session.company_id, DesktopWrite.id == write_id)
        .with_for_update()
    )
    return found.one()


async def attempts_of_writes(session: CompanySession, writes: Collection[DesktopWrite]) -> dict[UUID, PostingAttempt]:
    """The posting attempt of each write, by the attempt's id."""
    found = await session.exec(
        select(PostingAttempt)
        .where(PostingAttempt.company_id == session.company_id)
        .where(col(PostingAttempt.id).in_({write.attempt_id for write in writes}))
    )
    return {attempt.id: attempt for attempt in found}


async def last_settled_set(session: CompanySession, connection_id: UUID) -> str | None:
    """The message set QuickBooks may forget: the last one whose outcome is stored here."""
    found = await session.exec(
        select(DesktopWrite.message_set_id)
        .where(DesktopWrite.company_id == session.company_id, DesktopWrite.connection_id == connection_id)
        .where(col(DesktopWrite.answered_at).is_not(None), col(DesktopWrite.state).in_(OVER))
        .order_by(col(DesktopWrite.answered_at).desc())
        .limit(1)
    )
    return found.first()


def note_sent(session: CompanySession, write: DesktopWrite, attempt: PostingAttempt, text: str, sent_in: UUID) -> None:
    """Store the exact text and that it leaves; committed before it does."""
    write.state, write.text, write.session_id, write.sent_at = WriteState.SENT, text, sent_in, session.now
    attempt.state, attempt.sent_at = AttemptState.SENT, attempt.sent_at or session.now
    session.add(write)
    session.add(attempt)


async def writes_to_take_in(session: CompanySession, limit: int) -> list[UUID]:
    """Writes that are over and whose invoices have not heard of it."""
    found = await session.exec(
        select(DesktopWrite.id)
        .where(DesktopWrite.company_id == session.company_id, col(DesktopWrite.taken_in_at).is_(None))
        .where(col(DesktopWrite.state).in_(OVER))
        .order_by(col(DesktopWrite.answered_at), col(DesktopWrite.position))
        .limit(limit)
    )
    return list(found)


async def stale_writes(session: CompanySession) -> list[DesktopWrite]:
    """Waiting writes that nobody may hand out any more: Procore may say something else by now."""
    found = await session.exec(
        select(DesktopWrite)
        .where(DesktopWrite.company_id == session.company_id, DesktopWrite.state == WriteState.WAITING)
        .where(col(DesktopWrite.taken_in_at).is_(None), col(DesktopWrite.is_removal).is_(False))
        .where(col(DesktopWrite.looked_at) < sa.literal(session.now - FRESH_FOR, UtcInstant))
        .order_by(col(DesktopWrite.queued_at), col(DesktopWrite.position))
        .with_for_update(skip_locked=True)
    )
    return list(found)


async def forget_unsent(session: CompanySession, writes: Sequence[DesktopWrite]) -> None:
    """Take writes that never left out of the queue, with their attempts; their invoices are drafted anew."""
    attempt_ids = [write.attempt_id for write in writes]
    await session.execute(
        sa.delete(DesktopWrite)
        .where(col(DesktopWrite.company_id) == session.company_id, col(DesktopWrite.attempt_id).in_(attempt_ids))
        .where(col(DesktopWrite.state) == WriteState.WAITING)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        sa.delete(PostingAttempt)
        .where(col(PostingAttempt.company_id) == session.company_id, col(PostingAttempt.id).in_(attempt_ids))
        .where(col(PostingAttempt.state) == AttemptState.PREPARED)
        .execution_options(synchronize_session=False)
    )


async def may_post_now(session: CompanySession, connection_id: UUID) -> bool:
    """Whether the connection may be posted through: active, not paused, the feature on."""
    return await open_connection(session, connection_id) is not None


async def bills_are_wanted(session: CompanySession, connection_id: UUID) -> bool:
    """Whether an invoice could become a bill in this company file now: approved, unblocked, not put off."""
    blocked = (
        sa.select(col(InvoiceBlocker.id))
        .where(col(InvoiceBlocker.company_id) == session.company_id)
        .where(col(InvoiceBlocker.invoice_id) == col(InvoiceRow.id), col(InvoiceBlocker.cleared_at).is_(None))
        .exists()
    )
    found = await session.exec(
        select(InvoiceRow.id)
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.connection_id == connection_id)
        .where(col(InvoiceRow.state).in_(BEFORE_SENDING), col(InvoiceRow.approved_at).is_not(None))
        .where(col(InvoiceRow.approval_withdrawn).is_(False), ~blocked)
        .where(
            sa.or_(
                col(InvoiceRow.not_before).is_(None),
                col(InvoiceRow.not_before) <= sa.literal(session.now, UtcInstant),
            )
        )
        .limit(1)
    )
    return found.first() is not None


def external_guid(connection_id: UUID, invoice_id: UUID) -> UUID:
    """The stamp of an invoice's bill in one company file. It has no revision: a bill made anew has the same."""
    return uuid5(connection_id, str(invoice_id))
