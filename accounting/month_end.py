"""Month end: what is approved but not in QuickBooks, for the accrual entry."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounting.money import ZERO

TITLE = "Approved, not in QuickBooks as of {day}"
UNMAPPED = "Not mapped"
# A cell that begins so is a formula to a spreadsheet; names come from outside.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
HEADER = ("Project", "Account", "Invoices", "Gross", "Retainage", "Net", "Why")


@dataclass(frozen=True)
class UnpostedCost:
    """One account's share of one approved invoice that is not in QuickBooks on the day.

    ``retainage`` is withheld less released; ``reason`` says in a sentence why it is not there.
    """

    invoice_id: str
    project: str
    account: str
    gross: Decimal
    retainage: Decimal
    reason: str

    @property
    def net(self) -> Decimal:
        return self.gross - self.retainage


@dataclass(frozen=True)
class MonthEndRow:
    """Gross, retainage and net of one project and account. ``reasons`` are all that hold its invoices, each once."""

    project: str
    account: str
    invoices: int
    gross: Decimal
    retainage: Decimal
    net: Decimal
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class MonthEnd:
    """The list for one day. ``net`` is what the accrual entry comes to."""

    as_of: date
    rows: tuple[MonthEndRow, ...]
    invoices: int

    @property
    def gross(self) -> Decimal:
        return sum((row.gross for row in self.rows), ZERO)

    @property
    def retainage(self) -> Decimal:
        return sum((row.retainage for row in self.rows), ZERO)

    @property
    def net(self) -> Decimal:
        return sum((row.net for row in self.rows), ZERO)

    @property
    def title(self) -> str:
        return TITLE.format(day=f"{self.as_of:%B} {self.as_of.day}, {self.as_of.year}")


def month_end(as_of: date, costs: Iterable[UnpostedCost]) -> MonthEnd:
    """Sum what is not posted by project and account, both by name."""
    groups: dict[tuple[str, str], list[UnpostedCost]] = {}
    everything = list(costs)
    for cost in everything:
        groups.setdefault((cost.project, cost.account), []).append(cost)
    rows = tuple(
        MonthEndRow(
            project=project,
            account=account,
            invoices=len({one.invoice_id for one in members}),
            gross=sum((one.gross for one in members), ZERO),
            retainage=sum((one.retainage for one in members), ZERO),
            net=sum((one.net for one in members), ZERO),
            reasons=tuple(sorted({one.reason for one in members})),
        )
        for (project, account), members in sorted(groups.items())
    )
    return MonthEnd(as_of, rows, len({one.invoice_id for one in everything}))


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
