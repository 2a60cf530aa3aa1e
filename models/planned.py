"""What an invoice that is not imported yet would become: drafted as posting drafts it, and nothing of it kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from accounting.bill import in_these_books
from accounting.bill_types import BillDraft, Held, RetainageBalance, WithheldIn
from accounting.duplicates import Match
from accounting.numbers import normalise
from accounting.plan import PlannedOutcome
from accounting.retainage import retainage_booked
from models.database import CompanySession
from models.drafting import Drafting, Outcome, drafting_of_documents
from models.invoice_documents import as_if_imported
from models.invoices import NewInvoice
from models.requisitions import numbers_on_several_commitments
from models.savepoint import savepoint


@dataclass(frozen=True)
class Planned:
    """One invoice of a plan with all that decides its bill, by the id of its requisition."""

    requisition_id: str
    drafting: Drafting

    @property
    def matches(self) -> tuple[Match, ...]:
        """What in the books looks like it."""
        return in_these_books(self.drafting.invoice, self.drafting.books, self.drafting.number_reused)


async def planned(session: CompanySession, connection_id: UUID, new: Sequence[NewInvoice]) -> list[Planned]:
    """Draft these invoices as if they were imported, by one connection's books, in the order given.

    Nothing of them is written; mappings that an exact name makes are taken back.
    """
    documents = await as_if_imported(session, new)
    events = len(session.events)
    async with savepoint(session) as trial:
        draftings = await drafting_of_documents(session, connection_id, documents)
        session.expunge_all()
        await trial.rollback()
    del session.events[events:]
    return [Planned(one.invoice.source_id, one) for one in draftings.values()]


async def numbered(session: CompanySession, draftings: Sequence[Planned]) -> list[Planned]:
    """The same, knowing which numbers stand on several commitments now: since they were drafted more was listed."""
    used = [(one.drafting.invoice.vendor_id, normalise(one.drafting.invoice.number)) for one in draftings]
    reused = await numbers_on_several_commitments(session, used)
    return [
        one
        if (number in reused) == one.drafting.number_reused
        else replace(one, drafting=replace(one.drafting, number_reused=number in reused))
        for one, number in zip(draftings, used, strict=True)
    ]


def outcomes(
    draftings: Iterable[Planned], linked: Mapping[str, str], taken: frozenset[str]
) -> dict[str, PlannedOutcome]:
    """What drafting each comes to when a commitment's go in their order: what earlier ones book as retainage is there
    for the later ones to release.

    ``linked`` names the transaction of each that gets a link, which books its retainage too; ``taken`` are all of them.
    """
    balances: dict[str, RetainageBalance] = {}
    told: dict[str, PlannedOutcome] = {}
    for one in sorted(draftings, key=lambda one: (one.drafting.invoice.commitment_id, one.drafting.invoice.sequence)):
        invoice = one.drafting.invoice
        balance = balances.get(invoice.commitment_id, one.drafting.balance)
        if one.requisition_id in linked:
            balances[invoice.commitment_id] = _with(balance, invoice.withheld, invoice.released)
            continue
        outcome = _without(one.drafting, taken, balance).draft_to_review()
        told[one.requisition_id] = _told(outcome)
        if isinstance(outcome, BillDraft):
            balances[invoice.commitment_id] = _with(balance, *retainage_booked(outcome))
    return told


def _without(drafting: Drafting, taken: frozenset[str], balance: RetainageBalance) -> Drafting:
    """The same once those transactions answer other invoices, and with this much retainage booked before it."""
    if not taken and balance is drafting.balance:
        return drafting
    left = tuple(booked for booked in drafting.books.look_alikes if booked.key not in taken)
    return replace(drafting, books=replace(drafting.books, look_alikes=left), balance=balance)


def _with(balance: RetainageBalance, withholds: Decimal, releases: Decimal) -> RetainageBalance:
    # Whatever a plan posts is withheld in the account in force.
    kept = (WithheldIn(None, withholds),) if withholds > 0 else ()
    return replace(
        balance,
        withheld=balance.withheld + withholds,
        released=balance.released + releases,
        withheld_in=(*balance.withheld_in, *kept),
    )


def _told(outcome: Outcome) -> PlannedOutcome:
    match outcome:
        case BillDraft():
            return PlannedOutcome(posts=outcome.total)
        case Held(holds):
            return PlannedOutcome(held_because=holds[0].sentence)
        case _:
            return PlannedOutcome()
