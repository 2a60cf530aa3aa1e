"""What a connection as it stands makes an invoice wait for."""

from datetime import UTC, datetime

import pytest

from accounting.blockers import WAITS, BlockerReason
from accounting.connection_states import ConnectionState
from accounting.standing import silence, standing_reason

R, S = BlockerReason, ConnectionState


@pytest.mark.parametrize(
    ("feature", "state", "paused", "wanted"),
    [
        (True, S.ACTIVE, False, None),
        (True, S.ACTIVE, True, R.PAUSED),
        (True, S.EXPIRED, False, R.CONNECTION_EXPIRED),
        (True, S.EXPIRED, True, R.CONNECTION_EXPIRED),
        (True, S.DISCONNECTED, True, R.NO_QUICKBOOKS),
        (True, None, False, R.NO_QUICKBOOKS),
        (False, S.ACTIVE, False, R.FEATURE_NOT_ENABLED),
        (False, None, False, R.FEATURE_NOT_ENABLED),
    ],
)
def test_one_reason_each(feature: bool, state: ConnectionState | None, paused: bool, wanted: BlockerReason) -> None:
    reason = standing_reason(feature_enabled=feature, connection=state, posting_paused=paused)
    assert reason is wanted
    # Nothing about the invoice itself has to be decided, so all of them show as Waiting.
    assert reason is None or reason in WAITS


@pytest.mark.parametrize(
    ("heard_at", "said"),
    [
        (None, "Not heard from yet"),
        (datetime(2026, 11, 20, 17, 42, tzinfo=UTC), "Not heard from since Fri 17:42 UTC"),
        (datetime(2026, 11, 1, 17, 42, tzinfo=UTC), "Not heard from since Nov 1"),
        (datetime(2026, 11, 22, 8, 31, tzinfo=UTC), None),
        (datetime(2026, 11, 22, 8, 30, tzinfo=UTC), "Not heard from since Sun 08:30 UTC"),
    ],
)
def test_a_silent_pc_is_named_by_when_it_was_last_there(heard_at: datetime | None, said: str | None) -> None:
    assert silence(heard_at, datetime(2026, 11, 22, 9, 0, tzinfo=UTC)) == said


def test_it_is_told_in_the_companys_own_zone() -> None:
    heard_at = datetime(2026, 11, 21, 2, 42, tzinfo=UTC)
    assert silence(heard_at, datetime(2026, 11, 22, 9, tzinfo=UTC), "America/Denver") == (
        "Not heard from since Fri 19:42 MST"
    )
