"""The journal entry for a bill of nothing: every line, debits first, in names."""

from decimal import Decimal

from accounting.journal_entry import EntryLine, spelled_out


def test_every_line_stands_in_the_entry_and_nothing_is_netted() -> None:
    lines = [
        EntryLine("Job Costs:Materials", Decimal("-2500.00"), "Tower"),
        EntryLine("Job Costs:Subcontractors", Decimal("2500.00"), "Tower"),
        EntryLine("Retainage Payable", Decimal("-100.50")),
        EntryLine("Retainage Payable", Decimal("100.50")),
    ]
    assert spelled_out(lines) == (
        "Enter this journal entry instead: debit Job Costs:Subcontractors $2,500.00 (Tower); "
        "debit Retainage Payable $100.50; credit Job Costs:Materials $2,500.00 (Tower); "
        "credit Retainage Payable $100.50."
    )
