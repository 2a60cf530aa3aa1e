"""The comparison of qbXML documents finds what differs, and only that."""

from __future__ import annotations

import pytest

from tests.exchanges.qbxml import load_qbxml_exchanges, played, xml_differences

BILL = '<BillRet a="1"><TxnID>1A</TxnID><Memo>x</Memo></BillRet>'


@pytest.mark.parametrize("same", [BILL, f"\n{BILL.replace('><', '>  <')}\n"])
def test_white_space_does_not_count(same: str) -> None:
    assert xml_differences(BILL, same) == []


@pytest.mark.parametrize(
    "other",
    [
        BILL.replace("1A", "1B"),
        BILL.replace('a="1"', 'a="2"'),
        BILL.replace(' a="1"', ""),
        BILL.replace("<BillRet", '<BillRet b="1"'),
        BILL.replace("<Memo>x</Memo>", ""),
        '<BillRet a="1"><Memo>x</Memo><TxnID>1A</TxnID></BillRet>',
        BILL.replace("BillRet", "CheckRet"),
    ],
)
def test_everything_else_does(other: str) -> None:
    assert len(xml_differences(BILL, other)) == 1


def test_a_volatile_text_is_any_text_and_played_as_its_example() -> None:
    volatile = BILL.replace("1A", "$any(7F-1)")
    assert xml_differences(volatile, BILL) == []
    assert xml_differences(volatile, BILL.replace("1A", "")) != []
    assert "<TxnID>7F-1</TxnID>" in played(volatile)


def test_every_exchange_has_an_answer_or_an_hresult() -> None:
    assert all(bool(each.response) != bool(each.hresult) for each in load_qbxml_exchanges())
