"""What a connection as it stands makes an invoice wait for."""

import pytest

from accounting.blockers import WAITS, BlockerReason
from accounting.connection_states import ConnectionState
from accounting.standing import standing_reason

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
