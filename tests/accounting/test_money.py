from decimal import Decimal

import pytest

from accounting.money import dollars, has_fraction_of_cent, to_cents


@pytest.mark.parametrize(
    ("amount", "has"),
    [("10", False), ("10.1", False), ("10.1200", False), ("10.125", True), ("-0.001", True), ("1E+3", False)],
)
def test_a_fraction_of_a_cent_is_a_third_decimal_that_is_not_zero(amount: str, has: bool) -> None:
    assert has_fraction_of_cent(Decimal(amount)) is has


def test_cents_never_round() -> None:
    assert str(to_cents(Decimal("10.1000"))) == "10.10"
    with pytest.raises(ValueError, match=r"10\.125"):
        to_cents(Decimal("10.125"))


@pytest.mark.parametrize(
    ("amount", "words"), [("1204118.2", "$1,204,118.20"), ("0", "$0.00"), ("-3", "-$3.00"), ("999.99", "$999.99")]
)
def test_dollars_as_people_read_them(amount: str, words: str) -> None:
    assert dollars(Decimal(amount)) == words
