import pytest

from accounting.text import one_line, sendable, shortened


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Tower A ", "Tower A"),
        ("a\x00b\x1bc", "a b c"),
        ("a  b", "a  b"),
        ("half \ud83d emoji", "half   emoji"),
        ("👷🏽‍♀️ Bâtiment", "👷🏽‍♀️ Bâtiment"),
    ],
)
def test_what_no_body_can_carry_becomes_a_space(text: str, expected: str) -> None:
    assert sendable(text) == expected


def test_one_line_has_single_spaces() -> None:
    assert one_line("Rough-in,\r\n\tlevel  3 ") == "Rough-in, level 3"


@pytest.mark.parametrize(("limit", "expected"), [(5, "Tower"), (4, "Tow…"), (1, "…"), (0, "")])
def test_a_shortened_text_shows_that_it_is(limit: int, expected: str) -> None:
    assert shortened("Tower", limit) == expected
