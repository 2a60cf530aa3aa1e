"""Posting attempts that take a bill back: written down before they are sent, as those that make one are."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.taking_back import Booked, ClosedDays
from models.bill_links import booked_retainage
from models.database import CompanySession
from models.mappings import connection_settings
from models.posting import OPEN
from models.retainage import openings_of
from models.tables import AttemptState, PostingAttempt, PostingBatch, PostingOperation
from models.taking_back import ItemToTake

REMOVALS = frozenset({PostingOperation.DELETE, PostingOperation.VOID, PostingOperation.REVERSE})


@dataclass(frozen=True)
class NewRemoval:
    """One write to be sent: its bytes, and what it is looked up by. ``document_id`` is the bill it is about."""

    operation: PostingOperation
    body: bytes
    marker: str
    vendor_id: str
    number: str
    total: Decimal
    day: date
    document_id: str


async def open_removal(session: CompanySession, invoice_id: UUID) -> PostingAttempt | None:
    """The attempt to take the invoice's bill back whose outcome nobody knows, locked."""
    found = await session.exec(
        select(PostingAttempt)
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.subject_kind == "invoice")
        .where(PostingAttempt.subject_id == invoice_id, col(PostingAttempt.operation).in_(REMOVALS))
        .where(col(PostingAttempt.state).in_(OPEN))
        .with_for_update()
    )
    return found.first()


async def write_removal(
    session: CompanySession, item: ItemToTake, batch_id: UUID, new: NewRemoval, state: AttemptState
) -> PostingAttempt:
    """Write an attempt down; ``sent`` where it leaves right after this commit, ``prepared`` where it waits its turn."""
    last = await session.exec(
        select(sa.func.coalesce(sa.func.max(PostingAttempt.position), 0)).where(
            PostingAttempt.company_id == session.company_id, PostingAttempt.batch_id == batch_id
        )
    )
    generation = await session.exec(
        select(sa.func.coalesce(sa.func.max(PostingAttempt.generation), 0))
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.subject_kind == "invoice")
        .where(PostingAttempt.subject_id == item.invoice_id, PostingAttempt.operation == new.operation)
    )
    actor = session.actor
    attempt = PostingAttempt(
        company_id=session.company_id,
        id=session.new_id(),
        connection_id=item.connection_id,
        batch_id=batch_id,
        position=last.one() + 1,
        subject_kind="invoice",
        subject_id=item.invoice_id,
        operation=new.operation,
        generation=generation.one() + 1,
        body=new.body,
        draft_hash=sha256(new.body).hexdigest(),
        memo_marker=new.marker,
        lookup_vendor_id=new.vendor_id,
        lookup_number=new.number,
        lookup_total=new.total,
        bill_date=new.day,
        state=state,
        created_at=session.now,
        sent_at=session.now if state is AttemptState.SENT else None,
        quickbooks_id=new.document_id,
        workflow_id=actor.workflow_id,
        run_id=actor.run_id,
        activity_id=actor.activity_id,
        traceparent=actor.traceparent,
    )
    session.add(attempt)
    await session.flush()
    return attempt


async def removal_by_id(session: CompanySession, attempt_id: UUID) -> PostingAttempt:
    """An attempt, locked."""
    found = await session.exec(
        select(PostingAttempt)
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.id == attempt_id)
        .with_for_update()
    )
    return found.one()


def end_removal(
    session: CompanySession, attempt: PostingAttempt, state: AttemptState, code: str = "", answer: str = ""
) -> None:
    """Note how an attempt ended, or that nobody knows."""
    attempt.state = state
    if state not in OPEN:
        attempt.ended_at, attempt.answer_code, attempt.answer = session.now, code[:32] or None, answer or None
    session.add(attempt)


async def closed_days(session: CompanySession, connection_id: UUID) -> ClosedDays:
    settings = await connection_settings(session, connection_id)
    return ClosedDays(settings.books_closed_through, settings.lock_date)


async def booked_with(session: CompanySession, item: ItemToTake) -> Booked:
    """The retainage of a bill among that of its commitment, what was confirmed to be there before included."""
    opening = await openings_of(session, item.connection_id, {item.commitment_id})
    retainage = await booked_retainage(session, item.connection_id, [item.commitment_id])
    balance = retainage.of(item.commitment_id)
    confirmed = opening.get(item.commitment_id, Decimal(0))
    return Booked(item.withheld, item.released, replace(balance, opening=balance.opening + confirmed))


async def come_back_to(session: CompanySession, batch_id: UUID, after: timedelta = timedelta(0)) -> None:
    """Let a look take the batch up again, the next one or one after a pause: some of it is not over."""
    await session.execute(
        sa.update(PostingBatch)
        .where(col(PostingBatch.company_id) == session.company_id, col(PostingBatch.id) == batch_id)
        .values(ended_at=None, leased_until=session.now + after)
        .execution_options(synchronize_session=False)
    )
