"""Payments back are cash: what one bill payment put on each bill, less credits and discounts.

QuickBooks Online says how much of a payment went to each bill and to each credit, and leaves open which bill took which
credit. QuickBooks Desktop says it bill by bill. Both become the same shares here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from accounting.money import ZERO

BILL, VENDOR_CREDIT = "Bill", "VendorCredit"
# What people write where a check number would stand when no check was written.
_NO_CHECK = re.compile(r"\s*(ach|eft|wire)\b", re.IGNORECASE)
_ORIGIN_PREFIX = "ib-"
# As long as the longest id that Procore's own page on origin ids shows.
_ORIGIN_LENGTH = 36


class PaymentMethod(StrEnum):
    """Procore's words (OpenAPI, RestV10ContractPaymentsPost)."""

    CHECK = "check"
    CREDIT_CARD = "credit_card"
    ELECTRONIC = "electronic"


@dataclass(frozen=True)
class PaymentLine:
    """What a payment says of one transaction: a bill it settles, or a credit, journal entry or check it uses up.

    ``amount`` is positive for either. ``discount`` is what was taken off the bill beside it (Desktop only).
    """

    kind: str
    id: str
    amount: Decimal
    discount: Decimal = ZERO


@dataclass(frozen=True)
class BillPayment:
    """A bill payment as it stands in the books; voided, it has no lines and a total of zero.

    ``total`` is the money that moved. ``number`` is the check number or what stands in its place. ``currency`` is empty
    where QuickBooks names none: the home currency then.
    """

    kind: str
    id: str
    vendor_id: str
    total: Decimal
    paid_on: date
    number: str
    is_card: bool
    is_to_be_printed: bool
    currency: str
    lines: tuple[PaymentLine, ...]

    @property
    def method(self) -> PaymentMethod:
        """No check number, or ACH, EFT or wire in its place, is electronic."""
        if self.is_card:
            return PaymentMethod.CREDIT_CARD
        if not self.number.strip() or _NO_CHECK.match(self.number):
            return PaymentMethod.ELECTRONIC
        return PaymentMethod.CHECK


@dataclass(frozen=True)
class PaidBill:
    """What decides which credit a bill took: the jobs it is coded to, when it is due, whether it is one of ours."""

    id: str
    jobs: frozenset[str]
    due_on: date
    is_ours: bool


@dataclass(frozen=True)
class Share:
    """What one payment did for one bill. ``other`` came from a journal entry or a check coded to A/P: no cash of this
    payment. ``is_unclear``: a person has to say how much of it was cash.
    """

    bill_id: str
    cash: Decimal
    credit: Decimal = ZERO
    discount: Decimal = ZERO
    other: Decimal = ZERO
    is_unclear: bool = False


def shares_of(
    payment: BillPayment, bills: Mapping[str, PaidBill], jobs_of_credits: Mapping[str, frozenset[str]]
) -> tuple[Share, ...]:
    """What the payment did for each bill, by bill; the cash of all shares is what it put on bills.

    A credit goes to bills of its own job first, then to those due first; a bill nobody knows is not ours and due last.
    Where credits were used, cash moved too and bills that are not ours are involved, our shares are unclear: which of
    the bills took the credit is a guess. So are shares of a payment whose lines come to more than its money.
    """
    gross: dict[str, Decimal] = {}
    discounts: dict[str, Decimal] = {}
    for line in payment.lines:
        if line.kind == BILL:
            gross[line.id] = gross.get(line.id, ZERO) + line.amount
            discounts[line.id] = discounts.get(line.id, ZERO) + line.discount
    used = [line for line in payment.lines if line.kind != BILL]
    cash = sum(gross.values(), ZERO) - sum((line.amount for line in used), ZERO)
    discount = sum(discounts.values(), ZERO)
    if discount and cash - discount == payment.total:
        # Some versions of QuickBooks Desktop count the discount into the amount applied.
        gross = {bill_id: amount - discounts[bill_id] for bill_id, amount in gross.items()}
        cash -= discount
    known = {bill_id: bills.get(bill_id) or PaidBill(bill_id, frozenset(), date.max, False) for bill_id in gross}
    involves_others = not all(bill.is_ours for bill in known.values())
    is_unclear = (bool(used) and cash > 0 and len(gross) > 1 and involves_others) or not 0 <= cash <= payment.total
    found = {
        bill_id: Share(bill_id, amount, discount=discounts[bill_id], is_unclear=is_unclear)
        for bill_id, amount in gross.items()
    }
    in_order = sorted(known.values(), key=lambda bill: (bill.due_on, bill.id))
    credits = [line for line in used if line.kind == VENDOR_CREDIT]
    left = {place: line.amount for place, line in enumerate(credits)}
    for same_job in (True, False):
        for place, line in enumerate(credits):
            jobs = jobs_of_credits.get(line.id, frozenset())
            takers = [bill for bill in in_order if not same_job or bill.jobs & jobs]
            left[place] = _spread(found, takers, left[place], "credit")
    for line in used:
        if line.kind != VENDOR_CREDIT:
            _spread(found, in_order, line.amount, "other")
    return tuple(found.values())


def _spread(found: dict[str, Share], takers: Iterable[PaidBill], amount: Decimal, part: str) -> Decimal:
    """Turn cash of these bills, in order, into what it came from; what is left of the amount."""
    for bill in takers:
        share = found[bill.id]
        taken = min(amount, max(share.cash, ZERO))
        if taken:
            moved = {"cash": share.cash - taken, part: getattr(share, part) + taken}
            found[bill.id] = replace(share, **moved)
            amount -= taken
    return amount


def origin_id(connection_id: str, payment_kind: str, payment_id: str, bill_id: str) -> str:
    """The ``origin_id`` of the contract payment for a payment's share in a bill: the same whenever it is made."""
    named = "/".join((connection_id, payment_kind, payment_id, bill_id))
    return _ORIGIN_PREFIX + sha256(named.encode()).hexdigest()[: _ORIGIN_LENGTH - len(_ORIGIN_PREFIX)]


def is_origin(origin: str | None) -> bool:
    """Whether an ``origin_id`` is one of ours."""
    return origin is not None and origin.startswith(_ORIGIN_PREFIX)
