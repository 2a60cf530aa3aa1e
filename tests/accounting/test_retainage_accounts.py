"""Retainage is let go out of the account it was withheld in, the oldest first."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.bill import draft_bill
from accounting.bill_settings import Decisions
from accounting.bill_types import BillDraft, Books, LineRole, RetainageBalance, WithheldIn
from accounting.invoice import Invoice
from accounting.retainage_accounts import less, shares_let_go, withheld_in
from tests.accounting.samples import NO_RETAINAGE, books, invoice, line

OLD, NEW = "94", "95"


def booked(*withheld: tuple[str | None, str], released: str = "0", corrected: str = "0") -> RetainageBalance:
    """So much withheld in each account, the oldest first; ``corrected`` was taken back by negative withholding."""
    parts = tuple(WithheldIn(account_id, Decimal(amount)) for account_id, amount in withheld)
    return RetainageBalance(
        sum((one.amount for one in parts), Decimal(0)) - Decimal(corrected), Decimal(released), withheld_in=parts
    )


def moves(one: Invoice, balance: RetainageBalance, of: Books | None = None) -> list[tuple[str, str, str]]:
    draft = draft_bill(one, of or books(retainage_account_id=NEW), balance, False)
    assert isinstance(draft, BillDraft), draft
    assert sum((each.amount for each in draft.lines), Decimal(0)) == draft.total == one.due
    kept = (LineRole.RETAINAGE_WITHHELD, LineRole.RETAINAGE_RELEASED)
    return [
        (one.role.value.partition("_")[2], one.account_id, f"{one.amount}") for one in draft.lines if one.role in kept
    ]


def release(amount: str) -> Invoice:
    return invoice(line("0", "0", amount))


@pytest.mark.parametrize(
    ("balance", "amount", "out_of"),
    [
        (booked((OLD, "1000")), "400", [(OLD, "400.00")]),
        (booked((OLD, "1000"), (NEW, "500")), "1000", [(OLD, "1000.00")]),
        (booked((OLD, "1000"), (NEW, "500")), "1200", [(OLD, "1000.00"), (NEW, "200.00")]),
        (booked((OLD, "1000"), (NEW, "500"), released="900"), "300", [(OLD, "100.00"), (NEW, "200.00")]),
        (booked((OLD, "1000"), (NEW, "500"), released="1000"), "300", [(NEW, "300.00")]),
        (booked((OLD, "1000"), (NEW, "500"), corrected="1000"), "300", [(NEW, "300.00")]),
        (booked((NEW, "100"), (OLD, "1000"), (NEW, "500")), "700", [(NEW, "600.00"), (OLD, "100.00")]),
        # Not known where, or there it is refused by now: the account in force has it.
        (booked((None, "1000")), "400", [(NEW, "400.00")]),
        (booked((None, "300"), (OLD, "1000")), "400", [(NEW, "300.00"), (OLD, "100.00")]),
    ],
)
def test_the_oldest_account_lets_go_first(
    balance: RetainageBalance, amount: str, out_of: list[tuple[str, str]]
) -> None:
    assert moves(release(amount), balance) == [("released", *one) for one in out_of]


def test_an_opening_balance_is_older_than_every_bill() -> None:
    of = books(retainage_account_id=NEW, retainage_opening=Decimal("500.00"), retainage_opening_account_id=OLD)
    assert moves(release("600"), booked((NEW, "1000")), of) == [
        ("released", OLD, "500.00"),
        ("released", NEW, "100.00"),
    ]
    unknown = replace(of, retainage_opening_account_id=None)
    assert moves(release("600"), booked((OLD, "1000")), unknown) == [
        ("released", NEW, "500.00"),
        ("released", OLD, "100.00"),
    ]


def test_what_is_withheld_now_goes_to_the_account_in_force_and_is_let_go_last() -> None:
    both = invoice(line("2000.00", "200.00", "1100.00"))
    assert moves(both, booked((OLD, "1000"))) == [
        ("withheld", NEW, "-200.00"),
        ("released", OLD, "1000.00"),
        ("released", NEW, "100.00"),
    ]


def test_negative_withholding_lets_go_as_a_release_does() -> None:
    corrected = invoice(line("500.00", "-150.00"))
    assert moves(corrected, booked((OLD, "100"), (NEW, "100"))) == [
        ("withheld", OLD, "100.00"),
        ("withheld", NEW, "50.00"),
    ]


def test_only_what_is_not_cost_comes_out_of_the_accounts() -> None:
    of = books(retainage_account_id=NEW, decisions=Decisions(excess_to_cost=Decimal("300.00")))
    assert moves(release("700"), booked((OLD, "400")), of) == [("released", OLD, "400.00")]


def test_a_bill_remembers_where_it_withholds() -> None:
    def kept_in(one: Invoice, balance: RetainageBalance = NO_RETAINAGE) -> str | None:
        draft = draft_bill(one, books(retainage_account_id=NEW), balance, False)
        assert isinstance(draft, BillDraft), draft
        return withheld_in(draft)

    assert kept_in(invoice(line("2000.00", "200.00"))) == NEW
    assert kept_in(invoice(line("2000.00"))) is None
    assert kept_in(invoice(line("500.00", "-50.00")), booked((OLD, "100"))) is None


def test_a_bill_that_is_drafted_again_is_not_before_itself() -> None:
    kept = booked((OLD, "100"), (NEW, "30"), (NEW, "20")).withheld_in
    assert less(kept, NEW, Decimal(40)) == (WithheldIn(OLD, Decimal(100)), WithheldIn(NEW, Decimal(10)))
    assert less(kept, OLD, Decimal(-5)) == less(kept, "elsewhere", Decimal(40)) == kept


@given(
    st.lists(st.tuples(st.sampled_from([OLD, NEW, None]), st.integers(0, 500)), max_size=5),
    st.integers(0, 900),
    st.integers(-50, 300),
    st.lists(st.integers(-100, 900), max_size=3),
)
def test_every_amount_is_whole_and_no_account_gives_what_it_has_not(
    withheld: list[tuple[str | None, int]], released: int, kept: int, amounts: list[int]
) -> None:
    balance = booked(*((account_id, str(amount)) for account_id, amount in withheld), released=str(released))
    told = shares_let_go(balance, NEW, Decimal(kept), [Decimal(one) for one in amounts])
    assert [sum((share.amount for share in shares), Decimal(0)) for shares in told] == amounts
    out_of_old = sum((share.amount for shares in told for share in shares if share.account_id == OLD), Decimal(0))
    assert 0 <= out_of_old <= sum(amount for account_id, amount in withheld if account_id == OLD)
