from datetime import date

import pytest

from accounting.blockers import BlockerReason, Hold, Owner
from accounting.eligibility import NotImportedReason
from accounting.states import Badge, InvoiceState
from accounting.why import Standing, why, why_not_imported

R, S = BlockerReason, InvoiceState
VENDOR = Hold(R.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
PAUSED = Hold(R.PAUSED)


@pytest.mark.parametrize(
    ("standing", "sentence", "owner", "button"),
    [
        (
            Standing(S.POSTED, Badge.POSTED, (), "bill INV-1042 in Hartwell LLC, posted July 2, 2026"),
            "It is in QuickBooks: bill INV-1042 in Hartwell LLC, posted July 2, 2026.",
            Owner.NOBODY,
            None,
        ),
        (
            Standing(S.NEEDS_YOU, Badge.NEEDS_YOU, (VENDOR,)),
            "Vendor Ernie's Electrical is not matched to a QuickBooks vendor. Match it, or create it in QuickBooks.",
            Owner.ACCOUNTANT,
            "Match vendor",
        ),
        # What needs a person is said before what waits.
        (Standing(S.NEEDS_YOU, Badge.NEEDS_YOU, (PAUSED, VENDOR)), VENDOR.sentence, Owner.ACCOUNTANT, "Match vendor"),
        (Standing(S.WAITING, Badge.WAITING, (PAUSED,)), PAUSED.sentence, Owner.ADMIN, "Resume posting"),
        (
            Standing(S.NEEDS_YOU, Badge.APPROVAL_WITHDRAWN, (VENDOR,), withdrawn=True),
            "Its approval was withdrawn in Procore. Once it is approved again, it goes on by itself.",
            Owner.NOBODY,
            None,
        ),
        (
            Standing(S.POSTED, Badge.REMOVED_IN_QUICKBOOKS, (), "bill INV-1042 in Hartwell LLC"),
            "Its bill was deleted or voided in QuickBooks. It is not posted again unless you say so.",
            Owner.ACCOUNTANT,
            "Post again",
        ),
        (
            Standing(S.TAKEN_BACK, Badge.TAKEN_BACK, ()),
            "Its bill was taken back from QuickBooks.",
            Owner.ADMIN,
            "Post again",
        ),
        (
            Standing(S.DONT_POST, Badge.DONT_POST, ()),
            "Somebody chose Don't post this invoice.",
            Owner.ACCOUNTANT,
            "Post after all",
        ),
        (
            Standing(S.IMPORTED, Badge.WAITING, (), approved=False),
            "It was uploaded and waits for approval in inBuild.",
            Owner.ACCOUNTANT,
            "Approve",
        ),
    ],
)
def test_one_sentence_the_owner_and_the_button(
    standing: Standing, sentence: str, owner: Owner, button: str | None
) -> None:
    told = why(standing)
    assert (told.sentence, told.owner, told.button) == (sentence, owner, button)


@pytest.mark.parametrize("state", S)
def test_every_state_has_an_answer_and_only_a_bill_is_in_quickbooks(state: InvoiceState) -> None:
    told = why(Standing(state, Badge.WAITING, ()))
    assert told.sentence.endswith(".")
    assert told.in_quickbooks is (state in {S.POSTED, S.LINKED})


def test_further_reasons_are_counted() -> None:
    assert why(Standing(S.NEEDS_YOU, Badge.NEEDS_YOU, (VENDOR, PAUSED, Hold(R.CURRENCY, "CAD")))).more == 2


@pytest.mark.parametrize("reason", NotImportedReason)
def test_what_stayed_out_says_why(reason: NotImportedReason) -> None:
    assert why_not_imported(reason).sentence == reason.sentence


def test_the_first_approval_is_told_where_it_is_known() -> None:
    told = why_not_imported(NotImportedReason.BEFORE_START, date(2026, 5, 29))
    assert told.sentence == "First approved before the start date. It was first approved on May 29, 2026."
    assert "not judged" in why_not_imported(None).sentence
