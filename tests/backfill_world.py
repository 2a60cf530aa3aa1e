"""A company that switches on after years with QuickBooks: part of its invoices are in the books, typed by hand."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from simulators.world.accounts import PAYABLE, USD, entity
from simulators.world.approvals import Desk
from simulators.world.books import books
from simulators.world.chains import START
from simulators.world.documents import Documents, procore_document
from simulators.world.expectation import AP_ACCOUNT, EXPENSE_ACCOUNT, RETAINAGE_ACCOUNT, Clashes, expect
from simulators.world.projects import HALVORSEN, PROJECTS
from simulators.world.register import Register
from simulators.world.site import APRIL, JULY, Site, done
from simulators.world.vendors import halvorsen_vendors

FIRST_TYPED = 40_000
# Of every twenty invoices: what became of them in the books before anybody connected anything.
PATTERN = ("link",) * 6 + ("ask",) * 2 + ("skip",) * 4 + ("create",) * 8


def backfill_world(invoices: int) -> Documents:
    """``invoices`` approved ones of one line, 10 % retainage; ``expected["piles"]`` says where each belongs.

    Link: typed by hand with the vendor's number, to the cent, on its job. Ask: the same number for a dollar more.
    Skip: approved before the start date. Create: not in the books.
    """
    vendors = tuple(vendor for vendor in halvorsen_vendors() if vendor.in_books)
    jobs = tuple(project for project in PROJECTS if project.in_books)
    register = Register("backfill", jobs)
    site = Site(register, Desk(register), vendors, jobs)
    piles: dict[str, str] = {}
    for place in range(invoices):
        pile = PATTERN[place % len(PATTERN)]
        month = APRIL if pile == "skip" else JULY
        requisition = site.approved(site.contract("90000"), month, done(f"{1000 + 7 * place}.25"))
        piles[str(requisition.id)] = pile
    clashes = Clashes(register.requisitions)
    literal = {str(one.id): expect(one, clashes) for one in register.requisitions}
    company = books(HALVORSEN, jobs, vendors, older=False)
    company["Bill"] = list(_typed(company, piles, literal))
    return Documents(
        procore=procore_document((HALVORSEN,), (register,), vendors),
        quickbooks_online={"companies": [company]},
        expected={
            "start_date": START.isoformat(),
            "company_id": HALVORSEN.id,
            "realm_id": HALVORSEN.realm_id,
            "expense_account": EXPENSE_ACCOUNT,
            "retainage_account": RETAINAGE_ACCOUNT,
            "ap_account": AP_ACCOUNT,
            "requisitions": literal,
            "piles": piles,
        },
    )


def _typed(company: dict[str, Any], piles: dict[str, str], literal: dict[str, Any]) -> Iterator[dict[str, Any]]:
    vendors = {row["DisplayName"]: row["Id"] for row in company["Vendor"]}
    customers = {row["FullyQualifiedName"]: row["Id"] for row in company["Customer"]}
    account = next(row["Id"] for row in company["Account"] if row["FullyQualifiedName"] == EXPENSE_ACCOUNT)
    for place, (requisition_id, pile) in enumerate(piles.items()):
        if pile not in ("link", "ask"):
            continue
        bill = literal[requisition_id]["bill"]
        amount = Decimal(bill["total"]) + (1 if pile == "ask" else 0)
        yield entity(
            FIRST_TYPED + place,
            VendorRef={"value": vendors[bill["vendor"]], "name": bill["vendor"]},
            APAccountRef={"value": PAYABLE},
            # As people type a number: without its leading zeros and in capitals.
            DocNumber=bill["number"].upper(),
            TxnDate=bill["date"],
            DueDate=bill["due"],
            Line=[
                {
                    "Id": "1",
                    "LineNum": 1,
                    "Amount": amount,
                    "DetailType": "AccountBasedExpenseLineDetail",
                    "AccountBasedExpenseLineDetail": {
                        "AccountRef": {"value": account},
                        "CustomerRef": {"value": customers[bill["lines"][0]["customer"]]},
                        "BillableStatus": "NotBillable",
                    },
                }
            ],
            TotalAmt=amount,
            Balance=amount,
            CurrencyRef=USD,
        )


__all__ = ["FIRST_TYPED", "backfill_world"]
