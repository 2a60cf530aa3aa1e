from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from providers.procore.rate_limit import RateLimit, read_rate_limit, read_retry_after

FULL = {"X-Rate-Limit-Limit": "600", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1782983705"}


def test_the_three_headers_make_a_reading() -> None:
    assert read_rate_limit(httpx.Headers(FULL)) == RateLimit(600, 0, datetime(2026, 7, 2, 9, 15, 5, tzinfo=UTC))


@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize("value", [None, "", "soon", "-1", "1.5", "٣", "9" * 40])
def test_a_missing_or_broken_header_makes_none(name: str, value: str | None) -> None:
    headers = {key.encode(): text.encode() for key, text in FULL.items()}
    if value is None:
        del headers[name.encode()]
    else:
        headers[name.encode()] = value.encode()
    assert read_rate_limit(httpx.Headers(headers)) is None


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "12"}, timedelta(seconds=12)),
        ({"Retry-After": "0"}, timedelta(0)),
        ({"Retry-After": "999999"}, timedelta(hours=1)),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "Thu, 02 Jul 2026 09:15:30 GMT"}, None),
        (
            {"Retry-After": "Thu, 02 Jul 2026 09:15:30 GMT", "Date": "Thu, 02 Jul 2026 09:15:00 GMT"},
            timedelta(seconds=30),
        ),
        (
            {"Retry-After": "Thu, 02 Jul 2026 09:14:00 GMT", "Date": "Thu, 02 Jul 2026 09:15:00 GMT"},
            timedelta(0),
        ),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], wait: timedelta | None) -> None:
    assert read_retry_after(httpx.Headers(headers)) == wait
