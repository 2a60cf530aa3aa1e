"""Which posted invoices Procore is asked for again by their ids: some changes there move no time of change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from models.database import CompanySession
from models.mirroring import ensure_row
from models.tables import Mirroring

# How often a look goes through the posted invoices for those not seen for long.
BETWEEN_ROUNDS = timedelta(hours=1)
# While one round brought a full call, more are waiting.
GO_ON_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class PostedInvoice:
    """An unpaid invoice with a bill, and the requisition it came from."""

    invoice_id: UUID
    requisition_id: str


@dataclass(frozen=True)
class _Unseen:
    invoice_id: UUID
    requisition_id: str
    project_id: str


# Inactive projects are asked too: their bills are still owed. What is settled is compared no more than it has to be.
UNSEEN = """
    WITH unseen AS (
        SELECT invoice.id AS invoice_id, requisition.requisition_id, invoice.project_id,
            greatest(requisition.seen_at, requisition.asked_again_at) AS seen_at
        FROM invoice
        JOIN procore_requisition AS requisition
            ON requisition.company_id = invoice.company_id AND requisition.requisition_id = invoice.source_id
        JOIN procore_project AS project
            ON project.company_id = invoice.company_id AND project.project_id = invoice.project_id
            AND project.is_visible
        WHERE invoice.company_id = %(company_id)s AND invoice.source = 'procore_requisition'
            AND invoice.state IN ('posted', 'linked') AND invoice.settled = 'open'
            AND greatest(requisition.seen_at, requisition.asked_again_at) < %(before)s
    ), longest AS (
        SELECT project_id FROM unseen ORDER BY seen_at, project_id LIMIT 1
    )
    SELECT unseen.invoice_id, unseen.requisition_id, unseen.project_id
    FROM unseen JOIN longest USING (project_id)
    ORDER BY unseen.seen_at, unseen.requisition_id LIMIT %(limit)s
"""


async def unseen_for_long(
    session: CompanySession, before: datetime, limit: int
) -> tuple[str, list[PostedInvoice]] | None:
    """Posted, unpaid invoices of the one project that was unseen for the longest; None where all were seen since."""
    found = await session.ask(UNSEEN, _Unseen, before=before, limit=limit)
    if not found:
        return None
    return found[0].project_id, [PostedInvoice(one.invoice_id, one.requisition_id) for one in found]


# A notice names its subject as ``resource/id/reason``. While mirroring is off no look at a project would see it.
TOLD_OF = """
    SELECT invoice.id AS invoice_id, requisition.requisition_id, invoice.project_id
    FROM webhook_inbox AS notice
    JOIN procore_requisition AS requisition
        ON requisition.company_id = notice.company_id AND requisition.project_id = notice.project_id
        AND requisition.requisition_id = split_part(notice.subject, '/', 2)
    JOIN invoice
        ON invoice.company_id = notice.company_id AND invoice.source_id = requisition.requisition_id
        AND invoice.source = 'procore_requisition' AND invoice.state IN ('posted', 'linked')
    JOIN procore_project AS project
        ON project.company_id = notice.company_id AND project.project_id = notice.project_id AND project.is_visible
    WHERE notice.company_id = %(company_id)s AND notice.source = 'procore' AND notice.handled_at IS NULL
        AND notice.received_at <= %(before)s
        AND coalesce(requisition.asked_again_at, '-infinity'::timestamptz) < %(before)s
    GROUP BY invoice.id, requisition.requisition_id, invoice.project_id
    ORDER BY invoice.project_id, requisition.requisition_id LIMIT %(limit)s
"""


async def told_of(session: CompanySession, before: datetime, limit: int) -> tuple[str, list[PostedInvoice]] | None:
    """Posted invoices of one project that Procore's notices up to an instant name; None where all were asked for."""
    found = await session.ask(TOLD_OF, _Unseen, before=before, limit=limit)
    if not found:
        return None
    project_id = found[0].project_id
    return project_id, [
        PostedInvoice(one.invoice_id, one.requisition_id) for one in found if one.project_id == project_id
    ]


ASKED = """
    UPDATE procore_requisition SET asked_again_at = %(now)s
    WHERE company_id = %(company_id)s AND requisition_id = ANY(%(requisition_ids)s)
"""


async def asked_again(session: CompanySession, requisition_ids: Sequence[str]) -> None:
    """Procore was asked for these, whether or not it still has them."""
    await session.do(ASKED, requisition_ids=list(requisition_ids), now=session.now)


TAKE_ROUND = """
    UPDATE mirroring SET ask_again_at = %(next)s
    WHERE company_id = %(company_id)s AND (ask_again_at IS NULL OR ask_again_at <= %(now)s)
"""


async def round_is_due(session: CompanySession) -> bool:
    """Whether posted invoices are gone through now; whoever is told so does it, and nobody else for a while."""
    await ensure_row(session)
    return await session.do(TAKE_ROUND, now=session.now, next=session.now + BETWEEN_ROUNDS) > 0


async def go_on_soon(session: CompanySession) -> None:
    """More are waiting than one round asks for."""
    await session.execute(
        sa.update(Mirroring)
        .where(col(Mirroring.company_id) == session.company_id)
        .values(ask_again_at=session.now + GO_ON_AFTER)
        .execution_options(synchronize_session=False)
    )


async def next_round(session: CompanySession) -> datetime | None:
    """When posted invoices are gone through next."""
    found = await session.exec(select(Mirroring.ask_again_at).where(Mirroring.company_id == session.company_id))
    return found.first()
