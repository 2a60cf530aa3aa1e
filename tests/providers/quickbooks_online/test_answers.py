"""Envelopes and objects: decimals to the cent, unknown fields ignored, deleted stubs and bad rows told apart."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from providers.quickbooks_online.answers import (
    UnexpectedShape,
    change_set,
    one_entity,
    query_page,
)
from providers.quickbooks_online.types import (
    Bill,
    DeletedEntity,
    MetaData,
    Preferences,
    Reference,
    TrackingClass,
    Vendor,
)
from providers.quickbooks_online.wire import read_instant, read_json

BILL = b"""{"Bill":{"Id":"2045","SyncToken":"1","domain":"QBO","sparse":false,"NewIn2027":{"a":[1]},
"VendorRef":{"value":"112","name":"Northgate Concrete LLC"},"APAccountRef":{"value":"33"},
"DocNumber":null,"TxnDate":"2026-11-18","DueDate":"","TotalAmt":9007199254740993.12,"Balance":0,
"CurrencyRef":{"value":"USD"},"PrivateNote":"marker",
"Line":[{"Id":"1","Amount":0.1,"DetailType":"AccountBasedExpenseLineDetail","AccountBasedExpenseLineDetail":
{"AccountRef":{"value":"80"},"ClassRef":{"value":"5000000000000142240"},"BillableStatus":"NotBillable"}},
{"Id":"2","Amount":40000,"DetailType":"ItemBasedExpenseLineDetail","ItemBasedExpenseLineDetail":
{"ItemRef":{"value":"51"},"Qty":1,"UnitPrice":40000}},{"Id":"3","Description":"note","DetailType":"DescriptionOnly"}],
"LinkedTxn":[{"TxnId":"2101","TxnType":"BillPaymentCheck"}],
"MetaData":{"CreateTime":"2026-11-20T09:14:03-08:00","LastUpdatedTime":"2026-11-21T09:14:03-08:00"}},
"time":"2026-12-15T11:00:00.000-08:00"}"""


def test_a_bill() -> None:
    bill = one_entity(Bill, read_json(BILL))
    assert (bill.id, bill.sync_token, bill.txn_date) == ("2045", "1", date(2026, 11, 18))
    assert bill.total_amt == Decimal("9007199254740993.12")
    assert bill.balance == 0
    assert (bill.doc_number, bill.due_date) == ("", None)
    assert bill.vendor_ref == Reference(value="112", name="Northgate Concrete LLC")
    assert [line.amount for line in bill.lines] == [Decimal("0.1"), Decimal(40000), Decimal(0)]
    account_line, item_line, note = (line.detail for line in bill.lines)
    assert account_line.account_ref == Reference(value="80")
    assert account_line.class_ref == Reference(value="5000000000000142240")
    assert (item_line.item_ref, item_line.qty) == (Reference(value="51"), Decimal(1))
    assert (note.account_ref, note.item_ref) == (None, None)
    assert bill.linked_transactions[0].txn_type == "BillPaymentCheck"
    assert bill.meta_data is not None
    assert bill.meta_data.last_updated_time == datetime(2026, 11, 21, 17, 14, 3, tzinfo=UTC)


def test_an_object_that_is_not_there() -> None:
    answers: list[dict[str, Any]] = [{}, {"Bill": None}, {"Bill": []}]
    for answer in answers:
        with pytest.raises(UnexpectedShape, match="holds no Bill"):
            one_entity(Bill, answer)


def test_problems_name_fields_and_never_values() -> None:
    with pytest.raises(UnexpectedShape) as caught:
        one_entity(Bill, {"Bill": {"Id": "7", "SyncToken": "0", "TotalAmt": "a secret", "TxnDate": "2026-11-18"}})
    assert str(caught.value) == "Bill 7 is unreadable: VendorRef: missing; TotalAmt: decimal_parsing"


def test_not_even_pydantic_tells_a_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Bill.model_validate({"Id": "7", "SyncToken": "0", "TotalAmt": "a secret"})
    assert "secret" not in str(caught.value)


def test_preferences_that_are_missing_read_as_off() -> None:
    preferences = one_entity(Preferences, {"Preferences": {"Id": "1", "SyncToken": "0"}})
    assert preferences.accounting_info_prefs.book_close_date is None
    assert not preferences.currency_prefs.multi_currency_enabled
    assert not preferences.is_on("WarnDuplicateBillNumber")


@pytest.mark.parametrize("answer", [{}, {"QueryResponse": None}, {"QueryResponse": {"Vendor": {}}}])
def test_no_query_response_is_not_an_empty_one(answer: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedShape):
        query_page(Vendor, answer)


def test_an_empty_query_response() -> None:
    assert query_page(Vendor, {"QueryResponse": {}}).rows == 0


def _cdc(*responses: dict[str, Any]) -> dict[str, Any]:
    return {"CDCResponse": [{"QueryResponse": list(responses)}]}


def test_changes_deletions_and_unreadable_rows() -> None:
    changes = change_set(
        [Bill, TrackingClass, Vendor],
        _cdc(
            {
                "Bill": [
                    read_json(BILL)["Bill"],
                    {
                        "Id": "1999",
                        "domain": "QBO",
                        "status": "Deleted",
                        "MetaData": {"LastUpdatedTime": "2026-12-15T12:55:50-08:00"},
                    },
                    {"Id": "3", "SyncToken": "0"},
                ],
                "startPosition": 1,
                "maxResults": 3,
            },
            {},
            {"Vendor": [{"Id": "112", "SyncToken": "0", "DisplayName": "Northgate"}]},
        ),
    )
    assert [bill.id for bill in changes.of(Bill)] == ["2045"]
    assert [vendor.id for vendor in changes.of(Vendor)] == ["112"]
    assert changes.of(TrackingClass) == ()
    assert changes.deleted == (
        DeletedEntity("Bill", "1999", MetaData(LastUpdatedTime=datetime(2026, 12, 15, 20, 55, 50, tzinfo=UTC))),
    )
    assert [row.id for row in changes.unreadable] == ["3"]
    assert not changes.is_full


def test_a_thousand_changes_may_not_be_all() -> None:
    vendors = [{"Id": str(number), "SyncToken": "0", "DisplayName": "v"} for number in range(1000)]
    assert change_set([Vendor], _cdc({"Vendor": vendors})).is_full
    assert not change_set([Vendor], _cdc({"Vendor": vendors[1:]})).is_full


@pytest.mark.parametrize(
    "answer",
    [{}, {"CDCResponse": []}, {"CDCResponse": [{}]}, {"CDCResponse": [{"QueryResponse": [7]}]}],
)
def test_what_is_no_change_set(answer: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedShape):
        change_set([Bill], answer)


@pytest.mark.parametrize("text", [None, 7, "", "soon", "2026-11-20", "2026-11-20T09:14:03"])
def test_what_is_no_instant(text: object) -> None:
    assert read_instant(text) is None
