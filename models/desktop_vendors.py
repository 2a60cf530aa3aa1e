"""Vendors on their way into a company file: each is a write in its queue, under a stamp of its own."""

from hashlib import sha256
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.money import ZERO
from models.database import CompanySession
from models.desktop_queue import queue_writes
from models.new_vendors import VendorToCreate
from models.posting import request_id_of
from models.tables import AttemptState, NewVendor, PostingAttempt, PostingBatch, PostingOperation

SUBJECT = "vendor"


def vendor_guid(connection_id: UUID, procore_id: str) -> UUID:
    """The stamp of a Procore vendor in one company file, whatever its name there."""
    return uuid5(connection_id, f"{SUBJECT} {procore_id}")


async def queue_vendor(session: CompanySession, vendor: VendorToCreate) -> None:
    """Write an attempt down and put it into the company file's queue; a later one is another generation."""
    earlier = await session.exec(
        select(sa.func.coalesce(sa.func.max(PostingAttempt.generation), 0))
        .where(PostingAttempt.company_id == session.company_id, PostingAttempt.subject_kind == SUBJECT)
        .where(PostingAttempt.subject_id == vendor.id)
    )
    generation = earlier.one() + 1
    batch_id = session.new_id()
    session.add(
        PostingBatch(
            company_id=session.company_id,
            id=batch_id,
            connection_id=vendor.connection_id,
            project_id="",
            request_id=request_id_of(batch_id),
            created_at=session.now,
            ended_at=session.now,
        )
    )
    await session.flush()
    attempt = PostingAttempt(
        company_id=session.company_id,
        id=session.new_id(),
        connection_id=vendor.connection_id,
        batch_id=batch_id,
        position=1,
        subject_kind=SUBJECT,
        subject_id=vendor.id,
        operation=PostingOperation.CREATE_VENDOR,
        generation=generation,
        body=vendor.body,
        draft_hash=sha256(vendor.body).hexdigest(),
        memo_marker=f"inBuild vendor {vendor.procore_id}"[:50],
        lookup_vendor_id="",
        lookup_number=vendor.display_name,
        lookup_total=ZERO,
        bill_date=session.now.date(),
        state=AttemptState.PREPARED,
        created_at=session.now,
    )
    session.add(attempt)
    await session.flush()
    # As what takes a bill back it asks nothing of Procore, and may wait for as long as the PC sleeps.
    await queue_writes(session, vendor.connection_id, [attempt.id], session.now, are_removals=True)


async def vendor_of(session: CompanySession, attempt: PostingAttempt) -> VendorToCreate:
    """The vendor that an attempt is to create."""
    found = await session.exec(
        select(NewVendor).where(NewVendor.company_id == session.company_id, col(NewVendor.id) == attempt.subject_id)
    )
    row = found.one()
    return VendorToCreate(
        id=row.id,
        connection_id=row.connection_id,
        procore_id=row.procore_id,
        procore_name=row.procore_name,
        display_name=row.display_name,
        body=row.body,
        state=row.state,
        asked_by=row.asked_by,
    )
