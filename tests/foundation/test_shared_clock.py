"""The clock that is told: right by whoever tells it, steady in between, and aware that its machine's clock jumped."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from foundation.shared_clock import JUMP, TOLD_FOR, SharedClock

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Machine:
    """A machine that runs for some seconds already; its clock says whatever it was set to."""

    says: datetime
    seconds: float = 1000.0

    def now(self) -> datetime:
        return self.says + timedelta(seconds=self.seconds - 1000.0)

    async def sleep(self, step: timedelta) -> None:
        self.seconds += step.total_seconds()

    def stopwatch(self) -> float:
        return self.seconds


def told_clock(machine: Machine) -> SharedClock:
    clock = SharedClock(machine, machine.stopwatch)
    clock.tell(NOON, clock.stopwatch())
    return clock


def test_before_anybody_tells_it_says_what_its_machine_says() -> None:
    machine = Machine(NOON + HOUR)
    clock = SharedClock(machine, machine.stopwatch)
    assert clock.now() == NOON + HOUR
    assert clock.wants_telling


def test_told_it_counts_on_whatever_its_machine_says() -> None:
    machine = Machine(NOON + HOUR)
    clock = told_clock(machine)
    assert clock.now() == NOON
    machine.seconds += 40
    assert clock.now() == NOON + timedelta(seconds=40)
    machine.says -= 2 * HOUR
    assert clock.now() == NOON + timedelta(seconds=40)


def test_the_answer_is_of_halfway_between_question_and_now() -> None:
    machine = Machine(NOON - HOUR)
    clock = SharedClock(machine, machine.stopwatch)
    asked_at = clock.stopwatch()
    machine.seconds += 4
    clock.tell(NOON, asked_at)
    assert clock.now() == NOON + timedelta(seconds=2)
    assert not clock.wants_telling


def test_it_wants_telling_again_after_a_minute() -> None:
    machine = Machine(NOON)
    clock = told_clock(machine)
    machine.seconds += TOLD_FOR
    assert not clock.wants_telling
    machine.seconds += 0.5
    assert clock.wants_telling


def test_it_wants_telling_at_once_when_its_machine_was_set_or_slept() -> None:
    for moved in (HOUR, -HOUR, 2 * JUMP):
        machine = Machine(NOON)
        clock = told_clock(machine)
        machine.says += moved
        assert clock.wants_telling


def test_a_machine_of_a_wrong_but_steady_clock_needs_no_more_telling_than_another() -> None:
    machine = Machine(NOON - 5 * HOUR)
    clock = told_clock(machine)
    machine.seconds += TOLD_FOR - 1
    assert not clock.wants_telling
