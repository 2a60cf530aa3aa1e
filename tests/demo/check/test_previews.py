"""The check of previews finds a bill that came otherwise than it was shown, and one that nobody was shown."""

from copy import deepcopy
from typing import Any

import pytest

from demo.check.foresight import Foreseen, foreseen
from demo.check.previews import Received, Transaction, mismatches, not_previewed

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


# Whatever it says: it was there already.
ENTERED_BEFORE: dict[str, Any] = {"Id": "300", "PrivateNote": "Procore SC-9 #9 · inBuild 70009"}


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
    before = {"realm_id": "1", "Bill": [ENTERED_BEFORE], "VendorCredit": []}
    return Received.online({"companies": [before]}, {"companies": [{"realm_id": "2"}, company]}, "1")


def found(preview: dict[str, Any], *bills: dict[str, Any], withdrawn: frozenset[int] = frozenset()) -> list[str]:
    return list(mismatches({70001: preview}, books(*bills), withdrawn))


def unseen(*bills: dict[str, Any], previews: tuple[int, ...] = (70001,)) -> list[str]:
    return list(not_previewed(previews, books(*bills)))


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


@pytest.mark.parametrize("reason", ["vendor_unmapped", "retainage_opening_balance"])
def test_what_was_last_previewed_as_held_is_not_posted(reason: str) -> None:
    held = {"outcome": "held", "bill": None, "reasons": [{"reason": reason}]}
    (said,) = found(held, ROW)
    assert said.startswith("invoice 70001: previewed as held, received")
    assert found(held) == []


def test_a_bill_that_nobody_previewed_is_found() -> None:
    assert unseen(ROW) == []
    (said,) = unseen(ROW, previews=(70002,))
    assert said.startswith("invoice 70001: nobody previewed")
    assert len(unseen(ROW, {**ROW, "Id": "702", "PrivateNote": "inBuild 70003"}, previews=())) == 2


def test_a_bill_that_names_no_invoice_is_found_unless_it_was_there_before() -> None:
    without = {**ROW, "Id": "702", "PrivateNote": "Typed by hand"}
    assert unseen(ROW, without) == ["bill 702 came, and no preview can be its own"]
    assert unseen(ROW, ENTERED_BEFORE) == []


SHEET: dict[str, Any] = {
    "id": "1A-1",
    "vendor": "Ernie's Electrical",
    "number": "INV-1",
    "date": "2026-06-30",
    "due": "2026-07-30",
    "total": "90.00",
    "memo": "Procore SC-1 #1, Tower · inBuild 70001",
    "lines": [
        {"account": "Job Costs", "customer": "Tower", "memo": "Rough-in", "amount": "100.00"},
        {"account": "Retainage Payable", "customer": "Tower", "memo": "Retainage withheld", "amount": "-10.00"},
    ],
}


def in_file(*sheets: dict[str, Any]) -> list[str]:
    received = Received.in_file([{**SHEET, "id": "0-1", "memo": ""}], [{**SHEET, "id": "0-1", "memo": ""}, *sheets])
    return list(foreseen({70001: WILL_POST}, received).sentences)


def test_a_bill_of_a_company_file_is_held_against_its_preview_too() -> None:
    assert in_file(SHEET) == []


@pytest.mark.parametrize(
    "change",
    [
        {"vendor": "Other"},
        {"number": "INV-2"},
        {"date": "2026-06-29"},
        {"due": "2026-07-31"},
        {"total": "90.01"},
        {"memo": "inBuild 70001"},
        {"lines": SHEET["lines"][::-1]},
        {"lines": [{**SHEET["lines"][0], "customer": "Mill"}, SHEET["lines"][1]]},
        {"lines": SHEET["lines"][:1]},
    ],
)
def test_every_part_of_it_that_differs_is_found(change: dict[str, Any]) -> None:
    (said,) = in_file({**SHEET, **change})
    assert said.startswith("invoice 70001: previewed")


def test_a_bill_of_a_company_file_that_nobody_previewed_is_found() -> None:
    (said,) = in_file(SHEET, {**SHEET, "id": "1B-1", "memo": "inBuild 70002"})
    assert said.startswith("invoice 70002: nobody previewed")
    (said,) = in_file(SHEET, {**SHEET, "id": "1B-1", "memo": "by hand"})
    assert said == "bill 1B-1 came, and no preview can be its own"


def test_what_was_compared_is_counted_and_added_up() -> None:
    one = foreseen({70001: WILL_POST}, books(ROW))
    assert one == Foreseen(1)
    assert one + Foreseen(2, ("said",)) == Foreseen(3, ("said",))
