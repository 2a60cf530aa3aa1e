"""What QuickBooks Online leaves open, in both positions of its switch: the client against the simulator."""

from __future__ import annotations

import pytest

from providers.quickbooks_online import errors
from tests.providers.quickbooks_online.test_with_simulator import Connected, connected

__all__ = ["connected"]
MOST = 3


@pytest.mark.parametrize(
    ("switches", "wait"),
    [
        ({"throttle_format": "xml", "throttle_retry_after": None}, 60),
        ({"throttle_format": "json", "throttle_retry_after": None}, 60),
        ({"throttle_format": "xml", "throttle_retry_after": 30}, 30),
    ],
    ids=["xml", "json", "says when"],
)
async def test_a_throttled_call_waits_as_long_as_it_is_told(
    connected: Connected, switches: dict[str, object], wait: int
) -> None:
    limited = {"realm_per_minute": MOST, **switches}
    (await connected.person.post("/control/switches", json=limited)).raise_for_status()
    with pytest.raises(errors.Throttled) as told:
        for _ in range(MOST + 1):
            await connected.client.company_info()
    assert (told.value.code, told.value.retry_after) == ("3001", wait)
