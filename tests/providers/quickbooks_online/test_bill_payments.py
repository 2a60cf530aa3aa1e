"""What the books tell of payments, understood: the literal change queries, played to the client over a socket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from foundation.http_client import build_http_client
from providers.quickbooks_online.answers import ChangeSet
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.types import BillPayment
from tests.exchanges.matching import Exchange, load_exchanges
from tests.exchanges.playback import answer_of, playback
from tests.providers.quickbooks_online.fixed_tokens import FixedTokens

SINCE = datetime.fromisoformat("2026-11-20T09:14:03-08:00")
CHANGES = {
    exchange.name: exchange
    for exchange in load_exchanges("quickbooks_online_payments")
    if exchange.request.query.get("entities") == "BillPayment"
}
TWO_BILLS = [("45000.1", "Bill", "2040"), ("9000.0", "Bill", "2041")]
# Id, cash, number, how it was paid, whether it is still to be printed, and its lines.
UNDERSTOOD: dict[str, list[tuple[Any, ...]]] = {
    "one check for two bills": [("2051", "54000.1", "10432", "Check", False, TWO_BILLS)],
    "a card payment of a part": [("2051", "1000.0", "", "CreditCard", False, [("1000.0", "Bill", "2040")])],
    "a check less a credit: the lines are whole, the total is the cash": [
        ("2051", "8500.0", "", "Check", False, [("9000.0", "Bill", "2041"), ("500.0", "VendorCredit", "2050")])
    ],
    "a credit alone is a payment of zero": [
        ("2051", "0", "", "Check", False, [("500.0", "Bill", "2041"), ("500.0", "VendorCredit", "2050")])
    ],
    "a journal entry settles a bill by a payment of zero": [
        ("2052", "0", "", "Check", False, [("9000.0", "Bill", "2041"), ("9000.0", "JournalEntry", "2051")])
    ],
    "a joint check coded to payables settles a bill by a payment of zero": [
        ("2052", "0", "", "Check", False, [("9000.0", "Bill", "2041"), ("9000.0", "Check", "2051")])
    ],
    "a check that is still to be printed": [("2051", "9000.0", "", "Check", True, [("9000.0", "Bill", "2041")])],
    "a voided payment is one of zero without lines": [("2051", "0", "10432", "Check", False, [])],
    "a deleted payment is a stub": [],
    "a payment that was moved to one bill": [("2051", "9000.0", "10432", "Check", False, [("9000.0", "Bill", "2041")])],
    "nothing was paid": [],
}


def test_every_change_query_is_understood() -> None:
    assert UNDERSTOOD.keys() == CHANGES.keys()


async def changes(exchange: Exchange) -> ChangeSet:
    async with playback(answer_of(exchange.response)) as played, build_http_client() as http:
        client = QuickBooksOnlineClient(played.url, http, FixedTokens("an-access-token"), "9130350000000001")
        found = (await client.cdc([BillPayment], SINCE)).value
    (sent,) = played.requests
    assert (sent.path, dict(sent.query)) == (exchange.request.path, exchange.request.query)
    return found


@pytest.mark.parametrize("name", CHANGES)
async def test_payments_are_understood(name: str) -> None:
    found = await changes(CHANGES[name])
    told = [
        (
            one.id,
            f"{one.total_amt}",
            one.doc_number,
            one.pay_type,
            one.is_to_be_printed,
            [(f"{line.amount}", link.txn_type, link.txn_id) for line in one.lines for link in line.linked_transactions],
        )
        for one in found.of(BillPayment)
    ]
    assert (told, found.unreadable) == (UNDERSTOOD[name], ())
    gone = [(one.entity_name, one.id) for one in found.deleted]
    assert gone == ([("BillPayment", "2051")] if name == "a deleted payment is a stub" else [])
