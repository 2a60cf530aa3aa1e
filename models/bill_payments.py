"""Our copy of the bill payments in the books: stored as they are read, found again by the bills they touch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounting.money import ZERO
from accounting.payments import BILL, VENDOR_CREDIT, BillPayment, PaidBill, PaymentLine
from models.database import CompanySession
from models.rows import OnConflict, insert_rows
from models.tables import BillPaymentRow


@dataclass(frozen=True)
class KeptPayment:
    """A payment of our copy; one that is gone from the books has no lines."""

    id: UUID
    payment: BillPayment


async def store_payments(session: CompanySession, connection_id: UUID, payments: Sequence[BillPayment]) -> set[str]:
    """Bring the copy up to these payments; the bills that changed ones touch now or touched before.

    One that says what it said before changes nothing. Shares of one that changed are due to be looked at for Procore:
    its date or number may have changed where the money did not.
    """
    given = list({(one.kind, one.id): one for one in payments}.values())
    known = {(one.kind, one.quickbooks_id): one.kept() for one in await _known(session, connection_id, given)}
    changed = [one for one in given if (found := known.get((one.kind, one.id))) is None or found.payment != one]
    if not changed:
        return set()
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "connection_id": connection_id,
            "kind": one.kind,
            "quickbooks_id": one.id,
            "vendor_id": one.vendor_id,
            "total": one.total,
            "paid_on": one.paid_on,
            "number": one.number[:64],
            "is_card": one.is_card,
            "is_to_be_printed": one.is_to_be_printed,
            "currency": one.currency,
            "lines": [_as_json(line) for line in one.lines],
            "bill_ids": sorted(_bills(one)),
            "is_gone": False,
            "read_at": session.now,
        }
        for one in changed
    ]
    unique = ("company_id", "connection_id", "kind", "quickbooks_id")
    await insert_rows(session, BillPaymentRow, rows, OnConflict(unique))
    before = [found for one in changed if (found := known.get((one.kind, one.id))) is not None]
    if before:
        await session.do(ARE_DUE, payment_ids=[one.id for one in before], now=session.now)
    return {bill_id for one in (*changed, *(one.payment for one in before)) for bill_id in _bills(one)}


KNOWN = """
    SELECT payment.id, payment.kind, payment.quickbooks_id, payment.vendor_id, payment.total, payment.paid_on,
        payment.number, payment.is_card, payment.is_to_be_printed, payment.currency, payment.lines
    FROM unnest(%(kinds)s::text[], %(ids)s::text[]) AS given(kind, id)
    JOIN bill_payment AS payment
        ON payment.company_id = %(company_id)s AND payment.connection_id = %(connection_id)s
        AND payment.kind = given.kind AND payment.quickbooks_id = given.id
"""
ARE_DUE = """
    UPDATE payment_share SET is_due = true, not_before = NULL, changed_at = %(now)s
    WHERE company_id = %(company_id)s AND payment_id = ANY(%(payment_ids)s)
"""


async def _known(session: CompanySession, connection_id: UUID, payments: Sequence[BillPayment]) -> list["_Payment"]:
    kinds, ids = [one.kind for one in payments], [one.id for one in payments]
    return await session.ask(KNOWN, _Payment, connection_id=connection_id, kinds=kinds, ids=ids)


def _bills(payment: BillPayment) -> set[str]:
    return {line.id for line in payment.lines if line.kind == BILL}


GONE = """
    UPDATE bill_payment SET is_gone = true, total = 0, lines = '[]', bill_ids = '[]', read_at = %(now)s
    FROM unnest(%(kinds)s::text[], %(ids)s::text[]) AS given(kind, id)
    WHERE bill_payment.company_id = %(company_id)s AND bill_payment.connection_id = %(connection_id)s
        AND bill_payment.kind = given.kind AND bill_payment.quickbooks_id = given.id
"""


async def payments_are_gone(session: CompanySession, connection_id: UUID, gone: Sequence[tuple[str, str]]) -> set[str]:
    """These payments, by (kind, id), were deleted in the books; the bills they had touched."""
    touched = await _bills_of(session, connection_id, gone)
    kinds, ids = [kind for kind, _ in gone], [quickbooks_id for _, quickbooks_id in gone]
    await session.do(GONE, connection_id=connection_id, kinds=kinds, ids=ids, now=session.now)
    return touched


BILLS_OF = """
    SELECT DISTINCT bill.id AS bill_id
    FROM unnest(%(kinds)s::text[], %(ids)s::text[]) AS given(kind, id)
    JOIN bill_payment AS payment
        ON payment.company_id = %(company_id)s AND payment.connection_id = %(connection_id)s
        AND payment.kind = given.kind AND payment.quickbooks_id = given.id
    CROSS JOIN LATERAL jsonb_array_elements_text(payment.bill_ids) AS bill(id)
"""


@dataclass(frozen=True)
class _Bill:
    bill_id: str


async def _bills_of(session: CompanySession, connection_id: UUID, keys: Sequence[tuple[str, str]]) -> set[str]:
    kinds, ids = [kind for kind, _ in keys], [quickbooks_id for _, quickbooks_id in keys]
    found = await session.ask(BILLS_OF, _Bill, connection_id=connection_id, kinds=kinds, ids=ids)
    return {one.bill_id for one in found}


# Those that touch the bills now, and those that did when their shares were last reckoned.
TOUCHING = """
    SELECT id, kind, quickbooks_id, vendor_id, total, paid_on, number, is_card, is_to_be_printed, currency, lines
    FROM bill_payment
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s AND (
        bill_ids ?| %(bill_ids)s::text[]
        OR id IN (
            SELECT payment_id FROM payment_share AS share
            JOIN bill_link AS link
                ON link.company_id = share.company_id AND link.invoice_id = share.invoice_id
                AND link.connection_id = share.connection_id AND link.ended_at IS NULL
            WHERE share.company_id = %(company_id)s AND share.connection_id = %(connection_id)s
                AND link.quickbooks_id = ANY(%(bill_ids)s)
        )
    )
    ORDER BY paid_on, id
"""


@dataclass(frozen=True)
class _Payment:
    id: UUID
    kind: str
    quickbooks_id: str
    vendor_id: str
    total: Decimal
    paid_on: date
    number: str
    is_card: bool
    is_to_be_printed: bool
    currency: str
    lines: list[dict[str, str]]

    def kept(self) -> KeptPayment:
        payment = BillPayment(
            kind=self.kind,
            id=self.quickbooks_id,
            vendor_id=self.vendor_id,
            total=self.total,
            paid_on=self.paid_on,
            number=self.number,
            is_card=self.is_card,
            is_to_be_printed=self.is_to_be_printed,
            currency=self.currency,
            lines=tuple(_from_json(line) for line in self.lines),
        )
        return KeptPayment(self.id, payment)


async def payments_touching(session: CompanySession, connection_id: UUID, bill_ids: Iterable[str]) -> list[KeptPayment]:
    """Every payment that settles, or had a share in, one of these bills, in the order they were made."""
    found = await session.ask(TOUCHING, _Payment, connection_id=connection_id, bill_ids=sorted(bill_ids))
    return [one.kept() for one in found]


BILLS_PAID = """
    SELECT booked.quickbooks_id, booked.customer_ids, booked.transaction_date,
        (CASE WHEN booked.raw LIKE '{%%' THEN booked.raw::json ->> 'due_date' END)::date AS due_on,
        link.id IS NOT NULL AS is_ours
    FROM quickbooks_transaction AS booked
    LEFT JOIN bill_link AS link
        ON link.company_id = booked.company_id AND link.connection_id = booked.connection_id
        AND link.transaction_type = 'Bill' AND link.quickbooks_id = booked.quickbooks_id AND link.ended_at IS NULL
    WHERE booked.company_id = %(company_id)s AND booked.connection_id = %(connection_id)s
        AND booked.transaction_type = 'Bill' AND booked.quickbooks_id = ANY(%(bill_ids)s)
"""


@dataclass(frozen=True)
class _Paid:
    quickbooks_id: str
    customer_ids: list[str] | None
    transaction_date: date | None
    due_on: date | None
    is_ours: bool


async def bills_paid(
    session: CompanySession, connection_id: UUID, payments: Iterable[KeptPayment]
) -> dict[str, PaidBill]:
    """What our copy of the books knows of the bills of these payments, by bill; unknown ones are left out."""
    ids = _named(payments, BILL)
    found = await session.ask(BILLS_PAID, _Paid, connection_id=connection_id, bill_ids=ids)
    return {
        one.quickbooks_id: PaidBill(
            one.quickbooks_id,
            frozenset(one.customer_ids or ()),
            one.due_on or one.transaction_date or date.max,
            one.is_ours,
        )
        for one in found
    }


CREDITS_USED = """
    SELECT quickbooks_id, customer_ids FROM quickbooks_transaction
    WHERE company_id = %(company_id)s AND connection_id = %(connection_id)s
        AND transaction_type = 'VendorCredit' AND quickbooks_id = ANY(%(credit_ids)s)
"""


@dataclass(frozen=True)
class _Credit:
    quickbooks_id: str
    customer_ids: list[str] | None


async def jobs_of_credits(
    session: CompanySession, connection_id: UUID, payments: Iterable[KeptPayment]
) -> dict[str, frozenset[str]]:
    """The jobs that the credits used up by these payments are coded to, by credit."""
    ids = _named(payments, VENDOR_CREDIT)
    found = await session.ask(CREDITS_USED, _Credit, connection_id=connection_id, credit_ids=ids)
    return {one.quickbooks_id: frozenset(one.customer_ids or ()) for one in found}


def _named(payments: Iterable[KeptPayment], kind: str) -> list[str]:
    return sorted({line.id for one in payments for line in one.payment.lines if line.kind == kind})


def _as_json(line: PaymentLine) -> dict[str, str]:
    told = {"kind": line.kind, "id": line.id, "amount": f"{line.amount}"}
    return told | ({"discount": f"{line.discount}"} if line.discount else {})


def _from_json(line: dict[str, Any]) -> PaymentLine:
    discount = Decimal(line["discount"]) if "discount" in line else ZERO
    return PaymentLine(line["kind"], line["id"], Decimal(line["amount"]), discount)
