"""Bills that were in the books before us, typed by a person, most of them paid by check."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from simulators.world.accounts import BANK, MATERIALS, PAYABLE, RENT, USD, entity

OLDER_BILLS = 40
PAID_BILLS = 28


def year_before(
    vendors: list[dict[str, Any]], customers: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Bills and bill payments of 2025: too old, and numbered otherwise, to be mistaken for any of ours."""
    rng = random.Random("books of the year before")
    jobs = [row for row in customers if row["Level"] == 1]
    bills, payments = [], []
    for place in range(OLDER_BILLS):
        vendor, job = rng.choice(vendors), rng.choice(jobs)
        day = date(2025, 7, 1) + timedelta(days=rng.randint(0, 145))
        amount = Decimal(rng.randint(40_000, 9_000_000)) / 100
        bill = _bill(1_000 + place, vendor, job, day, amount, rng.choice((RENT, MATERIALS)))
        bills.append(bill)
        if place < PAID_BILLS:
            payment_id = str(1_500 + place)
            payments.append(_check(payment_id, bill, day + timedelta(days=28), 20_100 + place))
            bill["Balance"] = 0
            bill["LinkedTxn"] = [{"TxnId": payment_id, "TxnType": "BillPaymentCheck"}]
    return bills, payments


def _bill(
    identity: int, vendor: dict[str, Any], job: dict[str, Any], day: date, amount: Decimal, account: str
) -> dict[str, Any]:
    return entity(
        identity,
        VendorRef={"value": vendor["Id"], "name": vendor["DisplayName"]},
        APAccountRef={"value": PAYABLE},
        DocNumber=f"OLD{day:%y%m}{identity}",
        TxnDate=day.isoformat(),
        DueDate=(day + timedelta(days=30)).isoformat(),
        Line=[
            {
                "Id": "1",
                "LineNum": 1,
                "Description": "Delivered to site",
                "Amount": amount,
                "DetailType": "AccountBasedExpenseLineDetail",
                "AccountBasedExpenseLineDetail": {
                    "AccountRef": {"value": account},
                    "CustomerRef": {"value": job["Id"]},
                    "BillableStatus": "NotBillable",
                    "TaxCodeRef": {"value": "NON"},
                },
            }
        ],
        TotalAmt=amount,
        Balance=amount,
        CurrencyRef=USD,
    )


def _check(identity: str, bill: dict[str, Any], day: date, check_number: int) -> dict[str, Any]:
    return entity(
        identity,
        VendorRef=bill["VendorRef"],
        APAccountRef={"value": PAYABLE},
        PayType="Check",
        CheckPayment={"BankAccountRef": {"value": BANK}, "PrintStatus": "NotSet"},
        DocNumber=str(check_number),
        TxnDate=day.isoformat(),
        TotalAmt=bill["TotalAmt"],
        Line=[
            {"Amount": bill["TotalAmt"], "LinkedTxn": [{"TxnId": bill["Id"], "TxnType": "Bill"}]},
        ],
        CurrencyRef=USD,
    )
