"""A notice that got lost on our side, or was taken in twice, is found; one that Procore lost is not held against us."""

from typing import Any

import pytest

from demo.check.notices import ENOUGH_OF_EACH, Notices, astray, read_inbox
from tests.demo.check.customer import PROCORE_ID, Customer

DROPPED = [{"ulid": f"d{n}", "status": "dropped", "attempts": 0} for n in range(ENOUGH_OF_EACH)]
REPEATED = [{"ulid": f"r{n}", "status": "success", "attempts": 2} for n in range(ENOUGH_OF_EACH)]
ONCE = [{"ulid": "once", "status": "success", "attempts": 1}]
DELIVERIES: list[dict[str, Any]] = [*DROPPED, *REPEATED, *ONCE]
INBOX = [*((f"r{n}", True) for n in range(ENOUGH_OF_EACH)), ("once", True), ("from before", False)]


def test_every_delivered_notice_is_there_once() -> None:
    assert astray(Notices.of(DELIVERIES), INBOX) == []


@pytest.mark.parametrize(
    ("inbox", "said"),
    [
        ([row for row in INBOX if row[0] != "once"], "notice once was delivered and is 0 times"),
        ([*INBOX, ("r1", True)], "notice r1 was delivered and is 2 times"),
        ([*INBOX, ("d0", True)], "notice d0 was dropped and is in the inbox"),
        ([row if row[0] != "once" else ("once", False) for row in INBOX], "no look covered notice once"),
    ],
)
def test_a_wrong_inbox_is_found(inbox: list[tuple[str, bool]], said: str) -> None:
    (found,) = astray(Notices.of(DELIVERIES), inbox)
    assert found.startswith(said)


@pytest.mark.parametrize("status", ["pending", "discarded"])
def test_a_notice_that_never_arrived_is_found(status: str) -> None:
    deliveries = [*DELIVERIES, {"ulid": "late", "status": status, "attempts": 1}]
    assert astray(Notices.of(deliveries), INBOX) == ["notice late was never delivered"]


@pytest.mark.parametrize("lacking", [DROPPED[0], REPEATED[0]])
def test_too_few_prove_nothing(lacking: dict[str, Any]) -> None:
    notices = Notices.of([one for one in DELIVERIES if one is not lacking])
    assert not notices.are_enough
    assert astray(notices, INBOX)[0].startswith("too few")


def test_the_inbox_is_read_with_what_a_look_has_covered(customer: Customer) -> None:
    assert sorted(read_inbox(customer.url, PROCORE_ID)) == [("n1", True), ("n2", False)]
