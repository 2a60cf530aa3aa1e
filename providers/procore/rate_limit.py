"""Procore's rate-limit and waiting headers (Procore: documentation/plan_your_app/rate_limiting.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The allowance of whichever window would be hit first: the hour or the 10 seconds; Procore does not
    say which.

    `resets_at` is UTC by Procore's clock.
    """

    limit: int
    remaining: int
    resets_at: datetime


def read_rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """The three X-Rate-Limit headers; None where one is missing or no whole number. `headers` ignores
    case.
    """
    limit = _whole_number(headers.get("x-rate-limit-limit"))
    remaining = _whole_number(headers.get("x-rate-limit-remaining"))
    reset = _whole_number(headers.get("x-rate-limit-reset"))
    if limit is None or remaining is None or reset is None:
        return None
    try:
        resets_at = datetime.fromtimestamp(reset, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return RateLimit(limit=limit, remaining=remaining, resets_at=resets_at)


def read_retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Retry-After as a span: seconds, or an HTTP date measured against the answer's own Date header.

    Procore documents seconds; a gateway in between may send a date (RFC 9110, 10.2.3).
    """
    value = headers.get("retry-after")
    seconds = _whole_number(value)
    if seconds is not None:
        return timedelta(seconds=min(seconds, _LONGEST_WAIT_SECONDS))
    until, sent = http_date(value), http_date(headers.get("date"))
    if until is None or sent is None:
        return None
    return min(max(until - sent, timedelta(0)), timedelta(seconds=_LONGEST_WAIT_SECONDS))


# The longest window Procore has is an hour; a header that asks for more is broken and must not park a
# company.
_LONGEST_WAIT_SECONDS = 3600


def _whole_number(value: str | None) -> int | None:
    text = (value or "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        return None
    return int(text)


def http_date(value: str | None) -> datetime | None:
    """A date of HTTP's, in UTC; None where it is missing or none."""
    try:
        parsed = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo is not None else None
