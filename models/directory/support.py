"""Support's look-up: ids only, and every look is audited."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from foundation.clock import Clock
from foundation.ids import new_id
from models.tables import ActorKind, AppUser, AuditLog, BillLink, Company, Connection, InvoiceRow


@dataclass(frozen=True)
class FoundIds:
    """Where something lives; all that a support look-up may learn before it enters a company."""

    company_id: UUID
    subject_kind: str
    subject_id: UUID


# A support person looks for one thing; more hits than this mean that the text was too vague.
SUPPORT_HITS = 20


async def find_for_support(session: AsyncSession, clock: Clock, support_user_id: UUID, text: str) -> list[FoundIds]:
    """Ids of companies, connections and invoices that a number, an id or a name points at.

    Every company touched gets an audit row in the same unit of work. Raises PermissionError unless the caller has the
    support role.
    """
    user = await session.get(AppUser, support_user_id)
    if user is None or not user.is_support:
        raise PermissionError("only support may look across companies")
    wanted = text.strip()
    # The whole of an id of ours names one thing; every other text may name several.
    own = _own_id(wanted)
    hits = [
        *[FoundIds(company_id, "company", company_id) for company_id in await _companies_like(session, wanted, own)],
        *[FoundIds(*hit) for hit in await _connections_like(session, wanted, own)],
        *[FoundIds(*hit) for hit in await _invoices_like(session, wanted, own)],
    ][:SUPPORT_HITS]
    for company_id in {hit.company_id for hit in hits}:
        session.add(
            AuditLog(
                company_id=company_id,
                id=new_id(clock),
                at=clock.now(),
                actor_kind=ActorKind.SUPPORT,
                actor_id=str(support_user_id),
                action="support_lookup",
                data={"text": wanted[:200]},
            )
        )
    return hits


def _own_id(wanted: str) -> UUID | None:
    try:
        return UUID(wanted)
    except ValueError:
        return None


async def _companies_like(session: AsyncSession, wanted: str, own: UUID | None) -> list[UUID]:
    named = [col(Company.procore_company_id) == wanted]
    named.append(col(Company.id) == own if own else col(Company.name).icontains(wanted, autoescape=True))
    found = await session.exec(select(Company.id).where(sa.or_(*named)).limit(SUPPORT_HITS))
    return list(found)


async def _connections_like(session: AsyncSession, wanted: str, own: UUID | None) -> list[tuple[UUID, str, UUID]]:
    named = [col(Connection.quickbooks_company_id) == wanted]
    if own:
        named.append(col(Connection.id) == own)
    else:
        named.append(col(Connection.quickbooks_company_name).icontains(wanted, autoescape=True))
    found = await session.exec(select(Connection.company_id, Connection.id).where(sa.or_(*named)).limit(SUPPORT_HITS))
    return [(company_id, "connection", connection_id) for company_id, connection_id in found]


async def _invoices_like(session: AsyncSession, wanted: str, own: UUID | None) -> list[tuple[UUID, str, UUID]]:
    named = [col(InvoiceRow.number) == wanted, col(InvoiceRow.source_id) == wanted]
    if own:
        named.append(col(InvoiceRow.id) == own)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        named.append(col(InvoiceRow.reference) == int(wanted))
    # A QuickBooks transaction id counts from 1 in every company: it finds the bills of all of them.
    billed = select(BillLink.invoice_id).where(
        col(BillLink.company_id) == col(InvoiceRow.company_id),
        col(BillLink.invoice_id) == col(InvoiceRow.id),
        BillLink.quickbooks_id == wanted,
    )
    found = await session.exec(
        select(InvoiceRow.company_id, InvoiceRow.id).where(sa.or_(*named, billed.exists())).limit(SUPPORT_HITS)
    )
    return [(company_id, "invoice", invoice_id) for company_id, invoice_id in found]
