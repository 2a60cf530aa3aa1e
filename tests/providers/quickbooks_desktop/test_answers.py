"""Answers that are none: each is said to be unreadable, and nothing in it is followed anywhere."""

import pytest

from providers.quickbooks_desktop.answers import LARGEST, AnswerUnreadable, read_answer
from providers.quickbooks_desktop.company_file import read_open_file
from providers.quickbooks_desktop.messages.bills import BillRet
from providers.quickbooks_desktop.verdicts import Verdict, judge_hresult, judge_status, write_outcome_is_known
from tests.providers.quickbooks_desktop.test_exchanges import EXCHANGES

ADDED = next(exchange.response for exchange in EXCHANGES if exchange.name == "a bill is added")
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no well-formed XML"),
        (ADDED[: len(ADDED) // 2], "no well-formed XML"),
        ("<html><body>Service unavailable</body></html>", "no QBXMLMsgsRs"),
        ("<QBXML><QBXMLMsgsRs><BillAddRs requestID='b1'/></QBXMLMsgsRs></QBXML>", "no statusCode"),
        ("<QBXML><QBXMLMsgsRs><BillAddRs statusCode='okay'/></QBXMLMsgsRs></QBXML>", "where a number belongs"),
        (f'<!DOCTYPE QBXML [<!ENTITY a0 "ha">{LAUGHS}]><QBXML>&a9;</QBXML>', "amplification|document type"),
        ('<!DOCTYPE QBXML [<!ENTITY f SYSTEM "file:///etc/hostname">]><QBXML>&f;</QBXML>', "document type"),
        ('<!DOCTYPE QBXML SYSTEM "http://127.0.0.1:1/x.dtd"><QBXML/>', "document type"),
        (f"<QBXML>{' ' * LARGEST}</QBXML>", "at most"),
        ("\x00\x01", "no well-formed XML"),
    ],
    ids=["empty", "half", "html", "no status", "no number", "laughs", "file", "remote dtd", "giant", "binary"],
)
def test_what_is_no_answer_is_refused(text: str, reason: str) -> None:
    with pytest.raises(AnswerUnreadable, match=reason):
        read_answer(text)


def test_an_answer_to_another_request_is_no_answer_to_ours() -> None:
    with pytest.raises(AnswerUnreadable, match="answers b1 and not b2"):
        read_answer(ADDED).to("b2")


def test_unknown_elements_are_passed_over() -> None:
    newer = ADDED.replace("<RefNumber>", "<Invented><Deep>1</Deep></Invented><RefNumber>", 1)
    assert [bill.number for bill in read_answer(newer).to("b1").returned(BillRet)] == ["INV-1001"]


def test_a_status_without_what_it_promises_brings_nothing() -> None:
    bare = '<QBXML><QBXMLMsgsRs><BillAddRs requestID="b1" statusCode="0"/></QBXMLMsgsRs></QBXML>'
    assert read_answer(bare).to("b1").returned(BillRet) == []


def test_a_bill_without_its_total_is_unreadable() -> None:
    with pytest.raises(AnswerUnreadable, match="BillRet"):
        read_answer(ADDED.replace("<AmountDue>1125.00</AmountDue>", "")).to("b1").returned(BillRet)


def test_a_first_answer_without_a_company_names_no_file() -> None:
    with pytest.raises(AnswerUnreadable, match="names no company"):
        read_open_file("<QBXML><QBXMLMsgsRs/></QBXML>", "{0}")


@pytest.mark.parametrize(
    ("hresult", "verdict"),
    [
        ("0x80040400", Verdict.OUR_BUG),
        ("0x80040414", Verdict.PERSON),
        ("80040424", Verdict.AGAIN),
        ("0x8004040a", Verdict.PERSON),
        ("0x800706BE", Verdict.UNCLEAR),
        ("", Verdict.UNCLEAR),
    ],
)
def test_what_an_hresult_means(hresult: str, verdict: Verdict) -> None:
    told = judge_hresult(hresult, "as QuickBooks says")
    assert told.verdict is verdict
    # Whatever went wrong, only a text that could not be parsed surely did nothing.
    assert write_outcome_is_known(told) is (verdict is Verdict.OUR_BUG)
    assert told.sentence.endswith(".")


def test_a_code_nobody_listed_asks_a_person_in_quickbooks_words() -> None:
    told = judge_status(3999, "The moon is full.")
    assert (told.verdict, told.sentence) == (
        Verdict.PERSON,
        "QuickBooks refused it. QuickBooks says: The moon is full.",
    )
