"""The draft of each invoice, from our tables: one code path for posting, for its preview and for its review."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.bill import draft_bill
from accounting.bill_types import BillDraft, Books, Held, NothingToPost, RetainageBalance
from accounting.blockers import BlockerReason, Hold
from accounting.eligibility import ASKS_WHETHER
from accounting.invoice import Invoice
from accounting.money import ZERO
from accounting.numbers import normalise
from accounting.preview_notes import tax_sentence, warnings
from accounting.states import BEFORE_SENDING
from models.bill_links import booked_retainage
from models.books import books_of_batch
from models.database import CompanySession
from models.exact_names import MappedByName
from models.invoice_documents import as_documents
from models.reference_lists import entries_by_key
from models.requisitions import numbers_on_several_commitments
from models.retainage_accounts import Placed, in_accounts_that_take_it
from models.savepoint import savepoint
from models.tables import InvoiceRow, MappingKind

# Reasons that are told where an invoice is imported or looked at again, and nowhere else.
FROM_SOURCE = ASKS_WHETHER | {
    BlockerReason.FRACTION_OF_CENT,
    BlockerReason.UNREADABLE,
    BlockerReason.PROJECT_NOT_VISIBLE,
}
_KIND_WORDS = {MappingKind.VENDOR: "vendor", MappingKind.PROJECT: "customer or job"}
Outcome = BillDraft | Held | NothingToPost
# A draft holds every line of its invoice: what waits in a connection may be thousands.
DRAFTED_AT_ONCE = 500


@dataclass(frozen=True)
class Drafting:
    """All that decides what an invoice becomes. ``versions`` are the mappings and settings its bill remembers,
    ``by_exact_name`` the mappings among them that were made just now because names are the same.
    """

    invoice: Invoice
    books: Books
    balance: RetainageBalance
    number_reused: bool
    versions: str
    by_exact_name: tuple[MappedByName, ...] = ()

    def draft(self) -> Outcome:
        """What is posted, or why not, by the accounting rule."""
        return draft_bill(self.invoice, self.books, self.balance, self.number_reused)

    def draft_to_review(self) -> Outcome:
        """The same before anybody approved it: what a person is shown and asked to approve."""
        if not self.books.settings.review_before_posting:
            return self.draft()
        unreviewed = replace(self.books.settings, review_before_posting=False)
        return replace(self, books=replace(self.books, settings=unreviewed)).draft()


@dataclass(frozen=True)
class Previewed:
    """What would happen to one invoice if it were sent now. ``names`` are QuickBooks' names by (list, id)."""

    invoice_id: UUID
    drafting: Drafting
    outcome: Outcome
    names: Mapping[tuple[str, str], str]

    @property
    def created(self) -> tuple[str, ...]:
        """What sending would create beside the bill, one sentence each."""
        return tuple(
            f"{one.procore_name} is mapped to the {_KIND_WORDS[one.kind]} of the same name."
            for one in self.drafting.by_exact_name
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the bill says otherwise than the invoice."""
        return warnings(self.outcome, self.drafting.invoice) if isinstance(self.outcome, BillDraft) else ()

    @property
    def tax(self) -> str | None:
        return tax_sentence(self.outcome, self.drafting.invoice) if isinstance(self.outcome, BillDraft) else None


@dataclass(frozen=True)
class HeldShare:
    """One reason and how many invoices, of how much, it would hold first of all."""

    sentence: str
    count: int
    total: Decimal


@dataclass(frozen=True)
class PreviewTotals:
    """What sending everything now would do: bills and vendor credits, with their sums, and what would be held."""

    bills: int
    bills_total: Decimal
    held: int
    held_total: Decimal
    nothing: int
    reasons: tuple[HeldShare, ...]


async def drafting_of(session: CompanySession, connection_id: UUID, rows: Sequence[InvoiceRow]) -> dict[UUID, Drafting]:
    """Everything needed to draft these invoices of one connection, in the order given."""
    return await drafting_of_documents(session, connection_id, await as_documents(session, rows))


async def drafting_of_documents(
    session: CompanySession, connection_id: UUID, documents: Mapping[UUID, Invoice]
) -> dict[UUID, Drafting]:
    """The same, for invoices in the rules' own terms, by id."""
    placed = await books_of_batch(session, connection_id, documents)
    retainage = await booked_retainage(session, connection_id, [one.commitment_id for one in documents.values()])
    # Released to the vendor it was withheld from: what another one is owed is not this one's.
    booked = await in_accounts_that_take_it(
        session,
        connection_id,
        {
            invoice_id: Placed(retainage.of(one.commitment_id, books.vendor_id), books)
            for invoice_id, one in documents.items()
            for books in (placed.books[invoice_id],)
        },
    )
    numbers = {invoice_id: (one.vendor_id, normalise(one.number)) for invoice_id, one in documents.items()}
    reused = await numbers_on_several_commitments(session, numbers.values())
    return {
        invoice_id: Drafting(
            invoice=one,
            books=booked[invoice_id].books,
            balance=booked[invoice_id].balance,
            number_reused=numbers[invoice_id] in reused,
            versions=placed.versions[invoice_id],
            by_exact_name=placed.by_exact_name[invoice_id],
        )
        for invoice_id, one in documents.items()
    }


async def preview(session: CompanySession, rows: Sequence[InvoiceRow]) -> list[Previewed]:
    """What would happen to these invoices now. Nothing is kept: a mapping that an exact name would make is undone.

    An invoice without books is left out: there is nowhere it could go.
    """
    by_connection: dict[UUID, list[InvoiceRow]] = {}
    for row in rows:
        if row.connection_id is not None:
            by_connection.setdefault(row.connection_id, []).append(row)
    told = []
    events = len(session.events)
    async with savepoint(session) as trial:
        for connection_id, members in by_connection.items():
            draftings = await drafting_of(session, connection_id, members)
            from_source = await _holds_of_source(session, draftings)
            outcomes = {
                invoice_id: _held_first(from_source.get(invoice_id, ()), drafting.draft_to_review())
                for invoice_id, drafting in draftings.items()
            }
            names = await _names(session, connection_id, outcomes.values())
            told += [
                Previewed(invoice_id, draftings[invoice_id], outcome, names) for invoice_id, outcome in outcomes.items()
            ]
        await trial.rollback()
    del session.events[events:]
    order = {row.id: place for place, row in enumerate(rows)}
    return sorted(told, key=lambda one: order[one.invoice_id])


SOURCE_HOLDS = """
    SELECT invoice_id, reason, subject, subject_key FROM invoice_blocker
    WHERE company_id = %(company_id)s AND invoice_id = ANY(%(invoice_ids)s) AND cleared_at IS NULL
        AND reason = ANY(%(reasons)s)
    ORDER BY since, id
"""


@dataclass(frozen=True)
class _SourceHold:
    invoice_id: UUID
    reason: str
    subject: str
    subject_key: str


async def _holds_of_source(session: CompanySession, invoice_ids: Iterable[UUID]) -> dict[UUID, tuple[Hold, ...]]:
    """What came with an invoice from its source and holds it still: no draft would find it again."""
    found = await session.ask(SOURCE_HOLDS, _SourceHold, invoice_ids=list(invoice_ids), reasons=sorted(FROM_SOURCE))
    holds: dict[UUID, tuple[Hold, ...]] = {}
    for one in found:
        hold = Hold(BlockerReason(one.reason), one.subject, one.subject_key)
        holds[one.invoice_id] = (*holds.get(one.invoice_id, ()), hold)
    return holds


def _held_first(holds: tuple[Hold, ...], outcome: Outcome) -> Outcome:
    if not holds:
        return outcome
    return Held(holds + outcome.holds if isinstance(outcome, Held) else holds)


async def unposted(
    session: CompanySession, connection_id: UUID, limit: int | None = None, offset: int = 0
) -> list[InvoiceRow]:
    """A connection's invoices that are approved and not sent yet, in approval order; a page of them under a limit."""
    found = await session.exec(
        select(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.connection_id == connection_id)
        .where(*_is_unposted())
        .order_by(col(InvoiceRow.approved_at), col(InvoiceRow.sequence), col(InvoiceRow.id))
        .limit(limit)
        .offset(offset)
    )
    return list(found)


async def count_unposted(session: CompanySession, connection_id: UUID) -> int:
    """How many there are."""
    found = await session.exec(
        select(sa.func.count())
        .select_from(InvoiceRow)
        .where(InvoiceRow.company_id == session.company_id, InvoiceRow.connection_id == connection_id)
        .where(*_is_unposted())
    )
    return found.one()


def _is_unposted() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(InvoiceRow.state).in_(BEFORE_SENDING),
        col(InvoiceRow.approval_withdrawn).is_(False),
        col(InvoiceRow.approved_at).is_not(None),
    )


async def preview_totals(session: CompanySession, connection_id: UUID) -> PreviewTotals:
    """Count and sum what would be posted now and what would be held, by the first reason of each."""
    bills, held, nothing = [], [], 0
    by_reason: dict[str, list[Decimal]] = {}
    rows = await unposted(session, connection_id)
    for begin in range(0, len(rows), DRAFTED_AT_ONCE):
        for one in await preview(session, rows[begin : begin + DRAFTED_AT_ONCE]):
            match one.outcome:
                case BillDraft() as draft:
                    bills.append(draft.total)
                case Held(holds):
                    held.append(one.drafting.invoice.due)
                    by_reason.setdefault(holds[0].sentence, []).append(one.drafting.invoice.due)
                case NothingToPost():
                    nothing += 1
    shares = [HeldShare(sentence, len(dues), sum(dues, ZERO)) for sentence, dues in by_reason.items()]
    return PreviewTotals(
        bills=len(bills),
        bills_total=sum(bills, ZERO),
        held=len(held),
        held_total=sum(held, ZERO),
        nothing=nothing,
        reasons=tuple(sorted(shares, key=lambda share: (-share.total, share.sentence))),
    )


async def _names(
    session: CompanySession, connection_id: UUID, outcomes: Iterable[Outcome]
) -> dict[tuple[str, str], str]:
    wanted: dict[str, set[str]] = {}
    for draft in outcomes:
        if not isinstance(draft, BillDraft):
            continue
        wanted.setdefault("Vendor", set()).add(draft.vendor_id)
        wanted.setdefault("Account", set()).add(draft.ap_account_id)
        for entity, quickbooks_id in (("Term", draft.terms_id), ("Department", draft.location_id)):
            if quickbooks_id:
                wanted.setdefault(entity, set()).add(quickbooks_id)
        for line in draft.lines:
            wanted.setdefault("Customer", set()).add(line.customer_id)
            target = ("Item", line.item_id) if line.item_id else ("Account", line.account_id)
            wanted.setdefault(target[0], set()).add(target[1])
            if line.class_id:
                wanted.setdefault("Class", set()).add(line.class_id)
    entries = await entries_by_key(session, connection_id, wanted)
    return {key: entry.full_name for key, entry in entries.items()}
