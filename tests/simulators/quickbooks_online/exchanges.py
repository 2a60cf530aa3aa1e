"""Literal exchanges with QuickBooks Online, transcribed from the facts in its documents and recordings.

Each starts from the company of `books.document()` on 2026-11-20 09:14:03.412 Pacific; the next free id is 311.
The `time` of an answer is left out. `before` are requests whose answers do not matter here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.simulators.quickbooks_online.books import TERM, VENDOR
from tests.simulators.quickbooks_online.literal_entities import (
    BILL,
    BILL_SENT,
    CLEARED,
    NOT_FOUND,
    PAID,
    PAYMENT,
    PAYMENT_SENT,
    STALE,
    STAMP,
    SYSTEM,
    fault,
)


@dataclass(frozen=True)
class Sent:
    """A request below /v3/company/{realm}/."""

    method: str
    path: str
    body: Any = None
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exchange:
    """A request and the whole answer to it."""

    name: str
    sent: Sent
    answer: Any
    status: int = 200
    before: tuple[Sent, ...] = ()


CREATE = Sent("POST", "bill", BILL_SENT)
PAY = Sent("POST", "billpayment", PAYMENT_SENT)
VOID = {"operation": "update", "include": "void"}


def _query(statement: str) -> Sent:
    return Sent("GET", "query", params={"query": statement, "minorversion": "75"})


def _change(**fields: Any) -> Sent:
    return Sent("POST", "bill", {"Id": "311", "SyncToken": "0", "sparse": True} | fields)


EXCHANGES = (
    Exchange("a bill with retainage withheld is created", CREATE, {"Bill": BILL}),
    Exchange("a bill is read", Sent("GET", "bill/311"), {"Bill": BILL}, before=(CREATE,)),
    Exchange(
        "the same requestid gets the first answer",
        Sent("POST", "bill", BILL_SENT, {"requestid": "a1"}),
        {"Bill": BILL},
        before=(Sent("POST", "bill", BILL_SENT, {"requestid": "a1"}),),
    ),
    Exchange(
        "a sparse update changes what is sent",
        _change(VendorRef={"value": VENDOR}, DueDate="2026-12-31"),
        {"Bill": BILL | {"DueDate": "2026-12-31", "SyncToken": "1"}},
        before=(CREATE,),
    ),
    Exchange(
        "a full update clears what is not sent",
        Sent("POST", "bill", {"Id": "311", "SyncToken": "0"} | BILL_SENT | {"DocNumber": None}),
        {"Bill": CLEARED},
        before=(CREATE,),
    ),
    Exchange(
        "an old SyncToken is refused",
        _change(DueDate="2027-01-31"),
        STALE,
        400,
        before=(CREATE, _change(DueDate="2026-12-31")),
    ),
    Exchange(
        "a bill is deleted",
        Sent("POST", "bill", {"Id": "311", "SyncToken": "0"}, {"operation": "delete"}),
        {"Bill": {"status": "Deleted", "domain": "QBO", "Id": "311"}},
        before=(CREATE,),
    ),
    Exchange(
        "a deleted bill is not found",
        Sent("GET", "bill/311"),
        NOT_FOUND,
        400,
        before=(CREATE, Sent("POST", "bill", {"Id": "311", "SyncToken": "0"}, {"operation": "delete"})),
    ),
    Exchange(
        "an unknown vendor is an invalid reference to Names",
        Sent("POST", "bill", BILL_SENT | {"VendorRef": {"value": "75"}}),
        fault(
            "2500",
            "Invalid Reference Id",
            "Invalid Reference Id : Names element id 75 not found",
            "VendorRef",
        ),
        400,
    ),
    Exchange(
        "a bill without lines lacks a required parameter",
        Sent("POST", "bill", {"VendorRef": {"value": VENDOR}}),
        fault(
            "2020",
            "Required param missing",
            "Required parameter Line is missing in the request",
            "Line",
        ),
        400,
    ),
    Exchange(
        "a number of 22 characters is too long",
        Sent("POST", "bill", BILL_SENT | {"DocNumber": "x" * 22}),
        fault(
            "2050",
            "String length is either shorter or longer than supported by specification",
            "String length specified does not match the supported length. Min:0 Max:21 supplied:22",
            "DocNumber",
        ),
        400,
    ),
    Exchange(
        "bill by vendor and number",
        _query("select * from Bill where VendorRef = '112' and DocNumber = 'NGC-2026-0047'"),
        {"QueryResponse": {"Bill": [BILL], "startPosition": 1, "maxResults": 1}},
        before=(CREATE,),
    ),
    Exchange("a query that finds nothing", _query("select * from Bill where DocNumber = 'x'"), {"QueryResponse": {}}),
    Exchange("a count", _query("select count(*) from Account"), {"QueryResponse": {"totalCount": 6}}),
    Exchange(
        "position 0 is too small",
        _query("select * from Bill startposition 0"),
        fault("4001", "Invalid query", "QueryValidationError: value 0 is too small. Min allowed value is 1."),
        400,
    ),
    Exchange("a check pays the bill", PAY, {"BillPayment": PAYMENT}, before=(CREATE,)),
    Exchange("a paid bill shows its payment", Sent("GET", "bill/311"), {"Bill": PAID}, before=(CREATE, PAY)),
    Exchange(
        "a payment is voided",
        Sent("POST", "billpayment", {"Id": "312", "SyncToken": "0", "sparse": True}, VOID),
        {"BillPayment": PAYMENT | {"SyncToken": "1", "TotalAmt": 0, "Line": [], "PrivateNote": "Voided"}},
        before=(CREATE, PAY),
    ),
    Exchange(
        "after a void the bill is open",
        Sent("GET", "bill/311"),
        {"Bill": BILL | {"SyncToken": "2"}},
        before=(CREATE, PAY, Sent("POST", "billpayment", {"Id": "312", "SyncToken": "0"}, VOID)),
    ),
    Exchange(
        "a paid bill is not deleted",
        Sent("POST", "bill", {"Id": "311", "SyncToken": "1"}, {"operation": "delete"}),
        fault(
            "6000",
            "A business validation error has occurred while processing your request",
            "Business Validation Error: You must unlink the payments of this bill before you delete it",
        ),
        400,
        before=(CREATE, PAY),
    ),
    Exchange(
        "a vendor is created",
        Sent("POST", "vendor", {"DisplayName": "Westgate Steel LLC", "TermRef": {"value": TERM}}),
        {
            "Vendor": {
                **SYSTEM,
                "Id": "311",
                "SyncToken": "0",
                "DisplayName": "Westgate Steel LLC",
                "PrintOnCheckName": "Westgate Steel LLC",
                "Active": True,
                "Balance": 0,
                "TermRef": {"value": TERM, "name": "Net 30"},
                "CurrencyRef": {"value": "USD"},
            }
        },
    ),
    Exchange(
        "a customer's name is taken for a vendor too",
        Sent("POST", "vendor", {"DisplayName": "Acme Towers"}),
        fault("6240", "Duplicate Name Exists Error", "The name supplied already exists. : Id=300"),
        400,
    ),
    Exchange(
        "a vendor made inactive gets a suffix",
        Sent("POST", "vendor", {"Id": "113", "SyncToken": "0", "sparse": True, "Active": False}),
        {
            "Vendor": {
                **SYSTEM,
                "Id": "113",
                "SyncToken": "1",
                "DisplayName": "Ace Drywall (deleted)",
                "PrintOnCheckName": "Ace Drywall",
                "Active": False,
                "Balance": 0,
                "CurrencyRef": {"value": "USD"},
            }
        },
    ),
    Exchange(
        "a batch with a failure and a success",
        Sent(
            "POST",
            "batch",
            {
                "BatchItemRequest": [
                    {"bId": "b1", "operation": "create", "Vendor": {"DisplayName": "Ace Drywall"}},
                    {"bId": "b2", "operation": "create", "Bill": BILL_SENT},
                    {"bId": "b3", "Query": "select count(*) from Bill"},
                ]
            },
        ),
        {
            "BatchItemResponse": [
                {"bId": "b1"}
                | fault("6240", "Duplicate Name Exists Error", "The name supplied already exists. : Id=113"),
                {"bId": "b2", "Bill": BILL},
                {"bId": "b3", "QueryResponse": {"totalCount": 1}},
            ]
        },
    ),
    Exchange(
        "31 items are too many",
        Sent("POST", "batch", {"BatchItemRequest": [{"bId": str(n), "Query": "x"} for n in range(31)]}),
        fault("1040", "Batch size exceeds the limit", "31 items were sent, 30 are the most allowed."),
        400,
    ),
    Exchange(
        "changes with a deletion and an empty place",
        Sent("GET", "cdc", params={"entities": "Bill,BillPayment", "changedSince": STAMP}),
        {
            "CDCResponse": [
                {
                    "QueryResponse": [
                        {
                            "Bill": [
                                BILL,
                                {
                                    "domain": "QBO",
                                    "status": "Deleted",
                                    "Id": "312",
                                    "MetaData": {"LastUpdatedTime": STAMP},
                                },
                            ],
                            "startPosition": 1,
                            "maxResults": 2,
                            "totalCount": 2,
                        },
                        {},
                    ]
                }
            ]
        },
        before=(CREATE, CREATE, Sent("POST", "bill", {"Id": "312", "SyncToken": "0"}, {"operation": "delete"})),
    ),
    Exchange(
        "preferences",
        Sent("GET", "preferences"),
        {
            "Preferences": {
                **SYSTEM,
                "Id": "1",
                "SyncToken": "0",
                "AccountingInfoPrefs": {"ClassTrackingPerTxnLine": True, "TrackDepartments": True},
                "VendorAndPurchasesPrefs": {"BillableExpenseTracking": False},
                "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
                "OtherPrefs": {"NameValue": [{"Name": "WarnDuplicateBillNumber", "Value": "false"}]},
            }
        },
    ),
    Exchange(
        "company info",
        Sent("GET", "companyinfo/9130350000000001"),
        {
            "CompanyInfo": {
                **SYSTEM,
                "Id": "1",
                "SyncToken": "0",
                "CompanyName": "Northside Builders",
                "LegalName": "Northside Builders",
                "Country": "US",
            }
        },
    ),
)
