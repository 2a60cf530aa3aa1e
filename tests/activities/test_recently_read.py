"""What a process remembers of what it read: bounded by lines, the oldest first to go."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from activities.recently_read import RecentlyRead
from models.invoices import NewInvoice
from tests.api.seeding import invoice_as_told


def invoice(fingerprint: str, lines: int = 1) -> NewInvoice:
    told = invoice_as_told(
        "INV-1",
        source_id="1",
        due=Decimal("1000.00"),
        vendor="Cascade Concrete",
        project_id="5201",
        approved_at=datetime(2026, 8, 3, tzinfo=UTC),
    )
    return replace(told, source_sha256=fingerprint, lines=told.lines * lines)


def kept(remembered: RecentlyRead) -> str:
    return "".join(fingerprint for fingerprint in "abcdef" if remembered.find(fingerprint))


def test_a_text_is_found_by_its_fingerprint() -> None:
    remembered = RecentlyRead()
    remembered.remember(invoice("a"))
    assert remembered.find("a") == invoice("a")
    assert remembered.find("b") is None


def test_what_was_read_longest_ago_goes_first() -> None:
    remembered = RecentlyRead(most_lines=2)
    for fingerprint in ("a", "b", "a", "c"):
        remembered.remember(invoice(fingerprint))
    assert kept(remembered) == "ac"


def test_an_invoice_counts_by_its_lines() -> None:
    remembered = RecentlyRead(most_lines=6)
    for fingerprint in ("a", "b", "c"):
        remembered.remember(invoice(fingerprint, 2))
    # Read again it takes no more than before, and one of many lines takes the place of several.
    remembered.remember(invoice("a", 2))
    assert kept(remembered) == "abc"
    remembered.remember(invoice("d", 3))
    assert kept(remembered) == "ad"
    remembered.remember(invoice("e", 7))
    assert kept(remembered) == ""
    remembered.remember(invoice("f"))
    assert kept(remembered) == "f"
