"""requestid and batch: nothing is done twice (reference 2.3, 3.2)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulators.quickbooks_online.books import VENDOR, bill, line, payment
from tests.simulators.quickbooks_online.conftest import Quickbooks, error_of


async def count(qbo: Quickbooks) -> int:
    """How many bills there are."""
    found: int = (await qbo.query("select count(*) from Bill"))["totalCount"]
    return found


def create(item_id: str, payload: dict[str, Any], kind: str = "Bill") -> dict[str, Any]:
    """One batch item."""
    return {"bId": item_id, "operation": "create", kind: payload}


async def send(qbo: Quickbooks, *items: dict[str, Any], **params: str) -> list[dict[str, Any]]:
    """One batch, expecting 200."""
    answer = await qbo.call("POST", "batch", json={"BatchItemRequest": list(items)}, params=params)
    assert answer.status_code == 200, answer.text
    outcomes: list[dict[str, Any]] = answer.json()["BatchItemResponse"]
    return outcomes


async def test_the_same_requestid_gets_the_first_answer_to_the_byte(qbo: Quickbooks) -> None:
    first = await qbo.call("POST", "bill", json=bill(DocNumber="A-1"), params={"requestid": "r-1"})
    again = await qbo.call("POST", "bill", json=bill(DocNumber="other"), params={"requestid": "r-1"})
    assert again.content == first.content
    assert await count(qbo) == 1
    await qbo.call("POST", "bill", json=bill(), params={"requestid": "r-2"})
    assert await count(qbo) == 2
    assert (await qbo.http.get("/control/counters")).json()["replays"] == 1


async def test_a_requestid_belongs_to_one_company_and_has_50_characters(qbo: Quickbooks) -> None:
    await qbo.post("bill", bill(), requestid="x" * 50)
    assert (await qbo.refused("bill", bill(), requestid="x" * 51))["code"] == "2130"


async def test_whether_a_fault_is_replayed_is_a_switch(qbo: Quickbooks) -> None:
    await qbo.refused("bill", bill(VendorRef={"value": "75"}), requestid="r-1")
    await qbo.post("bill", bill(), requestid="r-1")
    qbo.switch(requestid_replays_faults=True)
    await qbo.refused("bill", bill(VendorRef={"value": "75"}), requestid="r-2")
    assert (await qbo.refused("bill", bill(), requestid="r-2"))["code"] == "2500"


async def test_answers_may_be_forgotten_after_a_while(qbo: Quickbooks) -> None:
    qbo.switch(requestid_retention_seconds=1800)
    await qbo.post("bill", bill(), requestid="r-1")
    qbo.simulation.clock.set(qbo.simulation.clock.now().replace(year=2031))
    await qbo.connect()
    await qbo.post("bill", bill(), requestid="r-1")
    assert await count(qbo) == 2


async def test_a_lost_answer_is_found_again(qbo: Quickbooks) -> None:
    await qbo.http.post("/control/faults", json={"effect": "drop_after", "path": "/bill$", "count": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await qbo.post("bill", bill(DocNumber="A-1"), requestid="r-1")
    assert await count(qbo) == 1
    again = await qbo.post("bill", bill(DocNumber="A-1"), requestid="r-1")
    assert (again["DocNumber"], await count(qbo)) == ("A-1", 1)
    counters = (await qbo.http.get("/control/counters")).json()
    assert counters["lost_by_label"] == {"create Bill": 1}


async def test_a_batch_has_its_own_outcome_for_each_item(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill(DocNumber="A-1"))
    paid = await qbo.post("billpayment", payment(stored["Id"], 10))
    outcomes = await send(
        qbo,
        create("b1", {"DisplayName": "Ace Drywall"}, "Vendor"),
        {
            "bId": "b2",
            "operation": "update",
            "Bill": {"Id": stored["Id"], "SyncToken": "1", "sparse": True, "DueDate": "2026-12-31"},
        },
        {
            "bId": "b3",
            "operation": "update",
            "optionsData": "void",
            "BillPayment": {"Id": paid["Id"], "SyncToken": "0", "sparse": True},
        },
        {"bId": "b4", "Query": "select * from Bill where DocNumber = 'NGC-2026-0047'"},
        {"bId": "b5", "operation": "delete", "Bill": {"Id": "999", "SyncToken": "0"}},
        {"bId": "b6", "operation": "create", "Invoice": {}},
        {"bId": "b7", "operation": "explode", "Bill": {}},
    )
    assert [one["bId"] for one in outcomes] == ["b1", "b2", "b3", "b4", "b5", "b6", "b7"]
    assert outcomes[0]["Fault"]["Error"][0]["code"] == "6240"
    assert outcomes[1]["Bill"]["DueDate"] == "2026-12-31"
    assert (outcomes[2]["BillPayment"]["TotalAmt"], outcomes[2]["BillPayment"]["PrivateNote"]) == (0, "Voided")
    assert outcomes[3]["QueryResponse"] == {}
    assert [one["Fault"]["Error"][0]["code"] for one in outcomes[4:]] == ["610", "2010", "2170"]


async def test_thirty_items_and_no_more(qbo: Quickbooks) -> None:
    outcomes = await send(qbo, *[create(f"b{n}", bill(line(n + 1))) for n in range(30)])
    assert [one["Bill"]["TotalAmt"] for one in outcomes] == [n + 1 for n in range(30)]
    too_many = {"BatchItemRequest": [create(f"b{n}", bill()) for n in range(31)]}
    answer = await qbo.call("POST", "batch", json=too_many)
    assert (answer.status_code, error_of(answer)["code"], await count(qbo)) == (400, "1040", 30)


async def test_a_batch_is_replayed_by_requestid_and_bid(qbo: Quickbooks) -> None:
    first = await send(qbo, create("b1", bill(DocNumber="A-1")), create("b2", bill()), requestid="r-1")
    again = await send(qbo, create("b1", bill(DocNumber="A-1")), create("b2", bill()), requestid="r-1")
    assert (again, await count(qbo)) == (first, 2)
    await send(qbo, create("b3", bill()), requestid="r-1")
    assert await count(qbo) == 3
    await send(qbo, create("b1", bill()))
    assert await count(qbo) == 4


async def test_a_failed_item_may_be_tried_again_under_its_ids(qbo: Quickbooks) -> None:
    wrong = create("b1", bill(VendorRef={"value": "75"}))
    assert "Fault" in (await send(qbo, wrong, create("b2", bill()), requestid="r-1"))[0]
    right = create("b1", bill(VendorRef={"value": VENDOR}))
    assert "Bill" in (await send(qbo, right, create("b2", bill()), requestid="r-1"))[0]
    assert await count(qbo) == 2


async def test_a_lost_batch_answer_is_found_again(qbo: Quickbooks) -> None:
    await qbo.http.post("/control/faults", json={"effect": "drop_after", "path": "/batch$", "count": 1})
    items = [create("b1", bill()), create("b2", bill())]
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await send(qbo, *items, requestid="r-1")
    assert all("Bill" in one for one in await send(qbo, *items, requestid="r-1"))
    assert await count(qbo) == 2


async def test_ids_of_a_batch_are_shorter(qbo: Quickbooks) -> None:
    for item_id, params in (("b" * 11, {"requestid": "r"}), ("b1", {"requestid": "r" * 37})):
        answer = await qbo.call("POST", "batch", json={"BatchItemRequest": [create(item_id, bill())]}, params=params)
        assert (answer.status_code, error_of(answer)["code"]) == (400, "2130")
    assert "Bill" in (await send(qbo, create("b" * 30, bill())))[0]


async def test_an_empty_batch_is_refused(qbo: Quickbooks) -> None:
    bodies: list[Any] = [{}, {"BatchItemRequest": []}, [], {"BatchItemRequest": [{"operation": "create"}]}]
    for body in bodies:
        answer = await qbo.call("POST", "batch", json=body)
        assert (answer.status_code, error_of(answer)["code"]) == (400, "2020")
