"""Two company files against what the seed orders for each."""

from typing import Any

from demo.check.desktop import DesktopResult, judge

LINE = {"account": "Job Costs", "customer": "Norfolk:Gate", "amount": "10.00"}


def ordered(number: str, file: str) -> dict[str, Any]:
    bill = {"vendor": "V", "number": number, "date": "2026-06-30", "due": "2026-07-30", "total": "10.00"}
    return {"verdict": "bill", "file": file, "bill": {**bill, "lines": [LINE]}}


def stands(identity: str, number: str, amount: str = "10.00") -> dict[str, Any]:
    bill = {"id": identity, "vendor": "V", "number": number, "date": "2026-06-30", "due": "2026-07-30"}
    return {**bill, "total": amount, "lines": [{**LINE, "amount": amount, "memo": "x"}]}


ORDERS = [ordered("1", "east"), ordered("2", "west"), {"verdict": "held", "reason": "vendor_unmapped"}]
NOTHING: dict[str, list[dict[str, Any]]] = {"east": [], "west": []}


def test_each_bill_once_in_its_own_file_is_right() -> None:
    before = {"east": [stands("old", "1")], "west": []}
    after = {"east": [stands("old", "1"), stands("a", "1")], "west": [stands("b", "2")]}
    assert judge(ORDERS, before, after) == DesktopResult(files=2, invoices=2)
    assert judge(ORDERS, before, after).is_right


def test_what_is_not_there_is_missing() -> None:
    result = judge(ORDERS, NOTHING, {"east": [stands("a", "1")], "west": []})
    assert result == DesktopResult(files=2, invoices=2, missing=1)


def test_what_is_there_twice_or_was_never_ordered_is_a_duplicate() -> None:
    after = {"east": [stands("a", "1"), stands("c", "1"), stands("d", "9")], "west": [stands("b", "2")]}
    assert judge(ORDERS, NOTHING, after) == DesktopResult(files=2, invoices=2, duplicates=2)


def test_a_bill_in_the_other_file_is_in_the_wrong_one() -> None:
    result = judge(ORDERS, NOTHING, {"east": [stands("a", "1"), stands("b", "2")], "west": []})
    assert result == DesktopResult(files=2, invoices=2, wrong_file=1)


def test_a_bill_with_other_amounts_is_not_the_one_that_was_ordered() -> None:
    result = judge(ORDERS, NOTHING, {"east": [stands("a", "1", "11.00")], "west": [stands("b", "2")]})
    assert result == DesktopResult(files=2, invoices=2, missing=1, duplicates=1)
