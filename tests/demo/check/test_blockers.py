"""The check of blockers finds a wrong release and a preview that was not kept, and says nothing of a right one."""

from copy import deepcopy
from typing import Any

import pytest

from demo.check.blockers import wrongly_released
from demo.check.previews import Received, Transaction, mismatches

BEFORE = {
    "1": frozenset({"vendor_unmapped"}),
    "2": frozenset({"vendor_unmapped", "project_unmapped"}),
    "3": frozenset({"currency"}),
}


def test_one_step_that_frees_exactly_its_own_is_right() -> None:
    after = {one: reasons for one, reasons in BEFORE.items() if one != "1"}
    assert wrongly_released(BEFORE, after, ["1"], done=True) == []


def test_a_step_that_is_not_the_last_may_leave_its_own_held() -> None:
    after = BEFORE | {"2": frozenset({"project_unmapped"})}
    assert wrongly_released(BEFORE, after, ["2"], done=False) == []
    assert wrongly_released(BEFORE, after, ["2"], done=True) == [
        "requisition 2: is still held for ['project_unmapped']"
    ]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({"2": BEFORE["2"]}, "requisition 3: held for ['currency'] before, for [] now"),
        (
            {"2": frozenset({"project_unmapped"}), "3": BEFORE["3"]},
            "requisition 2: held for ['project_unmapped', 'vendor_unmapped'] before, for ['project_unmapped'] now",
        ),
        ({"2": BEFORE["2"], "3": BEFORE["3"], "4": frozenset({"tax"})}, "requisition 4: held only now, for ['tax']"),
        (dict(BEFORE), "requisition 1: is still held for ['vendor_unmapped']"),
    ],
)
def test_what_is_released_wrongly_is_found(after: dict[str, frozenset[str]], said: str) -> None:
    assert wrongly_released(BEFORE, after, ["1"], done=True) == [said]


BILL: dict[str, Any] = {
    "kind": "bill",
    "vendor": "Ernie's Electrical",
    "number": "INV-1",
    "bill_date": "2026-06-30",
    "due_date": "2026-07-30",
    "terms": "Net 30",
    "ap_account": "Accounts Payable (A/P)",
    "memo": "Procore SC-1 #1, Tower · inBuild 70001",
    "total": "90.00",
    "lines": [
        {"target": "Job Costs", "description": "Rough-in", "amount": "100.00", "customer": "Tower"},
        {"target": "Retainage Payable", "description": "Retainage withheld", "amount": "-10.00", "customer": "Tower"},
    ],
}
ROW: dict[str, Any] = {
    "Id": "700",
    "VendorRef": {"value": "56"},
    "DocNumber": "INV-1",
    "TxnDate": "2026-06-30",
    "DueDate": "2026-07-30",
    "SalesTermRef": {"value": "3"},
    "APAccountRef": {"value": "33"},
    "PrivateNote": "Procore SC-1 #1, Tower · inBuild 70001",
    "TotalAmt": "90.0",
    "Line": [
        {
            "Description": text,
            "Amount": amount,
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}, "CustomerRef": {"value": "12"}},
        }
        for text, amount, account in (("Rough-in", "100", "80"), ("Retainage withheld", "-10", "60"))
    ],
}


def books(*bills: dict[str, Any]) -> Received:
    company = {
        "realm_id": "1",
        "Vendor": [{"Id": "56", "DisplayName": "Ernie's Electrical"}, {"Id": "57", "DisplayName": "Other"}],
        "Account": [
            {"Id": identity, "FullyQualifiedName": name}
            for identity, name in (("33", "Accounts Payable (A/P)"), ("60", "Retainage Payable"), ("80", "Job Costs"))
        ],
        "Customer": [{"Id": "12", "FullyQualifiedName": "Tower"}, {"Id": "13", "FullyQualifiedName": "Mill"}],
        "Term": [{"Id": "3", "Name": "Net 30"}],
        "Bill": list(bills),
        "VendorCredit": [],
    }
    return Received({"companies": [{"realm_id": "2"}, company]}, "1")


def found(preview: dict[str, Any], *bills: dict[str, Any], withdrawn: frozenset[int] = frozenset()) -> list[str]:
    return list(mismatches({70001: preview}, books(*bills), withdrawn))


WILL_POST = {"outcome": "bill", "bill": BILL, "reasons": []}


def test_a_preview_that_was_kept_is_right() -> None:
    assert found(WILL_POST, ROW) == []
    assert Transaction.previewed(BILL) == books(ROW).by_reference[70001][0]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("VendorRef",), {"value": "57"}),
        (("DocNumber",), "INV-2"),
        (("TxnDate",), "2026-06-29"),
        (("DueDate",), "2026-07-31"),
        (("SalesTermRef",), None),
        (("APAccountRef",), {"value": "60"}),
        (("TotalAmt",), "90.01"),
        (("PrivateNote",), "Procore 701 #1, Tower · inBuild 70001"),
        (("Line", 0, "Amount"), "100.01"),
        (("Line", 0, "Description"), "Trim"),
        (("Line", 1, "AccountBasedExpenseLineDetail"), {"AccountRef": {"value": "80"}, "CustomerRef": {"value": "12"}}),
        (("Line", 1, "AccountBasedExpenseLineDetail"), {"AccountRef": {"value": "60"}, "CustomerRef": {"value": "13"}}),
    ],
)
def test_every_part_that_differs_is_found(path: tuple[Any, ...], value: object) -> None:
    planted = deepcopy(ROW)
    place: Any = planted
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    (said,) = found(WILL_POST, planted)
    assert said.startswith("invoice 70001: previewed")


def test_a_line_too_many_a_bill_too_many_and_no_bill_at_all_are_found() -> None:
    assert found(WILL_POST, {**ROW, "Line": [*ROW["Line"], ROW["Line"][0]]})
    assert found(WILL_POST, ROW, {**ROW, "Id": "701"})
    assert found(WILL_POST)
    assert found(WILL_POST, withdrawn=frozenset({70001})) == []


def test_what_was_previewed_as_held_is_not_posted_unless_its_contract_was_booked_meanwhile() -> None:
    for reason, wrong in (("vendor_unmapped", True), ("retainage_opening_balance", False)):
        held = {"outcome": "held", "bill": None, "reasons": [{"reason": reason}]}
        assert bool(found(held, ROW)) is wrong
        assert found(held) == []
