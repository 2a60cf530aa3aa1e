"""What may not leave: the schema's own rules, and what the schema lets pass although QuickBooks refuses it."""

import re

import pytest

from providers.quickbooks_desktop.validator import InvalidMessageSet, check_message_set
from tests.providers.quickbooks_desktop.test_exchanges import EXCHANGES

BY_NAME = {exchange.name: exchange.request for exchange in EXCHANGES}
ADD, PAGE = BY_NAME["a bill is added"], BY_NAME["vendors: the first page"]
HOST = BY_NAME["host, company and preferences"]
VENDOR = "<VendorRef><ListID>80000001-1700000000</ListID></VendorRef>"
BY_NUMBER = BY_NAME["no bill has the number"]


def faults(text: str) -> str:
    with pytest.raises(InvalidMessageSet) as refused:
        check_message_set(text)
    return str(refused.value)


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        # The schema's own rules.
        (changed(ADD, f"{VENDOR}<APAccountRef>", "<APAccountRef>"), "VendorRef is missing"),
        (changed(ADD, "<TxnDate>2026-01-31</TxnDate><DueDate>2026-03-02</DueDate>",
                 "<DueDate>2026-03-02</DueDate><TxnDate>2026-01-31</TxnDate>"), "TxnDate is unknown here or out of"),
        (changed(ADD, "INV-1001", "I" * 21), "RefNumber: 21 characters, 20 are allowed"),
        (changed(ADD, "1250.00", "1250.5"), "'1250.5' is no amount"),
        (changed(ADD, "1250.00", "1,250.00"), "'1,250.00' is no amount"),
        (changed(ADD, "{0F8FAD5B-D9CB-469F-A165-70867728950E}", "0F8FAD5B-D9CB-469F-A165-70867728950E"), "is no guid"),
        (changed(ADD, "2026-01-31", "2026-01-31Z"), "is no date"),
        (changed(ADD, "NotBillable", "Perhaps"), "is not one of Billable"),
        (changed(ADD, ' onError="stopOnError"', ""), "onError must be"),
        (changed(BY_NAME["accounts come at once"], 'requestID="1"', 'requestID="1" iterator="Start"'),
         "AccountQueryRq cannot be read page by page"),
        (changed(BY_NUMBER, "<IncludeLine", "<EntityFilter><ListID>8-1</ListID></EntityFilter><IncludeLine"),
         "EntityFilter is unknown here or out of order"),
        (changed(BY_NAME["a bill is changed"], "1769954400", "1" * 17), "EditSequence: 17 characters"),
        (changed(BY_NAME["a vendor's name is taken"], "Acme Electric (Vendor)", "A" * 42), "Name: 42 characters"),
        (changed(BY_NAME["vendors changed since"], "10:20:00", "10:20:00.5"), "is no date and time"),
        # What the schema lets pass.
        (changed(ADD, "stopOnError", "rollbackOnError"), "refuses rollbackOnError"),
        (changed(ADD, "AAAAAAAAAAAAAAAAAAA2", "A" * 21), "newMessageSetID has 21 characters"),
        (changed(ADD, 'requestID="b1"', f'requestID="{"b" * 51}"'), "requestID must have 1 to 50"),
        (changed(ADD, ' requestID="b1"', ""), "requestID must have 1 to 50"),
        (changed(ADD, VENDOR, "<VendorRef/>"), "VendorRef: a reference is either"),
        (changed(ADD, "</ListID></VendorRef>", "</ListID><FullName>Acme</FullName></VendorRef>"),
         "a reference is either a ListID or a FullName"),
        (changed(ADD, "<RefNumber>INV-1001</RefNumber>", "<RefNumber/>"), "'' is no text"),
        (re.sub("<ExpenseLineAdd>.*</ExpenseLineAdd>", "", ADD), "a bill has at least one line"),
        (re.sub("<ExpenseLineAdd>.*</ExpenseLineAdd>", "", ADD).replace("BillAdd", "VendorCreditAdd"),
         "a vendor credit has at least one line"),
        (changed(ADD, "<Memo>", "<IsTaxIncluded>true</IsTaxIncluded><Memo>"), "IsTaxIncluded is unknown here"),
        (changed(PAGE, 'iterator="Start"', 'iterator="Continue"'), "exactly Continue and Stop name an iteratorID"),
        (changed(PAGE, "<MaxReturned>100</MaxReturned>", ""), "an iterator needs MaxReturned"),
        (changed(ADD, "1250.00", "1250"), "'1250' is no amount"),
        (changed(ADD, "<BillableStatus>NotBillable</BillableStatus>", ""), "the billable status goes with a customer"),
        (changed(ADD, ' newMessageSetID="AAAAAAAAAAAAAAAAAAA2"', ""), "a write without newMessageSetID"),
        (changed(ADD, "</QBXMLMsgsRq>", '<HostQueryRq requestID="2"/></QBXMLMsgsRq>'), "a write travels alone"),
        (changed(HOST, 'requestID="2"', 'requestID="1"'), "two requests share a requestID"),
        (changed(HOST, 'onError="stopOnError"', 'onError="stopOnError" responseData="includeNone"'), "never send"),
        (changed(ADD, "&#183;", "·"), "not plain ASCII"),
        (changed(ADD, "&#183;", "&#1086;"), "characters that QuickBooks cannot hold"),
        (changed(ADD, '<?qbxml version="13.0"?>', '<?qbxml version="16.0"?>'), "does not begin with"),
        (changed(HOST, '<HostQueryRq requestID="1"/>', '<InvoiceAddRq requestID="1"/>'), "InvoiceAddRq is no request"),
        (HOST[:-9], "the text is no XML"),
        ('<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>',
         "asks for nothing"),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_named(text: str, fault: str) -> None:
    assert fault in faults(text)


def test_every_fault_is_told_at_once() -> None:
    text = changed(changed(ADD, "1250.00", "1250"), "INV-1001", "I" * 21)
    assert faults(text).count(";") == 1
