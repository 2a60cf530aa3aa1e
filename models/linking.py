"""The three ways out of a likely duplicate, and back: use the bill that is there, post a new one, don't post."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from accounting.blockers import BlockerReason
from accounting.money import ZERO
from accounting.states import BEFORE_SENDING, InvoiceState
from models.comparisons import compare_again, link_ended
from models.database import CompanySession
from models.decisions import decide, end_decisions
from models.events import record_event
from models.freeing import Resolved, free
from models.invoice_states import clear_blockers, move
from models.look_alikes import transaction_by_key
from models.payment_shares import settle_bills
from models.retainage_accounts import retainage_account_in_force
from models.tables import BillLink, DecisionKind, InvoiceBlocker, InvoiceLineRow, InvoiceRow, LinkOrigin


class TooLate(Exception):
    """The invoice is being sent, or has a bill already."""


class NoSuchBill(Exception):
    """There is no such transaction in these books (any more), or it is another vendor's."""


class LinkedAlready(Exception):
    """The transaction answers another invoice."""


class NotHeldBack(Exception):
    """Nobody chose *Don't post* for the invoice."""


async def invoice_to_decide(session: CompanySession, invoice_id: UUID) -> InvoiceRow | None:
    """The invoice, locked. Raises TooLate for one that is being sent or has a bill; None when there is none."""
    row = await _locked(session, invoice_id)
    if row is not None and row.state not in BEFORE_SENDING:
        raise TooLate
    return row


async def use_bill(session: CompanySession, row: InvoiceRow, transaction_key: str, by: UUID) -> BillLink:
    """*Use this bill*: the invoice is linked to it and never posted; its retainage counts as booked with it.

    Raises NoSuchBill and LinkedAlready.
    """
    if row.connection_id is None:
        raise NoSuchBill
    found = await transaction_by_key(session, row.connection_id, transaction_key)
    if found is None:
        raise NoSuchBill
    taken = await session.exec(
        select(BillLink.id)
        .where(BillLink.company_id == session.company_id, BillLink.connection_id == row.connection_id)
        .where(BillLink.transaction_type == found.transaction_type, BillLink.quickbooks_id == found.quickbooks_id)
        .where(col(BillLink.ended_at).is_(None))
    )
    if taken.first() is not None:
        raise LinkedAlready
    lines = await session.exec(
        select(InvoiceLineRow).where(
            InvoiceLineRow.company_id == session.company_id, InvoiceLineRow.invoice_id == row.id
        )
    )
    moves = [(line.withheld, line.released) for line in lines]
    kept = sum((withheld for withheld, _ in moves), ZERO)
    link = BillLink(
        company_id=session.company_id,
        id=session.new_id(),
        invoice_id=row.id,
        connection_id=row.connection_id,
        transaction_type=found.transaction_type,
        quickbooks_id=found.quickbooks_id,
        sync_token=found.sync_token,
        number=found.number or "",
        total=found.total if found.total is not None else ZERO,
        retainage_withheld=kept,
        retainage_released=sum((released for _, released in moves), ZERO),
        retainage_account_id=(
            await retainage_account_in_force(session, row.connection_id, row.commitment_id) if kept > 0 else None
        ),
        commitment_id=row.commitment_id,
        origin=LinkOrigin.BY_PERSON,
        linked_at=session.now,
    )
    session.add(link)
    await session.flush()
    await link_ended(session, row.id)
    # The first comparison keeps the bill as it is now: whatever changes later changes from there.
    await compare_again(session, [row.id])
    await clear_blockers(session, [row.id])
    move(row, InvoiceState.LINKED)
    session.add(row)
    record_event(
        session, "invoice", row.id, "linked", bill_id=found.quickbooks_id, number=link.number, total=str(link.total)
    )
    # It may have been paid long ago.
    await settle_bills(session, link.connection_id, [link.quickbooks_id])
    return link


async def unlink(session: CompanySession, invoice_id: UUID, by: UUID) -> InvoiceRow | None:
    """Take *Use this bill* back: the invoice is drafted again. Raises NotHeldBack for one that nobody linked."""
    row = await _locked(session, invoice_id)
    if row is None:
        return None
    if row.state is not InvoiceState.LINKED:
        raise NotHeldBack
    found = await session.exec(
        select(BillLink)
        .where(BillLink.company_id == session.company_id, BillLink.invoice_id == invoice_id)
        .where(col(BillLink.ended_at).is_(None))
        .with_for_update()
    )
    for link in found:
        link.ended_at = session.now
        session.add(link)
        record_event(session, "invoice", row.id, "post_after_all", bill_id=link.quickbooks_id, by=str(by))
        await settle_bills(session, link.connection_id, [link.quickbooks_id])
    await link_ended(session, row.id)
    row.changed = row.removed_in_quickbooks = False
    move(row, InvoiceState.IMPORTED)
    session.add(row)
    return row


async def post_as_new(session: CompanySession, row: InvoiceRow, shown: Sequence[str], by: UUID) -> list[UUID]:
    """*Post as a new bill*: the transactions shown are other ones; a further one that turns up holds again.

    Books it was posted in before are no reason any more. The invoices freed.
    """
    for key in shown:
        await decide(session, row.id, DecisionKind.NOT_DUPLICATE, decided_by=by, subject_key=key)
    await decide(session, row.id, DecisionKind.POST_HERE, decided_by=by)
    await session.flush()
    resolved = (BlockerReason.LIKELY_DUPLICATE, BlockerReason.POSTED_ELSEWHERE)
    return await free(session, Resolved(resolved, invoice_ids=(row.id,)))


async def dont_post(session: CompanySession, row: InvoiceRow, by: UUID, why: str) -> None:
    """*Don't post this invoice*: it stays out of QuickBooks until somebody says otherwise."""
    await clear_blockers(session, [row.id])
    move(row, InvoiceState.DONT_POST)
    row.leased_until = None
    session.add(row)
    record_event(session, "invoice", row.id, "dont_post", reason=why, by=str(by))


async def post_after_all(session: CompanySession, invoice_id: UUID, by: UUID) -> InvoiceRow | None:
    """Take *Don't post* back; None when there is no such invoice. Raises NotHeldBack."""
    row = await _locked(session, invoice_id)
    if row is None:
        return None
    if row.state is not InvoiceState.DONT_POST:
        raise NotHeldBack
    move(row, InvoiceState.IMPORTED)
    session.add(row)
    await end_decisions(session, row.id, [DecisionKind.APPROVED_DRAFT])
    record_event(session, "invoice", row.id, "post_after_all", by=str(by))
    return row


async def open_keys(session: CompanySession, invoice_id: UUID, reason: BlockerReason) -> list[str]:
    """The subject keys of an invoice's open reasons of one kind."""
    found = await session.exec(
        select(InvoiceBlocker.subject_key)
        .where(InvoiceBlocker.company_id == session.company_id, InvoiceBlocker.invoice_id == invoice_id)
        .where(InvoiceBlocker.reason == reason, col(InvoiceBlocker.cleared_at).is_(None))
        .order_by(col(InvoiceBlocker.subject_key))
    )
    return list(found)


async def _locked(session: CompanySession, invoice_id: UUID) -> InvoiceRow | None:
    found = await session.exec(
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.id == invoice_id)
        .with_for_update()
    )
    return found.first()
