from itertools import product

import pytest

from accounting.connection_states import (
    AttemptOutcome,
    ConnectionState,
    ExpiryReason,
    StatusWords,
    check_attempt_move,
    check_connection_move,
    counts_as_active,
    shown_status,
)
from accounting.states import IllegalMove

C, A = ConnectionState, AttemptOutcome

LEGAL_CONNECTION_MOVES = {
    (C.ACTIVE, C.EXPIRED),
    (C.ACTIVE, C.DISCONNECTED),
    (C.EXPIRED, C.ACTIVE),
    (C.EXPIRED, C.DISCONNECTED),
    (C.DISCONNECTED, C.ACTIVE),
}
ILLEGAL_CONNECTION_MOVES = {(C.DISCONNECTED, C.EXPIRED)}
LEGAL_ATTEMPT_MOVES = {(A.PENDING, A.SUCCEEDED), (A.PENDING, A.FAILED)}
ILLEGAL_ATTEMPT_MOVES = {
    (A.SUCCEEDED, A.PENDING),
    (A.SUCCEEDED, A.FAILED),
    (A.FAILED, A.PENDING),
    (A.FAILED, A.SUCCEEDED),
}


def test_every_move_is_decided() -> None:
    assert set(product(C, C)) == LEGAL_CONNECTION_MOVES | ILLEGAL_CONNECTION_MOVES | {(s, s) for s in C}
    assert set(product(A, A)) == LEGAL_ATTEMPT_MOVES | ILLEGAL_ATTEMPT_MOVES | {(s, s) for s in A}


@pytest.mark.parametrize(("old", "new"), sorted(LEGAL_CONNECTION_MOVES | {(s, s) for s in C}))
def test_a_connection_lives(old: ConnectionState, new: ConnectionState) -> None:
    check_connection_move(old, new)


@pytest.mark.parametrize(("old", "new"), sorted(ILLEGAL_CONNECTION_MOVES))
def test_a_disconnected_connection_cannot_expire(old: ConnectionState, new: ConnectionState) -> None:
    with pytest.raises(IllegalMove, match=f"from {old} to {new}"):
        check_connection_move(old, new)


@pytest.mark.parametrize(("old", "new"), sorted(LEGAL_ATTEMPT_MOVES | {(s, s) for s in A}))
def test_an_attempt_ends(old: AttemptOutcome, new: AttemptOutcome) -> None:
    check_attempt_move(old, new)


@pytest.mark.parametrize(("old", "new"), sorted(ILLEGAL_ATTEMPT_MOVES))
def test_an_attempt_that_is_over_stays_over(old: AttemptOutcome, new: AttemptOutcome) -> None:
    with pytest.raises(IllegalMove, match=f"from {old} to {new}"):
        check_attempt_move(old, new)


@pytest.mark.parametrize("left_over", [None, *ExpiryReason])
@pytest.mark.parametrize(
    ("state", "words"), [(C.ACTIVE, StatusWords.CONNECTED), (C.DISCONNECTED, StatusWords.DISCONNECTED)]
)
def test_only_an_expired_connection_shows_an_expiry(
    state: ConnectionState, words: StatusWords, left_over: ExpiryReason | None
) -> None:
    shown = shown_status(state, left_over)
    assert (shown.words, shown.sentence, shown.offers_reconnect) == (words, None, False)


@pytest.mark.parametrize("reason", ExpiryReason)
def test_an_expired_connection_says_why_and_what_to_do(reason: ExpiryReason) -> None:
    shown = shown_status(C.EXPIRED, reason)
    assert shown.words == "Session expired, reconnect"
    assert shown.sentence is not None and "Reconnect" in shown.sentence
    assert shown.offers_reconnect


def test_an_expiry_without_a_recorded_reason_still_offers_reconnect() -> None:
    shown = shown_status(C.EXPIRED, None)
    assert (shown.sentence, shown.offers_reconnect) == (None, True)


def test_every_expiry_has_its_own_sentence() -> None:
    assert len({reason.sentence for reason in ExpiryReason}) == len(ExpiryReason)


@pytest.mark.parametrize(("state", "counts"), [(C.ACTIVE, True), (C.EXPIRED, True), (C.DISCONNECTED, False)])
def test_expired_still_counts_as_active_for_the_pages(state: ConnectionState, counts: bool) -> None:
    assert counts_as_active(state) is counts
