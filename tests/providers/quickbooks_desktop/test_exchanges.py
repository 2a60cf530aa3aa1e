"""Each literal exchange with a company file: our messages are exactly that text, and its answer is understood."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from providers.quickbooks_desktop.answers import Answer, ErrorRecovery, read_answer
from providers.quickbooks_desktop.company_file import read_open_file
from providers.quickbooks_desktop.message_set import MessageSet, status_check
from providers.quickbooks_desktop.messages import bills, company, lists, payments, spending
from providers.quickbooks_desktop.messages.element import Listed, to
from providers.quickbooks_desktop.validator import check_message_set
from providers.quickbooks_desktop.verdicts import Verdict, judge_status

FILE = Path(__file__).parents[2] / "exchanges" / "quickbooks_desktop_messages.json"
OWNER = "{6F0C9A52-51C7-4D0E-9A7E-3B6F1D2C8E41}"
ITERATOR = "{eb05f701-e727-472f-8ade-6753c4f67a46}"
ID_1, ID_2 = "AAAAAAAAAAAAAAAAAAA1", "AAAAAAAAAAAAAAAAAAA2"


@dataclass(frozen=True)
class MessageExchange:
    """A message set and its answer, word for word; ``fact`` is the public document it was written down from."""

    name: str
    fact: str
    request: str
    response: str

    def __str__(self) -> str:
        return self.name


EXCHANGES = [MessageExchange(**entry) for entry in json.loads(FILE.read_text("utf-8"))]

BILL = bills.BillAdd(
    vendor=to("80000001-1700000000"),
    ap_account=to("80000030-1700000000"),
    bill_date=date(2026, 1, 31),
    due_date=date(2026, 3, 2),
    number="INV-1001",
    terms=to("80000002-1700000200"),
    memo="Procore SC-001 #3, Tower · inBuild 77123",
    external_guid="{0F8FAD5B-D9CB-469F-A165-70867728950E}",
    expenses=(
        bills.ExpenseLineAdd(
            account=to("80000020-1700000000"),
            amount=Decimal(1250),
            memo="26-100 Rough-in <Level 3> & café",
            customer=to("80000040-1700000000"),
            tracking_class=to("80000001-1700000100"),
            billable_status=bills.NOT_BILLABLE,
        ),
        bills.ExpenseLineAdd(
            account=to("80000031-1700000000"),
            amount=Decimal("-125"),
            memo="Retainage withheld, SC-001 #3",
            customer=to("80000040-1700000000"),
            billable_status=bills.NOT_BILLABLE,
        ),
    ),
)
ADD = MessageSet((bills.BillAddRq(request_id="b1", bill=BILL),), new_id=ID_2, old_id=ID_1)
VENDORS = lists.VendorQueryRq(request_id="1", iterator="Start", max_returned=100)

Check = Callable[[Answer], bool]


def judged(request_id: str, verdict: Verdict) -> Check:
    def check(answer: Answer) -> bool:
        response = answer.to(request_id)
        return judge_status(response.status, response.message).verdict is verdict

    return check


def added(answer: Answer) -> bool:
    (bill,) = answer.to("b1").returned(bills.BillRet)
    return (
        (bill.txn_id, bill.edit_sequence, bill.number) == ("1A-1769900000", "1769954400", "INV-1001")
        and bill.amount_due == bill.open_amount == Decimal("1125.00")
        and [line.amount for line in bill.expenses] == [Decimal("1250.00"), Decimal("-125.00")]
        and bill.memo.endswith("· inBuild 77123")
    )


def set_status(status: int) -> Check:
    return lambda answer: (answer.set_id, answer.set_status, answer.responses) == (ID_2, status, ())


def names(kind: type[Listed], *expected: str) -> Check:
    return lambda answer: [one.name for one in answer.to("1").returned(kind)] == list(expected)


def page(kind: type[Listed], remaining: int, *expected: str) -> Check:
    return lambda answer: answer.to("1").remaining == remaining and names(kind, *expected)(answer)


def one_query(request: lists.ListQuery | lists.PagedListQuery | bills.BillQueryRq) -> MessageSet:
    return MessageSet((request,))


CASES: dict[str, tuple[MessageSet, Check]] = {
    "host, company and preferences": (
        MessageSet(
            (
                company.HostQueryRq(request_id="1"),
                company.CompanyQueryRq(request_id="2", owner_id=OWNER),
                company.PreferencesQueryRq(request_id="3"),
            )
        ),
        lambda answer: (
            [one.name for one in answer.responses] == ["HostQueryRs", "CompanyQueryRs", "PreferencesQueryRs"]
        ),
    ),
    "accounts come at once": (
        one_query(lists.AccountQueryRq(request_id="1")),
        lambda answer: (
            [(one.full_name, one.account_type) for one in answer.to("1").returned(lists.AccountRet)]
            == [("Job Expenses:Subcontractors", "CostOfGoodsSold"), ("Accounts Payable", "AccountsPayable")]
        ),
    ),
    "classes come at once": (one_query(lists.ClassQueryRq(request_id="1")), names(lists.ClassRet, "Commercial")),
    "terms are of two kinds": (
        one_query(lists.TermsQueryRq(request_id="1")),
        lambda answer: (
            [one.due_days for one in answer.to("1").returned(lists.StandardTermsRet)] == [30]
            and [one.day_of_month for one in answer.to("1").returned(lists.DateDrivenTermsRet)] == [25]
        ),
    ),
    "vendors: the first page": (one_query(VENDORS), page(lists.VendorRet, 1, "Müller & Söhne Electric")),
    "vendors: the next page": (
        one_query(VENDORS.model_copy(update={"iterator": "Continue", "iterator_id": ITERATOR})),
        page(lists.VendorRet, 0, "Zenith Roofing"),
    ),
    "vendors changed since": (
        one_query(VENDORS.model_copy(update={"from_modified": "2024-03-04T10:20:00"})),
        judged("1", Verdict.EMPTY),
    ),
    "a job is a customer with a parent": (
        one_query(lists.CustomerQueryRq(request_id="1", iterator="Start", max_returned=100)),
        lambda answer: (
            [(one.full_name, one.parent and one.parent.full_name) for one in answer.to("1").returned(lists.CustomerRet)]
            == [("Owner LLC:Tower", "Owner LLC")]
        ),
    ),
    "items of several kinds": (
        one_query(lists.ItemQueryRq(request_id="1", iterator="Start", max_returned=100)),
        lambda answer: (
            [(kind, one.full_name) for kind, one in answer.to("1").items()]
            == [("ItemServiceRet", "Subs:Electrical sub"), ("ItemInventoryRet", "Anchor bolt")]
        ),
    ),
    "a bill is added": (ADD, added),
    "a bill points at an entry that is gone": (ADD, judged("b1", Verdict.PERSON)),
    "a bill lies in a closed period": (ADD, judged("b1", Verdict.PERSON)),
    "a bill is refused because somebody has the vendor open": (ADD, judged("b1", Verdict.AGAIN)),
    "a bill is refused for a reason of its own": (ADD, judged("b1", Verdict.PERSON)),
    "a list is locked": (ADD, judged("b1", Verdict.AGAIN)),
    "an amount could not be read": (ADD, judged("b1", Verdict.OUR_BUG)),
    "the user may not add bills": (ADD, judged("b1", Verdict.PERSON)),
    "a bill is added with a warning": (ADD, lambda answer: added(answer) and judged("b1", Verdict.DONE)(answer)),
    "what came of a set: the stored outcome": (status_check(ID_2), added),
    "what came of a set: only the ids": (
        status_check(ID_2),
        lambda answer: [one.txn_id for one in answer.to("b1").returned(ErrorRecovery)] == ["1A-1769900000"],
    ),
    "what came of a set: it never arrived": (status_check(ID_2), set_status(9002)),
    "what came of a set: another one has its id": (status_check(ID_2), set_status(9001)),
    "a stored outcome is forgotten": (MessageSet(old_id=ID_2), lambda answer: answer.set_status is None),
    "a bill is found by its number": (
        MessageSet((bills.BillByNumberRq(request_id="1", numbers=("INV-1001", "INV-1002")),)),
        lambda answer: [one.external_guid for one in answer.to("1").returned(bills.BillRet)] == [BILL.external_guid],
    ),
    "no bill has the number": (
        MessageSet((bills.BillByNumberRq(request_id="1", numbers=("INV-1001",)),)),
        judged("1", Verdict.EMPTY),
    ),
    "a bill that is gone is a warning": (
        MessageSet((bills.BillByIdRq(request_id="1", txn_ids=("1A-1769900000",)),)),
        judged("1", Verdict.EMPTY),
    ),
    "open bills, page by page": (
        one_query(
            bills.BillQueryRq(
                request_id="1",
                iterator="Start",
                max_returned=50,
                modified=bills.ModifiedDateRange(from_modified="2026-02-01T08:45:00"),
                paid_status="NotPaidOnly",
            )
        ),
        lambda answer: (
            [
                (linked.txn_type, linked.amount)
                for bill in answer.to("1").returned(bills.BillRet)
                for linked in bill.linked
            ]
            == [("BillPaymentCheck", Decimal("-500.00"))]
        ),
    ),
    "a bill is changed": (
        MessageSet(
            (
                bills.BillModRq(
                    request_id="m1",
                    bill=bills.BillMod(
                        txn_id="1A-1769900000",
                        edit_sequence="1769954400",
                        due_date=date(2026, 3, 15),
                        expenses=(
                            bills.ExpenseLineMod(line_id="1B-1769900000"),
                            bills.ExpenseLineMod(
                                line_id="-1",
                                account=to("80000020-1700000000"),
                                amount=Decimal(10),
                                customer=to("80000040-1700000000"),
                                billable_status=bills.NOT_BILLABLE,
                            ),
                        ),
                    ),
                ),
            ),
            new_id="AAAAAAAAAAAAAAAAAAA3",
        ),
        judged("m1", Verdict.STALE),
    ),
    "a vendor's name is taken": (
        MessageSet(
            (
                lists.VendorAddRq(
                    request_id="v1",
                    vendor=lists.VendorAdd(
                        name="Acme Electric (Vendor)",
                        company_name="Acme Electric LLC",
                        name_on_check="Acme Electric LLC",
                        terms=to("80000002-1700000200"),
                        external_guid="{0F8FAD5B-D9CB-469F-A165-708677289511}",
                    ),
                ),
            ),
            new_id="AAAAAAAAAAAAAAAAAAA4",
        ),
        judged("v1", Verdict.NAME_TAKEN),
    ),
    "checks that paid bills": (
        MessageSet(
            (
                payments.BillPaymentCheckQueryRq(
                    request_id="1",
                    iterator="Start",
                    max_returned=50,
                    modified=bills.ModifiedDateRange(from_modified="2026-02-01T00:00:00"),
                ),
            )
        ),
        lambda answer: (
            [
                (check.number, applied.txn_id, applied.amount, applied.discount)
                for check in answer.to("1").returned(payments.BillPaymentCheckRet)
                for applied in check.applied
            ]
            == [("1044", "1A-1769900000", Decimal("1100.00"), Decimal("25.00"))]
        ),
    ),
    "card payments": (
        MessageSet((payments.BillPaymentCreditCardQueryRq(request_id="1", iterator="Start", max_returned=50),)),
        lambda answer: (
            [one.amount for one in answer.to("1").returned(payments.BillPaymentCreditCardRet)] == [Decimal("0.00")]
        ),
    ),
    "checks written straight to a vendor": (
        MessageSet(
            (
                spending.CheckQueryRq(
                    request_id="1",
                    iterator="Start",
                    max_returned=50,
                    modified=bills.ModifiedDateRange(from_modified="2026-02-01T00:00:00"),
                ),
            )
        ),
        lambda answer: (
            [
                (one.number, one.dated, one.amount, one.payee and one.payee.list_id, len(one.expenses))
                for one in answer.to("1").returned(spending.CheckRet)
            ]
            == [("2044", date(2026, 2, 12), Decimal("1250.00"), "80000001-1700000000", 1)]
        ),
    ),
    "credit card charges": (
        MessageSet((spending.CreditCardChargeQueryRq(request_id="1", iterator="Start", max_returned=50),)),
        lambda answer: (
            [(one.number, one.dated, one.amount) for one in answer.to("1").returned(spending.CreditCardChargeRet)]
            == [("INV-1001", date(2026, 2, 13), Decimal("80.00"))]
        ),
    ),
    "vendor credits with their lines": (
        MessageSet((payments.VendorCreditQueryRq(request_id="1", iterator="Start", max_returned=50),)),
        lambda answer: (
            [
                (one.number, one.total, one.open_amount, [line.amount for line in one.expenses])
                for one in answer.to("1").returned(payments.VendorCreditRet)
            ]
            == [("CM-7", Decimal("40.00"), Decimal("40.00"), [Decimal("40.00")])]
        ),
    ),
    "what was deleted": (
        MessageSet(
            (
                payments.TxnDeletedQueryRq(
                    request_id="1",
                    types=("Bill", "BillPaymentCheck"),
                    deleted=payments.DeletedDateRange(from_deleted="2026-02-01T00:00:00"),
                ),
            )
        ),
        lambda answer: (
            [(one.txn_type, one.txn_id) for one in answer.to("1").returned(payments.TxnDeletedRet)]
            == [("Bill", "1A-1769900000")]
        ),
    ),
    "a bill is voided": (
        MessageSet(
            (payments.TxnVoidRq(request_id="t1", txn_type="Bill", txn_id="1A-1769900000"),),
            new_id="AAAAAAAAAAAAAAAAAAA5",
        ),
        lambda answer: answer.to("t1").own(payments.TxnVoidRet).edit_sequence == "1770991200",
    ),
}


def test_every_exchange_has_its_case() -> None:
    assert [exchange.name for exchange in EXCHANGES] == list(CASES)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_what_we_send_is_word_for_word(exchange: MessageExchange) -> None:
    text = CASES[exchange.name][0].text()
    assert text == exchange.request
    check_message_set(text)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_what_comes_back_is_understood(exchange: MessageExchange) -> None:
    assert CASES[exchange.name][1](read_answer(exchange.response))


def test_the_first_answer_of_a_session_names_the_file() -> None:
    told = read_open_file(EXCHANGES[0].response, OWNER.lower())
    assert (told.company_name, told.legal_name) == ("Hartwell Construction", "Hartwell Construction, Inc.")
    assert (told.file_id, told.machine) == ("{0A1B2C3D-0000-4000-8000-000000000001}", "OFFICE-PC")
    assert (told.closing_date, told.uses_classes, told.home_currency) == (date(2025, 12, 31), True, "USD")
    assert (told.country, "13.0" in told.versions) == ("US", True)


def test_a_file_stamped_by_somebody_else_has_no_id_of_ours() -> None:
    told = read_open_file(EXCHANGES[0].response, "{00000000-0000-4000-8000-000000000000}")
    assert (told.file_id, told.machine) == (None, None)
