"""A connection's life and that of an attempt to connect: states, the moves between them, the words people see."""

from dataclasses import dataclass
from enum import StrEnum

from accounting.states import IllegalMove


class ConnectionState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    DISCONNECTED = "disconnected"


class AttemptOutcome(StrEnum):
    """Where an attempt to connect or reconnect stands; it changes a connection only by succeeding."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


# Told by whoever sees it first: the attempt's workflow at its deadline, or a callback that comes after it.
TIMED_OUT = "Nobody finished connecting in time. Start again."

CONNECTION_MOVES: dict[ConnectionState, frozenset[ConnectionState]] = {
    ConnectionState.ACTIVE: frozenset({ConnectionState.EXPIRED, ConnectionState.DISCONNECTED}),
    ConnectionState.EXPIRED: frozenset({ConnectionState.ACTIVE, ConnectionState.DISCONNECTED}),
    # Without tokens nothing can expire: a late expiry of a connection cut meanwhile is refused.
    ConnectionState.DISCONNECTED: frozenset({ConnectionState.ACTIVE}),
}
# An attempt is over once it has an outcome: a late callback starts nothing and revives nothing.
ATTEMPT_MOVES: dict[AttemptOutcome, frozenset[AttemptOutcome]] = {
    AttemptOutcome.PENDING: frozenset({AttemptOutcome.SUCCEEDED, AttemptOutcome.FAILED}),
    AttemptOutcome.SUCCEEDED: frozenset(),
    AttemptOutcome.FAILED: frozenset(),
}


def check_connection_move(old: ConnectionState, new: ConnectionState) -> None:
    """Raises IllegalMove unless the table lists ``old -> new``; staying in a state is always allowed."""
    if new is not old and new not in CONNECTION_MOVES[old]:
        raise IllegalMove(f"a connection cannot go from {old} to {new}")


def check_attempt_move(old: AttemptOutcome, new: AttemptOutcome) -> None:
    """Raises IllegalMove unless the table lists ``old -> new``; the same outcome told twice is allowed."""
    if new is not old and new not in ATTEMPT_MOVES[old]:
        raise IllegalMove(f"an attempt to connect cannot go from {old} to {new}")


class ExpiryReason(StrEnum):
    """How a session ended, as far as QuickBooks tells (Intuit: OAuth FAQ and common errors)."""

    REFRESH_REFUSED = "refresh_refused"
    REFRESH_ANSWER_LOST = "refresh_answer_lost"
    TOKEN_REFUSED = "token_refused"
    NOT_AUTHORISED = "not_authorised"
    USER_LOST_ACCESS = "user_lost_access"
    HARD_END = "hard_end"

    @property
    def sentence(self) -> str:
        return _EXPIRY_SENTENCES[self]


_EXPIRY_SENTENCES = {
    # Token endpoint: invalid_grant.
    ExpiryReason.REFRESH_REFUSED: (
        "QuickBooks no longer accepts this connection: it was disconnected there, or its authorization ran out. "
        "Reconnect to go on."
    ),
    # Our own finding: the lease was left over and no earlier token worked.
    ExpiryReason.REFRESH_ANSWER_LOST: (
        "QuickBooks renewed the authorization but its answer never arrived. Reconnect to go on."
    ),
    # 401 with code 3200 after one refresh.
    ExpiryReason.TOKEN_REFUSED: "QuickBooks refuses the session even after renewing it. Reconnect to go on.",
    # 403 with code 3100.
    ExpiryReason.NOT_AUTHORISED: (
        "inBuild is no longer authorized for this QuickBooks company: someone disconnected it in QuickBooks. "
        "Reconnect to go on."
    ),
    # Code 120.
    ExpiryReason.USER_LOST_ACCESS: (
        "The person who connected QuickBooks has lost access to this company. "
        "Reconnect as a QuickBooks admin of the company."
    ),
    # x-include-refresh-token-hard-expires-in.
    ExpiryReason.HARD_END: "The authorization has reached the end QuickBooks sets for it. Reconnect to go on.",
}


class StatusWords(StrEnum):
    """What the card says."""

    CONNECTED = "Connected"
    EXPIRED = "Session expired, reconnect"
    DISCONNECTED = "Disconnected"


@dataclass(frozen=True)
class ShownStatus:
    """A connection's card: its words, the sentence below them, and whether ``Reconnect`` is on it."""

    words: StatusWords
    sentence: str | None
    offers_reconnect: bool


def shown_status(state: ConnectionState, expiry: ExpiryReason | None) -> ShownStatus:
    """How a connection is shown; ``expiry`` is read only while it is expired, and may be left from an earlier time."""
    match state:
        case ConnectionState.ACTIVE:
            return ShownStatus(StatusWords.CONNECTED, None, False)
        case ConnectionState.EXPIRED:
            return ShownStatus(StatusWords.EXPIRED, expiry.sentence if expiry else None, True)
        case ConnectionState.DISCONNECTED:
            return ShownStatus(StatusWords.DISCONNECTED, None, False)


def counts_as_active(state: ConnectionState) -> bool:
    """Whether the pages treat it as connected: an expired one keeps section and toggle, and hides the other card."""
    return state is not ConnectionState.DISCONNECTED
