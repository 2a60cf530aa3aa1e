"""Customers' text as QuickBooks Desktop can hold it."""

import pytest

from accounting.desktop_text import known_to_quickbooks, shortened


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Müller & Söhne “Süd” – 50 €", "Müller & Söhne “Süd” – 50 €"),
        ("Mu\u0308ller", "Müller"),
        ("a\tb\r\nc\u00a0d\u200be", "a b c de"),
        ("1\u22122\u2010x", "1-2-x"),
        ("Łódź Čapek", "Lódz Capek".replace("C", "C")),
        ("Строй Монтаж", "????? ??????"),
        ("东方建设", "????"),
        ("\ud800x", "x"),
        ("  ", ""),
    ],
)
def test_text_is_brought_into_windows_1252(typed: str, kept: str) -> None:
    assert known_to_quickbooks(typed) == kept
    assert kept.encode("cp1252").decode("cp1252") == kept


def test_what_was_brought_in_stays_as_it_is() -> None:
    once = known_to_quickbooks("Ænigma \u2033 Œuvre · №7 ﬁnal")
    assert known_to_quickbooks(once) == once == 'Ænigma " Œuvre · No7 final'


def test_shortened_text_says_that_it_is() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abc..."
