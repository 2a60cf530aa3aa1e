"""Which bills of a company file are there to be paid: those that the seed ordered, and that nobody has paid."""

from collections.abc import Callable
from typing import Any

import pytest

from demo.check.desktop_payments import bills_in_file
from simulators.world.documents import Documents

FILE = "tidewater-norfolk"
State = dict[str, Any]


@pytest.fixture
def state(documents: Documents) -> State:
    """The file once every bill is posted, as its simulator tells it."""
    outcomes = documents.expected["desktop"]["requisitions"].values()
    ordered = [one["bill"] for one in outcomes if one.get("file") == FILE]
    names = sorted({bill["vendor"] for bill in ordered})
    booked = [
        {
            "TxnID": f"{place:X}-1",
            "VendorRef": f"V{names.index(bill['vendor'])}",
            "RefNumber": bill["number"],
            "OpenAmount": bill["total"],
            "expense_lines": [{"AccountRef": "A1", "Amount": bill["total"]}],
        }
        for place, bill in enumerate(ordered, start=1)
    ]
    vendors = [{"ListID": f"V{place}", "Name": name} for place, name in enumerate(names)]
    held = {"key": FILE, "Vendor": vendors, "Bill": booked}
    return {"company_files": [{"key": "other", "Vendor": [], "Bill": []}, held]}


def found(documents: Documents, state: State) -> int:
    return sum(map(len, bills_in_file(documents, state, FILE)))


def test_every_bill_of_the_file_is_found_with_its_requisition_and_by_vendor(documents: Documents, state: State) -> None:
    by_vendor = bills_in_file(documents, state, FILE)
    requisitions = {row["id"]: row for row in documents.procore["requisitions"]}
    for bills in by_vendor:
        assert len({bill.vendor_ref for bill in bills}) == 1
        for bill in bills:
            requisition = requisitions[bill.requisition_id]
            assert (bill.invoice_number, bill.commitment_id) == (
                requisition["invoice_number"],
                requisition["commitment_id"],
            )
    assert found(documents, state) == len(state["company_files"][1]["Bill"]) > 10
    # Two bills in one check need a vendor that has two.
    assert max(map(len, by_vendor)) > 1


def paid(bill: dict[str, Any]) -> None:
    bill["OpenAmount"] = "0.00"


def another_number(bill: dict[str, Any]) -> None:
    bill["RefNumber"] = "X"


def another_vendor(bill: dict[str, Any]) -> None:
    bill["VendorRef"] = next(one for one in ("V0", "V1") if one != bill["VendorRef"])


@pytest.mark.parametrize("change", [paid, another_number, another_vendor])
def test_a_bill_that_is_not_as_ordered_is_nobodys_to_pay(
    documents: Documents, state: State, change: Callable[[dict[str, Any]], None]
) -> None:
    before = found(documents, state)
    change(state["company_files"][1]["Bill"][0])
    assert found(documents, state) == before - 1
