"""Throttles, the monthly meter, and the answers that are not Fault JSON (reference 2.5, 3.1, 3.5)."""

from __future__ import annotations

from lxml import etree

from tests.simulators.quickbooks_online.books import bill
from tests.simulators.quickbooks_online.conftest import Quickbooks


async def statuses(qbo: Quickbooks, calls: int, path: str = "preferences") -> list[int]:
    """The statuses of some reads in a row."""
    return [(await qbo.call("GET", path)).status_code for _ in range(calls)]


async def test_ten_a_second_and_then_xml(qbo: Quickbooks) -> None:
    qbo.switch(realm_app_per_second=10)
    await qbo.http.post("/control/clock", json={"stopped": True})
    assert await statuses(qbo, 11) == [200] * 10 + [429]
    refused = await qbo.call("POST", "bill", json=bill())
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/xml;charset=UTF-8")
    assert "retry-after" not in refused.headers
    root = etree.fromstring(refused.content)
    names = {"q": "http://schema.intuit.com/finance/v3"}
    assert root.xpath("string(q:Fault/@type)", namespaces=names) == "SERVICE"
    assert root.xpath("string(q:Fault/q:Error/@code)", namespaces=names) == "3001"
    await qbo.http.post("/control/clock", json={"advance_seconds": 1})
    assert await statuses(qbo, 1) == [200]


async def test_the_minute_belongs_to_the_company(qbo: Quickbooks) -> None:
    qbo.switch(realm_per_minute=5)
    assert await statuses(qbo, 6) == [200] * 5 + [429]
    await qbo.http.post("/control/clock", json={"advance_seconds": 61})
    assert await statuses(qbo, 1) == [200]


async def test_batches_have_a_limit_of_their_own(qbo: Quickbooks) -> None:
    qbo.switch(batch_per_minute=2)
    batch = {"BatchItemRequest": [{"bId": "b1", "Query": "select * from Bill"}]}
    found = [(await qbo.call("POST", "batch", json=batch)).status_code for _ in range(3)]
    assert found == [200, 200, 429]
    assert await statuses(qbo, 1) == [200]


async def test_the_429_may_be_json_with_retry_after(qbo: Quickbooks) -> None:
    qbo.switch(realm_per_minute=1, throttle_format="json", throttle_retry_after=60)
    await statuses(qbo, 1)
    refused = await qbo.call("GET", "preferences")
    assert refused.headers["retry-after"] == "60"
    assert refused.json()["fault"]["error"][0]["code"] == "3001"


async def test_reads_are_metered_and_writes_are_not(qbo: Quickbooks) -> None:
    before = (await qbo.http.get("/control/counters")).json()
    stored = await qbo.post("bill", bill())
    await qbo.read("bill", stored["Id"])
    await qbo.query("select * from Bill")
    await qbo.refused("bill", {})
    after = (await qbo.http.get("/control/counters")).json()
    assert (after["core"] - before["core"], after["coreplus"] - before["coreplus"]) == (1, 2)
    assert after["by_label"] == {"create Bill": 2, "read Bill": 1, "query": 1}
    assert after["committed_by_label"] == {"create Bill": 1, "read Bill": 1, "query": 1}


async def test_beyond_the_months_reads_only_writes_go_on(qbo: Quickbooks) -> None:
    await qbo.http.post("/control/clock", json={"now": "2026-11-20T10:00:00-08:00"})
    await qbo.connect()
    qbo.switch(coreplus_block_at=2)
    assert await statuses(qbo, 3) == [200, 200, 429]
    await qbo.post("bill", bill())
    await qbo.http.post("/control/clock", json={"now": "2026-12-01T00:00:01-08:00"})
    await qbo.connect()
    assert await statuses(qbo, 1) == [200]


async def test_a_fault_inside_of_200(qbo: Quickbooks) -> None:
    await qbo.http.post("/control/faults", json={"effect": "fault_200", "path": "/bill$", "count": 1})
    answer = await qbo.call("POST", "bill", json=bill())
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (200, "10000")
    assert (await qbo.query("select count(*) from Bill"))["totalCount"] == 0
