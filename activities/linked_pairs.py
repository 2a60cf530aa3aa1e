"""From our tables to linked pairs as the accounting rule compares them: posted, in Procore now, in QuickBooks now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from accounting.bill import draft_bill
from accounting.bill_types import BillDraft, Books, Held, NothingToPost, RetainageBalance, TransactionKind
from accounting.bill_versions import (
    Approval,
    BillAsIs,
    InProcore,
    InQuickBooks,
    LinkedPair,
    Names,
    as_it_would_be_posted,
)
from accounting.changed_bill import carried_over
from accounting.invoice import Invoice
from accounting.money import ZERO
from accounting.numbers import normalise
from accounting.reconciliation import NOTHING, Amounts
from activities.bill_versions import booked_version, posted_version
from activities.requisition_reading import is_approved, read
from models.bill_links import retainage_balances
from models.books import books_of_batch
from models.database import CompanySession
from models.invoices import as_documents, invoices_by_id
from models.linked_pairs import retainage_accounts
from models.pairs_to_compare import PairRow, requisition_texts
from models.reference_lists import entries_by_key
from models.requisitions import numbers_on_several_commitments
from providers.procore.requisitions import Requisition, read_requisition

NO_NAMES: Names = {}
NOTHING_NOW = "all its lines are zero: nothing to post"


@dataclass(frozen=True)
class ReadPair:
    """A link with both its sides read; ``bill`` is what it came to as posted or linked, ``now`` in QuickBooks.

    ``now`` is None for a deleted bill; where the copy of the books does not tell, it is as it was.
    """

    row: PairRow
    pair: LinkedPair
    bill: Amounts
    now: Amounts | None


async def read_pairs(
    session: CompanySession, connection_id: UUID, rows: Sequence[PairRow], *, is_desktop: bool
) -> list[ReadPair]:
    """Each link of one connection with its three versions, without names. Nothing is written, nothing is mapped."""
    retainage = await retainage_accounts(session, connection_id)
    posted = {row.link_id: _posted(row, retainage) for row in rows}
    to_draft = [row for row in rows if _has_to_be_drafted(row, posted[row.link_id])]
    drafted = await _drafts(session, connection_id, to_draft) if to_draft else {}
    told = []
    for row in rows:
        there = row.book_raw and booked_version(row.book_raw, row.transaction_type, retainage, is_desktop=is_desktop)
        told.append(_read(row, posted[row.link_id], drafted.get(row.link_id), there or None))
    return told


async def names_of(session: CompanySession, connection_id: UUID, pairs: Sequence[LinkedPair]) -> Names:
    """QuickBooks' names of everything in these pairs."""
    wanted: dict[str, set[str]] = {}
    for bill in (one for pair in pairs for one in (pair.posted, pair.procore.bill, pair.quickbooks.bill) if one):
        wanted.setdefault("Vendor", set()).add(bill.vendor_id)
        wanted.setdefault("Account", set()).update((bill.ap_account_id, *(line.account_id for line in bill.lines)))
        wanted.setdefault("Item", set()).update(line.item_id for line in bill.lines)
        wanted.setdefault("Customer", set()).update(line.customer_id for line in bill.lines)
        wanted.setdefault("Class", set()).update(line.class_id for line in bill.lines)
    named = {entity: {one for one in ids if one} for entity, ids in wanted.items()}
    entries = await entries_by_key(session, connection_id, {entity: ids for entity, ids in named.items() if ids})
    return {key: entry.full_name for key, entry in entries.items()}


def _posted(row: PairRow, retainage: frozenset[str]) -> BillAsIs | None:
    if row.posted is None:
        return None
    try:
        return posted_version(row.posted, row.transaction_type, retainage)
    except (ValueError, KeyError):
        # As if a person had linked it: what was posted cannot be told any more, the two sides still can.
        return None


def _has_to_be_drafted(row: PairRow, posted: BillAsIs | None) -> bool:
    """What was posted is what Procore says, unless its requisition is another text by now or nobody posted it.

    A mapping that changed since is no change of Procore's: it is for the bills to come.
    """
    if posted is None or row.is_changed:
        return True
    return row.is_from_procore and row.is_readable and row.raw_sha256 != row.source_sha256


def _read(row: PairRow, posted: BillAsIs | None, drafted: "_Drafted | None", there: BillAsIs | None) -> ReadPair:
    pair = LinkedPair(
        posted=posted,
        procore=InProcore(
            bill=drafted.carried_to(posted) if drafted else posted,
            approval=_approval(row),
            status=row.status or "approved",
            held=drafted.held if drafted else "",
        ),
        quickbooks=InQuickBooks(there, row.is_deleted, row.balance),
        names=NO_NAMES,
    )
    bill = Amounts(row.retainage, row.net)
    now = None if row.is_deleted else _amounts(there, posted, bill)
    return ReadPair(row, pair, bill, now)


def _approval(row: PairRow) -> Approval:
    if row.status is not None and not is_approved(row.status):
        return Approval.WITHDRAWN
    # Withdrawn by us although Procore's last word was an approval: it is not listed there any more.
    return Approval.GONE if row.is_withdrawn else Approval.APPROVED


def _amounts(there: BillAsIs | None, posted: BillAsIs | None, bill: Amounts) -> Amounts:
    """What a bill comes to in QuickBooks now, in the invoice's sign: as it was linked, and what moved since."""
    if there is None:
        return bill
    now = _sums(there)
    if not there.total and not any(line.amount for line in there.lines):
        return NOTHING
    # Where somebody linked it, what the books call retainage is not known: only the total can have moved.
    return bill + (now - _sums(posted)) if posted is not None else Amounts(bill.retainage, now.net)


def _sums(bill: BillAsIs) -> Amounts:
    sign = 1 if bill.kind is TransactionKind.BILL else -1
    kept = -sum((line.amount for line in bill.lines if line.is_retainage), ZERO)
    return Amounts(kept * sign, bill.total * sign)


# --- what Procore's invoice would be posted as now


@dataclass(frozen=True)
class _Drafted:
    """What the invoice would be posted as, as it was when it came in and as Procore has it now, by the same rules."""

    then: BillAsIs | None
    now: BillAsIs | None
    held: str = ""

    def carried_to(self, posted: BillAsIs | None) -> BillAsIs | None:
        if posted is None or self.now is None:
            return self.now
        return carried_over(posted, self.then, self.now)


async def _drafts(session: CompanySession, connection_id: UUID, rows: Sequence[PairRow]) -> dict[UUID, _Drafted]:
    """A fresh draft of each, from Procore's text as it is now; what an exact name would map is undone."""
    events = len(session.events)
    async with session.begin_nested() as trial:
        told = await _draft_all(session, connection_id, rows)
        await trial.rollback()
    del session.events[events:]
    return told


async def _draft_all(session: CompanySession, connection_id: UUID, rows: Sequence[PairRow]) -> dict[UUID, _Drafted]:
    invoices = await invoices_by_id(session, [row.invoice_id for row in rows])
    then = await as_documents(session, list(invoices.values()))
    texts = await requisition_texts(
        session, [invoices[row.invoice_id].source_id for row in rows if row.is_from_procore and row.is_readable]
    )
    now = dict(then)
    for invoice_id, imported in invoices.items():
        raw = texts.get(imported.source_id)
        if raw is not None and isinstance(told := read_requisition(raw), Requisition):
            now[invoice_id] = _as_it_is_now(then[invoice_id], told)
    before, after = [await _draft(session, connection_id, rows, documents) for documents in (then, now)]
    return {link_id: _Drafted(before[link_id][0], bill, held) for link_id, (bill, held) in after.items()}


async def _draft(
    session: CompanySession,
    connection_id: UUID,
    rows: Sequence[PairRow],
    documents: Mapping[UUID, Invoice],
) -> dict[UUID, tuple[BillAsIs | None, str]]:
    """The bill of each document, or None and why there is none, by its link's id."""
    placed = await books_of_batch(session, connection_id, documents)
    balances = await retainage_balances(session, [one.commitment_id for one in documents.values()])
    keys = {invoice_id: (one.vendor_id, normalise(one.number)) for invoice_id, one in documents.items()}
    reused = await numbers_on_several_commitments(session, keys.values())
    told = {}
    for row in rows:
        invoice = documents[row.invoice_id]
        outcome = draft_bill(
            invoice,
            _as_if_unposted(placed.books[row.invoice_id]),
            _without(row, balances.get(invoice.commitment_id, RetainageBalance(ZERO, ZERO))),
            keys[row.invoice_id] in reused,
        )
        told[row.link_id] = _bill(outcome)
    return told


def _bill(outcome: BillDraft | Held | NothingToPost) -> tuple[BillAsIs | None, str]:
    match outcome:
        case BillDraft():
            return as_it_would_be_posted(outcome), ""
        case Held(holds):
            return None, holds[0].sentence
        case NothingToPost():
            return None, NOTHING_NOW


def _as_it_is_now(document: Invoice, requisition: Requisition) -> Invoice:
    """The invoice with what Procore says today; its number with us and its names stay."""
    now = read(requisition).invoice
    return replace(
        document,
        project_id=now.project_id,
        commitment_id=now.commitment_id,
        sequence=now.sequence,
        vendor_id=now.vendor_id,
        vendor_name=now.vendor_name,
        number=now.number,
        billing_date=now.billing_date,
        currency=now.currency,
        due=now.due,
        tax=now.tax,
        retainage_change=now.retainage_change,
        lines=now.lines,
    )


def _as_if_unposted(books: Books) -> Books:
    """Its books without what holds only what is not posted yet: closed periods, look-alikes, a review."""
    return replace(
        books,
        closed_through=None,
        lock_date=None,
        look_alikes=(),
        posted_in=None,
        settings=replace(books.settings, review_before_posting=False),
    )


def _without(row: PairRow, balance: RetainageBalance) -> RetainageBalance:
    """What is booked for the commitment but for this bill."""
    kept = row.retainage
    return replace(balance, withheld=balance.withheld - max(kept, ZERO), released=balance.released - max(-kept, ZERO))
