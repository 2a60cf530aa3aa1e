"""The two tokens of an authorisation and when each of them ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

# Seconds, as documented, for an answer that leaves them out: an hour, and 101 days from each refresh.
_ACCESS_SECONDS = 3600
_REFRESH_SECONDS = 8_726_400
# No token lives longer than this many seconds (20 years): a larger number is not a life time.
_LONGEST_SECONDS = 20 * 366 * 86_400


class NoTokens(ValueError):
    """The answer holds no two tokens. Its text never holds any part of the answer."""


@dataclass(frozen=True)
class TokenPair:
    """Both tokens of one answer; both are to be stored before either is used, and the newest only is used.

    All instants are UTC, counted from before the request left. `hard_expires_at` is the end that no refresh
    moves (five years), None where Intuit does not tell it. `realm_id` is never part of a token answer.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime
    hard_expires_at: datetime | None
    intuit_tid: str


def read_token_pair(answer: Mapping[str, Any], *, asked_at: datetime, intuit_tid: str) -> TokenPair:
    """The tokens of a token answer. Raises NoTokens unless both are texts.

    Authlib would store whatever dict comes and keep the old refresh token beside it.
    """
    tokens = [answer.get("access_token"), answer.get("refresh_token")]
    if not all(isinstance(token, str) and token for token in tokens):
        raise NoTokens("the answer holds no access token or no refresh token")
    hard = _seconds(answer.get("x_refresh_token_hard_expires_in"))
    return TokenPair(
        access_token=str(tokens[0]),
        refresh_token=str(tokens[1]),
        access_expires_at=_after(asked_at, _seconds(answer.get("expires_in")) or _ACCESS_SECONDS),
        refresh_expires_at=_after(asked_at, _seconds(answer.get("x_refresh_token_expires_in")) or _REFRESH_SECONDS),
        hard_expires_at=_after(asked_at, hard) if hard else None,
        intuit_tid=intuit_tid,
    )


def _after(instant: datetime, seconds: int) -> datetime:
    return instant + timedelta(seconds=seconds)


def _seconds(value: object) -> int | None:
    try:
        seconds = int(str(value))
    except ValueError:
        return None
    return seconds if 0 < seconds <= _LONGEST_SECONDS else None
