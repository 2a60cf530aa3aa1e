"""Places in line never lead beyond a provider's limit, however they are asked for."""

from datetime import timedelta

import pytest

from models.pacing import Pace


@pytest.mark.parametrize("limit", [2, 3, 10, 40, 500])
@pytest.mark.parametrize("window", [timedelta(seconds=1), timedelta(minutes=1)])
def test_a_window_never_sees_more_than_the_limit_and_a_tenth_stays_free(limit: int, window: timedelta) -> None:
    pace = Pace.within("request", limit, window)
    most = pace.burst + window // pace.interval
    assert 1 <= most <= limit
    assert limit < 10 or most <= limit * 0.9
