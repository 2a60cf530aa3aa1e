"""Taking bills back: what was asked for, whose turn it is, and what came of each invoice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from accounting.dates import UnknownTimeZone, local_date
from accounting.states import InvoiceState
from models.comparisons import link_ended
from models.database import CompanySession
from models.decisions import end_decisions
from models.events import audit, record_event
from models.invoice_states import move
from models.invoices import invoices_by_id
from models.payment_shares import settle_bills
from models.posting import request_id_of
from models.tables import (
    BillLink,
    DecisionKind,
    InvoiceRow,
    LinkOrigin,
    PostingBatch,
    TakeBackState,
    TakeBackWay,
    TakingBack,
    TakingBackItem,
)

NOT_POSTED = "It has no bill in QuickBooks that inBuild made."
LINKED_BY_HAND = "Its bill was made in QuickBooks and only linked here. Unlink it instead."
ALREADY = "It is being taken back already."


class NotTakenBack(Exception):
    """Nobody took the invoice's bill back."""


@dataclass(frozen=True)
class LeftAlone:
    """An invoice that cannot be taken back at all, and why."""

    invoice_id: UUID
    sentence: str


@dataclass(frozen=True)
class Asked:
    """What a click came to: how many are on their way, by the request's id; None where none is."""

    id: UUID | None
    count: int
    left: tuple[LeftAlone, ...]


@dataclass(frozen=True)
class BillToTake:
    """One invoice's bill as the dialog names it."""

    invoice_id: UUID
    number: str
    vendor_name: str
    total: Decimal
    link: BillLink


@dataclass(frozen=True)
class Choice:
    """What of the invoices chosen can be taken back, newest first, and what cannot."""

    bills: tuple[BillToTake, ...]
    left: tuple[LeftAlone, ...]

    @property
    def total(self) -> Decimal:
        return sum((bill.total for bill in self.bills), Decimal(0))


async def choice_of(session: CompanySession, invoice_ids: Sequence[UUID]) -> Choice:
    """Look at these invoices, locked; one that the company does not have is left out."""
    rows = await invoices_by_id(session, sorted(set(invoice_ids)))
    links = await _live_links(session, list(rows))
    busy = await _being_taken_back(session, list(rows))
    bills: list[BillToTake] = []
    left: list[LeftAlone] = []
    for invoice_id, row in rows.items():
        link = links.get(invoice_id)
        if invoice_id in busy:
            left.append(LeftAlone(invoice_id, ALREADY))
        elif link is not None and link.origin is LinkOrigin.BY_PERSON:
            left.append(LeftAlone(invoice_id, LINKED_BY_HAND))
        elif link is None or row.state is not InvoiceState.POSTED:
            left.append(LeftAlone(invoice_id, NOT_POSTED))
        else:
            bills.append(BillToTake(invoice_id, row.number, row.vendor_name, link.total, link))
    # Retainage is released by later bills of what earlier ones withheld: the last one in is the first one out.
    order = {bill.invoice_id: (bill.link.linked_at, rows[bill.invoice_id].sequence) for bill in bills}
    bills.sort(key=lambda bill: order[bill.invoice_id], reverse=True)
    return Choice(tuple(bills), tuple(left))


async def ask(session: CompanySession, invoice_ids: Sequence[UUID], way: TakeBackWay, by: UUID) -> Asked:
    """Put these invoices in line to be taken back: one batch for each project of each connection, newest first."""
    choice = await choice_of(session, invoice_ids)
    if not choice.bills:
        return Asked(None, 0, choice.left)
    rows = await invoices_by_id(session, [bill.invoice_id for bill in choice.bills])
    asked = TakingBack(
        company_id=session.company_id, id=session.new_id(), way=way, requested_by=by, requested_at=session.now
    )
    session.add(asked)
    batches: dict[tuple[UUID, str], PostingBatch] = {}
    for position, bill in enumerate(choice.bills, start=1):
        lane = (bill.link.connection_id, rows[bill.invoice_id].project_id)
        batch = batches.get(lane) or _batch(session, *lane)
        batches[lane] = batch
        session.add(batch)
        await session.flush()
        session.add(
            TakingBackItem(
                company_id=session.company_id,
                id=session.new_id(),
                taking_back_id=asked.id,
                invoice_id=bill.invoice_id,
                bill_link_id=bill.link.id,
                batch_id=batch.id,
                position=position,
                state=TakeBackState.WAITING,
            )
        )
        record_event(session, "invoice", bill.invoice_id, "take_back_asked", way=way.value, total=str(bill.total))
    audit(
        session,
        "take_back",
        taking_back_id=str(asked.id),
        way=way.value,
        count=len(choice.bills),
        total=str(choice.total),
    )
    return Asked(asked.id, len(choice.bills), choice.left)


def _batch(session: CompanySession, connection_id: UUID, project_id: str) -> PostingBatch:
    batch_id = session.new_id()
    return PostingBatch(
        company_id=session.company_id,
        id=batch_id,
        connection_id=connection_id,
        project_id=project_id,
        request_id=request_id_of(batch_id),
        created_at=session.now,
    )


async def _live_links(session: CompanySession, invoice_ids: Sequence[UUID]) -> dict[UUID, BillLink]:
    found = await session.exec(
        select(BillLink)
        .where(BillLink.company_id == session.company_id, col(BillLink.invoice_id).in_(invoice_ids))
        .where(col(BillLink.ended_at).is_(None))
    )
    return {link.invoice_id: link for link in found}


async def _being_taken_back(session: CompanySession, invoice_ids: Sequence[UUID]) -> set[UUID]:
    found = await session.exec(
        select(TakingBackItem.invoice_id)
        .where(TakingBackItem.company_id == session.company_id, col(TakingBackItem.invoice_id).in_(invoice_ids))
        .where(TakingBackItem.state == TakeBackState.WAITING)
    )
    return set(found)


# --- whose turn it is


@dataclass(frozen=True)
class ItemToTake:
    """One bill whose turn it is, and what inBuild knows of it."""

    id: UUID
    way: TakeBackWay
    position: int
    invoice_id: UUID
    bill_link_id: UUID
    reference: int
    project_time_zone: str | None
    connection_id: UUID
    commitment_id: str
    transaction_type: str
    quickbooks_id: str
    number: str
    total: Decimal
    withheld: Decimal
    released: Decimal

    def __post_init__(self) -> None:
        object.__setattr__(self, "way", TakeBackWay(self.way))

    def today(self, now: datetime) -> date:
        """The project's day; UTC's where its zone is not known."""
        try:
            return local_date(now, self.project_time_zone or "UTC")
        except UnknownTimeZone:
            return now.date()


WAITING_ITEMS = """
    SELECT item.id, asked.way, item.position, item.invoice_id, item.bill_link_id, invoice.reference,
        project.time_zone AS project_time_zone, link.connection_id, link.commitment_id, link.transaction_type,
        link.quickbooks_id, link.number, link.total, link.retainage_withheld AS withheld,
        link.retainage_released AS released
    FROM taking_back_item AS item
    JOIN taking_back AS asked ON asked.company_id = item.company_id AND asked.id = item.taking_back_id
    JOIN bill_link AS link ON link.company_id = item.company_id AND link.id = item.bill_link_id
    JOIN invoice ON invoice.company_id = item.company_id AND invoice.id = item.invoice_id
    LEFT JOIN procore_project AS project
        ON project.company_id = item.company_id AND project.project_id = invoice.project_id
    WHERE item.company_id = %(company_id)s AND item.state = 'waiting'
"""
OF_BATCH = f"{WAITING_ITEMS} AND item.batch_id = %(batch_id)s ORDER BY item.position"
OF_INVOICE = f"{WAITING_ITEMS} AND item.invoice_id = %(invoice_id)s"


async def waiting_items(session: CompanySession, batch_id: UUID) -> list[ItemToTake]:
    """What of a batch is not over yet, in order."""
    return await session.ask(OF_BATCH, ItemToTake, batch_id=batch_id)


async def waiting_item(session: CompanySession, invoice_id: UUID) -> ItemToTake | None:
    """The invoice's item that is not over yet."""
    return next(iter(await session.ask(OF_INVOICE, ItemToTake, invoice_id=invoice_id)), None)


# --- what came of it


async def is_taken_back(session: CompanySession, item: ItemToTake, sentence: str, credit_id: str | None = None) -> None:
    """The bill is out of the books (or reversed by the credit of that id): the invoice shows *Taken back*."""
    row, of = await _locked(session, item)
    if of.state is not TakeBackState.WAITING:
        return
    of.state, of.sentence, of.credit_id, of.ended_at = TakeBackState.DONE, sentence, credit_id, session.now
    session.add(of)
    found = await session.exec(
        select(BillLink).where(BillLink.company_id == session.company_id, BillLink.id == item.bill_link_id)
    )
    link = found.one()
    link.ended_at = link.ended_at or session.now
    session.add(link)
    await link_ended(session, row.id)
    await settle_bills(session, item.connection_id, [item.quickbooks_id])
    move(row, InvoiceState.TAKEN_BACK)
    row.changed = row.removed_in_quickbooks = False
    session.add(row)
    record_event(
        session, "invoice", row.id, "taken_back", reason=sentence, bill_id=item.quickbooks_id, total=str(item.total)
    )


async def stays_there(session: CompanySession, item: ItemToTake, sentence: str, *, may_reverse: bool) -> None:
    """The bill stays, for the reason given."""
    row, of = await _locked(session, item)
    if of.state is not TakeBackState.WAITING:
        return
    of.state, of.sentence, of.may_reverse, of.ended_at = TakeBackState.REFUSED, sentence, may_reverse, session.now
    session.add(of)
    record_event(session, "invoice", row.id, "not_taken_back", reason=sentence)


async def _locked(session: CompanySession, item: ItemToTake) -> tuple[InvoiceRow, TakingBackItem]:
    row = (await invoices_by_id(session, [item.invoice_id]))[item.invoice_id]
    found = await session.exec(
        select(TakingBackItem)
        .where(TakingBackItem.company_id == session.company_id, TakingBackItem.id == item.id)
        .with_for_update()
    )
    return row, found.one()


async def post_again(session: CompanySession, invoice_id: UUID, by: UUID) -> InvoiceRow | None:
    """*Post again*: the invoice is drafted anew; None when there is none. Raises NotTakenBack."""
    row = (await invoices_by_id(session, [invoice_id])).get(invoice_id)
    if row is None:
        return None
    if row.state is not InvoiceState.TAKEN_BACK:
        raise NotTakenBack
    move(row, InvoiceState.IMPORTED)
    session.add(row)
    # What was approved was the bill that is gone.
    await end_decisions(session, row.id, [DecisionKind.APPROVED_DRAFT])
    record_event(session, "invoice", row.id, "post_again", by=str(by))
    audit(session, "post_again", invoice_id=str(row.id))
    return row
