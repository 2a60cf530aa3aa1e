from datetime import date
from decimal import Decimal

import pytest

from accounting.month_end import UnpostedCost, as_csv, month_end, safe_cell

JUNE = date(2026, 6, 30)


def cost(invoice_id: str, project: str, account: str, gross: str, retainage: str, reason: str = "Why.") -> UnpostedCost:
    return UnpostedCost(invoice_id, project, account, Decimal(gross), Decimal(retainage), reason)


COSTS = (
    cost("1", "Tower", "Subcontractors", "1000.00", "100.00", "Vendor X is not matched."),
    cost("1", "Tower", "Materials", "50.00", "0.00", "Vendor X is not matched."),
    cost("2", "Tower", "Subcontractors", "0.00", "-40.00", "Posting is paused."),
    cost("3", "Mill", "Not mapped", "-7.50", "0.00"),
)


def test_gross_retainage_and_net_by_project_and_account() -> None:
    listed = month_end(JUNE, COSTS)
    assert listed.title == "Approved, not in QuickBooks as of June 30, 2026"
    assert [(r.project, r.account, r.invoices, str(r.gross), str(r.retainage), str(r.net)) for r in listed.rows] == [
        ("Mill", "Not mapped", 1, "-7.50", "0.00", "-7.50"),
        ("Tower", "Materials", 1, "50.00", "0.00", "50.00"),
        ("Tower", "Subcontractors", 2, "1000.00", "60.00", "940.00"),
    ]
    assert (listed.invoices, str(listed.gross), str(listed.retainage), str(listed.net)) == (
        3,
        "1042.50",
        "60.00",
        "982.50",
    )


def test_the_csv_is_ready_for_the_accrual_entry() -> None:
    assert as_csv(month_end(JUNE, COSTS)).splitlines() == [
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
