"""How Procore writes values: UTC times with second precision, dates as YYYY-MM-DD, money as strings."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Wire = dict[str, Any]
"""One JSON object as Procore sends or receives it."""


def written_time(moment: datetime) -> str:
    """An aware datetime as `2026-07-02T09:14:55Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: str) -> datetime:
    """The aware datetime behind an ISO 8601 text; a text without zone counts as UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def amount_of(value: object) -> Decimal:
    """Money from the wire; null and "" count as zero. Raises ValueError for anything else unreadable."""
    if value is None or value == "":
        return Decimal(0)
    try:
        amount = Decimal(str(value))
    except InvalidOperation as unreadable:
        raise ValueError(f"{value!r} is not an amount") from unreadable
    if not amount.is_finite():
        raise ValueError(f"{value!r} is not an amount")
    return amount


def written_amount(amount: Decimal) -> str:
    """Money for the wire with at least two decimals; a third decimal that is really there stays."""
    exponent = amount.normalize().as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{amount:.{decimals}f}"


def encoded(value: object) -> bytes:
    """Compact UTF-8 JSON; Decimal is written as a string, as Procore writes money."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str).encode()
