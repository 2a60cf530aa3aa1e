"""What turning mirroring on would do, as shown to an admin and accepted by its hash."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Self

from accounting.money import ZERO, dollars


class PlanVerdict(StrEnum):
    """The pile an invoice lies in: linked to the bill that is there, made a bill, left out, or held for a person."""

    LINK = "link"
    CREATE = "create"
    ASK = "ask"
    SKIP = "skip"


@dataclass(frozen=True)
class PlanEntry:
    """One requisition of a plan. ``reason`` says why it is skipped or asked about, empty for one that is created.

    ``transaction_key`` (``Bill:145``) and ``transaction`` (its words) name what in the books it is linked to, or what
    it may be.
    """

    requisition_id: str
    verdict: PlanVerdict
    reason: str
    number: str
    vendor_name: str
    project_id: str
    due: Decimal
    transaction_key: str = ""
    transaction: str = ""


@dataclass(frozen=True)
class PlannedOutcome:
    """What drafting an invoice of the create pile came to: the bill's total, or the first reason it would be held.

    Neither: every line is zero, and nothing goes to QuickBooks.
    """

    posts: Decimal | None = None
    held_because: str = ""


@dataclass(frozen=True)
class PlanTotals:
    """Counts, and sums of the amounts due, by verdict."""

    create: int
    create_sum: Decimal
    skip: int
    skip_sum: Decimal
    ask: int
    ask_sum: Decimal
    link: int = 0
    link_sum: Decimal = ZERO

    @classmethod
    def of(cls, entries: Iterable[PlanEntry]) -> Self:
        counts = dict.fromkeys(PlanVerdict, 0)
        sums = dict.fromkeys(PlanVerdict, ZERO)
        for entry in entries:
            counts[entry.verdict] += 1
            sums[entry.verdict] += entry.due
        create, skip, ask, link = PlanVerdict.CREATE, PlanVerdict.SKIP, PlanVerdict.ASK, PlanVerdict.LINK
        return cls(
            *(counts[create], sums[create], counts[skip], sums[skip]),
            *(counts[ask], sums[ask], counts[link], sums[link]),
        )


@dataclass(frozen=True)
class DraftTotals:
    """What the create pile would do now: bills with the sum of their totals, and what would be held, by amount due."""

    posts: int
    posts_sum: Decimal
    held: int
    held_sum: Decimal

    @classmethod
    def of(cls, outcomes: Iterable[tuple[PlanEntry, PlannedOutcome]]) -> Self:
        drafted = list(outcomes)
        bills = [outcome.posts for _, outcome in drafted if outcome.posts is not None]
        held = [entry.due for entry, outcome in drafted if outcome.held_because]
        return cls(len(bills), sum(bills, ZERO), len(held), sum(held, ZERO))


def plan_hash(start_date: date, entries: Iterable[PlanEntry]) -> str:
    """SHA-256, in hexadecimal, over a plan: the same for the same entries in any order, another for any change.

    An amount is the same with or without trailing zeros.
    """
    ordered = sorted(entries, key=lambda entry: entry.requisition_id)
    rows = [{**vars(entry), "due": f"{entry.due.normalize() + 0:f}"} for entry in ordered]
    canonical = json.dumps({"start": start_date.isoformat(), "entries": rows}, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def start_sentence(start_date: date, totals: PlanTotals, drafted: DraftTotals | None = None) -> str:
    """What the start dialog says before anything is switched on; what would be held needs somebody as well.

    ``drafted`` is None where nobody has drafted the bills: then every invoice of the pile is expected to become one.
    """
    posts, posts_sum = (totals.create, totals.create_sum) if drafted is None else (drafted.posts, drafted.posts_sum)
    need = totals.ask + (drafted.held if drafted else 0)
    would_post = f"{posts:,} would post ({dollars(posts_sum)})"
    need_you = f"{need:,} {'needs' if need == 1 else 'need'} you"
    linked = ""
    if totals.link:
        are = "is in QuickBooks already and is" if totals.link == 1 else "are in QuickBooks already and are"
        linked = f" {totals.link:,} {are} linked ({dollars(totals.link_sum)})."
    return (
        f"Bring in invoices first approved on or after {in_words(start_date)}. {would_post}, {need_you}.{linked} "
        "Earlier ones stay out."
    )


def switching_sentence(start_date: date, drafted: DraftTotals, reasons: Iterable[tuple[str, int]]) -> str:
    """What switching on does at once: ``Switching on from June 1, 2026 posts 38 bills, $412,906.11; 3 would be held,
    because …``. ``reasons`` are sentences with how many each would hold.
    """
    bills = f"{drafted.posts:,} {'bill' if drafted.posts == 1 else 'bills'}"
    posts = f"Switching on from {in_words(start_date)} posts {bills}, {dollars(drafted.posts_sum)}"
    if not drafted.held:
        return f"{posts}."
    because = "; ".join(f"{sentence.rstrip('.')} ({count:,})" for sentence, count in reasons)
    return f"{posts}; {drafted.held:,} would be held, because: {because}."


def in_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
