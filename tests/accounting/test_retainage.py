from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.bill import draft_bill
from accounting.bill_settings import BillSettings, Decisions, RetainageBooking
from accounting.bill_types import BillDraft, Held, LineRole, NothingToPost, RetainageBalance
from accounting.blockers import BlockerReason
from accounting.invoice import Invoice
from accounting.money import ZERO
from accounting.retainage import RetainageMove, excess_by_line, roll_forward
from tests.accounting.samples import NO_RETAINAGE, books, invoice, line

RELEASE = invoice(line("0", "0", "400"), line("0", "0", "500", position=2))
ALL = Decimal(10**9)
NET = BillSettings(retainage_booking=RetainageBooking.NET)


def roles(draft: object) -> list[tuple[LineRole, str, str]]:
    assert isinstance(draft, BillDraft), draft
    return [(one.role, one.account_id, str(one.amount)) for one in draft.lines]


def test_a_confirmed_opening_balance_covers_a_release() -> None:
    held = draft_bill(RELEASE, books(), NO_RETAINAGE, False)
    assert isinstance(held, Held) and held.holds[0].reason is BlockerReason.RETAINAGE_OPENING_BALANCE
    draft = draft_bill(RELEASE, books(retainage_opening=Decimal("900.00")), NO_RETAINAGE, False)
    assert roles(draft) == [(LineRole.RETAINAGE_RELEASED, "95", "900.00")]


def test_the_excess_goes_to_cost_on_a_click_and_the_rest_to_the_account_it_was_withheld_in() -> None:
    of = books(retainage_opening=Decimal("300.00"), decisions=Decisions(excess_to_cost=Decimal("600.00")))
    draft = draft_bill(RELEASE, of, NO_RETAINAGE, False)
    assert roles(draft) == [
        (LineRole.RELEASE_TO_COST, "80", "400.00"),
        (LineRole.RELEASE_TO_COST, "80", "200.00"),
        (LineRole.RETAINAGE_RELEASED, "95", "300.00"),
    ]
    assert isinstance(draft, BillDraft)
    assert draft.lines[0].description == "Retainage released, withheld before these books, SC-001 #3"


def test_more_than_the_person_saw_holds_again() -> None:
    of = books(retainage_opening=Decimal("299.99"), decisions=Decisions(excess_to_cost=Decimal("600.00")))
    held = draft_bill(RELEASE, of, NO_RETAINAGE, False)
    assert isinstance(held, Held) and [hold.reason for hold in held.holds] == [BlockerReason.RETAINAGE_OPENING_BALANCE]


def test_with_nothing_booked_all_of_it_is_cost() -> None:
    draft = draft_bill(RELEASE, books(decisions=Decisions(excess_to_cost=ALL)), NO_RETAINAGE, False)
    assert [(role, amount) for role, _, amount in roles(draft)] == [
        (LineRole.RELEASE_TO_COST, "400.00"),
        (LineRole.RELEASE_TO_COST, "500.00"),
    ]


def test_cost_needs_an_account_also_where_it_is_released_retainage() -> None:
    held = draft_bill(RELEASE, books({}, decisions=Decisions(excess_to_cost=ALL)), NO_RETAINAGE, False)
    assert isinstance(held, Held) and [hold.reason for hold in held.holds] == [BlockerReason.COST_CODE_UNMAPPED]


def test_books_at_net_post_net_and_ask_for_no_retainage_account() -> None:
    of = books(settings=NET, retainage_account_id=None)
    assert roles(draft_bill(invoice(line("5000", "500", "200")), of, NO_RETAINAGE, False)) == [
        (LineRole.COST, "80", "4700.00")
    ]
    assert [amount for _, _, amount in roles(draft_bill(RELEASE, of, NO_RETAINAGE, False))] == ["400.00", "500.00"]


def test_books_at_net_have_nothing_to_post_while_everything_is_kept_back() -> None:
    assert draft_bill(invoice(line("500", "500")), books(settings=NET), NO_RETAINAGE, False) == NothingToPost()


def test_a_roll_forward_ties_to_the_cent() -> None:
    moves = [RetainageMove(Decimal("900.10"), ZERO), RetainageMove(Decimal("100"), Decimal("400.05"))]
    rolled = roll_forward("701973", Decimal("50"), moves, Decimal("650.05"), Decimal("650.05"))
    assert (rolled.withheld, rolled.released, rolled.closing) == (
        Decimal("1000.10"),
        Decimal("400.05"),
        Decimal("650.05"),
    )
    assert rolled.ties and rolled.sentence == "Ties to the cent."


@pytest.mark.parametrize(
    ("procore", "in_books", "words"),
    [
        ("100.01", None, "Closing $100.00, but Procore shows $100.01 ($0.01 off)."),
        ("100", "90", "Closing $100.00, but QuickBooks shows $90.00 (-$10.00 off)."),
        (
            "0",
            "90",
            "Closing $100.00, but Procore shows $0.00 (-$100.00 off) and QuickBooks shows $90.00 (-$10.00 off).",
        ),
    ],
)
def test_a_roll_forward_that_does_not_tie_says_against_whom(procore: str, in_books: str | None, words: str) -> None:
    other = None if in_books is None else Decimal(in_books)
    rolled = roll_forward("1", ZERO, [RetainageMove(Decimal(100), ZERO)], Decimal(procore), other)
    assert not rolled.ties and rolled.sentence == words


MONEY = st.decimals(min_value=0, max_value=10**6, places=2)


@given(st.lists(st.tuples(MONEY, MONEY, MONEY), min_size=1, max_size=6), MONEY)
def test_the_excess_and_what_is_booked_are_the_release(parts: list[tuple[Decimal, ...]], opening: Decimal) -> None:
    """However much is booked: never more is let out of the account than is in it, and the due is paid in full."""
    sent: Invoice = invoice(
        *(line(str(g), str(min(g, w)), str(r), position=n) for n, (g, w, r) in enumerate(parts, start=1))
    )
    kept = sum((one.withheld for one in sent.lines), ZERO)
    of = books(retainage_opening=opening, decisions=Decisions(excess_to_cost=ALL))
    match draft_bill(sent, of, RetainageBalance(ZERO, ZERO), False):
        case BillDraft() as draft:
            let_out = sum((one.amount for one in draft.lines if one.role is LineRole.RETAINAGE_RELEASED), ZERO)
            assert let_out <= opening + kept
            assert draft.total == sent.due == sum((one.amount for one in draft.lines), ZERO)
        case NothingToPost():
            assert sent.due == 0
        case Held(holds):
            raise AssertionError(holds)


def test_no_line_gives_more_than_it_releases() -> None:
    parts = excess_by_line(RELEASE, Decimal("600"))
    assert [(one.position, str(amount)) for one, amount in parts] == [(1, "400"), (2, "200")]
