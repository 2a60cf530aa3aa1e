"""Month end: what is approved but not in QuickBooks, for the accrual entry."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

TITLE = "Approved, not in QuickBooks as of {day}"
UNMAPPED = "Not mapped"
# A cell that begins so is a formula to a spreadsheet; names come from outside.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
HEADER = ("Project", "Account", "Invoices", "Gross", "Retainage", "Net", "Why")


@dataclass(frozen=True)
class MonthEndRow:
    """Gross, retainage and net of one project and account: retainage is withheld less released.

    ``reasons`` are all that hold its invoices, each once.
    """

    project: str
    account: str
    invoices: int
    gross: Decimal
    retainage: Decimal
    reasons: tuple[str, ...]

    @property
    def net(self) -> Decimal:
        return self.gross - self.retainage


@dataclass(frozen=True)
class MonthEnd:
    """The list for one day, whole or a page of it; ``count`` and the sums are of all its rows.

    ``net`` is what the accrual entry comes to.
    """

    as_of: date
    rows: tuple[MonthEndRow, ...]
    count: int
    invoices: int
    gross: Decimal
    retainage: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.retainage

    @property
    def title(self) -> str:
        return TITLE.format(day=f"{self.as_of:%B} {self.as_of.day}, {self.as_of.year}")


def as_csv(listed: MonthEnd) -> str:
    """The list as CSV for the accrual entry; its last row are the totals. Cells are safe to open in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([listed.title])
    writer.writerow(HEADER)
    for row in listed.rows:
        names = [safe_cell(row.project), safe_cell(row.account)]
        writer.writerow([*names, row.invoices, row.gross, row.retainage, row.net, safe_cell(" ".join(row.reasons))])
    writer.writerow(["Total", "", listed.invoices, listed.gross, listed.retainage, listed.net, ""])
    return text.getvalue()


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: one that looks like it gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text
