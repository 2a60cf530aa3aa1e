"""Trying held invoices again on a person's word: what stood in the way may be settled outside inBuild."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.blockers import BlockerReason
from accounting.states import InvoiceState
from models.database import CompanySession
from models.events import record_event
from models.invoice_states import clear_blockers
from models.tables import InvoiceBlocker, InvoiceRow

# What the next draft finds again by itself if it still stands. The other reasons are decisions: a click on *Try again*
# must not take them.
FOUND_AGAIN = frozenset(
    {
        BlockerReason.VENDOR_UNMAPPED,
        BlockerReason.VENDOR_INACTIVE,
        BlockerReason.PROJECT_UNMAPPED,
        BlockerReason.PROJECT_NOT_VISIBLE,
        BlockerReason.COST_CODE_MISSING,
        BlockerReason.COST_CODE_UNMAPPED,
        BlockerReason.MAPPING_REFUSED,
        BlockerReason.AP_ACCOUNT_MISSING,
        BlockerReason.RETAINAGE_ACCOUNT_MISSING,
        BlockerReason.RETAINAGE_OPENING_BALANCE,
        BlockerReason.REJECTED_LINE,
        BlockerReason.AMOUNTS_DISAGREE,
        BlockerReason.SMALL_DIFFERENCE,
        BlockerReason.PERIOD_CLOSED,
        BlockerReason.LOCK_DATE,
        BlockerReason.REFUSED_BY_QUICKBOOKS,
    }
)


async def try_again(session: CompanySession, invoice_ids: Sequence[UUID]) -> list[UUID]:
    """Let these invoices be drafted again where nothing but such reasons holds them; which were let go."""
    locked = await session.exec(
        select(InvoiceRow.id)
        .where(InvoiceRow.company_id == session.company_id, col(InvoiceRow.id).in_(invoice_ids))
        .where(col(InvoiceRow.state).in_([InvoiceState.NEEDS_YOU, InvoiceState.WAITING]))
        .where(col(InvoiceRow.approval_withdrawn).is_(False))
        .order_by(col(InvoiceRow.id))
        .with_for_update()
    )
    candidates = list(locked)
    held = await session.exec(
        select(InvoiceBlocker.invoice_id, InvoiceBlocker.reason)
        .where(InvoiceBlocker.company_id == session.company_id, col(InvoiceBlocker.cleared_at).is_(None))
        .where(col(InvoiceBlocker.invoice_id).in_(candidates))
    )
    reasons: dict[UUID, set[BlockerReason]] = {}
    for invoice_id, reason in held:
        reasons.setdefault(invoice_id, set()).add(BlockerReason(reason))
    going = [invoice_id for invoice_id in candidates if invoice_id in reasons and reasons[invoice_id] <= FOUND_AGAIN]
    if not going:
        return []
    await clear_blockers(session, going)
    await session.execute(
        sa.update(InvoiceRow)
        .where(col(InvoiceRow.company_id) == session.company_id, col(InvoiceRow.id).in_(going))
        .values(state=InvoiceState.IMPORTED, not_before=None)
        .execution_options(synchronize_session=False)
    )
    for invoice_id in going:
        record_event(session, "invoice", invoice_id, "tried_again", reasons=sorted(reasons[invoice_id]))
    return going
