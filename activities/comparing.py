"""Comparing linked invoices with their bills, from our tables alone: no provider is asked here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from temporalio import activity

from accounting.after_sync import AfterSync, Surroundings, after_sync
from accounting.bill_types import BillDraft
from accounting.bill_versions import BillAsIs, InQuickBooks, LinkedPair
from accounting.money import ZERO
from accounting.paid_cash import PaidCash
from activities.bill_versions import booked_version, payments_linked, posted_version
from activities.changed_invoices import procores_sides
from models.comparisons import DELETED, comparisons_to_make, due_comparisons, note_comparison, put_off
from models.database import Actor, CompanySession, Database
from models.invoice_documents import as_documents
from models.invoices import NewInvoice, invoices_by_id
from models.linked_pairs import LinkedBillNow, linked_bills_now
from models.paid_cash import paid_in_cash
from models.reference_lists import entries_by_key
from models.retainage_accounts import retainage_accounts
from models.tables import BillComparison, InvoiceRow, ReferenceEntry

# Pairs in one unit of work, and units of work in one look: the next look goes on.
AT_ONCE, MOST_BATCHES = 100, 20
AFTER_OUR_BUG = timedelta(hours=1)
Entries = Mapping[tuple[str, str], ReferenceEntry]


@dataclass(frozen=True)
class Compared:
    """One invoice with its bill: the three versions, what follows, and the draft of the invoice as it is now.

    ``draft`` is None where the invoice itself did not change, or cannot be drafted.
    """

    row: InvoiceRow
    linked: LinkedBillNow
    pair: LinkedPair
    told: AfterSync
    draft: BillDraft | None
    now: NewInvoice | None


async def compare_due(database: Database, company_id: UUID, actor: Actor) -> int:
    """Compare every linked invoice that is due, as far as one look goes; how many were.

    A pair that trips us is put off, so that it holds up no other.
    """
    made = 0
    for _ in range(MOST_BATCHES):
        async with database.company(company_id, actor) as session:
            due = await due_comparisons(session, AT_ONCE)
        if not due:
            break
        try:
            async with database.company(company_id, actor) as session:
                made += len(await compare(session, due))
        except Exception:
            made += await _one_by_one(database, company_id, actor, due)
    return made


async def _one_by_one(database: Database, company_id: UUID, actor: Actor, due: Sequence[UUID]) -> int:
    made = 0
    for invoice_id in due:
        try:
            async with database.company(company_id, actor) as session:
                made += len(await compare(session, [invoice_id]))
        except Exception:
            activity.logger.exception("invoice %s could not be compared with its bill", invoice_id)
            async with database.company(company_id, actor) as session:
                await put_off(session, invoice_id, AFTER_OUR_BUG)
    return made


async def compare(session: CompanySession, invoice_ids: Sequence[UUID]) -> list[Compared]:
    """Compare these invoices with their bills and write down what was found. Their comparisons stay locked until the
    unit of work ends; an invoice that is linked no more is left out and not due any more.
    """
    # Invoices first, then their comparisons: whoever notes that an invoice changed locks them in this order too.
    rows = await invoices_by_id(session, invoice_ids)
    comparisons = await comparisons_to_make(session, invoice_ids)
    compared = await judge_pairs(session, rows, comparisons)
    for one in compared:
        note_judged(session, one, comparisons.pop(one.row.id))
    for unlinked in comparisons.values():
        unlinked.due_at = None
        session.add(unlinked)
    return compared


def note_judged(session: CompanySession, one: Compared, comparison: BillComparison) -> None:
    """Write down what was found, and of which state of the bill."""
    token = DELETED if one.linked.is_deleted else one.linked.sync_token or one.linked.link_sync_token
    note_comparison(session, one.row, comparison, one.told, token)


async def judge_pairs(
    session: CompanySession, rows: Mapping[UUID, InvoiceRow], comparisons: Mapping[UUID, BillComparison]
) -> list[Compared]:
    """What follows for each of these linked invoices, by the accounting rules; only baselines are written down."""
    linked = await linked_bills_now(session, list(comparisons))
    documents = await as_documents(session, [rows[one.invoice_id] for one in linked])
    paid = await paid_in_cash(session, [one.invoice_id for one in linked])
    compared = []
    for connection_id, members in _by_connection(linked).items():
        retainage = await retainage_accounts(session, connection_id)
        posted = {one.invoice_id: _posted(session, one, comparisons[one.invoice_id], retainage) for one in members}
        sides = await procores_sides(session, connection_id, members, rows, documents, posted)
        booked = {one.invoice_id: _booked(one, retainage) or posted[one.invoice_id] for one in members}
        entries = await _entries(
            session, connection_id, [*posted.values(), *booked.values(), *(one.procore.bill for one in sides.values())]
        )
        names = {key: entry.full_name for key, entry in entries.items()}
        for one in members:
            side, bill = sides[one.invoice_id], posted[one.invoice_id]
            there = InQuickBooks(booked[one.invoice_id], one.is_deleted, one.balance)
            pair = _with_payments(LinkedPair(bill, side.procore, there, names), paid.get(one.invoice_id))
            told = after_sync(pair, _surroundings(one, pair, entries))
            compared.append(Compared(rows[one.invoice_id], one, pair, told, side.draft, side.now))
    return compared


def _by_connection(linked: Iterable[LinkedBillNow]) -> dict[UUID, list[LinkedBillNow]]:
    grouped: dict[UUID, list[LinkedBillNow]] = {}
    for one in linked:
        grouped.setdefault(one.connection_id, []).append(one)
    return grouped


def _posted(
    session: CompanySession, one: LinkedBillNow, comparison: BillComparison, retainage: frozenset[str]
) -> BillAsIs | None:
    """What was posted; for a bill that a person linked, the bill as it was found then."""
    if one.posted is not None:
        return posted_version(one.posted, one.transaction_type, retainage)
    if comparison.baseline is None and one.booked is not None and not one.is_deleted:
        comparison.baseline = one.booked
        session.add(comparison)
    if comparison.baseline is None:
        return None
    return booked_version(comparison.baseline, one.transaction_type, retainage, is_desktop=one.is_desktop)


def _booked(one: LinkedBillNow, retainage: frozenset[str]) -> BillAsIs | None:
    if one.booked is None:
        return None
    return booked_version(one.booked, one.transaction_type, retainage, is_desktop=one.is_desktop)


def _with_payments(pair: LinkedPair, paid: PaidCash | None) -> LinkedPair:
    if paid is None:
        return pair
    return replace(
        pair,
        procore=replace(pair.procore, paid=paid.in_procore),
        quickbooks=replace(pair.quickbooks, paid=paid.in_quickbooks),
    )


def _surroundings(one: LinkedBillNow, pair: LinkedPair, entries: Entries) -> Surroundings:
    wanted = pair.procore.bill or pair.posted
    vendor = entries.get(("Vendor", wanted.vendor_id)) if wanted else None
    has_payment = one.booked is not None and payments_linked(one.booked, is_desktop=one.is_desktop)
    return Surroundings(
        when_changed=one.choice,
        is_scheduled=has_payment and pair.settled_in_quickbooks == ZERO,
        later_requisition=one.later_requisition,
        inactive_vendor=vendor.full_name if vendor is not None and not vendor.active else None,
        closed_through=one.closed_through,
        lock_date=one.lock_date,
    )


async def _entries(session: CompanySession, connection_id: UUID, bills: Iterable[BillAsIs | None]) -> Entries:
    """QuickBooks' names of everything these bills point at."""
    wanted: dict[str, set[str]] = {}
    for bill in bills:
        if bill is None:
            continue
        wanted.setdefault("Vendor", set()).add(bill.vendor_id)
        wanted.setdefault("Account", set()).add(bill.ap_account_id)
        for line in bill.lines:
            wanted.setdefault("Customer", set()).add(line.customer_id)
            wanted.setdefault("Class", set()).add(line.class_id)
            wanted.setdefault("Account", set()).add(line.account_id)
            wanted.setdefault("Item", set()).add(line.item_id)
    return await entries_by_key(session, connection_id, {key: ids - {""} for key, ids in wanted.items()})
