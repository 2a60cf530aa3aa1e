"""The inbox of outside notices: each is kept once, wakes the company's workflow once, and is closed by a look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.columns import UtcInstant
from models.database import CompanySession
from models.rows import LEFT_ALONE, insert_rows
from models.tables import InboxSource, Mirroring, ProcoreProject, WebhookInbox

# Procore repeats an event for half a day; after this long nobody sends it again.
KEPT = timedelta(days=7)
# Notices one look closes at most: what is beyond waits for the next look.
PER_LOOK = 5_000


@dataclass(frozen=True)
class Notice:
    """What a provider told: ``delivery_id`` is its own id for the delivery, the same for every repetition."""

    delivery_id: str
    subject: str
    project_id: str
    traceparent: str | None = None


@dataclass(frozen=True)
class OpenNotices:
    """Notices of one project that no look has covered yet, and when the first of them came."""

    ids: list[UUID]
    since: datetime


async def keep_notices(session: CompanySession, source: InboxSource, notices: Sequence[Notice]) -> set[str]:
    """Keep the notices that are not known; the delivery ids for which somebody still has to look."""
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "source": source,
            "delivery_id": notice.delivery_id,
            "subject": notice.subject[:128],
            "project_id": notice.project_id,
            "received_at": session.now,
            "traceparent": notice.traceparent,
        }
        for notice in notices
    ]
    await insert_rows(session, WebhookInbox, rows, LEFT_ALONE)
    still_open = await session.exec(
        select(WebhookInbox.delivery_id)
        .where(WebhookInbox.company_id == session.company_id, WebhookInbox.source == source)
        .where(col(WebhookInbox.delivery_id).in_({notice.delivery_id for notice in notices}))
        .where(col(WebhookInbox.handled_at).is_(None))
    )
    return set(still_open)


async def wants_wake(session: CompanySession) -> bool:
    """Whether the workflow has to be signalled: nobody has signalled it since its last look ended.

    Called in a unit of work of its own, begun after the notice was committed. A look clears the flag first and reads
    the inbox in a later unit of work; so whoever finds the flag set here knows that this reading is still to come. The
    row is there: it is made before any hook is.
    """
    raised = await session.execute(
        sa.update(Mirroring)
        .where(col(Mirroring.company_id) == session.company_id, col(Mirroring.wake_pending).is_(False))
        .values(wake_pending=True)
        .returning(col(Mirroring.company_id))
        .execution_options(synchronize_session=False)
    )
    return raised.first() is not None


REST = "UPDATE mirroring SET wake_pending = false WHERE company_id = %(company_id)s AND wake_pending"


async def rest(session: CompanySession) -> None:
    """A look has ended: the next notice signals again."""
    await session.do(REST)


async def open_notices(session: CompanySession, source: InboxSource) -> dict[str, OpenNotices]:
    """Notices that no look has covered, by project; only of projects that can be looked at."""
    found = await session.execute(
        select(WebhookInbox.id, WebhookInbox.project_id, WebhookInbox.received_at)
        .join(
            ProcoreProject,
            sa.and_(
                col(ProcoreProject.company_id) == col(WebhookInbox.company_id),
                col(ProcoreProject.project_id) == col(WebhookInbox.project_id),
                col(ProcoreProject.is_visible).is_(True),
            ),
        )
        .where(WebhookInbox.company_id == session.company_id, WebhookInbox.source == source)
        .where(col(WebhookInbox.handled_at).is_(None))
        .order_by(col(WebhookInbox.received_at), col(WebhookInbox.id))
        .limit(PER_LOOK)
    )
    notices: dict[str, OpenNotices] = {}
    for notice_id, project_id, received_at in found:
        notices.setdefault(project_id, OpenNotices([], received_at)).ids.append(notice_id)
    return notices


async def close_notices(session: CompanySession, notice_ids: list[UUID]) -> None:
    """A look has covered these."""
    if notice_ids:
        await session.execute(
            sa.update(WebhookInbox)
            .where(col(WebhookInbox.company_id) == session.company_id)
            .where(col(WebhookInbox.id) == sa.any_(sa.cast(notice_ids, sa.ARRAY(sa.Uuid()))))
            .where(col(WebhookInbox.handled_at).is_(None))
            .values(handled_at=session.now)
            .execution_options(synchronize_session=False)
        )


async def close_notices_before(session: CompanySession, source: InboxSource, before: datetime) -> None:
    """Whatever was told before this instant is covered by what has been read since."""
    await session.execute(
        sa.update(WebhookInbox)
        .where(col(WebhookInbox.company_id) == session.company_id, col(WebhookInbox.source) == source)
        .where(col(WebhookInbox.handled_at).is_(None))
        .where(col(WebhookInbox.received_at) <= sa.literal(before, UtcInstant))
        .values(handled_at=session.now)
        .execution_options(synchronize_session=False)
    )


async def forget_old_notices(session: CompanySession) -> None:
    """Drop what was handled long enough ago that no repetition can come any more."""
    await session.execute(
        sa.delete(WebhookInbox)
        .where(col(WebhookInbox.company_id) == session.company_id)
        .where(col(WebhookInbox.handled_at) < sa.literal(session.now - KEPT, UtcInstant))
        .execution_options(synchronize_session=False)
    )
