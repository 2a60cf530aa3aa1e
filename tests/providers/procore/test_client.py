"""What the client does with answers that are late, broken, refused or nonsense."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from foundation.http_client import build_http_client
from providers.procore import calls, errors
from providers.procore.client import ProcoreClient
from providers.procore.errors import (
    ProcoreError,
    ProcoreForbidden,
    ProcoreRateLimited,
    ProcoreRejected,
    ProcoreUnauthorized,
    ProcoreUnavailable,
    ProcoreUnreadable,
)
from providers.procore.paging import all_records
from providers.procore.requisitions import Requisition
from providers.procore.token_source import HeldToken
from providers.procore.wire import Unreadable
from tests.providers.procore.wire_server import Played, WireServer

ME = '{"id": 990001, "login": "dmsa@x.example", "name": "DMSA"}'


class TwoTokens:
    """Gives `first` until it is refused, then `second`."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    async def token(self) -> str:
        return "second" if self.refused else "first"

    async def rejected(self, token: str) -> None:
        self.refused.append(token)


def client_of(procore: WireServer, http: httpx.AsyncClient, token: str = "s3cret-token") -> ProcoreClient:
    return ProcoreClient(procore.url, http, HeldToken(token), "4907")


def requisition(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": 562949953434000 + number,
        "project_id": 789,
        "commitment_id": 701973,
        "commitment_type": "WorkOrderContract",
        "number": number,
        "status": "approved",
        "created_at": "2026-06-25T15:02:11Z",
        "updated_at": "2026-07-02T09:14:55Z",
        "summary": {"current_payment_due": "100.10"},
        "items": [],
        **changes,
    }


# Broken answers


@pytest.mark.parametrize(
    ("played", "reason"),
    [
        (Played(200, {}, ME, cut_at=20), "the answer broke off"),
        (Played(200, {}, ""), "the answer is empty"),
        (Played(200, {}, "  \n"), "the answer is empty"),
        (Played(200, {"Content-Type": "text/html"}, "<!doctype html><p>Sign in</p>"), "the answer is an HTML page"),
        (Played(200, {}, ME[:20]), "not the promised JSON"),
        (Played(200, {}, ME + "]"), "not the promised JSON"),
        (Played(200, {}, "[]"), "a JSON object is expected"),
        (Played(200, {}, "null"), "a JSON object is expected"),
        (Played(200, {}, '{"ok": true}'), "id: Field required"),
        (Played(200, {}, '{"id": true, "login": "x"}'), "id: "),
        (Played(200, {}, '{"id": NaN, "login": "x"}'), "NaN is no JSON"),
        (Played(200, {}, b'{"id": 1, "login": "\xff"}'), "the answer is not UTF-8"),
        (Played(200, {"Content-Encoding": "gzip"}, b"not gzip at all"), "the answer broke off"),
        (Played(200, {}, "[" * 100_000), "not the promised JSON"),
        (Played(200, {}, '{"id": ' + "9" * 5000 + ', "login": "x"}'), "not the promised JSON"),
        (Played(204, {}, ""), "no reason given"),
        (Played(302, {"Location": "https://login.procore.com/"}, ""), "no reason given"),
        (Played(404, {}, "<html>no such host</html>"), "an HTML page"),
        (Played(403, {}, "<html>blocked</html>"), "an HTML page"),
    ],
)
async def test_an_unreadable_answer_is_named_and_may_be_tried_again(
    procore: WireServer, http: httpx.AsyncClient, played: Played, reason: str
) -> None:
    procore.play(Played(**{**played.__dict__, "headers": {**played.headers, "X-Request-Id": "req-9"}}))
    with pytest.raises(ProcoreUnreadable, match=reason) as raised:
        await client_of(procore, http).me()
    assert (raised.value.status, raised.value.request_id) == (played.status, "req-9")
    assert "req-9" in str(raised.value)


async def test_a_connection_that_closes_without_an_answer_is_unavailable(
    procore: WireServer, http: httpx.AsyncClient
) -> None:
    procore.play(Played(silent=True))
    with pytest.raises(ProcoreUnavailable, match="broke before an answer") as raised:
        await client_of(procore, http).me()
    assert raised.value.status is None


async def test_nobody_listening_is_unavailable(http: httpx.AsyncClient) -> None:
    client = ProcoreClient("http://127.0.0.1:1", http, HeldToken("t"), "4907")
    with pytest.raises(ProcoreUnavailable, match="no connection"):
        await client.me()


async def test_silence_ends_in_a_time_out() -> None:
    async def never(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2)
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        async with build_http_client(timeout=httpx.Timeout(0.1)) as http:
            client = ProcoreClient(f"http://127.0.0.1:{port}", http, HeldToken("t"), "4907")
            with pytest.raises(ProcoreUnavailable, match="no answer in time"):
                await client.me()
    finally:
        server.close()


# Refusals


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_trouble_on_their_side_is_unavailable_with_retry_after(
    procore: WireServer, http: httpx.AsyncClient, status: int
) -> None:
    procore.play(Played(status, {"Retry-After": "17"}, "<html>Bad gateway</html>"))
    with pytest.raises(ProcoreUnavailable) as raised:
        await client_of(procore, http).me()
    assert (raised.value.status, raised.value.retry_after) == (status, timedelta(seconds=17))


@pytest.mark.parametrize("status", [400, 406, 409, 422, 418])
async def test_a_refusal_carries_the_reason_and_the_status(
    procore: WireServer, http: httpx.AsyncClient, status: int
) -> None:
    procore.play(Played(status, {}, '{"errors": {"origin_id": ["has already been taken"]}}'))
    with pytest.raises(ProcoreRejected, match="origin_id: has already been taken") as raised:
        await client_of(procore, http).me()
    assert raised.value.status == status


async def test_a_limit_without_headers_names_no_time(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(429, {}, ""))
    with pytest.raises(ProcoreRateLimited) as raised:
        await client_of(procore, http).me()
    assert raised.value.wait(datetime(2026, 7, 2, tzinfo=UTC)) is None


async def test_nothing_is_retried(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(503, {}, ""), Played(200, {}, ME))
    client = client_of(procore, http)
    with pytest.raises(ProcoreUnavailable):
        await client.me()
    assert (len(procore.received), client.calls) == (1, 1)


async def test_an_error_never_repeats_the_token(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(422, {}, '{"message": "bad header Bearer s3cret-token here"}'))
    with pytest.raises(ProcoreRejected) as raised:
        await client_of(procore, http).me()
    assert "s3cret-token" not in str(raised.value) + raised.value.reason + repr(raised.value)
    assert "[hidden]" in str(raised.value)


async def test_an_error_never_repeats_the_document(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(200, {}, '{"id": 1, "login": {"note": "canary-document"}}'))
    with pytest.raises(ProcoreUnreadable) as raised:
        await client_of(procore, http).me()
    assert "canary-document" not in str(raised.value)
    assert raised.value.__cause__ is None


# Tokens


async def test_a_refused_token_is_replaced_once(procore: WireServer, http: httpx.AsyncClient) -> None:
    tokens = TwoTokens()
    procore.play(Played(401, {}, '{"message": "The access token is invalid"}'), Played(200, {}, ME))
    client = ProcoreClient(procore.url, http, tokens, "4907")
    assert (await client.me()).id == "990001"
    assert [one.headers["authorization"] for one in procore.received] == ["Bearer first", "Bearer second"]
    assert (tokens.refused, client.calls) == (["first"], 2)


async def test_a_second_refusal_is_final(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(401, {}, "{}"), Played(401, {}, "{}"), Played(200, {}, ME))
    with pytest.raises(ProcoreUnauthorized):
        await ProcoreClient(procore.url, http, TwoTokens(), "4907").me()
    assert len(procore.received) == 2


async def test_the_same_token_is_not_tried_again(procore: WireServer, http: httpx.AsyncClient) -> None:
    procore.play(Played(401, {}, "{}"), Played(200, {}, ME))
    with pytest.raises(ProcoreUnauthorized):
        await client_of(procore, http).me()
    assert len(procore.received) == 1


async def test_a_missing_permission_burns_no_token(procore: WireServer, http: httpx.AsyncClient) -> None:
    tokens = TwoTokens()
    procore.play(Played(403, {}, '{"errors": "You do not have sufficient access to complete that action"}'))
    with pytest.raises(ProcoreForbidden):
        await ProcoreClient(procore.url, http, tokens, "4907").me()
    assert tokens.refused == []


# Pages


async def test_pages_follow_the_link_header_and_keep_the_filters(procore: WireServer, http: httpx.AsyncClient) -> None:
    elsewhere = '<https://evil.example/rest/v1.1/requisitions?page=2>; rel="next"'
    procore.play(
        Played(200, {"Link": elsewhere, "X-Rate-Limit-Limit": "25", "X-Rate-Limit-Remaining": "3",
                     "X-Rate-Limit-Reset": "1782983705"}, json.dumps([requisition(1)])),
        Played(200, {"Link": '<x>; rel="first"'}, json.dumps([requisition(2)])),
    )  # fmt: skip
    client = client_of(procore, http)
    pages = [page async for page in client.requisitions("789", ids=["1", "2"], per_page=1)]
    assert [[one.number for one in page.records] for page in pages] == [[1], [2]]
    assert [dict(one.query)["page"] for one in procore.received] == ["1", "2"]
    assert all(("filters[id][]", "1") in one.query and ("project_id", "789") in one.query for one in procore.received)
    assert pages[0].rate_limit is not None
    assert pages[0].rate_limit.remaining == 3
    assert pages[1].rate_limit is None
    assert client.rate_limit == pages[0].rate_limit


async def test_one_bad_requisition_does_not_spoil_its_page(procore: WireServer, http: httpx.AsyncClient) -> None:
    bad = '{"id": 77,  "status": "approved", "updated_at": "2026-07-02T09:14:55Z", "number": "many"}'
    text = f"[{json.dumps(requisition(1))} , {bad},\n null, {json.dumps(requisition(2))}]"
    procore.play(Played(200, {}, text))
    (page,) = [page async for page in client_of(procore, http).requisitions("789")]
    assert [one.number for one in page.records] == [1, 2]
    first, second = page.unreadable
    assert (first.raw, first.id, first.status) == (bad, "77", "approved")
    assert first.updated_at == datetime(2026, 7, 2, 9, 14, 55, tzinfo=UTC)
    assert "number: " in first.reason
    assert "many" not in first.reason + repr(first)
    assert (second.raw, second.id) == ("null", None)


@pytest.mark.parametrize("text", ["{}", '{"errors": "x"}', "[1, 2", "[{},]", "[] []", "", "<html>", "7", '"[]"'])
async def test_a_list_that_is_none_is_unreadable(procore: WireServer, http: httpx.AsyncClient, text: str) -> None:
    procore.play(Played(200, {}, text))
    with pytest.raises(ProcoreUnreadable):
        await all_records(client_of(procore, http).projects())


async def test_a_page_cut_on_its_way_is_unreadable(procore: WireServer, http: httpx.AsyncClient) -> None:
    text = json.dumps([requisition(1), requisition(2)])
    procore.play(Played(200, {}, text, cut_at=len(text) // 2))
    with pytest.raises(ProcoreUnreadable, match="broke off"):
        await all_records(client_of(procore, http).requisitions("789"))


async def test_a_list_without_end_is_given_up(
    procore: WireServer, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "_MOST_PAGES", 3)
    procore.play(*(Played(200, {"Link": '<x>; rel="next"'}, "[]") for _ in range(9)))
    with pytest.raises(ProcoreUnreadable, match="no end after 3 pages"):
        await all_records(client_of(procore, http).projects())
    assert len(procore.received) == 3


async def test_all_records_gathers_the_pages(procore: WireServer, http: httpx.AsyncClient) -> None:
    def vendor(number: int) -> str:
        return json.dumps([{"id": number, "name": f"V{number}"}])

    procore.play(Played(200, {"Link": '<x>; rel="next"'}, vendor(1)), Played(200, {}, vendor(2)))
    vendors = await all_records(client_of(procore, http).vendors())
    assert [one.name for one in vendors] == ["V1", "V2"]


async def test_one_unreadable_history_row_spoils_the_history(procore: WireServer, http: httpx.AsyncClient) -> None:
    rows = [
        {"id": 1, "column": "status", "new_value": "approved", "created_at": "2026-07-02T09:14:55Z"},
        {"id": 2, "column": "status", "new_value": "draft", "created_at": "yesterday"},
    ]
    procore.play(Played(200, {}, json.dumps(rows)))
    with pytest.raises(ProcoreUnreadable, match="created_at"):
        await client_of(procore, http).change_histories("789", "58820")


# Single requisitions


async def test_a_single_requisition_that_cannot_be_read_keeps_its_text(
    procore: WireServer, http: httpx.AsyncClient
) -> None:
    text = json.dumps(requisition(1, summary={"current_payment_due": None}))
    procore.play(Played(200, {}, text))
    result = await client_of(procore, http).requisition("789", "562949953434001")
    assert isinstance(result, Unreadable)
    assert (result.raw, result.status) == (text, "approved")
    assert "summary.current_payment_due" in result.reason


async def test_another_requisition_than_the_one_asked_for_is_refused(
    procore: WireServer, http: httpx.AsyncClient
) -> None:
    procore.play(Played(200, {}, json.dumps(requisition(1))), Played(200, {}, '{"ok": true}'))
    client = client_of(procore, http)
    for _ in range(2):
        with pytest.raises(ProcoreUnreadable, match="not the requisition asked for"):
            await client.requisition("789", "5")


async def test_amounts_and_ids_arrive_exactly(procore: WireServer, http: httpx.AsyncClient) -> None:
    text = (
        '{"id": 9007199254740993, "project_id": 562949953434271, "commitment_id": "701973", "number": 1,'
        ' "commitment_type": "WorkOrderContract", "status": "approved", "created_at": "2026-06-25T15:02:11Z",'
        ' "updated_at": "2026-06-25T15:02:11Z", "summary": {"current_payment_due": 9007199254740993.1234},'
        ' "items": [{"id": 1, "gross_amount": "0.1", "net_amount": 0.30000000000000004}]}'
    )
    procore.play(Played(200, {}, text))
    result = await client_of(procore, http).requisition("562949953434271", "9007199254740993")
    assert isinstance(result, Requisition)
    assert (result.id, result.project_id) == ("9007199254740993", "562949953434271")
    assert result.summary.current_payment_due == Decimal("9007199254740993.1234")
    assert str(result.items[0].gross_amount) == "0.1"
    assert str(result.items[0].net_amount) == "0.30000000000000004"
    assert result.raw == text


# Misuse


async def test_no_ids_is_not_everything(procore: WireServer, http: httpx.AsyncClient) -> None:
    with pytest.raises(ValueError, match="by no ids"):
        client_of(procore, http).requisitions("789", ids=[])


async def test_a_time_range_is_aware_and_ordered(procore: WireServer, http: httpx.AsyncClient) -> None:
    client, start = client_of(procore, http), datetime(2026, 6, 1, tzinfo=UTC)
    for window in [(start, start - timedelta(seconds=1)), (start.replace(tzinfo=None), start)]:
        with pytest.raises(ValueError, match="time range"):
            client.requisitions("789", updated_between=window)


def test_every_error_is_a_procore_error() -> None:
    assert all(issubclass(getattr(errors, name), ProcoreError) for name in errors.__all__)
    assert errors.__all__ == sorted(errors.__all__)
