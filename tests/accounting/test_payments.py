"""Which money of a bill payment went to which bill."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.money import ZERO
from accounting.payments import (
    BILL,
    VENDOR_CREDIT,
    BillPayment,
    PaidBill,
    PaymentLine,
    PaymentMethod,
    origin_id,
    shares_of,
)

JULY = date(2026, 7, 15)
CHECK = BillPayment(
    kind="BillPayment",
    id="5567",
    vendor_id="112",
    total=ZERO,
    paid_on=JULY,
    number="10432",
    is_card=False,
    is_to_be_printed=False,
    currency="USD",
    lines=(),
)


def paid(total: str, *lines: PaymentLine, **more: Any) -> BillPayment:
    return replace(CHECK, total=Decimal(total), lines=lines, **more)


def on(bill_id: str, amount: str, discount: str = "0.00") -> PaymentLine:
    return PaymentLine(BILL, bill_id, Decimal(amount), Decimal(discount))


def by(kind: str, amount: str, of: str = "2050") -> PaymentLine:
    return PaymentLine(kind, of, Decimal(amount))


def bill(bill_id: str, job: str = "tower", due: int = 0, *, ours: bool = True) -> PaidBill:
    return PaidBill(bill_id, frozenset({job}), JULY + timedelta(days=due), ours)


def told(payment: BillPayment, *bills: PaidBill, **jobs: str) -> dict[str, tuple[str, str, str, str]]:
    """Cash, credit, discount and other of each bill."""
    credits = {f"{name[1:]}": frozenset({job}) for name, job in jobs.items()}
    return {
        share.bill_id: (f"{share.cash}", f"{share.credit}", f"{share.discount}", f"{share.other}")
        for share in shares_of(payment, {one.id: one for one in bills}, credits)
    }


def test_one_check_for_two_bills_is_two_shares() -> None:
    found = told(paid("54000.10", on("2040", "45000.10"), on("2041", "9000.00")), bill("2040"), bill("2041"))
    assert found == {"2040": ("45000.10", "0.00", "0.00", "0.00"), "2041": ("9000.00", "0.00", "0.00", "0.00")}


def test_money_beyond_the_lines_stays_with_the_vendor() -> None:
    assert told(paid("1300.00", on("1", "1000.00")), bill("1")) == {"1": ("1000.00", "0.00", "0.00", "0.00")}


def test_a_credit_is_taken_off_the_only_bill() -> None:
    found = told(paid("8500.00", on("2041", "9000.00"), by(VENDOR_CREDIT, "500.00")), bill("2041"))
    assert found == {"2041": ("8500.00", "500.00", "0.00", "0.00")}


def test_a_payment_of_zero_is_a_credit_and_no_cash() -> None:
    found = told(paid("0.00", on("2041", "500.00"), by(VENDOR_CREDIT, "500.00")), bill("2041"))
    assert found == {"2041": ("0.00", "500.00", "0.00", "0.00")}


def test_a_credit_goes_to_its_own_job_first_and_then_to_what_is_due_first() -> None:
    bills = (bill("1", "tower", due=9), bill("2", "school", due=5), bill("3", "school", due=1))
    payment = paid(
        "2300.00", on("1", "1000.00"), on("2", "1000.00"), on("3", "1000.00"), by(VENDOR_CREDIT, "700.00", "77")
    )
    assert told(payment, *bills, c77="tower")["1"][:2] == ("300.00", "700.00")
    assert told(payment, *bills, c77="school")["3"][:2] == ("300.00", "700.00")
    # Of a job that none of them has.
    assert told(payment, *bills, c77="bridge")["3"][:2] == ("300.00", "700.00")


def test_what_is_left_of_a_credit_goes_on_to_the_next_bill_due() -> None:
    payment = paid(
        "1800.00", on("1", "1000.00"), on("2", "1000.00"), on("3", "1000.00"), by(VENDOR_CREDIT, "1200.00", "77")
    )
    found = told(payment, bill("1", due=9), bill("2", "school", due=5), bill("3", "school", due=1), c77="tower")
    assert [found[one][:2] for one in "123"] == [("0.00", "1000.00"), ("1000.00", "0.00"), ("800.00", "200.00")]


def test_a_credit_of_the_job_is_not_taken_by_one_without() -> None:
    """The second credit's own job comes before the first credit's leftovers."""
    payment = paid("0.00", on("1", "100.00"), by(VENDOR_CREDIT, "60.00", "8"), by(VENDOR_CREDIT, "40.00", "9"))
    assert told(payment, bill("1"), c9="tower")["1"][:2] == ("0.00", "100.00")


@pytest.mark.parametrize("kind", ["JournalEntry", "Check"])
def test_what_is_no_payment_is_no_cash_of_it(kind: str) -> None:
    assert told(paid("0.00", on("1", "400.00"), by(kind, "400.00")), bill("1"))["1"] == (
        "0.00",
        "0.00",
        "0.00",
        "400.00",
    )


def test_a_credit_beside_a_bill_that_is_not_ours_is_a_question() -> None:
    payment = paid("1500.00", on("1", "1000.00"), on("2", "1000.00"), by(VENDOR_CREDIT, "500.00"))
    ours, other = bill("1"), bill("2", ours=False)
    assert all(share.is_unclear for share in shares_of(payment, {"1": ours, "2": other}, {}))
    assert all(share.is_unclear for share in shares_of(payment, {"1": ours}, {}))
    assert not any(share.is_unclear for share in shares_of(payment, {"1": ours, "2": bill("2")}, {}))
    whole = paid("0.00", on("1", "1000.00"), on("2", "1000.00"), by(VENDOR_CREDIT, "2000.00"))
    assert not any(share.is_unclear for share in shares_of(whole, {"1": ours, "2": other}, {}))


@pytest.mark.parametrize("amount", ["990.00", "1000.00"])
def test_a_discount_is_no_cash_whichever_way_desktop_counts_it(amount: str) -> None:
    found = told(paid("990.00", on("1", amount, "10.00")), bill("1"))
    assert found == {"1": ("990.00", "0.00", "10.00", "0.00")}


def test_lines_of_more_than_the_money_are_a_question() -> None:
    (share,) = shares_of(paid("900.00", on("1", "1000.00")), {"1": bill("1")}, {})
    assert share.is_unclear


@pytest.mark.parametrize(
    ("number", "is_card", "method"),
    [
        ("10432", False, PaymentMethod.CHECK),
        ("", False, PaymentMethod.ELECTRONIC),
        ("  ", False, PaymentMethod.ELECTRONIC),
        ("ACH 0712", False, PaymentMethod.ELECTRONIC),
        ("eft", False, PaymentMethod.ELECTRONIC),
        ("Wire-88", False, PaymentMethod.ELECTRONIC),
        ("WIRED", False, PaymentMethod.CHECK),
        ("10432", True, PaymentMethod.CREDIT_CARD),
        ("", True, PaymentMethod.CREDIT_CARD),
    ],
)
def test_method_words(number: str, is_card: bool, method: PaymentMethod) -> None:
    assert replace(CHECK, number=number, is_card=is_card).method is method


def test_an_origin_id_is_the_same_each_time_and_differs_for_each_share() -> None:
    named = ("c1", "BillPayment", "5567", "4821")
    assert origin_id(*named) == origin_id(*named)
    assert len(origin_id(*named)) == 36 and origin_id(*named).startswith("ib-")
    others = [[*named[:place], "x", *named[place + 1 :]] for place in range(4)]
    assert len({origin_id(*other) for other in others} | {origin_id(*named)}) == 5


amounts = st.integers(min_value=1, max_value=10**7).map(lambda cents: Decimal(cents) / 100)
jobs = st.sampled_from(["tower", "school", "bridge"])


@given(
    st.lists(st.tuples(amounts, jobs, st.integers(0, 60), st.booleans()), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(1, 100), jobs, st.sampled_from([VENDOR_CREDIT, "JournalEntry"])), max_size=4),
)
def test_the_shares_of_a_check_add_up_to_the_cash_it_put_on_bills(
    bills: list[tuple[Decimal, str, int, bool]], used: list[tuple[int, str, str]]
) -> None:
    gross = sum((amount for amount, *_ in bills), ZERO)
    left, lines = gross, [PaymentLine(BILL, f"{place}", one[0]) for place, one in enumerate(bills)]
    for place, (percent, _, kind) in enumerate(used):
        amount = (left * percent / 100).quantize(Decimal("0.01"))
        left -= amount
        lines.append(PaymentLine(kind, f"c{place}", amount))
    known = {f"{place}": bill(f"{place}", job, due, ours=ours) for place, (_, job, due, ours) in enumerate(bills)}
    credits = {f"c{place}": frozenset({job}) for place, (_, job, _) in enumerate(used)}
    shares = shares_of(paid(f"{left}", *lines), known, credits)
    assert sum((share.cash for share in shares), ZERO) == left
    for share, (amount, *_) in zip(shares, bills, strict=True):
        assert share.cash + share.credit + share.discount + share.other == amount
        assert min(share.cash, share.credit, share.other) >= 0
