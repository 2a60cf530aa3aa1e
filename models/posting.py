"""Posting attempts and their batches: who has them in hand, and what came of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.tables import (
    AttemptState,
    PostingAttempt,
    PostingBatch,
    PostingOperation,
)

# Longer than one attempt to post may take (220 s) and its retry's pause (60 s): nobody else resumes a live batch.
BATCH_LEASE = timedelta(minutes=5)
OPEN = (AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNCLEAR)


@dataclass(frozen=True)
class Batch:
    """A batch as whoever sends it sees it; instants are UTC."""

    id: UUID
    connection_id: UUID
    project_id: str
    request_id: str
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Attempt:
    """One bill or vendor credit of a batch: its bytes, what it is looked up by, and the commitment of its invoice."""

    id: UUID
    connection_id: UUID
    batch_id: UUID
    position: int
    subject_id: UUID
    operation: PostingOperation
    body: bytes
    memo_marker: str
    lookup_vendor_id: str
    lookup_number: str
    lookup_total: Decimal
    retainage_withheld: Decimal
    retainage_released: Decimal
    retainage_account_id: str | None
    bill_date: date
    state: AttemptState
    commitment_id: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", AttemptState(self.state))
        object.__setattr__(self, "operation", PostingOperation(self.operation))

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def request_id_of(batch_id: UUID) -> str:
    """The batch's ``requestid``: 36 characters, the longest QuickBooks remembers a batch by."""
    return str(batch_id)


LOCK_BATCHES = """
    SELECT id, connection_id, project_id, request_id, created_at, sent_at, ended_at
    FROM posting_batch WHERE company_id = %(company_id)s AND id = ANY(%(ids)s) ORDER BY id FOR UPDATE
"""


async def locked_batches(session: CompanySession, ids: Sequence[UUID]) -> list[Batch]:
    """Those of these batches that there still are, in the order they were written in."""
    return await session.ask(LOCK_BATCHES, Batch, ids=list(ids))


async def batches_written_here(session: CompanySession) -> list[UUID]:
    """The batches that this very activity wrote in an earlier attempt whose answer was lost, if it did."""
    actor = session.actor
    if actor.activity_id is None:
        return []
    found = await session.exec(
        select(PostingAttempt.batch_id)
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.workflow_id == actor.workflow_id)
        .where(PostingAttempt.run_id == actor.run_id, PostingAttempt.activity_id == actor.activity_id)
        .distinct()
        .order_by(col(PostingAttempt.batch_id))
    )
    return list(found)


ATTEMPTS = """
    SELECT attempt.id, attempt.connection_id, attempt.batch_id, attempt.position, attempt.subject_id, attempt.operation,
        attempt.body, attempt.memo_marker, attempt.lookup_vendor_id, attempt.lookup_number, attempt.lookup_total,
        attempt.retainage_withheld, attempt.retainage_released, attempt.retainage_account_id, attempt.bill_date,
        attempt.state, invoice.commitment_id
    FROM posting_attempt AS attempt
    LEFT JOIN invoice ON invoice.company_id = attempt.company_id AND invoice.id = attempt.subject_id
    WHERE attempt.company_id = %(company_id)s
"""
ATTEMPTS_OF_BATCHES = f"{ATTEMPTS} AND attempt.batch_id = ANY(%(ids)s) ORDER BY attempt.batch_id, attempt.position"
ATTEMPTS_BY_ID = f"{ATTEMPTS} AND attempt.id = ANY(%(ids)s)"


async def attempts_of_batches(session: CompanySession, ids: Sequence[UUID]) -> list[Attempt]:
    """Batch by batch, each in the order of its request."""
    return await session.ask(ATTEMPTS_OF_BATCHES, Attempt, ids=list(ids))


@dataclass(frozen=True)
class _Standing:
    id: UUID
    state: str


STANDING = """
    SELECT id, state FROM posting_attempt WHERE company_id = %(company_id)s AND id = ANY(%(ids)s)
"""


async def still_open(session: CompanySession, attempts: Sequence[Attempt]) -> list[Attempt]:
    """Those of these attempts that are still open, as they stand now; nothing else of an attempt ever changes."""
    found = await session.ask(STANDING, _Standing, ids=[attempt.id for attempt in attempts])
    states = {one.id: one.state for one in found}
    now = [replace(one, state=AttemptState(states[one.id])) for one in attempts if one.id in states]
    return [one for one in now if one.is_open]


async def attempts_by_id(session: CompanySession, ids: Iterable[UUID]) -> dict[UUID, Attempt]:
    return {attempt.id: attempt for attempt in await session.ask(ATTEMPTS_BY_ID, Attempt, ids=sorted(set(ids)))}


# When attempts were first sent is kept, unless they surely were not.
MARK = """
    WITH batch AS (
        UPDATE posting_batch
        SET leased_until = %(leased_until)s,
            sent_at = CASE WHEN %(state)s = 'prepared' THEN NULL ELSE coalesce(sent_at, %(now)s) END
        WHERE company_id = %(company_id)s AND id = ANY(%(batch_ids)s)
    )
    UPDATE posting_attempt
    SET state = %(state)s, sent_at = CASE WHEN %(state)s = 'prepared' THEN NULL ELSE coalesce(sent_at, %(now)s) END
    WHERE company_id = %(company_id)s AND id = ANY(%(ids)s)
"""


async def mark_attempts(session: CompanySession, attempts: Sequence[Attempt], state: AttemptState) -> None:
    """Note where attempts stand, and that somebody works on their batches."""
    await session.do(
        MARK,
        batch_ids=sorted({attempt.batch_id for attempt in attempts}),
        ids=[attempt.id for attempt in attempts],
        state=state.value,
        now=session.now,
        leased_until=session.now + BATCH_LEASE,
    )


LEASE_BATCH = """
    UPDATE posting_batch SET leased_until = %(leased_until)s WHERE company_id = %(company_id)s AND id = %(batch_id)s
"""


async def lease_batch(session: CompanySession, batch_id: UUID) -> None:
    """Note that somebody works on a batch."""
    await session.do(LEASE_BATCH, batch_id=batch_id, leased_until=session.now + BATCH_LEASE)


FREE_BATCH = """
    UPDATE posting_batch SET leased_until = NULL WHERE company_id = %(company_id)s AND id = %(batch_id)s
"""


async def free_batch(session: CompanySession, batch_id: UUID) -> None:
    """Note that nobody works on a batch any more: whoever looks next may take it up."""
    await session.do(FREE_BATCH, batch_id=batch_id)


END_BATCHES = """
    UPDATE posting_batch SET ended_at = %(now)s, leased_until = NULL
    WHERE company_id = %(company_id)s AND id = ANY(%(ids)s)
"""


async def end_batches(session: CompanySession, ids: Sequence[UUID]) -> None:
    """Note that the outcome of every attempt of these batches is known."""
    await session.do(END_BATCHES, ids=list(ids), now=session.now)


REJECT = """
    UPDATE posting_attempt SET state = 'rejected', ended_at = %(now)s, answer_code = %(code)s, answer = %(answer)s
    WHERE company_id = %(company_id)s AND id = %(attempt_id)s
"""


async def end_rejected(session: CompanySession, attempt: Attempt, code: str, answer: str) -> None:
    """Note that QuickBooks made no bill of an attempt, and why."""
    await session.do(REJECT, now=session.now, attempt_id=attempt.id, code=code[:32], answer=answer)


async def discard_unsent(session: CompanySession, batch_id: UUID) -> None:
    """Forget a batch that never left: its attempts are all still ``prepared``."""
    await session.execute(
        sa.delete(PostingAttempt)
        .where(col(PostingAttempt.company_id) == session.company_id, col(PostingAttempt.batch_id) == batch_id)
        .where(col(PostingAttempt.state) == AttemptState.PREPARED)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        sa.delete(PostingBatch)
        .where(col(PostingBatch.company_id) == session.company_id, col(PostingBatch.id) == batch_id)
        .execution_options(synchronize_session=False)
    )
