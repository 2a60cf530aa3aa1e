"""The reconciliation as a table to be opened in a spreadsheet: every row of the statement, then what it comes to."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from accounting.month_end import safe_cell
from accounting.reconciliation import Amounts, Part, Row, totals

HEADER = ("Project", "Month", "QuickBooks company", "Part", "What", "Why", "Invoices", "Gross", "Retainage", "Net")
PART_WORDS = {
    Part.APPROVED: "Approved to date",
    Part.PLACE: "Accounted for",
    Part.CHANGE: "Changed",
    Part.BOOKS: "In QuickBooks since",
}
DIFFERENCE_HEADER = (
    *("Project", "Vendor", "Invoice", "Amount due", "Bill", "What", "Line", "Posted", "Procore", "QuickBooks"),
    *("Changed in", "State", "Since", "Note", "Explained by"),
)


@dataclass(frozen=True)
class ReportRow:
    """One row of the statement with the names people know."""

    project: str
    month: date
    quickbooks_company: str
    row: Row


def as_csv(title: str, rows: Iterable[ReportRow]) -> str:
    """The statement as CSV. The rows of each part add up to its total below them; cells are safe in a spreadsheet."""
    everything = list(rows)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([title])
    writer.writerow(HEADER)
    for one in everything:
        named = (one.project, f"{one.month:%Y-%m}", one.quickbooks_company, PART_WORDS[one.row.part])
        said = (one.row.name, one.row.reason, str(one.row.invoices))
        writer.writerow([*(safe_cell(cell) for cell in (*named, *said)), *_cells(one.row.amounts)])
    of = totals(one.row for one in everything)
    for name, amounts in (
        ("Approved to date", of.approved_to_date),
        ("Accounted for, with what changed", of.accounted_for),
        ("Unexplained", of.unexplained),
        ("Bills as posted and linked", of.billed),
        ("The same bills in QuickBooks now", of.in_books),
    ):
        writer.writerow(["Total", "", "", "", name, "", "", *_cells(amounts)])
    return text.getvalue()


def _cells(amounts: Amounts) -> tuple[str, str, str]:
    return (f"{amounts.gross:.2f}", f"{amounts.retainage:.2f}", f"{amounts.net:.2f}")


def differences_csv(rows: Iterable[tuple[str, ...]]) -> str:
    """Differences as CSV, one a row, in the order of DIFFERENCE_HEADER."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(DIFFERENCE_HEADER)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()
