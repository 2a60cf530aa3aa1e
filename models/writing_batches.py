"""Batches written down before they are sent: their members, their order, their bytes and keys never change again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from models.database import CompanySession
from models.posting import BATCH_LEASE, request_id_of
from models.rows import insert_rows
from models.tables import AttemptState, PostingAttempt, PostingBatch, PostingOperation

CREATES = (PostingOperation.CREATE_BILL, PostingOperation.CREATE_VENDOR_CREDIT)


@dataclass(frozen=True)
class NewAttempt:
    """One bill or vendor credit ready to be sent: its bytes, the values to look it up by, and which versions of
    mappings and settings it was made from.
    """

    invoice_id: UUID
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
    """As ``write_batches``, for one."""
    return (await write_batches(session, connection_id, project_id, [attempts]))[0]


async def write_batches(
    session: CompanySession, connection_id: UUID, project_id: str, batches: Sequence[Sequence[NewAttempt]]
) -> list[UUID]:
    """Freeze batches, each of which is one request to QuickBooks: their members, their order, their bytes and keys."""
    ids = [session.new_id() for _ in batches]
    await insert_rows(
        session,
        PostingBatch,
        [
            {
                "company_id": session.company_id,
                "id": batch_id,
                "connection_id": connection_id,
                "project_id": project_id,
                "request_id": request_id_of(batch_id),
                "created_at": session.now,
                "leased_until": session.now + BATCH_LEASE,
            }
            for batch_id in ids
        ],
    )
    attempts = [attempt for batch in batches for attempt in batch]
    earlier = await session.ask(
        EARLIER,
        _Earlier,
        invoice_ids=[attempt.invoice_id for attempt in attempts],
        operations=sorted({counted.value for attempt in attempts for counted in _counted_with(attempt.operation)}),
    )
    generations = {one.invoice_id: one.generation for one in earlier}
    actor = session.actor
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "connection_id": connection_id,
            "batch_id": batch_id,
            "position": position,
            "subject_kind": "invoice",
            "subject_id": attempt.invoice_id,
            "operation": attempt.operation,
            "generation": generations.get(attempt.invoice_id, 0) + 1,
            "body": attempt.body,
            "draft_hash": attempt.draft_hash,
            "memo_marker": attempt.marker,
            "lookup_vendor_id": attempt.vendor_id,
            "lookup_number": attempt.number,
            "lookup_total": attempt.total,
            "retainage_withheld": attempt.withheld,
            "retainage_released": attempt.released,
            "retainage_account_id": attempt.retainage_account_id,
            "bill_date": attempt.bill_date,
            "mapping_versions": attempt.mapping_versions,
            "state": AttemptState.PREPARED,
            "created_at": session.now,
            "adopted": False,
            "workflow_id": actor.workflow_id,
            "run_id": actor.run_id,
            "activity_id": actor.activity_id,
            "traceparent": actor.traceparent,
        }
        for batch_id, batch in zip(ids, batches, strict=True)
        for position, attempt in enumerate(batch, start=1)
    ]
    await insert_rows(session, PostingAttempt, rows)
    return ids
