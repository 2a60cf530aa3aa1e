import pytest

from accounting.invoice import InvoiceSource
from accounting.memo import carries_marker, line_description, marker, memo, retainage_description
from accounting.numbers import BillNumber
from tests.accounting.samples import invoice, line

AS_IS = BillNumber("INV-1042", "INV-1042")
LONG = BillNumber("7890123456789012-6A51", "1234567890123456789012")


def test_a_memo_is_in_human_words() -> None:
    assert memo(invoice(), AS_IS) == "Procore SC-001 #3, Tower · inBuild 77123"


def test_a_memo_tells_the_number_that_did_not_fit() -> None:
    assert memo(invoice(), LONG) == "Procore SC-001 #3, Tower, Invoice 1234567890123456789012 · inBuild 77123"


def test_a_memo_tells_the_vendors_own_number_where_the_commitment_was_put_before_it() -> None:
    assert memo(invoice(), BillNumber("SC-001 7", "7")) == "Procore SC-001 #3, Tower, Invoice 7 · inBuild 77123"


def test_an_upload_says_so() -> None:
    upload = invoice(source=InvoiceSource.UPLOAD, commitment_number="", sequence=0)
    assert memo(upload, AS_IS) == "inBuild upload, Tower · inBuild 77123"


def test_a_commitment_without_a_number() -> None:
    assert memo(invoice(commitment_number=" "), AS_IS) == "Procore #3, Tower · inBuild 77123"


@pytest.mark.parametrize("number", [AS_IS, LONG, BillNumber("x", "9" * 9000)])
def test_the_marker_survives_any_length(number: BillNumber) -> None:
    written = memo(invoice(project_name="Tower " * 2000), number)
    assert len(written) <= 4000
    assert carries_marker(written, 77123)


def test_a_memo_is_one_line() -> None:
    assert memo(invoice(project_name="Tower\r\n\x07 East"), AS_IS) == "Procore SC-001 #3, Tower East · inBuild 77123"


@pytest.mark.parametrize(
    ("text", "carries"),
    [
        ("Procore SC-001 #3, Tower · inBuild 77123", True),
        ("paid by mistake - inBuild 77123, see Jo", True),
        ("inBuild 77123", True),
        ("Procore SC-001 #3, Tower · inBuild 771234", False),
        ("Procore SC-001 #3, Tower · inBuild 7712", False),
        ("notinBuild 77123", False),
        ("inBuild 77123a", False),
        ("inbuild 77123", False),
        ("77123", False),
        ("", False),
    ],
)
def test_only_the_whole_marker_counts(text: str, carries: bool) -> None:
    assert carries_marker(text, 77123) is carries


def test_a_marker_names_its_invoice() -> None:
    assert marker(77123) == "inBuild 77123"


def test_no_customers_text_passes_for_another_invoices_marker() -> None:
    forged = BillNumber("x", "1 · inBuild 5")
    written = memo(invoice(project_name="East · inBuild 5", commitment_number="inBuild\t5"), forged)
    assert not carries_marker(written, 5)
    assert carries_marker(written, 77123)


def test_line_descriptions() -> None:
    assert line_description(line("1")) == "26-050.S Rough-in"
    assert line_description(line("1", budget_code=None)) == "Rough-in"
    assert len(line_description(line("1", description="x" * 5000))) == 4000


def test_retainage_descriptions() -> None:
    assert retainage_description("withheld", invoice()) == "Retainage withheld, SC-001 #3"
    assert retainage_description("released", invoice(commitment_number="")) == "Retainage released, invoice INV-1042"
