"""The bench of the Desktop queue drains for real, and says whether the goal is reached."""

from benchmarks.desktop_queue import CallTimes, Drained, measure_desktop_queue
from benchmarks.report import desktop_written


def drained(first: float, last: float) -> Drained:
    """Ten bills, the first of which took ``first`` milliseconds and the last ``last``."""
    return Drained(10, (CallTimes("sendRequestXML", (first, 5.0, last), (10, 5, 1)),))


async def test_every_bill_of_the_queue_is_drained_and_timed(database_url: str) -> None:
    found = await measure_desktop_queue(database_url, 40)
    # Two looks for bills of the same numbers, and each bill.
    assert [(one.name, len(one.milliseconds)) for one in found.calls] == [
        ("sendRequestXML", 42),
        ("receiveResponseXML", 42),
    ]
    assert f"{found.bills:,} bills in the queue" in desktop_written(found, "2026-11-22")


def test_a_call_that_grows_with_the_queue_misses_the_goal() -> None:
    assert drained(9.0, 8.0).is_good
    assert not drained(20.0, 8.0).is_good
    assert "**not reached**" in desktop_written(drained(20.0, 8.0), "2026-11-22")


def test_a_slow_call_misses_the_goal() -> None:
    slow = Drained(10, (CallTimes("sendRequestXML", (101.0,) * 3, (10, 5, 1)),))
    assert not slow.is_good
