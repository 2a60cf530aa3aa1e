import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.numbers import bill_number, normalise


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("INV-1042", " inv 1042 "),
        ("INV #0042", "inv-42"),
        ("2026/06/30", "2026.06.30"),
        ("A-007-03", "a 7 03"),
        ("0", "000"),
        ("INV–9", "INV-9"),
        ("INV\t12\n", "INV12"),
        ("STRASSE1", "straße1"),
    ],
)
def test_numbers_that_are_the_same(one: str, same: str) -> None:
    assert normalise(one) == normalise(same) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("100", "1"), ("10", "1"), ("INV-1", "INV-10"), ("1", "1A"), ("0", ""), ("A0B", "AB"), ("INV_1", "INV1")],
)
def test_numbers_that_differ(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("number", "expected"), [("A-007-03", "a703"), ("007", "7"), ("0", "0"), ("10-02", "1002"), ("X00Y01", "x0y1")]
)
def test_zeros_are_dropped_before_digits_only_once_separators_are_gone(number: str, expected: str) -> None:
    # "A-007-03" loses its dashes first: 00703 is one run of digits then.
    assert normalise(number) == expected


@pytest.mark.parametrize(
    ("invoice_number", "commitment", "used_elsewhere", "number", "full_number"),
    [
        ("INV-1042", "SC-001", False, "INV-1042", "INV-1042"),
        ("  INV-1042\n", "SC-001", False, "INV-1042", "INV-1042"),
        ("123456789012345678901", "SC-001", False, "123456789012345678901", "123456789012345678901"),
        # 22 characters: one too many. The four digits begin the SHA-1 of the whole number.
        ("1234567890123456789012", "SC-001", False, "7890123456789012-6A51", "1234567890123456789012"),
        ("", "SC-001", False, "SC-001-3", "SC-001-3"),
        ("   ", "SC-001", False, "SC-001-3", "SC-001-3"),
        ("#-", "SC-001", False, "SC-001-3", "SC-001-3"),
        ("", "", False, "3", "3"),
        # A made-up number has its commitment already.
        ("", "SC-001", True, "SC-001-3", "SC-001-3"),
        ("", "SC-001-ELECTRICAL-PHASE-2", False, "TRICAL-PHASE-2-3-7C62", "SC-001-ELECTRICAL-PHASE-2-3"),
        ("1", "SC-001", True, "SC-001 1", "1"),
        ("INV-1", "", True, "INV-1", "INV-1"),
        ("INV\x00 7", "SC-001", False, "INV  7", "INV  7"),
    ],
)
def test_the_bill_number(
    invoice_number: str, commitment: str, used_elsewhere: bool, number: str, full_number: str
) -> None:
    made = bill_number(invoice_number, commitment, 3, used_elsewhere)
    assert (made.number, made.full_number) == (number, full_number)


def test_a_prefixed_number_that_is_too_long_is_hashed_with_its_prefix() -> None:
    on_one = bill_number("2026-06-PROGRESS-01", "SC-001", 1, True)
    on_other = bill_number("2026-06-PROGRESS-01", "SC-002", 1, True)
    assert on_one.number[:17] == on_other.number[:17] == "6-06-PROGRESS-01-"
    assert on_one.number != on_other.number
    assert on_one.full_number == "2026-06-PROGRESS-01"


def test_desktop_holds_one_character_less() -> None:
    assert bill_number("12345678901234567890", "SC-001", 1, False, limit=20).number == "12345678901234567890"
    assert len(bill_number("123456789012345678901", "SC-001", 1, False, limit=20).number) == 20


@pytest.mark.parametrize(
    ("invoice_number", "used_elsewhere", "altered"),
    [("INV-1", False, False), ("", False, False), ("INV-1", True, True), ("X" * 22, False, True)],
)
def test_an_altered_number_says_so(invoice_number: str, used_elsewhere: bool, altered: bool) -> None:
    assert bill_number(invoice_number, "SC-001", 1, used_elsewhere).is_altered is altered


ANY_TEXT = st.text(alphabet=st.characters(), max_size=80)


@given(ANY_TEXT, ANY_TEXT, st.integers(min_value=1, max_value=999), st.booleans())
def test_any_number_fits_and_says_something(number: str, commitment: str, sequence: int, used: bool) -> None:
    made = bill_number(number, commitment, sequence, used)
    assert 0 < len(made.number) <= 21
    made.number.encode()
    assert not any(ord(c) < 32 for c in made.number)


@given(ANY_TEXT)
def test_normalising_twice_is_normalising_once(number: str) -> None:
    assert normalise(normalise(number)) == normalise(number)
