"""Pages of a list call (Procore: documentation/plan_your_app/pagination.md)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from providers.procore.rate_limit import RateLimit
from providers.procore.wire import Unreadable

Record = TypeVar("Record")

_NEXT = re.compile(r""";\s*rel\s*=\s*"?[^";,]*\bnext\b""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One page: what could be read, and beside it what could not, with its raw text.

    Order is undocumented and a record may slip between pages while they are read: read again with an
    overlapping window and drop doubles by id. `number` counts from 1; `total` is the Total header, where
    sent. `answered_at` is the Date header (RFC 9110, 6.6.1), where sent: UTC by Procore's clock, the one its
    records are stamped with.
    """

    number: int
    records: tuple[Record, ...]
    unreadable: tuple[Unreadable, ...]
    is_last: bool
    total: int | None
    rate_limit: RateLimit | None
    request_id: str | None
    answered_at: datetime | None


def has_next(headers: Mapping[str, str]) -> bool:
    """Whether the Link header names a `next` page: the only sign of the end that Procore promises.

    The address itself is not followed: it could point elsewhere, and the token would go there with it.
    """
    return _NEXT.search(headers.get("link", "")) is not None


def total(headers: Mapping[str, str]) -> int | None:
    """The Total header; None where missing or no number."""
    text = headers.get("total", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


async def all_records(pages: AsyncIterator[Page[Record]]) -> list[Record]:
    """Every readable record of every page, in the order received. What was unreadable is not in it."""
    return [record async for page in pages for record in page.records]
