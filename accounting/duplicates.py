"""Never pay twice: what in the books looks like the invoice at hand, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounting.money import dollars
from accounting.numbers import normalise

# Two months' draws of the same amount lie at least 28 days apart; a bill typed late is rarely six weeks late.
NEAR = timedelta(days=45)


@dataclass(frozen=True)
class BookedTransaction:
    """A bill, vendor credit, check or expense as it stands in the books.

    ``gross`` is the sum of its positive lines, ``customer_ids`` the jobs it is coded to (none: to no job), ``linked``
    whether it answers another invoice already. ``key`` names it within one connection (``Bill:145``).
    """

    key: str
    kind: str
    vendor_id: str
    number: str
    transaction_date: date
    total: Decimal
    gross: Decimal
    customer_ids: frozenset[str]
    linked: bool = False

    @property
    def words(self) -> str:
        """``bill INV-1042 of June 30, 2026, $15,300.00``."""
        day = f"{self.transaction_date:%B} {self.transaction_date.day}, {self.transaction_date.year}"
        return f"{self.kind} {self.number or 'without a number'} of {day}, {dollars(self.total)}"


@dataclass(frozen=True)
class Wanted:
    """What the bill at hand would be, as duplicates are compared; amounts as they would be posted."""

    vendor_id: str
    number: str
    customer_id: str
    bill_date: date
    net: Decimal
    gross: Decimal


def look_alikes(wanted: Wanted, booked: Iterable[BookedTransaction]) -> tuple[BookedTransaction, ...]:
    """Transactions of the vendor with the same normalised number, or on the same job with the same net or gross
    amount within 45 days; those linked to another invoice or coded to other jobs only are none."""
    number = normalise(wanted.number)
    return tuple(
        one
        for one in booked
        if one.vendor_id == wanted.vendor_id
        and not one.linked
        and (not one.customer_ids or wanted.customer_id in one.customer_ids)
        and ((number and normalise(one.number) == number) or _same_money(wanted, one))
    )


def _same_money(wanted: Wanted, one: BookedTransaction) -> bool:
    amounts = {abs(wanted.net), abs(wanted.gross)} - {Decimal(0)}
    return abs(one.transaction_date - wanted.bill_date) <= NEAR and not amounts.isdisjoint({one.total, one.gross})


BILL = "bill"


@dataclass(frozen=True)
class Match:
    """Something in the books that looks like an invoice; ``is_sure`` where nobody has to look at it."""

    booked: BookedTransaction
    is_sure: bool


def surely_the_same(wanted: Wanted, one: BookedTransaction) -> bool:
    """Whether a look-alike is the invoice's own bill: a bill of the same number for the same net amount, dated within
    45 days. Everything else (a check, another amount, no number) is for a person to compare.
    """
    number = normalise(wanted.number)
    return (
        one.kind == BILL
        and bool(number)
        and normalise(one.number) == number
        and one.total == wanted.net
        and abs(one.transaction_date - wanted.bill_date) <= NEAR
    )
