"""Text as it leaves for QuickBooks Desktop."""

import pytest

from providers.quickbooks_desktop.characters import is_known
from providers.quickbooks_desktop.message_set import MessageSet
from providers.quickbooks_desktop.messages.lists import VendorByNameRq
from providers.quickbooks_desktop.validator import check_message_set


@pytest.mark.parametrize(
    ("text", "known"),
    [("Müller “Süd” – 50 €", True), ("Łódź", False), ("东", False), ("a\tb", False), ("\ud800", False)],
)
def test_what_quickbooks_holds_is_windows_1252_on_one_line(text: str, known: bool) -> None:
    assert is_known(text) is known


def test_other_characters_travel_as_decimal_references() -> None:
    text = MessageSet((VendorByNameRq(request_id="1", full_name="Müller „Süd“ <1>"),)).text()
    assert "<FullName>M&#252;ller &#8222;S&#252;d&#8220; &lt;1&gt;</FullName>" in text
    check_message_set(text)
