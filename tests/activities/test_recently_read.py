"""What a process remembers of what it read: bounded, the oldest first to go."""

from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounting.invoice import InvoiceSource
from activities import recently_read
from activities.recently_read import recently_read as lately
from activities.recently_read import remember
from models.invoices import NewInvoice


@pytest.fixture(autouse=True)
def room_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recently_read, "_lately", OrderedDict())
    monkeypatch.setattr(recently_read, "MOST", 2)


def invoice(fingerprint: str) -> NewInvoice:
    return NewInvoice(
        source=InvoiceSource.PROCORE_REQUISITION,
        source_id="1",
        source_sha256=fingerprint,
        project_id="5201",
        commitment_id="7",
        sequence=1,
        vendor_id="3",
        vendor_name="Cascade Concrete",
        number="INV-1",
        normalised_number="1",
        billing_date=date(2026, 7, 31),
        currency="USD",
        due=Decimal("1000.00"),
        tax=Decimal(0),
        retainage_change=None,
        lines=(),
        approved_at=datetime(2026, 8, 3, tzinfo=UTC),
    )


def test_a_text_is_found_by_its_fingerprint() -> None:
    remember(invoice("a"))
    found = lately("a")
    assert found is not None and found.source_sha256 == "a"
    assert lately("b") is None


def test_what_was_read_longest_ago_goes_first() -> None:
    for fingerprint in ("a", "b", "a", "c"):
        remember(invoice(fingerprint))
    assert [fingerprint for fingerprint in "abc" if lately(fingerprint)] == ["a", "c"]
