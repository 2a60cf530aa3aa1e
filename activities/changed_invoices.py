"""Procore's side of linked invoices: what the bill of each would be, drafted again only where the invoice changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from accounting.bill import draft_bill
from accounting.bill_types import BillDraft, Held, NothingToPost
from accounting.bill_versions import Approval, BillAsIs, InProcore, as_it_would_be_posted
from accounting.changed_bill import carried_over
from accounting.invoice import Invoice, InvoiceLine
from accounting.retainage_accounts import less
from activities.requisition_reading import is_approved, read
from models.books import books_of_batch
from models.database import CompanySession
from models.drafting import Drafting, drafting_of
from models.invoices import NewInvoice
from models.linked_pairs import LinkedBillNow
from models.savepoint import savepoint
from models.tables import InvoiceRow
from providers.procore.requisitions import read_requisition
from providers.procore.wire import Unreadable

Outcome = BillDraft | Held | NothingToPost


@dataclass(frozen=True)
class ProcoresSide:
    """Procore's side of one pair. ``now`` is the invoice where it changed, ``draft`` the bill it would be then."""

    procore: InProcore
    draft: BillDraft | None = None
    now: NewInvoice | None = None


async def procores_sides(
    session: CompanySession,
    connection_id: UUID,
    members: Sequence[LinkedBillNow],
    rows: Mapping[UUID, InvoiceRow],
    documents: Mapping[UUID, Invoice],
    posted: Mapping[UUID, BillAsIs | None],
) -> dict[UUID, ProcoresSide]:
    """Procore's side of each, by invoice id. ``documents`` are the invoices as they were posted."""
    sides: dict[UUID, ProcoresSide] = {}
    changed: dict[UUID, NewInvoice] = {}
    for one in members:
        row, bill = rows[one.invoice_id], posted[one.invoice_id]
        said = _said(one, row)
        if isinstance(said, InProcore):
            sides[row.id] = ProcoresSide(replace(said, bill=bill))
        elif _is_same(documents[row.id], said):
            sides[row.id] = ProcoresSide(InProcore(bill, status=one.status or "approved"))
        else:
            changed[row.id] = said
    if changed:
        sides |= await _redrafted(session, connection_id, members, rows, posted, changed)
    return sides


def _said(one: LinkedBillNow, row: InvoiceRow) -> InProcore | NewInvoice:
    """What Procore says of the invoice: that it stands as it was posted, or not at all, or its new version."""
    if one.requisition is None or one.status is None:
        return InProcore(None)
    approved = is_approved(one.status)
    if row.approval_withdrawn or not approved:
        approval = Approval.GONE if approved else Approval.WITHDRAWN
        return InProcore(None, approval, one.status)
    requisition = read_requisition(one.requisition)
    if isinstance(requisition, Unreadable):
        return InProcore(None, status=one.status, held=f"Procore's text cannot be read: {requisition.reason}")
    new = read(requisition).invoice
    if new.holds:
        return InProcore(None, status=one.status, held="; ".join(hold.sentence for hold in new.holds))
    return new


def _is_same(was: Invoice, now: NewInvoice) -> bool:
    """Whether everything a bill's header and lines are made of is as it was."""
    return (was.vendor_id, was.number, was.billing_date, was.due, was.tax, was.commitment_id) == (
        now.vendor_id,
        now.number,
        now.billing_date,
        now.due,
        now.tax,
        now.commitment_id,
    ) and list(map(_counts, was.lines)) == list(map(_counts, now.lines))


def _counts(line: InvoiceLine) -> tuple[object, ...]:
    return (line.cost_code_id, line.budget_code, line.gross, line.withheld, line.released, line.net, line.is_rejected)


async def _redrafted(
    session: CompanySession,
    connection_id: UUID,
    members: Sequence[LinkedBillNow],
    rows: Mapping[UUID, InvoiceRow],
    posted: Mapping[UUID, BillAsIs | None],
    changed: Mapping[UUID, NewInvoice],
) -> dict[UUID, ProcoresSide]:
    linked = {one.invoice_id: one for one in members if one.invoice_id in changed}
    draftings = await _draftings(session, connection_id, [rows[invoice_id] for invoice_id in changed], changed)
    sides = {}
    for invoice_id, new in changed.items():
        one, bill = linked[invoice_id], posted[invoice_id]
        then, now = (_outcome(_without_itself(drafting, one)) for drafting in draftings[invoice_id])
        status = one.status or ""
        if not isinstance(now, BillDraft):
            sides[invoice_id] = ProcoresSide(InProcore(bill, status=status, held=_why_not(now)), now=new)
            continue
        version = as_it_would_be_posted(now)
        if bill is not None:
            version = carried_over(bill, as_it_would_be_posted(then) if isinstance(then, BillDraft) else None, version)
        sides[invoice_id] = ProcoresSide(InProcore(version, status=status), draft=now, now=new)
    return sides


async def _draftings(
    session: CompanySession, connection_id: UUID, rows: Sequence[InvoiceRow], changed: Mapping[UUID, NewInvoice]
) -> dict[UUID, tuple[Drafting, Drafting]]:
    """What drafting needs, for each invoice as it was and as it is now: another vendor has another place in the books.

    A mapping that an exact name would make is undone: comparing decides nothing.
    """
    told = len(session.events)
    async with savepoint(session) as trial:
        then = await drafting_of(session, connection_id, rows)
        now = {invoice_id: _as_now(one.invoice, changed[invoice_id]) for invoice_id, one in then.items()}
        placed = await books_of_batch(session, connection_id, now)
        await trial.rollback()
    del session.events[told:]
    return {
        invoice_id: (one, replace(one, invoice=now[invoice_id], books=placed.books[invoice_id]))
        for invoice_id, one in then.items()
    }


def _without_itself(drafting: Drafting, one: LinkedBillNow) -> Drafting:
    """The rules for a bill that is there: what it booked itself is not before it, and it is no duplicate of itself.

    Closed periods and reviews decide whether it may change, not what it would be.
    """
    balance = replace(
        drafting.balance,
        withheld=drafting.balance.withheld - one.retainage_withheld,
        released=drafting.balance.released - one.retainage_released,
        withheld_in=less(drafting.balance.withheld_in, one.retainage_account_id, one.retainage_withheld),
    )
    books = replace(
        drafting.books,
        look_alikes=(),
        posted_in=None,
        closed_through=None,
        lock_date=None,
        settings=replace(drafting.books.settings, review_before_posting=False),
    )
    return replace(drafting, balance=balance, books=books)


def _outcome(drafting: Drafting) -> Outcome:
    return draft_bill(drafting.invoice, drafting.books, drafting.balance, drafting.number_reused)


def _as_now(was: Invoice, now: NewInvoice) -> Invoice:
    return replace(
        was,
        vendor_id=now.vendor_id,
        vendor_name=now.vendor_name,
        number=now.number,
        billing_date=now.billing_date,
        due=now.due,
        tax=now.tax,
        retainage_change=now.retainage_change,
        commitment_id=now.commitment_id,
        sequence=now.sequence,
        lines=now.lines,
    )


def _why_not(outcome: Held | NothingToPost) -> str:
    if isinstance(outcome, NothingToPost):
        return "every line is zero, so nothing would be posted"
    return "; ".join(hold.sentence for hold in outcome.holds)
