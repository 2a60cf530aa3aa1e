"""What the client promises beyond single exchanges: lost answers, the rejected token, lists, limits."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from foundation.http_client import build_http_client
from providers.quickbooks_online import client as client_module
from providers.quickbooks_online import errors
from providers.quickbooks_online.batch import BatchCreate, BatchQuery, serialize_batch
from providers.quickbooks_online.bill_payload import serialize_bill
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.query import Select
from providers.quickbooks_online.types import Bill, Vendor
from tests.exchanges.matching import wire_text
from tests.exchanges.playback import HANG, Playback, http_answer, playback
from tests.providers.quickbooks_online.bills import bill
from tests.providers.quickbooks_online.fixed_tokens import FixedTokens

REALM = "9130350000000001"
BODY = serialize_bill(bill())
WIRE_BILL: dict[str, Any] = {
    "Id": "2045",
    "SyncToken": "0",
    "VendorRef": {"value": "112"},
    "TxnDate": "2026-11-18",
    "TotalAmt": Decimal("81000.09"),
}
CREATED = http_answer(200, wire_text({"Bill": WIRE_BILL, "time": "2026-11-20T09:14:03.412-08:00"}))
EXPIRED = http_answer(
    401, '{"fault":{"error":[{"message":"m","detail":"Token expired","code":"3200"}],"type":"AUTHENTICATION"}}'
)

Write = Callable[[QuickBooksOnlineClient], Awaitable[Any]]
WRITES: dict[str, Write] = {
    "bill": lambda client: client.create(Bill, BODY, "r1"),
    "batch": lambda client: client.batch(serialize_batch([BatchCreate("1", Bill, BODY)]), "r1"),
}
READS: dict[str, Write] = {
    "company info": lambda client: client.company_info(),
    "bill": lambda client: client.read_bill("1"),
    "look-up": lambda client: client.find_bills("112", "1"),
    "changes": lambda client: client.cdc([Bill], datetime(2026, 11, 20, tzinfo=UTC)),
    "batch of look-ups": lambda client: client.batch(serialize_batch([BatchQuery("1", Select("Bill"))]), "r1"),
}

# Answers that say nothing about whether the work was done.
BROKEN = {
    "closed without a word": b"",
    "cut in the head": CREATED[:40],
    "cut in the body": CREATED[:-20],
    "half a JSON document": http_answer(200, '{"Bill":{"Id":"2045","Sync'),
    "HTML with status 200": http_answer(200, "<!DOCTYPE html><title>Maintenance</title>"),
    "empty with status 200": http_answer(200),
    "a number that is none": http_answer(200, '{"Bill":{"TotalAmt":NaN}}'),
    "not UTF-8": http_answer(200).replace(b"Content-Length: 0", b"Content-Length: 2") + b"\xff\xfe",
    "a list": http_answer(200, "[]"),
    "another object": http_answer(200, '{"Vendor":{"Id":"7"},"time":"2026-11-20T09:14:03-08:00"}'),
    "an object without id": http_answer(200, '{"Bill":{"SyncToken":"0"},"BatchItemResponse":7}'),
    "502 with HTML": http_answer(502, "<html>Bad gateway</html>"),
    "504 and empty": http_answer(504),
    "500 with a system fault": http_answer(
        500, '{"Fault":{"Error":[{"Message":"m","code":"10000"}],"type":"SystemFault"}}'
    ),
    "a redirect": http_answer(302, "", {"Location": "http://127.0.0.1:1/"}),
}


def _client(provider: Playback, http: httpx.AsyncClient, *tokens: str) -> QuickBooksOnlineClient:
    return QuickBooksOnlineClient(provider.url, http, FixedTokens(*(tokens or ("t1",))), REALM)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("broken", BROKEN)
async def test_a_broken_answer_to_a_write_leaves_it_unclear(broken: str, write: str) -> None:
    async with playback(BROKEN[broken]) as provider, build_http_client() as http:
        with pytest.raises(errors.QuickBooksOnlineError) as caught:
            await WRITES[write](_client(provider, http))
    assert type(caught.value) is errors.OutcomeUnclear
    assert len(provider.requests) == 1, "a write is never repeated by the client"


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("broken", BROKEN)
async def test_a_broken_answer_to_a_read_says_read_again(broken: str, read: str) -> None:
    async with playback(BROKEN[broken]) as provider, build_http_client() as http:
        with pytest.raises(errors.ReadFailed):
            await READS[read](_client(provider, http))


async def test_a_silent_server_leaves_a_write_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "WRITE_TIMEOUT", httpx.Timeout(5, read=0.2))
    monkeypatch.setattr(client_module, "READ_TIMEOUT", httpx.Timeout(5, read=0.2))
    async with playback(HANG) as provider, build_http_client() as http:
        with pytest.raises(errors.OutcomeUnclear):
            await _client(provider, http).create(Bill, BODY, "r1")
        with pytest.raises(errors.AnswerLost):
            await _client(provider, http).read_bill("1")


async def test_a_write_is_waited_for_longer_than_quickbooks_works_on_it() -> None:
    limits = []

    def answer(request: httpx.Request) -> httpx.Response:
        limits.append(request.extensions["timeout"])
        return httpx.Response(200, content=wire_text({"Bill": WIRE_BILL}))

    async with build_http_client(httpx.MockTransport(answer)) as http:
        client = QuickBooksOnlineClient("http://127.0.0.1", http, FixedTokens("t"), REALM)
        await client.create(Bill, BODY, "r1")
        await client.read_bill("2045")
    assert limits == [
        {"connect": 10.0, "read": 130.0, "write": 30.0, "pool": 10.0},
        {"connect": 10.0, "read": 60.0, "write": 30.0, "pool": 10.0},
    ]


async def test_nothing_was_sent_where_nobody_listens() -> None:
    async with playback(CREATED) as provider:
        pass
    async with build_http_client() as http:
        for call in (WRITES["bill"], READS["bill"]):
            with pytest.raises(errors.RequestNotSent):
                await call(_client(provider, http))


async def test_a_fault_with_status_200_is_a_refusal() -> None:
    fault = '{"Fault":{"Error":[{"Message":"m","Detail":"d","code":"6240"}],"type":"ValidationFault"}}'
    async with playback(http_answer(200, fault)) as provider, build_http_client() as http:
        with pytest.raises(errors.DuplicateName):
            await WRITES["bill"](_client(provider, http))


async def test_an_xml_throttle_with_status_200_is_a_throttle() -> None:
    xml = '<IntuitResponse><Fault type="SERVICE"><Error code="3001"/></Fault></IntuitResponse>'
    async with playback(http_answer(200, xml)) as provider, build_http_client() as http:
        with pytest.raises(errors.Throttled):
            await WRITES["bill"](_client(provider, http))


async def test_a_rejected_token_is_replaced_once_under_the_same_requestid() -> None:
    async with playback(EXPIRED, CREATED) as provider, build_http_client() as http:
        tokens = FixedTokens("old", "new")
        client = QuickBooksOnlineClient(provider.url, http, tokens, REALM)
        answer = await client.create(Bill, BODY, "r1")
    assert answer.value.id == "2045"
    assert tokens.rejections == ["old"]
    first, second = provider.requests
    assert (first.headers["authorization"], second.headers["authorization"]) == ("Bearer old", "Bearer new")
    assert first.query == second.query == [("requestid", "r1"), ("minorversion", "75")]
    assert first.body == second.body == BODY


async def test_a_token_rejected_twice_is_an_error() -> None:
    async with playback(EXPIRED) as provider, build_http_client() as http:
        tokens = FixedTokens("old", "new")
        client = QuickBooksOnlineClient(provider.url, http, tokens, REALM)
        with pytest.raises(errors.AccessTokenRejected):
            await client.create(Bill, BODY, "r1")
    assert tokens.rejections == ["old"]
    assert len(provider.requests) == 2


async def test_a_token_source_that_has_no_token_sends_nothing() -> None:
    class Disconnected(FixedTokens):
        async def token(self) -> str:
            raise errors.GrantRefused("the connection has expired")

    async with playback(CREATED) as provider, build_http_client() as http:
        with pytest.raises(errors.GrantRefused):
            await QuickBooksOnlineClient(provider.url, http, Disconnected(), REALM).read_bill("1")
    assert provider.requests == []


async def test_answers_carry_trace_id_and_time() -> None:
    body = wire_text({"Bill": WIRE_BILL, "time": "2026-11-20T09:14:03.412-08:00"})
    answer = http_answer(200, body, {"intuit_tid": "1-6750f1aa"})
    async with playback(answer) as provider, build_http_client() as http:
        created = await _client(provider, http).create(Bill, BODY, "r1")
    assert created.intuit_tid == "1-6750f1aa"
    assert created.time == datetime(2026, 11, 20, 17, 14, 3, 412000, tzinfo=UTC)


async def test_no_token_in_an_error() -> None:
    for answer in (EXPIRED, b"", http_answer(500)):
        async with playback(answer) as provider, build_http_client() as http:
            with pytest.raises(errors.QuickBooksOnlineError) as caught:
                await _client(provider, http, "canary-token").create(Bill, BODY, "r1")
        assert "canary-token" not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"


def _vendors(*rows: object) -> bytes:
    return http_answer(200, wire_text({"QueryResponse": {"Vendor": list(rows)}}))


def _vendor(number: int) -> dict[str, Any]:
    return {"Id": str(number), "SyncToken": "0", "DisplayName": f"Vendor {number}"}


async def test_lists_are_paged_to_the_end() -> None:
    pages = (_vendors(_vendor(1), _vendor(2)), _vendors(_vendor(3), _vendor(4)), _vendors())
    async with playback(*pages) as provider, build_http_client() as http:
        client = _client(provider, http)
        ids = [vendor.id async for vendor in client.all_of(Vendor, page_size=2)]
    assert ids == ["1", "2", "3", "4"]
    assert [dict(request.query)["query"].split("ORDERBY ")[1] for request in provider.requests] == [
        "Id STARTPOSITION 1 MAXRESULTS 2",
        "Id STARTPOSITION 3 MAXRESULTS 2",
        "Id STARTPOSITION 5 MAXRESULTS 2",
    ]


async def test_one_unreadable_vendor_does_not_cost_the_others(caplog: pytest.LogCaptureFixture) -> None:
    page = _vendors(_vendor(1), {"Id": "2", "SyncToken": "0", "Active": "Acme's secret"}, 7, _vendor(4))
    async with playback(page) as provider, build_http_client() as http:
        client = _client(provider, http)
        with caplog.at_level(logging.WARNING):
            ids = [vendor.id async for vendor in client.all_of(Vendor)]
        (read,) = [page async for page in client.pages(Vendor)]
    assert ids == ["1", "4"]
    assert "Vendor 2: DisplayName: missing; Active: bool_parsing" in caplog.text
    assert "secret" not in caplog.text
    assert [(row.id, row.problem) for row in read.unreadable] == [
        ("2", "DisplayName: missing; Active: bool_parsing"),
        ("", "Vendor: model_type"),
    ]


async def test_an_unreadable_row_counts_when_pages_are_counted() -> None:
    pages = (_vendors(_vendor(1), {"Id": "2"}), _vendors(_vendor(3)))
    async with playback(*pages) as provider, build_http_client() as http:
        client = _client(provider, http)
        ids = [vendor.id async for vendor in client.all_of(Vendor, page_size=2)]
    assert ids == ["1", "3"]


async def test_a_look_up_never_takes_an_unreadable_bill_for_no_bill() -> None:
    page = http_answer(200, '{"QueryResponse":{"Bill":[{"Id":"2045","SyncToken":"0"}]}}')
    async with playback(page) as provider, build_http_client() as http:
        with pytest.raises(errors.AnswerUnreadable, match="bill 2045 is unreadable: VendorRef: missing"):
            await _client(provider, http).find_bills("112", "17")


async def test_numbers_of_requests_are_limited_before_anything_is_sent() -> None:
    async with playback(CREATED) as provider, build_http_client() as http:
        client = _client(provider, http)
        batch = serialize_batch([BatchCreate("1", Bill, BODY)])
        for call in (
            client.create(Bill, BODY, "r" * 51),
            client.create(Bill, BODY, ""),
            client.create(Bill, BODY, "a b"),
            client.batch(batch, "r" * 37),
            client.read_bill("../vendor/1"),
            client.query(Bill, Select("Vendor")),
            client.cdc([Bill], datetime(2026, 11, 20)),  # noqa: DTZ001 (the naive time is the point)
        ):
            with pytest.raises(errors.InvalidRequest):
                await call
        await client.create(Bill, BODY, "r" * 50)
    assert len(provider.requests) == 1


@pytest.mark.parametrize("realm_id", ["", "12/../34", "١٢٣", "12 "])
async def test_a_realm_id_is_digits(realm_id: str) -> None:
    async with build_http_client() as http:
        with pytest.raises(errors.InvalidRequest):
            QuickBooksOnlineClient("http://127.0.0.1", http, FixedTokens("t"), realm_id)
