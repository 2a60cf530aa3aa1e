"""Batches written down before they are sent: their members, their order, their bytes and keys never change again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from models.database import CompanySession
from models.posting import BATCH_LEASE, Attempt, Batch, request_id_of
from models.rows import insert_rows
from models.tables import AttemptState, PostingAttempt, PostingBatch, PostingOperation

CREATES = (PostingOperation.CREATE_BILL, PostingOperation.CREATE_VENDOR_CREDIT)


@dataclass(frozen=True)
class NewAttempt:
    """One bill or vendor credit ready to be sent: its bytes, the values to look it up by, and which versions of
    mappings and settings it was made from.
    """

    invoice_id: UUID
    commitment_id: str
    operation: PostingOperation
    body: bytes
    draft_hash: str
    marker: str
    vendor_id: str
    number: str
    total: Decimal
    bill_date: date
    withheld: Decimal
    released: Decimal
    mapping_versions: str
    retainage_account_id: str | None = None


@dataclass(frozen=True)
class Written:
    """A batch as it was just written down, and its attempts in their order."""

    batch: Batch
    attempts: Sequence[Attempt]


@dataclass(frozen=True)
class _Earlier:
    invoice_id: UUID
    generation: int


EARLIER = """
    SELECT subject_id AS invoice_id, max(generation) AS generation
    FROM posting_attempt
    WHERE company_id = %(company_id)s AND subject_kind = 'invoice'
        AND operation = ANY(%(operations)s) AND subject_id = ANY(%(invoice_ids)s)
    GROUP BY subject_id
"""


def _counted_with(operation: PostingOperation) -> tuple[PostingOperation, ...]:
    """An invoice becomes one bill or one vendor credit: making either is one count, everything else its own."""
    return CREATES if operation in CREATES else (operation,)


async def write_batch(
    session: CompanySession, connection_id: UUID, project_id: str, attempts: Sequence[NewAttempt]
) -> UUID:
    """As ``write_batches``, for one that is sent later; its id."""
    (written,) = await write_batches(session, connection_id, project_id, [attempts], AttemptState.PREPARED)
    return written.batch.id


async def write_batches(
    session: CompanySession,
    connection_id: UUID,
    project_id: str,
    batches: Sequence[Sequence[NewAttempt]],
    state: AttemptState,
) -> list[Written]:
    """Freeze batches, each of which is one request to QuickBooks: their members, their order, their bytes and keys.

    ``sent`` where whoever writes them down has them in hand and sends them once this is committed.
    """
    sent_at = session.now if state is AttemptState.SENT else None
    written: list[Written] = []
    for attempts in batches:
        batch_id = session.new_id()
        batch = Batch(batch_id, connection_id, project_id, request_id_of(batch_id), session.now, sent_at, None)
        places = enumerate(attempts, start=1)
        members = [_attempt(batch, session.new_id(), place, attempt, state) for place, attempt in places]
        written.append(Written(batch, members))
    await insert_rows(
        session,
        PostingBatch,
        [
            {
                "company_id": session.company_id,
                "id": one.batch.id,
                "connection_id": connection_id,
                "project_id": project_id,
                "request_id": one.batch.request_id,
                "created_at": session.now,
                "sent_at": sent_at,
                "leased_until": session.now + BATCH_LEASE,
            }
            for one in written
        ],
    )
    new = [attempt for attempts in batches for attempt in attempts]
    earlier = await session.ask(
        EARLIER,
        _Earlier,
        invoice_ids=[attempt.invoice_id for attempt in new],
        operations=sorted({counted.value for attempt in new for counted in _counted_with(attempt.operation)}),
    )
    generations = {one.invoice_id: one.generation for one in earlier}
    actor = session.actor
    members = [attempt for one in written for attempt in one.attempts]
    rows = [
        {
            "company_id": session.company_id,
            "id": attempt.id,
            "connection_id": connection_id,
            "batch_id": attempt.batch_id,
            "position": attempt.position,
            "subject_kind": "invoice",
            "subject_id": attempt.subject_id,
            "operation": attempt.operation,
            "generation": generations.get(attempt.subject_id, 0) + 1,
            "body": attempt.body,
            "draft_hash": of.draft_hash,
            "memo_marker": attempt.memo_marker,
            "lookup_vendor_id": attempt.lookup_vendor_id,
            "lookup_number": attempt.lookup_number,
            "lookup_total": attempt.lookup_total,
            "retainage_withheld": attempt.retainage_withheld,
            "retainage_released": attempt.retainage_released,
            "retainage_account_id": attempt.retainage_account_id,
            "bill_date": attempt.bill_date,
            "mapping_versions": of.mapping_versions,
            "state": attempt.state,
            "created_at": session.now,
            "sent_at": sent_at,
            "adopted": False,
            "workflow_id": actor.workflow_id,
            "run_id": actor.run_id,
            "activity_id": actor.activity_id,
            "traceparent": actor.traceparent,
        }
        for attempt, of in zip(members, new, strict=True)
    ]
    await insert_rows(session, PostingAttempt, rows)
    return written


def _attempt(batch: Batch, attempt_id: UUID, place: int, new: NewAttempt, state: AttemptState) -> Attempt:
    return Attempt(
        id=attempt_id,
        connection_id=batch.connection_id,
        batch_id=batch.id,
        position=place,
        subject_id=new.invoice_id,
        operation=new.operation,
        body=new.body,
        memo_marker=new.marker,
        lookup_vendor_id=new.vendor_id,
        lookup_number=new.number,
        lookup_total=new.total,
        retainage_withheld=new.withheld,
        retainage_released=new.released,
        retainage_account_id=new.retainage_account_id,
        bill_date=new.bill_date,
        state=state,
        commitment_id=new.commitment_id,
    )
