"""The benchmark of suggestions: what it measures is right often enough to be confirmed in bulk."""

from benchmarks.report import PAGE, SUGGESTIONS_BEGIN, SUGGESTIONS_END
from benchmarks.suggestions import STRANGERS, VENDORS, Measured, measure, seeded_vendors, written


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


def test_precision_and_recall_are_written_into_the_page() -> None:
    text = written(Measured(1.234, 0.987, 0.975, 0.99), "2026-06-01")
    assert "| seconds for the whole list | 1.23 |" in text
    assert "| precision of suggestions from score 90 on | 98.7% |" in text
    assert "| recall: the right one is suggested first | 97.5% |" in text
    page = PAGE.read_text(encoding="utf-8")
    assert page.index("| precision of suggestions") in range(page.index(SUGGESTIONS_BEGIN), page.index(SUGGESTIONS_END))
