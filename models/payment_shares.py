"""What each payment did for each of our invoices, reckoned anew whenever the books say something of either."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounting.money import ZERO
from accounting.payments import Share, shares_of
from accounting.settlement import as_confirmed, settlement
from accounting.states import Settled
from models.bill_payments import KeptPayment, bills_paid, jobs_of_credits, payments_touching
from models.database import CompanySession
from models.events import record_event
from models.rows import OnConflict, insert_rows
from models.tables import PaymentShare


@dataclass(frozen=True)
class LinkedInvoice:
    """An invoice with a bill in the books. ``credits_told`` is what the bill itself says credits settled of it."""

    invoice_id: UUID
    bill_id: str
    total: Decimal
    balance: Decimal | None
    settled: Settled
    credits_told: Decimal | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "settled", Settled(self.settled))


# QuickBooks Desktop lists on a bill what settled it; the sign of the amounts differs between versions.
LINKED = """
    SELECT link.invoice_id, link.quickbooks_id AS bill_id, coalesce(booked.total, link.total) AS total,
        CASE WHEN booked.is_deleted THEN coalesce(booked.total, link.total) ELSE booked.balance END AS balance,
        invoice.settled, (
            SELECT sum(abs((told ->> 'amount')::numeric))
            FROM json_array_elements(CASE WHEN booked.raw LIKE '{%%' THEN booked.raw::json -> 'linked' END) AS told
            WHERE told ->> 'txn_type' = 'VendorCredit'
        ) AS credits_told
    FROM bill_link AS link
    JOIN invoice ON invoice.company_id = link.company_id AND invoice.id = link.invoice_id
    JOIN quickbooks_transaction AS booked
        ON booked.company_id = link.company_id AND booked.connection_id = link.connection_id
        AND booked.transaction_type = 'Bill' AND booked.quickbooks_id = link.quickbooks_id
    WHERE link.company_id = %(company_id)s AND link.connection_id = %(connection_id)s AND link.ended_at IS NULL
        AND link.transaction_type = 'Bill' AND link.quickbooks_id = ANY(%(bill_ids)s)
    ORDER BY link.invoice_id
    FOR UPDATE OF invoice
"""


@dataclass(frozen=True)
class _Known:
    payment_id: UUID
    invoice_id: UUID
    bill_id: str
    cash: Decimal
    credit: Decimal
    discount: Decimal
    other: Decimal
    is_unclear: bool
    confirmed_cash: Decimal | None

    @property
    def share(self) -> Share:
        return Share(self.bill_id, self.cash, self.credit, self.discount, self.other, self.is_unclear)

    @property
    def decided(self) -> Share:
        """With what a person said of it."""
        return self.share if self.confirmed_cash is None else as_confirmed(self.share, self.confirmed_cash)


KNOWN = """
    SELECT payment_id, invoice_id, bill_id, cash, credit, discount, other, is_unclear, confirmed_cash
    FROM payment_share WHERE company_id = %(company_id)s AND invoice_id = ANY(%(invoice_ids)s)
"""
FITS_NOW = """
    UPDATE payment_share SET is_due = true, not_before = NULL
    WHERE company_id = %(company_id)s AND invoice_id = ANY(%(invoice_ids)s) AND hold = 'larger_than_bill'
"""
UNLINKED = """
    WITH share AS (
        UPDATE payment_share AS share
        SET cash = 0, credit = 0, discount = 0, other = 0, is_unclear = false, confirmed_cash = NULL, is_due = true,
            not_before = NULL, changed_at = %(now)s
        WHERE share.company_id = %(company_id)s AND share.connection_id = %(connection_id)s
            AND share.bill_id = ANY(%(bill_ids)s)
            AND (share.cash, share.credit, share.discount, share.other) <> (0, 0, 0, 0)
            AND NOT EXISTS (
                SELECT FROM bill_link AS link
                WHERE link.company_id = share.company_id AND link.connection_id = share.connection_id
                    AND link.invoice_id = share.invoice_id AND link.quickbooks_id = share.bill_id
                    AND link.ended_at IS NULL
            )
        RETURNING share.invoice_id
    )
    UPDATE invoice SET settled = 'open' FROM share
    WHERE invoice.company_id = %(company_id)s AND invoice.id = share.invoice_id
"""
SETTLED = """
    UPDATE invoice SET settled = given.settled
    FROM unnest(%(ids)s::uuid[], %(settled)s::text[]) AS given(id, settled)
    WHERE invoice.company_id = %(company_id)s AND invoice.id = given.id
"""


async def settle_bills(session: CompanySession, connection_id: UUID, bill_ids: Iterable[str]) -> None:
    """Reckon anew what settled the bills of ours among these. What changed is due to be looked at for Procore.

    Comes after the copy was brought up to date, or a link made or ended, in the same unit of work; a bill nobody linked
    settles nothing, and what it settled before its link ended is taken back.
    """
    asked = sorted(set(bill_ids))
    if not asked:
        return
    await session.do(UNLINKED, connection_id=connection_id, bill_ids=asked, now=session.now)
    linked = await session.ask(LINKED, LinkedInvoice, connection_id=connection_id, bill_ids=asked)
    if not linked:
        return
    by_bill = {one.bill_id: one for one in linked}
    payments = await payments_touching(session, connection_id, by_bill)
    wanted = await _shares(session, connection_id, payments, by_bill)
    known = await session.ask(KNOWN, _Known, invoice_ids=[one.invoice_id for one in linked])
    before = {(one.payment_id, one.invoice_id): one for one in known}
    dates = {one.id: one.payment.paid_on for one in payments}
    changed = {key: share for key, share in wanted.items() if key not in before or before[key].share != share}
    gone = {key: Share(one.bill_id, ZERO) for key, one in before.items() if key not in wanted and _is_something(one)}
    await _store(session, connection_id, changed | gone, before)
    # What was too much for the bill may fit now.
    await session.do(FITS_NOW, invoice_ids=[one.invoice_id for one in linked])
    _tell(session, changed | gone, before, dates)
    await _settle(
        session, linked, {key: share if key in changed else before[key].decided for key, share in wanted.items()}
    )


async def _shares(
    session: CompanySession, connection_id: UUID, payments: Sequence[KeptPayment], by_bill: Mapping[str, LinkedInvoice]
) -> dict[tuple[UUID, UUID], Share]:
    bills = await bills_paid(session, connection_id, payments)
    jobs = await jobs_of_credits(session, connection_id, payments)
    return {
        (one.id, by_bill[share.bill_id].invoice_id): share
        for one in payments
        for share in shares_of(one.payment, bills, jobs)
        if share.bill_id in by_bill
    }


def _is_something(known: _Known) -> bool:
    return any((known.cash, known.credit, known.discount, known.other))


async def _store(
    session: CompanySession,
    connection_id: UUID,
    shares: Mapping[tuple[UUID, UUID], Share],
    before: Mapping[tuple[UUID, UUID], _Known],
) -> None:
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "connection_id": connection_id,
            "payment_id": payment_id,
            "invoice_id": invoice_id,
            "bill_id": share.bill_id,
            "cash": share.cash,
            "credit": share.credit,
            "discount": share.discount,
            "other": share.other,
            "is_unclear": share.is_unclear,
            # What a person confirmed was confirmed of another amount.
            "confirmed_cash": None,
            "confirmed_by": None,
            "is_due": True,
            "not_before": None,
            "hold": None,
            "said": None,
            "procore_is_ours": False,
            "changed_at": session.now,
        }
        for (payment_id, invoice_id), share in shares.items()
    ]
    unique = ("company_id", "payment_id", "invoice_id")
    await insert_rows(session, PaymentShare, rows, OnConflict(unique, keeps=("procore_is_ours",)))


def _tell(
    session: CompanySession,
    changed: Mapping[tuple[UUID, UUID], Share],
    before: Mapping[tuple[UUID, UUID], _Known],
    dates: Mapping[UUID, date],
) -> None:
    for key, share in changed.items():
        payment_id, invoice_id = key
        paid_on = dates[payment_id].isoformat() if payment_id in dates else None
        told: dict[str, Any] = {"amount": f"{share.cash}", "paid_on": paid_on}
        told |= {"credit": f"{share.credit}"} if share.credit else {}
        told |= {"before": f"{before[key].cash}"} if key in before else {}
        record_event(session, "invoice", invoice_id, "payment_changed" if key in before else "payment_read", **told)


async def _settle(
    session: CompanySession, linked: Sequence[LinkedInvoice], wanted: Mapping[tuple[UUID, UUID], Share]
) -> None:
    of_invoice: dict[UUID, list[Share]] = {}
    for (_, invoice_id), share in wanted.items():
        of_invoice.setdefault(invoice_id, []).append(share)
    moved: dict[UUID, Settled] = {}
    for one in linked:
        if one.balance is None:
            continue
        shares = of_invoice.get(one.invoice_id, ())
        found = settlement(one.total, one.balance, shares, one.credits_told or ZERO).settled
        if found is not one.settled:
            moved[one.invoice_id] = found
            record_event(session, "invoice", one.invoice_id, "settled", settled=found.value, before=one.settled.value)
    if moved:
        await session.do(SETTLED, ids=list(moved), settled=[found.value for found in moved.values()])
