from decimal import Decimal

import pytest

from accounting.payments import Share
from accounting.settlement import as_confirmed, settlement
from accounting.states import Settled

D = Decimal


def share(cash: str = "0", credit: str = "0", discount: str = "0", other: str = "0") -> Share:
    return Share("1", D(cash), D(credit), D(discount), D(other))


@pytest.mark.parametrize(
    ("left", "shares", "settled"),
    [
        ("100", [], Settled.OPEN),
        ("60", [share("40")], Settled.PART),
        ("60", [share(credit="40")], Settled.PART),
        ("0", [share("40"), share("60")], Settled.PAID),
        ("0", [share("60", credit="40")], Settled.PAID),
        ("0", [share("98", discount="2")], Settled.PAID),
        ("0", [share(credit="100")], Settled.BY_CREDIT),
        ("0", [share(discount="100")], Settled.BY_DISCOUNT),
        ("0", [share(other="100")], Settled.NO_PAYMENT_FOUND),
        ("0", [share("60", other="40")], Settled.NO_PAYMENT_FOUND),
        # Nothing that was read explains it.
        ("0", [], Settled.NO_PAYMENT_FOUND),
        ("0", [share("60")], Settled.NO_PAYMENT_FOUND),
        # The bill was read before it was paid.
        ("100", [share("100")], Settled.PART),
    ],
)
def test_how_a_bill_of_100_is_settled(left: str, shares: list[Share], settled: Settled) -> None:
    assert settlement(D("100"), D(left), shares).settled is settled


def test_credits_that_the_bill_itself_tells_count() -> None:
    found = settlement(D("100"), D(0), [share("60")], D("40"))
    assert (found.settled, found.credit, found.other) == (Settled.PAID, D("40"), D(0))


@pytest.mark.parametrize(
    ("told", "cash", "decided", "settled"),
    [
        (share(other="100"), "100", share("100"), Settled.PAID),
        (share(other="100"), "0", share(credit="100"), Settled.BY_CREDIT),
        (share("60", other="40"), "60", share("60", credit="40"), Settled.PAID),
        (share("60", credit="40"), "80", share("80", credit="20"), Settled.PAID),
        (share("58", other="40", discount="2"), "98", share("98", discount="2"), Settled.PAID),
    ],
)
def test_what_a_person_said_of_it_decides(told: Share, cash: str, decided: Share, settled: Settled) -> None:
    assert as_confirmed(told, D(cash)) == decided
    assert settlement(D("100"), D(0), [decided]).settled is settled


def test_a_bill_of_nothing_is_settled_by_nothing() -> None:
    assert settlement(D(0), D(0), []).settled is Settled.OPEN
