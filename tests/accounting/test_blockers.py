import pytest

from accounting.blockers import EXPLANATIONS, WAITS, BlockerReason, Hold, Owner


def test_every_reason_is_explained_once() -> None:
    assert set(EXPLANATIONS) == set(BlockerReason)
    sentences = [explanation.sentence for explanation in EXPLANATIONS.values()]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("reason", BlockerReason)
def test_who_can_clear_a_reason_has_a_button_and_nobody_else(reason: BlockerReason) -> None:
    explanation = EXPLANATIONS[reason]
    a_customer_acts = explanation.owner in {Owner.ADMIN, Owner.ACCOUNTANT}
    assert (explanation.button is not None) is a_customer_acts


@pytest.mark.parametrize("reason", BlockerReason)
def test_what_clears_by_itself_waits(reason: BlockerReason) -> None:
    if EXPLANATIONS[reason].clears_by_itself:
        assert reason in WAITS
    assert Hold(reason).shows_as_waiting is (reason in WAITS)


def test_a_sentence_names_its_subject_whatever_is_in_it() -> None:
    hold = Hold(BlockerReason.VENDOR_UNMAPPED, "{subject} & {0} Sons", "8881212")
    assert hold.sentence.startswith("Vendor {subject} & {0} Sons is not matched")
