"""The company file behaves as QuickBooks, beyond what the literal exchanges show."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from simulators.quickbooks_desktop.hresults import QuickBooksError
from simulators.quickbooks_desktop.processor import Ticket, process
from tests.simulators.quickbooks_desktop.conftest import Office
from tests.simulators.quickbooks_desktop.service import bill_add

OLD_BILL = "5-1767625200"


def document(body: str, attributes: str = "") -> str:
    return (
        f'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"{attributes}>'
        f"{body}</QBXMLMsgsRq></QBXML>"
    )


def responses(answer: str) -> list[etree._Element]:
    return list(etree.fromstring(answer.split("\n", 1)[1])[0])


def status(answer: str) -> int:
    return int(responses(answer)[0].get("statusCode", "-1"))


def texts(answer: str, path: str) -> list[str]:
    return [each.text or "" for response in responses(answer) for each in response.iterfind(path)]


VENDORS = (
    '<VendorQueryRq requestID="1" iterator="{}"{}><MaxReturned>2</MaxReturned>'
    "<ActiveStatus>All</ActiveStatus></VendorQueryRq>"
)


def page(number: str, identity: str = "") -> str:
    return document(VENDORS.format(number, f' iteratorID="{identity}"' if identity else ""))


async def test_an_iterator_goes_on_in_its_own_session_only(office: Office) -> None:
    ticket = Ticket(office.file, "")
    first = process(ticket, page("Start"))
    identity = responses(first)[0].get("iteratorID", "")
    assert responses(first)[0].get("iteratorRemainingCount") == "1"
    assert status(office.ask(page("Continue", identity))) == 3120
    second = process(ticket, page("Continue", identity))
    assert texts(second, "VendorRet/Name") == ["Old Vendor"]
    assert responses(second)[0].get("iteratorRemainingCount") == "0"
    assert status(process(ticket, page("Continue", identity))) == 3120


async def test_an_iterator_must_repeat_its_question(office: Office) -> None:
    ticket = Ticket(office.file, "")
    identity = responses(process(ticket, page("Start")))[0].get("iteratorID", "")
    assert status(process(ticket, page("Continue", identity).replace("All", "ActiveOnly"))) == 3210
    assert status(process(ticket, page("Continue"))) == 3150
    assert status(process(ticket, page("Start").replace("<MaxReturned>2</MaxReturned>", ""))) == 3150


async def test_a_restored_backup_has_forgotten_bill_and_message_set(office: Office) -> None:
    office.file.back_up("monday")
    office.ask(bill_add("A-1", "set-1"))
    await office.person("restore", value="monday")
    assert office.numbers() == []
    check = document("", ' newMessageSetID="set-1" oldMessageSetID="set-1"')
    assert 'messageSetStatusCode="9002"' in office.ask(check)


async def test_a_message_set_is_executed_once(office: Office) -> None:
    first = office.ask(bill_add("A-1", "set-1"))
    assert office.ask(bill_add("A-1", "set-1")) == first
    assert office.numbers() == ["A-1"]
    assert 'messageSetStatusCode="9001"' in office.ask(bill_add("A-2", "set-1"))
    office.ask(bill_add("A-1"))
    assert office.numbers() == ["A-1", "A-1"]


@pytest.mark.parametrize(("shape", "rets", "recoveries"), [("ret", 1, 0), ("error_recovery", 0, 1), ("both", 1, 1)])
async def test_a_status_check_answers_in_one_of_three_shapes(
    office: Office, shape: str, rets: int, recoveries: int
) -> None:
    office.simulation.change_switches({"recovery_shape": shape})
    office.ask(bill_add("A-1", "set-1"))
    answer = office.ask(document("", ' newMessageSetID="set-1" oldMessageSetID="set-1"'))
    assert len(texts(answer, "BillRet/TxnID")) == rets
    assert texts(answer, "ErrorRecovery/TxnID") == ["6-1770044400"] * recoveries


async def test_message_sets_can_be_forgotten(office: Office) -> None:
    office.simulation.change_switches({"message_sets_kept": 1})
    office.ask(bill_add("A-1", "set-1"))
    office.ask(bill_add("A-2", "set-2"))
    assert list(office.file.books.message_sets) == ["set-2"]
    office.ask(document("", ' oldMessageSetID="ClearAllMessageSets"'))
    assert not office.file.books.message_sets


async def test_a_lock_holds_as_often_as_it_was_told(office: Office) -> None:
    await office.person("lock", id="80000001-1700000000", code=3176, count=2)
    assert [status(office.ask(bill_add("A-1"))) for _ in range(3)] == [3176, 3176, 0]


@pytest.mark.parametrize(
    "broken",
    [
        "<!DOCTYPE QBXML><QBXML/>",
        "<QBXML>",
        document("<BillAddRq/>"),
        document("<ToDoAddRq/>"),
        document('<HostQueryRq color="red"/>'),
        document('<VendorQueryRq iterator="Again"/>'),
        document("<HostQueryRq/>").replace("stopOnError", "rollbackOnError"),
        document("<HostQueryRq/>").replace('"13.0"', '"17.0"'),
        document("<HostQueryRq/>", ' colour="red"'),
        document("<HostQueryRq>text</HostQueryRq>"),
        document("<CompanyQueryRq/>").replace("<QBXML>", "<qbxml>").replace("</QBXML>", "</qbxml>"),
    ],
)
async def test_what_cannot_be_parsed_is_an_hresult(office: Office, broken: str) -> None:
    with pytest.raises(QuickBooksError) as refused:
        office.ask(broken)
    assert refused.value.hresult == "0x80040400"


async def test_nothing_of_a_set_is_done_when_one_request_is_out_of_order(office: Office) -> None:
    good = bill_add("A-1")
    bad = "<BillAddRq><BillAdd><Memo>x</Memo><VendorRef/></BillAdd></BillAddRq>"
    with pytest.raises(QuickBooksError):
        office.ask(good.replace("</QBXMLMsgsRq>", f"{bad}</QBXMLMsgsRq>"))
    assert office.numbers() == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("2026-01-31", "2026-02-31", 3020),
        ("<FullName>Acme Electric</FullName>", "", 3150),
        ("<FullName>Acme Electric</FullName>", "<FullName>Old Vendor</FullName>", 3140),
        ("<Amount>1250.00</Amount>", "<Amount>1,250.00</Amount>", 3040),
        ("<Amount>1250.00</Amount>", "<Amount>-1.00</Amount>", 3210),
        ("<FullName>Job Expenses:Subcontractors</FullName>", "<FullName>Accounts Payable</FullName>", 3180),
        ("</Amount>", "</Amount><BillableStatus>Maybe</BillableStatus>", 3110),
        ("</Amount>", "</Amount><BillableStatus>Billable</BillableStatus>", 3210),
    ],
)
async def test_values_that_do_not_fit_are_statuses(office: Office, old: str, new: str, code: int) -> None:
    assert old in bill_add("A-1")
    assert status(office.ask(bill_add("A-1").replace(old, new, 1))) == code
    assert office.numbers() == []


async def test_what_windows_1252_lacks_becomes_a_question_mark(office: Office) -> None:
    office.ask(bill_add("A-1").replace("<ExpenseLineAdd>", "<Memo>Caf&#233; &#128293;</Memo><ExpenseLineAdd>"))
    bill = next(each for each in office.file.books.transactions["Bill"].values() if each["RefNumber"] == "A-1")
    assert bill["Memo"] == "Café ?"


async def test_an_item_line_works_out_what_is_missing(office: Office) -> None:
    item = (
        "<ItemLineAdd><ItemRef><FullName>Subcontract work</FullName></ItemRef>"
        "<Quantity>3</Quantity><Cost>33.333</Cost></ItemLineAdd>"
    )
    answer = office.ask(bill_add("A-1").replace("</BillAdd>", f"{item}</BillAdd>"))
    assert texts(answer, "BillRet/AmountDue") == ["1350.00"]
    assert texts(answer, "BillRet/ItemLineRet/Amount") == ["100.00"]


async def test_lines_that_a_bill_mod_does_not_list_go(office: Office) -> None:
    line = (
        "<ExpenseLineMod><TxnLineID>-1</TxnLineID><AccountRef><FullName>Retainage Payable</FullName></AccountRef>"
        "<Amount>{}</Amount></ExpenseLineMod>"
    )
    mod = "<BillModRq><BillMod><TxnID>5-1767625200</TxnID><EditSequence>{}</EditSequence>{}</BillMod></BillModRq>"
    answer = office.ask(document(mod.format("1767625200", line.format("10.00"))))
    assert texts(answer, "BillRet/AmountDue") == ["10.00"]
    [sequence] = texts(answer, "BillRet/EditSequence")
    unchanged = office.ask(document(mod.format(sequence, "")))
    assert texts(unchanged, "BillRet/AmountDue") == ["10.00"]
    await office.person("pay", bills=[{"bill": OLD_BILL}])
    [sequence] = [str(office.file.books.transactions["Bill"][OLD_BILL]["EditSequence"])]
    assert status(office.ask(document(mod.format(sequence, line.format("9.00"))))) == 3210


async def test_a_paid_bill_is_neither_deleted_nor_voided_by_an_application(office: Office) -> None:
    paid = await office.person("pay", bills=[{"bill": OLD_BILL}])
    delete = f"<TxnDelRq><TxnDelType>Bill</TxnDelType><TxnID>{OLD_BILL}</TxnID></TxnDelRq>"
    void = f"<TxnVoidRq><TxnVoidType>Bill</TxnVoidType><TxnID>{OLD_BILL}</TxnID></TxnVoidRq>"
    assert [status(office.ask(document(each))) for each in (delete, void)] == [3160, 3190]
    await office.person("delete", kind="BillPaymentCheck", id=paid["TxnID"])
    assert status(office.ask(document(delete))) == 0


async def test_deletions_are_forgotten_after_ninety_days(office: Office) -> None:
    await office.person("delete", id=OLD_BILL)
    asked = document("<TxnDeletedQueryRq><TxnDelType>Bill</TxnDelType></TxnDeletedQueryRq>")
    assert texts(office.ask(asked), "TxnDeletedRet/TxnID") == [OLD_BILL]
    office.simulation.clock.advance(timedelta(days=91))
    assert status(office.ask(asked)) == 1


async def test_time_stamps_are_the_pcs_and_an_hour_off_in_summer(office: Office) -> None:
    office.simulation.clock.advance(timedelta(days=150))
    await office.person("edit", id=OLD_BILL, fields={"Memo": "in July"})
    asked = document(f"<BillQueryRq><TxnID>{OLD_BILL}</TxnID></BillQueryRq>")
    assert texts(office.ask(asked), "BillRet/TimeModified") == ["2026-07-02T11:00:00-05:00"]
    office.simulation.change_switches({"wrong_summer_offset": False})
    assert texts(office.ask(asked), "BillRet/TimeModified") == ["2026-07-02T11:00:00-04:00"]
    since = "<ModifiedDateRangeFilter><FromModifiedDate>{}</FromModifiedDate></ModifiedDateRangeFilter>"
    for moment, code in (("2026-07-02T11:00:00", 0), ("2026-07-02T11:00:01", 1)):
        assert status(office.ask(document(f"<BillQueryRq>{since.format(moment)}</BillQueryRq>"))) == code


def allocations(payment: Any, office: Office) -> list[tuple[str, Decimal]]:
    return [(each.bill_id, each.amount) for each in office.file.used_of(payment["TxnID"])]


async def test_one_check_pays_two_bills_and_can_be_reallocated(office: Office) -> None:
    office.ask(bill_add("A-1"))
    both = [{"bill": OLD_BILL, "amount": "1000.00"}, {"bill": "6-1770044400", "amount": "250.00"}]
    check = await office.person("pay", bills=both, number="2001")
    assert check["Amount"] == "1250.00"
    await office.person("reallocate", id=check["TxnID"], bills=[{"bill": "6-1770044400", "amount": "1250.00"}])
    assert allocations(check, office) == [("6-1770044400", Decimal("1250.00"))]
    assert office.file.open_amount(office.file.books.transactions["Bill"][OLD_BILL]) == 1000


async def test_a_credit_settles_without_cash(office: Office) -> None:
    credit = await office.person(
        "enter", kind="VendorCredit", fields={"VendorRef": "80000001-1700000000", "CreditAmount": "300.00"}
    )
    await office.person("settle_by", kind="VendorCredit", id=credit["TxnID"], other_id=OLD_BILL)
    asked = f"<BillQueryRq><TxnID>{OLD_BILL}</TxnID><IncludeLinkedTxns>true</IncludeLinkedTxns></BillQueryRq>"
    answer = office.ask(document(asked))
    assert texts(answer, "BillRet/OpenAmount") == ["700.00"]
    assert texts(answer, "BillRet/LinkedTxn/TxnType") == ["VendorCredit"]
    found = office.ask(document("<VendorCreditQueryRq><IncludeLinkedTxns>1</IncludeLinkedTxns></VendorCreditQueryRq>"))
    assert texts(found, "VendorCreditRet/OpenAmount") == ["0.00"]


async def test_a_check_with_a_credit_against_the_bill_shows_both(office: Office) -> None:
    credit = await office.person(
        "enter", kind="VendorCredit", fields={"VendorRef": "80000001-1700000000", "CreditAmount": "300.00"}
    )
    share = {"bill": OLD_BILL, "amount": "700.00", "credit": credit["TxnID"], "credit_amount": "300.00"}
    await office.person("pay", bills=[share])
    asked = "<BillPaymentCheckQueryRq><IncludeLineItems>true</IncludeLineItems></BillPaymentCheckQueryRq>"
    answer = office.ask(document(asked))
    assert texts(answer, "BillPaymentCheckRet/AppliedToTxnRet/Amount") == ["700.00"]
    assert texts(answer, "BillPaymentCheckRet/AppliedToTxnRet/LinkedTxn/TxnType") == ["VendorCredit"]
    assert texts(answer, "BillPaymentCheckRet/AppliedToTxnRet/BalanceRemaining") == ["0.00"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"bills": [{"bill": OLD_BILL, "amount": "1000.01"}]}, 3210),
        ({"bills": [{"bill": "99-1"}]}, 3120),
        ({"bills": [{"bill": OLD_BILL}], "date": "2025-06-30"}, 3171),
        ({"bills": []}, 3150),
    ],
)
async def test_payments_that_cannot_be(office: Office, fields: dict[str, Any], code: int) -> None:
    refused = await office.person("pay", status=409, **fields)
    assert refused["code"] == code


async def test_merged_vendors_move_their_bills(office: Office) -> None:
    await office.person("merge_vendors", id="80000002-1700000000", other_id="80000001-1700000000")
    answer = office.ask(document(f"<BillQueryRq><TxnID>{OLD_BILL}</TxnID></BillQueryRq>"))
    assert texts(answer, "BillRet/VendorRef/FullName") == ["Bright Glass"]
    gone = office.ask(document("<ListDeletedQueryRq><ListDelType>Vendor</ListDelType></ListDeletedQueryRq>"))
    assert texts(gone, "ListDeletedRet/FullName") == ["Acme Electric"]


async def test_only_the_elements_that_are_asked_for(office: Office) -> None:
    asked = f"<BillQueryRq><TxnID>{OLD_BILL}</TxnID><IncludeRetElement>EditSequence</IncludeRetElement></BillQueryRq>"
    [response] = responses(office.ask(document(asked)))
    assert [str(child.tag) for child in response[0]] == ["EditSequence"]


async def test_bills_and_payments_by_name(office: Office) -> None:
    office.ask(bill_add("A-1"))
    await office.person("pay", bills=[{"bill": OLD_BILL, "amount": "980.00", "discount": "20.00"}], number="1044")
    old, new = await office.control("GET", "files/acme/bills")
    assert (old["vendor"], old["number"], old["total"], old["open"]) == ("Acme Electric", "INV-900", "1000.00", "0.00")
    assert old["lines"][0]["customer"] == "Owner LLC:Tower"
    assert (new["date"], new["due"], new["lines"][0]["account"]) == (
        "2026-01-31",
        "2026-03-02",
        "Job Expenses:Subcontractors",
    )
    [payment] = await office.control("GET", "files/acme/payments")
    assert (payment["kind"], payment["number"], payment["amount"]) == ("BillPaymentCheck", "1044", "980.00")
    assert payment["bills"] == [{"id": OLD_BILL, "amount": "980.00", "discount": "20.00"}]
