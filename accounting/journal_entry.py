"""A bill that QuickBooks does not take, spelled out as the journal entry that books the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounting.money import dollars


@dataclass(frozen=True)
class EntryLine:
    """One line of a bill by names: what it adds to an account (negative: takes away), for which customer or job."""

    account: str
    amount: Decimal
    customer: str = ""


def spelled_out(lines: Iterable[EntryLine]) -> str:
    """The entry in a sentence: every line of its own, debits first; nothing is netted, so that jobs keep their cost.

    Debits and credits are equal where the bill's lines net to zero.
    """
    told = list(lines)
    debits = [f"debit {_line(one)}" for one in told if one.amount > 0]
    credits_ = [f"credit {_line(one)}" for one in told if one.amount < 0]
    return f"Enter this journal entry instead: {'; '.join([*debits, *credits_])}."


def _line(one: EntryLine) -> str:
    whose = f" ({one.customer})" if one.customer else ""
    return f"{one.account} {dollars(abs(one.amount))}{whose}"
