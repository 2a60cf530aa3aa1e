"""What turning mirroring on would do, as shown to an admin and accepted by its hash."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Self

from accounting.money import ZERO, dollars


class PlanVerdict(StrEnum):
    CREATE = "create"
    SKIP = "skip"
    ASK = "ask"


@dataclass(frozen=True)
class PlanEntry:
    """One requisition of a plan. ``reason`` says why it is skipped or asked about, empty for one that is created."""

    requisition_id: str
    verdict: PlanVerdict
    reason: str
    number: str
    vendor_name: str
    project_id: str
    due: Decimal


@dataclass(frozen=True)
class PlanTotals:
    """Counts, and sums of the amounts due, by verdict."""

    create: int
    create_sum: Decimal
    skip: int
    skip_sum: Decimal
    ask: int
    ask_sum: Decimal

    @classmethod
    def of(cls, entries: Iterable[PlanEntry]) -> Self:
        counts = dict.fromkeys(PlanVerdict, 0)
        sums = dict.fromkeys(PlanVerdict, ZERO)
        for entry in entries:
            counts[entry.verdict] += 1
            sums[entry.verdict] += entry.due
        create, skip, ask = PlanVerdict.CREATE, PlanVerdict.SKIP, PlanVerdict.ASK
        return cls(counts[create], sums[create], counts[skip], sums[skip], counts[ask], sums[ask])


def plan_hash(start_date: date, entries: Iterable[PlanEntry]) -> str:
    """SHA-256, in hexadecimal, over a plan: the same for the same entries in any order, another for any change.

    An amount is the same with or without trailing zeros.
    """
    ordered = sorted(entries, key=lambda entry: entry.requisition_id)
    rows = [{**asdict(entry), "due": f"{entry.due.normalize() + 0:f}"} for entry in ordered]
    canonical = json.dumps({"start": start_date.isoformat(), "entries": rows}, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def start_sentence(start_date: date, totals: PlanTotals) -> str:
    """What the start dialog says before anything is switched on."""
    would_post = f"{totals.create:,} would post ({dollars(totals.create_sum)})"
    need_you = f"{totals.ask:,} {'needs' if totals.ask == 1 else 'need'} you"
    day = f"{start_date:%B} {start_date.day}, {start_date.year}"
    return f"Bring in invoices first approved on or after {day}. {would_post}, {need_you}. Earlier ones stay out."
