"""Customers' text as QuickBooks Desktop can hold it."""

import pytest

from providers.quickbooks_desktop.characters import is_known, known_to_quickbooks, shortened
from providers.quickbooks_desktop.message_set import MessageSet
from providers.quickbooks_desktop.messages.lists import VendorByNameRq
from providers.quickbooks_desktop.validator import check_message_set


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
    assert is_known(kept)


def test_what_was_brought_in_stays_as_it_is() -> None:
    once = known_to_quickbooks("Ænigma \u2033 Œuvre · №7 ﬁnal")
    assert known_to_quickbooks(once) == once == 'Ænigma " Œuvre · No7 final'


def test_shortened_text_says_that_it_is() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abc..."


def test_other_characters_travel_as_decimal_references() -> None:
    text = MessageSet((VendorByNameRq(request_id="1", full_name=known_to_quickbooks("Müller „Süd“ <1>")),)).text()
    assert "<FullName>M&#252;ller &#8222;S&#252;d&#8220; &lt;1&gt;</FullName>" in text
    check_message_set(text)
