"""Every literal exchange of `tests/exchanges/procore_payments.json`, played to the client over a socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

import httpx
import pytest

from providers.procore.client import ProcoreClient
from providers.procore.contract_payments import CommitmentRef, ContractPaymentForm, form_bytes
from providers.procore.errors import ProcoreError, ProcoreNotFound, ProcoreRejected
from providers.procore.paging import all_records
from providers.procore.token_source import HeldToken
from tests.exchanges.matching import Exchange, example, fill, load_exchanges, wire_text
from tests.providers.procore.wire_server import Played, WireServer

EXCHANGES = {exchange.name: exchange for exchange in load_exchanges("procore_payments")}
HOLES = {"service_token": "service-token", "payment_id": "88120"}
ORIGIN = "qbo-9130-billpayment-5567-bill-4821"
COMMITMENT = CommitmentRef("562949953434271", "701973")
FORM = ContractPaymentForm(
    paid_on=date(2026, 7, 15),
    amount=Decimal("28800"),
    invoice_number="INV-1042",
    invoice_date=date(2026, 6, 30),
    method="check",
    check_number="10233",
    notes="QuickBooks bill payment 5567",
    requisition_id="58820",
    origin_id=ORIGIN,
)
Call = Callable[[ProcoreClient, Exchange], Awaitable[object]]


async def _listed(client: ProcoreClient, _: Exchange) -> object:
    found = await all_records(client.contract_payments.of(COMMITMENT))
    return [(str(one.amount), one.check_number, one.origin_id, one.is_procore_pay) for one in found]


async def _created(client: ProcoreClient, _: Exchange) -> object:
    return (await client.contract_payments.create(form_bytes(COMMITMENT, FORM))).id


async def _sent(client: ProcoreClient, exchange: Exchange) -> object:
    """Bytes that our own forms would not write, to see what Procore says to them."""
    return await client.contract_payments.create(exchange.request.body.encode())


async def _unlocked(client: ProcoreClient, _: Exchange) -> object:
    await client.contract_payments.unlock(COMMITMENT, "88120")
    return None


async def _deleted(client: ProcoreClient, _: Exchange) -> object:
    await client.contract_payments.delete(COMMITMENT, "88120")
    return None


CALLS: dict[str, tuple[Call, object]] = {
    "a contract payment is created": (_created, "88120"),
    "a commitment without payments": (_listed, []),
    "payments of a commitment, an earlier one of a person among them": (
        _listed,
        [("28800.00", "10199", None, False), ("28800.00", "10233", ORIGIN, False)],
    ),
    "a payment through Procore Pay": (_listed, [("28800.00", "", None, True)]),
    "an origin id that is taken": (_sent, (ProcoreRejected, "has already been taken")),
    "the origin id of a synced payment can be cleared": (_unlocked, None),
    "a synced payment is not deleted": (_deleted, (ProcoreRejected, "synced with an ERP")),
    "a payment without origin id is deleted": (_deleted, None),
    "a negative amount": (_sent, (ProcoreRejected, "greater than or equal to 0")),
    "payments are not enabled on the commitment": (_sent, (ProcoreRejected, "Payments are not enabled")),
}
# The client has no call for these: it lists and never reads one, always names the commitment, unlocks before a change.
NOT_OURS = {
    "one payment",
    "a payment that is gone",
    "payments without naming the commitment",
    "an amount on a synced payment is locked",
    "a payment without origin id can be changed",
}


def test_every_exchange_is_played_or_left_out_for_a_reason() -> None:
    assert CALLS.keys() | NOT_OURS == EXCHANGES.keys()


@pytest.mark.parametrize("name", CALLS)
async def test_the_client_sends_and_understands(name: str, procore: WireServer, http: httpx.AsyncClient) -> None:
    exchange = EXCHANGES[name]
    procore.play(Played(exchange.response.status, {}, wire_text(example(exchange.response.body))))
    call, wanted = CALLS[name]
    client = ProcoreClient(procore.url, http, HeldToken("service-token"), "4907")
    if isinstance(wanted, tuple):
        kind, text = wanted
        with pytest.raises(kind, match=text):
            await call(client, exchange)
    else:
        assert await call(client, exchange) == wanted
    request = fill(exchange.request.__dict__, HOLES)
    (got,) = procore.received
    assert (got.method, got.path, got.query) == (request["method"], request["path"], list(request["query"].items()))
    assert got.body == wire_text(request["body"])
    assert {name.lower(): value for name, value in request["headers"].items()}.items() <= got.headers.items()


async def test_a_change_says_everything_and_locks_again(procore: WireServer, http: httpx.AsyncClient) -> None:
    answer = wire_text(example(EXCHANGES["a contract payment is created"].response.body))
    procore.play(Played(200, {}, answer))
    client = ProcoreClient(procore.url, http, HeldToken("service-token"), "4907")
    await client.contract_payments.change(COMMITMENT, "88120", FORM)
    (got,) = procore.received
    assert (got.method, got.path) == ("PATCH", "/rest/v1.0/contract_payments/88120")
    assert got.body == EXCHANGES["a contract payment is created"].request.body


@pytest.mark.parametrize(("status", "kind"), [(404, ProcoreNotFound), (422, ProcoreRejected)])
async def test_what_cannot_be_deleted(
    status: int, kind: type[ProcoreError], procore: WireServer, http: httpx.AsyncClient
) -> None:
    procore.play(Played(status, {}, '{"errors":"Not Found"}'))
    client = ProcoreClient(procore.url, http, HeldToken("service-token"), "4907")
    with pytest.raises(kind):
        await client.contract_payments.delete(COMMITMENT, "88120")
