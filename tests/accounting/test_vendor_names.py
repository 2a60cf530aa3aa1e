import pytest

from accounting.vendor_names import DESKTOP_NAME_LIMIT, proposed_name


@pytest.mark.parametrize(
    ("name", "taken", "display"),
    [
        ("Ernie's Electrical", (), "Ernie's Electrical"),
        ("Ernie's Electrical", ("Other",), "Ernie's Electrical"),
        ("Ernie's Electrical", ("ERNIE'S  electrical",), "Ernie's Electrical (Vendor)"),
        ("Jo Bill", ("Jo Bill", "Jo Bill (vendor)"), "Jo Bill (Vendor 2)"),
        ("Jo Bill", ("Jo Bill", "Jo Bill (Vendor)", "Jo Bill (Vendor 2)"), "Jo Bill (Vendor 3)"),
        # A colon would make it a child of another name.
        ("Acme: Steel\tWorks", (), "Acme Steel Works"),
    ],
)
def test_a_name_that_is_taken_gets_a_suffix(name: str, taken: tuple[str, ...], display: str) -> None:
    assert proposed_name(name, taken).display_name == display


def test_checks_carry_the_legal_name() -> None:
    assert proposed_name("Jo Bill", ("Jo Bill",)).check_name == "Jo Bill"


def test_a_long_name_fits_with_its_suffix_too() -> None:
    long = "A" * 600
    free = proposed_name(long, ()).display_name
    assert len(free) == 500
    second = proposed_name(long, (long,)).display_name
    assert len(second) == 500


def test_a_company_files_names_are_short() -> None:
    long = "Ernie's Electrical and Low Voltage Contractors LLC"
    assert proposed_name(long, (), DESKTOP_NAME_LIMIT).display_name == "Ernie's Electrical and Low Voltage Contr…"
    taken = ("Ernie's Electrical and Low Voltage Contr…",)
    assert proposed_name(long, taken, DESKTOP_NAME_LIMIT).display_name == "Ernie's Electrical and Low Volt… (Vendor)"
