from datetime import date
from decimal import Decimal

import pytest

from accounting.month_end import MonthEnd, MonthEndRow, as_csv, safe_cell

JUNE = date(2026, 6, 30)


def row(project: str, account: str, invoices: int, gross: str, retainage: str, *reasons: str) -> MonthEndRow:
    return MonthEndRow(project, account, invoices, Decimal(gross), Decimal(retainage), reasons)


LISTED = MonthEnd(
    as_of=JUNE,
    rows=(
        row("Mill", "Not mapped", 1, "-7.50", "0.00", "Why."),
        row("Tower", "Materials", 1, "50.00", "0.00", "Vendor X is not matched."),
        row("Tower", "Subcontractors", 2, "1000.00", "60.00", "Posting is paused.", "Vendor X is not matched."),
    ),
    count=3,
    invoices=3,
    gross=Decimal("1042.50"),
    retainage=Decimal("60.00"),
)


def test_net_is_gross_less_what_is_withheld() -> None:
    assert LISTED.title == "Approved, not in QuickBooks as of June 30, 2026"
    assert [str(one.net) for one in LISTED.rows] == ["-7.50", "50.00", "940.00"]
    assert str(LISTED.net) == "982.50"


def test_the_csv_is_ready_for_the_accrual_entry() -> None:
    assert as_csv(LISTED).splitlines() == [
        '"Approved, not in QuickBooks as of June 30, 2026"',
        "Project,Account,Invoices,Gross,Retainage,Net,Why",
        "Mill,Not mapped,1,-7.50,0.00,-7.50,Why.",
        "Tower,Materials,1,50.00,0.00,50.00,Vendor X is not matched.",
        "Tower,Subcontractors,2,1000.00,60.00,940.00,Posting is paused. Vendor X is not matched.",
        "Total,,3,1042.50,60.00,982.50,",
    ]


@pytest.mark.parametrize(
    ("text", "safe"), [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("A=1", "A=1"), ("", "")]
)
def test_no_cell_is_a_formula(text: str, safe: str) -> None:
    assert safe_cell(text) == safe
