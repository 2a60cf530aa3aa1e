"""Posting attempts: written down before the write, and what came of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from accounting.bill_types import RetainageBalance
from models.database import CompanySession
from models.rows import insert_rows
from models.tables import (
    AttemptState,
    BillLink,
    Connection,
    ConnectionSettings,
    ConnectionState,
    LinkOrigin,
    PostingAttempt,
    PostingBatch,
    PostingOperation,
    ProcoreProject,
    QuickBooksTransaction,
)

# Longer than one attempt to send may take (150 s) and its retry's pause (60 s): nobody else resumes a live batch.
BATCH_LEASE = timedelta(minutes=5)
OPEN = (AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNCLEAR)


@dataclass(frozen=True)
class NewAttempt:
    """One bill ready to be sent: its bytes and the values to look it up by."""

    invoice_id: UUID
    body: bytes
    draft_hash: str
    marker: str
    vendor_id: str
    number: str
    total: Decimal
    bill_date: date
    withheld: Decimal
    released: Decimal


@dataclass(frozen=True)
class AcceptedBill:
    """What QuickBooks answered for one attempt. ``raw`` is its own JSON."""

    attempt: PostingAttempt
    quickbooks_id: str
    sync_token: str
    number: str
    total: Decimal
    balance: Decimal | None
    bill_date: date
    memo: str
    commitment_id: str
    raw: str
    adopted: bool


@dataclass(frozen=True)
class UnfinishedBatch:
    batch_id: UUID
    connection_id: UUID
    project_id: str
    project_name: str


def request_id_of(batch_id: UUID) -> str:
    """The batch's ``requestid``: 36 characters, the longest QuickBooks remembers a batch by."""
    return str(batch_id)


async def write_batch(
    session: CompanySession, connection_id: UUID, project_id: str, attempts: Sequence[NewAttempt]
) -> UUID:
    """Freeze a batch: its members, their order, their bytes and keys."""
    batch_id = session.new_id()
    session.add(
        PostingBatch(
            company_id=session.company_id,
            id=batch_id,
            connection_id=connection_id,
            project_id=project_id,
            request_id=request_id_of(batch_id),
            created_at=session.now,
            leased_until=session.now + BATCH_LEASE,
        )
    )
    await session.flush()
    generations = await _last_generations(session, [attempt.invoice_id for attempt in attempts])
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
            "operation": PostingOperation.CREATE_BILL,
            "generation": generations.get(attempt.invoice_id, 0) + 1,
            "body": attempt.body,
            "draft_hash": attempt.draft_hash,
            "memo_marker": attempt.marker,
            "lookup_vendor_id": attempt.vendor_id,
            "lookup_number": attempt.number,
            "lookup_total": attempt.total,
            "retainage_withheld": attempt.withheld,
            "retainage_released": attempt.released,
            "bill_date": attempt.bill_date,
            "mapping_versions": "",
            "state": AttemptState.PREPARED,
            "created_at": session.now,
            "adopted": False,
            "workflow_id": actor.workflow_id,
            "run_id": actor.run_id,
            "activity_id": actor.activity_id,
            "traceparent": actor.traceparent,
        }
        for position, attempt in enumerate(attempts, start=1)
    ]
    await session.execute(insert_rows(session, PostingAttempt, rows))
    return batch_id


async def _last_generations(session: CompanySession, invoice_ids: Sequence[UUID]) -> dict[UUID, int]:
    found = await session.exec(
        select(PostingAttempt.subject_id, sa.func.max(PostingAttempt.generation))
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.subject_kind == "invoice")
        .where(col(PostingAttempt.subject_id).in_(invoice_ids))
        .where(PostingAttempt.operation == PostingOperation.CREATE_BILL)
        .group_by(col(PostingAttempt.subject_id))
    )
    return dict(found.all())


async def locked_batch(session: CompanySession, batch_id: UUID) -> PostingBatch | None:
    found = await session.exec(
        select(PostingBatch)
        .where(PostingBatch.company_id == session.company_id, PostingBatch.id == batch_id)
        .with_for_update()
    )
    return found.first()


async def batch_written_here(session: CompanySession) -> UUID | None:
    """The batch that this very activity wrote in an earlier attempt whose answer was lost, if it did."""
    actor = session.actor
    if actor.activity_id is None:
        return None
    found = await session.exec(
        select(PostingAttempt.batch_id)
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.workflow_id == actor.workflow_id)
        .where(PostingAttempt.run_id == actor.run_id, PostingAttempt.activity_id == actor.activity_id)
        .limit(1)
    )
    return found.first()


async def attempts_of_batch(session: CompanySession, batch_id: UUID) -> list[PostingAttempt]:
    found = await session.exec(
        select(PostingAttempt)
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.batch_id == batch_id)
        .order_by(col(PostingAttempt.position))
    )
    return list(found)


async def mark_attempts(
    session: CompanySession, batch_id: UUID, attempt_ids: Sequence[UUID], state: AttemptState
) -> None:
    """Note where attempts of a batch stand. When they were first sent is kept, unless they surely were not."""
    first_sent = sa.func.coalesce(col(PostingAttempt.sent_at), session.now)
    await session.execute(
        sa.update(PostingAttempt)
        .where(col(PostingAttempt.company_id) == session.company_id, col(PostingAttempt.batch_id) == batch_id)
        .where(col(PostingAttempt.id).in_(attempt_ids))
        .values(state=state, sent_at=None if state is AttemptState.PREPARED else first_sent)
        .execution_options(synchronize_session=False)
    )


async def end_accepted(session: CompanySession, bills: Sequence[AcceptedBill]) -> None:
    """Note which attempts became bills, and which bills."""
    given = (
        sa.func.unnest(
            sa.literal([bill.attempt.id for bill in bills], ARRAY(sa.Uuid)),
            sa.literal([bill.quickbooks_id for bill in bills], ARRAY(sa.Text)),
            sa.literal([bill.adopted for bill in bills], ARRAY(sa.Boolean)),
        )
        .table_valued(sa.column("id", sa.Uuid), sa.column("quickbooks_id", sa.Text), sa.column("adopted", sa.Boolean))
        .render_derived(name="given")
    )
    await session.execute(
        sa.update(PostingAttempt)
        .where(col(PostingAttempt.company_id) == session.company_id, col(PostingAttempt.id) == given.c.id)
        .values(
            state=AttemptState.ACCEPTED,
            ended_at=session.now,
            quickbooks_id=given.c.quickbooks_id,
            adopted=given.c.adopted,
        )
        .execution_options(synchronize_session=False)
    )


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


async def link_bills(session: CompanySession, bills: Sequence[AcceptedBill]) -> None:
    """Write the links of accepted bills and put the bills into our copy of the books."""
    if not bills:
        return
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "invoice_id": bill.attempt.subject_id,
            "connection_id": bill.attempt.connection_id,
            "transaction_type": "Bill",
            "quickbooks_id": bill.quickbooks_id,
            "sync_token": bill.sync_token,
            "number": bill.number,
            "total": bill.total,
            "retainage_withheld": bill.attempt.retainage_withheld,
            "retainage_released": bill.attempt.retainage_released,
            "commitment_id": bill.commitment_id,
            "origin": LinkOrigin.ADOPTED if bill.adopted else LinkOrigin.POSTED,
            "linked_at": session.now,
        }
        for bill in bills
    ]
    await session.execute(insert_rows(session, BillLink, rows))
    await store_transactions(
        session,
        [
            {
                "connection_id": bill.attempt.connection_id,
                "transaction_type": "Bill",
                "quickbooks_id": bill.quickbooks_id,
                "sync_token": bill.sync_token,
                "vendor_id": bill.attempt.lookup_vendor_id,
                "number": bill.number,
                "normalised_number": None,
                "transaction_date": bill.bill_date,
                "total": bill.total,
                "balance": bill.balance,
                "memo": bill.memo,
                "raw": bill.raw,
                "updated_at": session.now,
            }
            for bill in bills
        ],
    )


async def store_transactions(session: CompanySession, rows: Iterable[dict[str, Any]]) -> None:
    """Refresh our copy of transactions in the books."""
    complete = [
        {**row, "company_id": session.company_id, "id": session.new_id(), "is_deleted": False, "read_at": session.now}
        for row in {(row["connection_id"], row["transaction_type"], row["quickbooks_id"]): row for row in rows}.values()
    ]
    if not complete:
        return
    statement = insert_rows(session, QuickBooksTransaction, complete)
    keeps = {"company_id", "id", "connection_id", "transaction_type", "quickbooks_id"}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["company_id", "connection_id", "transaction_type", "quickbooks_id"],
            set_={name: statement.excluded[name] for name in complete[0] if name not in keeps},
        )
    )


async def retainage_balances(session: CompanySession, commitment_ids: Iterable[str]) -> dict[str, RetainageBalance]:
    """What is booked as retainage through live bill links, by commitment."""
    found = await session.exec(
        select(
            BillLink.commitment_id,
            sa.func.sum(BillLink.retainage_withheld),
            sa.func.sum(BillLink.retainage_released),
        )
        .where(BillLink.company_id == session.company_id, col(BillLink.ended_at).is_(None))
        .where(col(BillLink.commitment_id).in_(set(commitment_ids)))
        .group_by(col(BillLink.commitment_id))
    )
    return {commitment: RetainageBalance(withheld, released) for commitment, withheld, released in found}


async def unfinished_batches(session: CompanySession, limit: int) -> list[UnfinishedBatch]:
    """Lease batches whose outcome is open and that nobody works on, where the connection may post."""
    found = await session.execute(
        select(PostingBatch, ProcoreProject.name)
        .join(
            Connection,
            sa.and_(
                col(Connection.company_id) == col(PostingBatch.company_id),
                col(Connection.id) == col(PostingBatch.connection_id),
                col(Connection.state) == ConnectionState.ACTIVE,
            ),
        )
        .join(
            ConnectionSettings,
            sa.and_(
                col(ConnectionSettings.company_id) == col(PostingBatch.company_id),
                col(ConnectionSettings.connection_id) == col(PostingBatch.connection_id),
                col(ConnectionSettings.posting_paused).is_(False),
            ),
        )
        .outerjoin(
            ProcoreProject,
            sa.and_(
                col(ProcoreProject.company_id) == col(PostingBatch.company_id),
                col(ProcoreProject.project_id) == col(PostingBatch.project_id),
            ),
        )
        .where(PostingBatch.company_id == session.company_id, col(PostingBatch.ended_at).is_(None))
        .where(sa.or_(col(PostingBatch.leased_until).is_(None), col(PostingBatch.leased_until) <= session.now))
        .order_by(col(PostingBatch.created_at))
        .limit(limit)
        .with_for_update(of=PostingBatch)
    )
    unfinished = []
    for batch, name in found.all():
        batch.leased_until = session.now + BATCH_LEASE
        unfinished.append(UnfinishedBatch(batch.id, batch.connection_id, batch.project_id, name or batch.project_id))
    return unfinished


async def next_unfinished(session: CompanySession) -> datetime | None:
    """When the earliest batch of unknown outcome may be taken up again; None when nobody's lease has to run out."""
    found = await session.exec(
        select(sa.func.min(PostingBatch.leased_until))
        .join(
            Connection,
            sa.and_(
                col(Connection.company_id) == col(PostingBatch.company_id),
                col(Connection.id) == col(PostingBatch.connection_id),
                col(Connection.state) == ConnectionState.ACTIVE,
            ),
        )
        .where(PostingBatch.company_id == session.company_id, col(PostingBatch.ended_at).is_(None))
        .where(col(PostingBatch.leased_until) > session.now)
    )
    return found.one_or_none()
