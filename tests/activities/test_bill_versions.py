"""A bill reads the same from the bytes we sent and from what QuickBooks gives back."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from accounting.bill_types import TransactionKind
from accounting.bill_versions import BillAsIs, as_it_would_be_posted
from accounting.differences import same_bill
from activities.bill_bytes import transaction_bytes
from activities.bill_versions import booked_version, payments_linked, posted_version
from activities.desktop_bill import as_desktop_bill, bill_request
from activities.desktop_lists import bill_row
from activities.refreshing_books import booked
from providers.quickbooks_desktop.messages.bills import BillRet
from providers.quickbooks_online.types import Bill
from tests.activities.test_bill_bytes import DRAFT
from tests.activities.test_desktop_bill import draft as desktop_draft

CONNECTION = UUID(int=1)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
RETAINAGE = frozenset({"95", "80000031-1"})
ANSWER = {
    "Id": "145",
    "SyncToken": "0",
    "VendorRef": {"value": "56", "name": "Ernie's Electrical"},
    "APAccountRef": {"value": "33"},
    "DocNumber": "INV-1042",
    "TxnDate": "2026-06-30",
    "TotalAmt": Decimal("900"),
    "Balance": Decimal("400"),
    "LinkedTxn": [{"TxnId": "9", "TxnType": "BillPaymentCheck"}],
    "Line": [
        {
            "Id": "1",
            "LineNum": 1,
            "Amount": Decimal("1000"),
            "DetailType": "ItemBasedExpenseLineDetail",
            "ItemBasedExpenseLineDetail": {
                "ItemRef": {"value": "501", "name": "Rough-in"},
                "CustomerRef": {"value": "12"},
                "ClassRef": {"value": "7"},
            },
        },
        {"Id": "2", "Amount": Decimal("0"), "DetailType": "DescriptionOnly", "Description": "see attached"},
        {
            "Id": "3",
            "Amount": Decimal("-100.0"),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {
                "AccountRef": {"value": "95"},
                "CustomerRef": {"value": "12"},
                "ClassRef": {"value": "7"},
            },
        },
    ],
}
MADE_IN_DESKTOP = """
<BillRet><TxnID>1F-1</TxnID><TimeModified>2026-07-01T10:00:00</TimeModified><EditSequence>17</EditSequence>
<VendorRef><ListID>80000001-1</ListID><FullName>Ernie</FullName></VendorRef>
<APAccountRef><ListID>80000030-1</ListID></APAccountRef><TxnDate>2026-06-30</TxnDate><AmountDue>1125.00</AmountDue>
<RefNumber>INV-1</RefNumber>
<ExpenseLineRet><TxnLineID>20-1</TxnLineID><AccountRef><ListID>80000020-1</ListID></AccountRef><Amount>1250.00</Amount>
<CustomerRef><ListID>80000040-1</ListID></CustomerRef><ClassRef><ListID>80000001-2</ListID></ClassRef></ExpenseLineRet>
<ExpenseLineRet><TxnLineID>21-1</TxnLineID><AccountRef><ListID>80000031-1</ListID></AccountRef><Amount>-125.00</Amount>
<CustomerRef><ListID>80000040-1</ListID></CustomerRef></ExpenseLineRet></BillRet>
"""


def sent_online() -> BillAsIs:
    told = posted_version(transaction_bytes(DRAFT), "Bill", RETAINAGE)
    assert told is not None
    return told


def test_what_was_sent_online_is_what_was_drafted_and_what_came_back() -> None:
    drafted = as_it_would_be_posted(DRAFT)
    assert sent_online() == drafted
    assert [line.is_retainage for line in sent_online().lines] == [line.is_retainage for line in drafted.lines]
    copy = booked(CONNECTION, Bill.model_validate(ANSWER), NOW)
    back = booked_version(str(copy["raw"]), "Bill", RETAINAGE, is_desktop=False)
    assert back is not None
    assert same_bill(sent_online(), back)


def test_what_was_sent_to_a_company_file_is_what_was_drafted_and_what_came_back() -> None:
    fitted = as_desktop_bill(desktop_draft())
    sent = posted_version(bill_request(fitted, CONNECTION, UUID(int=2), "inBuild 70123"), "Bill", RETAINAGE)
    assert sent == as_it_would_be_posted(fitted)
    copy = bill_row(CONNECTION, BillRet.from_xml(MADE_IN_DESKTOP), NOW)
    back = booked_version(str(copy["raw"]), "Bill", RETAINAGE, is_desktop=True)
    assert sent is not None and back is not None
    assert same_bill(sent, back)
    assert [line.is_retainage for line in back.lines] == [False, True]


def test_a_vendor_credit_stays_one() -> None:
    body = transaction_bytes(DRAFT).replace(b'"DueDate":"2026-07-30",', b"")
    told = posted_version(body, "VendorCredit", RETAINAGE)
    assert told is not None
    assert (told.kind, told.ap_account_id) == (TransactionKind.VENDOR_CREDIT, "")


@pytest.mark.parametrize("raw", ['{"TxnID": "1F-1", "EditSequence": "17", "AmountDue": "1125.00"}', "{}"])
def test_a_bill_not_read_yet_is_no_version(raw: str) -> None:
    assert booked_version(raw, "Bill", RETAINAGE, is_desktop=True) is None
    assert booked_version(raw, "Bill", RETAINAGE, is_desktop=False) is None
    assert not payments_linked(raw, is_desktop=True)


def test_a_company_files_bill_read_without_its_lines_is_no_version() -> None:
    bare = BillRet.from_xml(MADE_IN_DESKTOP).model_copy(update={"expenses": ()})
    assert booked_version(bare.model_dump_json(), "Bill", RETAINAGE, is_desktop=True) is None


def test_a_payment_that_is_linked_is_seen() -> None:
    copy = booked(CONNECTION, Bill.model_validate(ANSWER), NOW)
    assert payments_linked(str(copy["raw"]), is_desktop=False)
    assert not payments_linked(BillRet.from_xml(MADE_IN_DESKTOP).model_dump_json(), is_desktop=True)


def test_a_check_is_no_bill() -> None:
    assert posted_version(transaction_bytes(DRAFT), "Purchase", RETAINAGE) is None
    assert booked_version("{}", "Purchase", RETAINAGE, is_desktop=False) is None
