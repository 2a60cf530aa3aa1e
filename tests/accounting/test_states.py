from itertools import product

import pytest

from accounting.states import BEFORE_SENDING, HAS_BILL, Badge, IllegalMove, InvoiceFacts, Settled, badge
from accounting.states import InvoiceState as S
from accounting.states import check_move as check

LEGAL = {
    S.IMPORTED: "waiting needs_you ready linked dont_post nothing_to_post",
    S.WAITING: "imported needs_you ready linked dont_post nothing_to_post",
    S.NEEDS_YOU: "imported waiting ready linked dont_post nothing_to_post",
    S.READY: "imported waiting needs_you sending linked dont_post nothing_to_post",
    S.SENDING: "posted imported waiting needs_you",
    S.POSTED: "taken_back",
    S.LINKED: "imported",
    S.DONT_POST: "imported",
    S.NOTHING_TO_POST: "imported",
    S.TAKEN_BACK: "imported",
}
LEGAL_MOVES = {(old, S(new)) for old, words in LEGAL.items() for new in words.split()}


@pytest.mark.parametrize(("old", "new"), list(product(S, S)), ids=str)
def test_every_move_is_legal_or_refused(old: S, new: S) -> None:
    if old is new or (old, new) in LEGAL_MOVES:
        check(old, new)
    else:
        with pytest.raises(IllegalMove, match=f"from {old} to {new}"):
            check(old, new)


def test_only_what_is_being_sent_can_have_been_posted() -> None:
    assert [old for old, new in LEGAL_MOVES if new is S.POSTED] == [S.SENDING]
    assert [old for old, new in LEGAL_MOVES if new is S.SENDING] == [S.READY]


PLAIN = {
    S.IMPORTED: "Waiting",
    S.WAITING: "Waiting",
    S.NEEDS_YOU: "Needs you",
    S.READY: "Waiting",
    S.SENDING: "Waiting",
    S.POSTED: "Posted",
    S.LINKED: "Linked",
    S.DONT_POST: "Don't post",
    S.NOTHING_TO_POST: "Nothing to post",
    S.TAKEN_BACK: "Taken back",
}


@pytest.mark.parametrize("state", S)
def test_the_badge_of_a_state(state: S) -> None:
    assert badge(state, InvoiceFacts()) == PLAIN[state]


@pytest.mark.parametrize(
    ("settled", "words"),
    [
        (Settled.PAID, "Paid"),
        (Settled.BY_CREDIT, "Settled by credit"),
        (Settled.BY_DISCOUNT, "Settled by discount"),
        (Settled.NO_PAYMENT_FOUND, "Paid, no payment found"),
    ],
)
@pytest.mark.parametrize("state", sorted(HAS_BILL))
def test_a_settled_bill_says_how(state: S, settled: Settled, words: str) -> None:
    assert badge(state, InvoiceFacts(settled=settled)) == words


@pytest.mark.parametrize("settled", Settled)
@pytest.mark.parametrize("state", sorted(HAS_BILL))
def test_what_needs_attention_wins_over_how_far_it_got(state: S, settled: Settled) -> None:
    """Removed over withdrawn over changed over settled."""
    all_at_once = InvoiceFacts(settled, changed=True, approval_withdrawn=True, removed_in_quickbooks=True)
    assert badge(state, all_at_once) is Badge.REMOVED_IN_QUICKBOOKS
    assert badge(state, InvoiceFacts(settled, True, True)) is Badge.APPROVAL_WITHDRAWN
    assert badge(state, InvoiceFacts(settled, True)) is Badge.CHANGED_AFTER_POSTING


@pytest.mark.parametrize("state", S)
def test_a_withdrawn_approval_shows_until_a_person_has_decided_otherwise(state: S) -> None:
    shown = badge(state, InvoiceFacts(approval_withdrawn=True))
    if state in BEFORE_SENDING | HAS_BILL:
        assert shown is Badge.APPROVAL_WITHDRAWN
    else:
        assert shown == PLAIN[state]


@pytest.mark.parametrize("state", sorted(set(S) - HAS_BILL))
def test_facts_about_a_bill_mean_nothing_without_one(state: S) -> None:
    facts = InvoiceFacts(Settled.PAID, changed=True, removed_in_quickbooks=True)
    assert badge(state, facts) == PLAIN[state]


def test_every_word_on_screen_can_appear() -> None:
    facts = [InvoiceFacts(*one) for one in product(Settled, (False, True), (False, True), (False, True))]
    assert {badge(state, one) for state in S for one in facts} == set(Badge)
