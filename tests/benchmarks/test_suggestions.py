"""The benchmark of suggestions: what it measures is right often enough to be confirmed in bulk."""

from benchmarks.suggestions import STRANGERS, VENDORS, measure, seeded_vendors


def test_the_set_is_the_same_every_time_and_has_strangers() -> None:
    in_procore, in_books, truth = seeded_vendors()
    assert (len(in_procore), len(in_books), len(truth)) == (VENDORS, VENDORS, VENDORS - STRANGERS)
    assert seeded_vendors()[0] == in_procore
    changed = sum(one.name != in_books[place].name for place, one in enumerate(in_procore[: len(truth)]))
    assert changed > len(truth) * 0.7


def test_suggestions_are_right_often_enough() -> None:
    measured = measure()
    assert measured.precision > 0.95
    assert measured.recall > 0.95
    assert measured.within_five > 0.97
