"""Payments and credits: balances, links and versions follow (reference 4.3, 4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.quickbooks_online.books import (
    BANK,
    CARD,
    COST,
    OTHER_VENDOR,
    VENDOR,
    bill,
    line,
    payment,
)
from tests.simulators.quickbooks_online.conftest import Quickbooks


async def state(qbo: Quickbooks, bill_id: str) -> tuple[float, list[str], str]:
    """Balance, types of linked payments and version of a bill."""
    found = await qbo.read("bill", bill_id)
    return found["Balance"], [link["TxnType"] for link in found.get("LinkedTxn", [])], found["SyncToken"]


async def test_a_check_pays_a_bill_in_parts(qbo: Quickbooks) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    first = await qbo.post("billpayment", payment(one, 400, DocNumber="10432"))
    assert (first["PayType"], first["CheckPayment"]["BankAccountRef"]["name"]) == ("Check", "Checking")
    assert first["CheckPayment"]["PrintStatus"] == "NotSet"
    assert await state(qbo, one) == (600.0, ["BillPaymentCheck"], "1")
    await qbo.post("billpayment", payment(one, 600))
    assert await state(qbo, one) == (0.0, ["BillPaymentCheck", "BillPaymentCheck"], "2")
    assert (await qbo.read("vendor", VENDOR))["Balance"] == 0.0


async def test_a_card_pays_and_the_version_may_stay(qbo: Quickbooks) -> None:
    qbo.switch(payment_bumps_bill=False)
    one = (await qbo.post("bill", bill()))["Id"]
    await qbo.post(
        "billpayment",
        {
            "VendorRef": {"value": VENDOR},
            "PayType": "CreditCard",
            "CreditCardPayment": {"CCAccountRef": {"value": CARD}},
            "TotalAmt": 500,
            "Line": [{"Amount": 500, "LinkedTxn": [{"TxnId": one, "TxnType": "Bill"}]}],
        },
    )
    assert await state(qbo, one) == (500.0, ["BillPaymentCreditCard"], "0")


async def test_one_check_for_two_bills_and_money_left_over(qbo: Quickbooks) -> None:
    one, two = (await qbo.post("bill", bill()))["Id"], (await qbo.post("bill", bill(line(250))))["Id"]
    lines = [
        {"Amount": amount, "LinkedTxn": [{"TxnId": bill_id, "TxnType": "Bill"}]}
        for bill_id, amount in ((one, 1000), (two, 250))
    ]
    await qbo.post("billpayment", payment(one, 1300, Line=lines))
    assert (await state(qbo, one))[0] == (await state(qbo, two))[0] == 0.0
    assert (await qbo.read("vendor", VENDOR))["Balance"] == -50.0


async def test_a_credit_is_applied_beside_the_money(qbo: Quickbooks) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    credit = await qbo.post("vendorcredit", {"VendorRef": {"value": VENDOR}, "DocNumber": "CM-19", "Line": [line(250)]})
    assert (credit["TotalAmt"], credit["Balance"]) == (250.0, 250.0)
    lines = [
        {"Amount": 1000, "LinkedTxn": [{"TxnId": one, "TxnType": "Bill"}]},
        {"Amount": 250, "LinkedTxn": [{"TxnId": credit["Id"], "TxnType": "VendorCredit"}]},
    ]
    await qbo.post("billpayment", payment(one, 750, Line=lines))
    assert (await state(qbo, one))[0] == 0.0
    assert (await qbo.read("vendorcredit", credit["Id"]))["Balance"] == 0.0
    version = {"Id": credit["Id"], "SyncToken": "1"}
    assert (await qbo.refused("vendorcredit", version, operation="delete"))["code"] == "6000"


async def test_credits_may_be_applied_unasked_by_a_payment_of_zero(qbo: Quickbooks) -> None:
    await qbo.person("set_preference", section="VendorAndPurchasesPrefs", id="AutomaticBillPayment", value=True)
    one = (await qbo.post("bill", bill()))["Id"]
    await qbo.post("vendorcredit", {"VendorRef": {"value": VENDOR}, "Line": [line(250)]})
    assert (await state(qbo, one))[0] == 750.0
    made = (await qbo.query("select * from BillPayment"))["BillPayment"][0]
    assert (made["TotalAmt"], made["PrivateNote"]) == (0.0, "Created by QB Online to link credits to charges.")


@pytest.mark.parametrize("way", ["void", "delete"])
async def test_void_and_delete_open_the_bill_again(qbo: Quickbooks, way: str) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    paid = await qbo.post("billpayment", payment(one, 1000))
    version = {"Id": paid["Id"], "SyncToken": "0", "sparse": True}
    if way == "void":
        voided = await qbo.post("billpayment", version, operation="update", include="void")
        assert (voided["TotalAmt"], voided["Line"], voided["PrivateNote"], voided["SyncToken"]) == (
            0.0,
            [],
            "Voided",
            "1",
        )
    else:
        gone = await qbo.post("billpayment", version, operation="delete")
        assert gone == {"status": "Deleted", "domain": "QBO", "Id": paid["Id"]}
    assert await state(qbo, one) == (1000.0, [], "2")
    assert (await qbo.read("vendor", VENDOR))["Balance"] == 1000.0


async def test_an_update_moves_the_money(qbo: Quickbooks) -> None:
    one, two = (await qbo.post("bill", bill()))["Id"], (await qbo.post("bill", bill()))["Id"]
    paid = await qbo.post("billpayment", payment(one, 1000))
    moved = payment(two, 900) | {"Id": paid["Id"], "SyncToken": "0"}
    changed = await qbo.post("billpayment", moved)
    assert (changed["TotalAmt"], changed["SyncToken"]) == (900.0, "1")
    assert (await state(qbo, one))[:2] == (1000.0, [])
    assert (await state(qbo, two))[:2] == (100.0, ["BillPaymentCheck"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"VendorRef": None}, "2020"),
        ({"TotalAmt": None}, "2020"),
        ({"PayType": None}, "2020"),
        ({"PayType": "Cash"}, "2170"),
        ({"Line": []}, "2020"),
        ({"CheckPayment": None}, "2020"),
        ({"CheckPayment": {"BankAccountRef": {"value": CARD}}}, "6430"),
        ({"TotalAmt": -1}, "6000"),
        ({"TotalAmt": 10}, "6000"),
        ({"VendorRef": {"value": OTHER_VENDOR}}, "620"),
        ({"Line": [{"Amount": 5, "LinkedTxn": [{"TxnId": "999", "TxnType": "Bill"}]}]}, "610"),
        ({"Line": [{"Amount": 5, "LinkedTxn": [{"TxnId": "999", "TxnType": "Invoice"}]}]}, "2170"),
        ({"TxnDate": "2026-01-15"}, "6210"),
    ],
)
async def test_refusals(qbo: Quickbooks, change: dict[str, Any], code: str) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    await qbo.person("close_books", value="2026-01-31")
    assert (await qbo.refused("billpayment", payment(one, 1000) | change))["code"] == code
    assert (await state(qbo, one))[0] == 1000.0


async def test_a_bill_cannot_be_overpaid(qbo: Quickbooks) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    assert (await qbo.refused("billpayment", payment(one, 1001)))["code"] == "6000"


async def test_a_person_pays_voids_and_applies(qbo: Quickbooks) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    paid = await qbo.person("pay_bill", id=one, amount=300, number="77", date="2026-12-01")
    assert (paid["DocNumber"], paid["TxnDate"], (await state(qbo, one))[0]) == ("77", "2026-12-01", 700.0)
    await qbo.person("void_payment", id=paid["Id"])
    assert (await state(qbo, one))[0] == 1000.0
    credit = await qbo.person(
        "create", kind="VendorCredit", fields={"VendorRef": {"value": VENDOR}, "Line": [line(200)]}
    )
    await qbo.person("apply_credit", id=one, other_id=credit["Id"])
    assert (await state(qbo, one))[0] == 800.0
    await qbo.person("pay_bill", id=one, by_card=True)
    assert (await state(qbo, one))[:2] == (0.0, ["BillPaymentCheck", "BillPaymentCreditCard"])


async def test_a_purchase_is_paid_from_an_account(qbo: Quickbooks) -> None:
    sent = {
        "PaymentType": "Check",
        "AccountRef": {"value": BANK},
        "EntityRef": {"value": VENDOR, "type": "Vendor"},
        "Line": [line(75)],
    }
    stored = await qbo.post("purchase", sent)
    assert (stored["TotalAmt"], stored["EntityRef"]["name"]) == (75.0, "Northgate Concrete LLC")
    assert (await qbo.refused("purchase", sent | {"AccountRef": {"value": COST}}))["code"] == "6430"
    assert (await qbo.refused("purchase", sent | {"PaymentType": None}))["code"] == "2020"


async def test_a_loaded_world_with_payments_is_settled(qbo: Quickbooks) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    await qbo.post("billpayment", payment(one, 400))
    world = (await qbo.http.get("/control/state")).json()
    await qbo.http.post("/control/load", json={"companies": world["companies"]})
    assert (await state(qbo, one))[:2] == (600.0, ["BillPaymentCheck"])
    await qbo.post("billpayment", payment(one, 600))
    assert (await state(qbo, one))[0] == 0.0


async def test_a_person_pays_two_bills_by_one_check_less_a_credit(qbo: Quickbooks) -> None:
    one, two = (await qbo.post("bill", bill()))["Id"], (await qbo.post("bill", bill(line(250))))["Id"]
    credit = await qbo.post("vendorcredit", {"VendorRef": {"value": VENDOR}, "Line": [line(100)]})
    shares = [{"id": one, "amount": 900}, {"id": two}, {"id": credit["Id"], "kind": "VendorCredit"}]
    paid = await qbo.person("pay_bills", shares=shares, number="2001", to_print=True)
    assert (paid["TotalAmt"], paid["CheckPayment"]["PrintStatus"]) == (1050, "NeedToPrint")
    assert [(await state(qbo, each))[0] for each in (one, two)] == [100.0, 0.0]
    assert (await qbo.read("vendorcredit", credit["Id"]))["Balance"] == 0.0


@pytest.mark.parametrize(("action", "word"), [("journal_entry", "JournalEntry"), ("joint_check", "Check")])
async def test_a_debit_of_payables_settles_a_bill_without_cash(qbo: Quickbooks, action: str, word: str) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    debit = await qbo.person(action, id=VENDOR, amount=400)
    shares = [{"id": one, "amount": 400}, {"id": debit["Id"], "kind": word, "amount": 400}]
    paid = await qbo.person("pay_bills", shares=shares)
    assert (paid["TotalAmt"], (await state(qbo, one))[0]) == (0, 600.0)
    assert [each["LinkedTxn"][0]["TxnType"] for each in paid["Line"]] == ["Bill", word]
    refused = await qbo.http.post(
        "/control/actions", json={"action": "pay_bills", "realm": qbo.realm, "shares": shares}
    )
    assert refused.json()["Fault"]["Error"][0]["code"] == "6000"


async def test_the_page_pays_other_bills_of_the_vendor_by_the_same_check(qbo: Quickbooks) -> None:
    one, two = (await qbo.post("bill", bill()))["Id"], (await qbo.post("bill", bill(line(250))))["Id"]
    here = f"/companies/{qbo.realm}/bills/{one}"
    assert f'value="{two}"' in (await qbo.http.get(here)).text
    form = {"amount": "1,000.00", "source": "check", "number": "2002", "date": "2026-12-24", "also": two}
    assert (await qbo.http.post(f"{here}/pay", data=form)).status_code == 303
    [made] = (await qbo.query("select * from BillPayment"))["BillPayment"]
    assert (made["TotalAmt"], made["TxnDate"], len(made["Line"])) == (1250.0, "2026-12-24", 2)
    assert [(await state(qbo, each))[0] for each in (one, two)] == [0.0, 0.0]
