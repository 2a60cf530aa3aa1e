"""Change data capture, attachments and webhooks (reference 3.3, 3.4, 4.6)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.server import serve
from tests.simulators.quickbooks_online.books import OTHER_VENDOR, VENDOR, bill, payment
from tests.simulators.quickbooks_online.conftest import Quickbooks, error_of

PDF = b"%PDF-1.4 nothing in it"


async def changes(qbo: Quickbooks, entities: str, since: str) -> list[dict[str, Any]]:
    """The QueryResponse list of one CDC call."""
    answer = await qbo.call("GET", "cdc", params={"entities": entities, "changedSince": since})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["CDCResponse"][0]["QueryResponse"]
    return found


async def test_cdc_gives_whole_objects_deletions_and_empty_places(qbo: Quickbooks) -> None:
    await qbo.http.post("/control/clock", json={"now": "2026-11-20T10:00:00-08:00"})
    await qbo.post("bill", bill(DocNumber="old"))
    await qbo.http.post("/control/clock", json={"advance_seconds": 60})
    one = await qbo.post("bill", bill(DocNumber="new"))
    gone = await qbo.post("bill", bill())
    paid = await qbo.post("billpayment", payment(one["Id"], 400))
    await qbo.post("bill", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    found = await changes(qbo, "Bill,BillPayment,VendorCredit", "2026-11-20T10:00:30-08:00")
    bills, payments, credits = found
    assert [entity["Id"] for entity in bills["Bill"]] == [one["Id"], gone["Id"]]
    assert (bills["Bill"][0]["Balance"], bills["Bill"][0]["SyncToken"]) == (600.0, "1")
    assert bills["Bill"][1] | {"MetaData": None} == {
        "domain": "QBO",
        "status": "Deleted",
        "Id": gone["Id"],
        "MetaData": None,
    }
    assert (bills["startPosition"], bills["maxResults"], bills["totalCount"]) == (1, 2, 2)
    assert [entity["Id"] for entity in payments["BillPayment"]] == [paid["Id"]]
    assert credits == {}


async def test_cdc_has_seconds_and_a_change_in_the_same_second_is_in(qbo: Quickbooks) -> None:
    stored = await qbo.post("bill", bill())
    since = stored["MetaData"]["LastUpdatedTime"]
    assert [entity["Id"] for entity in (await changes(qbo, "bill", since))[0]["Bill"]] == [stored["Id"]]


async def test_cdc_is_capped_for_the_answer_or_per_entity(qbo: Quickbooks) -> None:
    since = (await qbo.post("bill", bill()))["MetaData"]["LastUpdatedTime"]
    for _ in range(2):
        await qbo.post("bill", bill())
        await qbo.post("vendorcredit", {"VendorRef": {"value": VENDOR}, "Line": bill()["Line"]})
    qbo.switch(cdc_limit=4)
    found = await changes(qbo, "Bill,VendorCredit", since)
    assert [one["maxResults"] for one in found] == [3, 1]
    qbo.switch(cdc_cap="entity")
    found = await changes(qbo, "Bill,VendorCredit", since)
    assert [one["maxResults"] for one in found] == [3, 2]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"entities": "Bill"}, "2020"),
        ({"changedSince": "2026-11-20"}, "2020"),
        ({"entities": "Bill", "changedSince": "lately"}, "4001"),
        ({"entities": "Bill", "changedSince": "2020-01-01"}, "4001"),
        ({"entities": "TaxCode", "changedSince": "2099-01-01"}, "4001"),
        ({"entities": "Dog", "changedSince": "2099-01-01"}, "4001"),
    ],
)
async def test_cdc_refusals(qbo: Quickbooks, params: dict[str, str], code: str) -> None:
    answer = await qbo.call("GET", "cdc", params=params)
    assert (answer.status_code, error_of(answer)["code"]) == (400, code)


def parts(bill_id: str, name: str = "invoice.pdf", content: bytes = PDF) -> list[tuple[str, Any]]:
    """The two parts of one file."""
    metadata = {
        "FileName": name,
        "ContentType": "application/pdf",
        "AttachableRef": [{"EntityRef": {"type": "Bill", "value": bill_id}, "IncludeOnSend": False}],
    }
    return [
        ("file_metadata_01", ("meta.json", json.dumps(metadata).encode(), "application/json")),
        ("file_content_01", (name, content, "application/pdf")),
    ]


async def test_a_pdf_hangs_on_its_bill(qbo: Quickbooks) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    answer = await qbo.call("POST", "upload", files=parts(one), params={"requestid": "u-1"})
    attached = answer.json()["AttachableResponse"][0]["Attachable"]
    assert (attached["FileName"], attached["Size"], attached["ContentType"]) == (
        "invoice.pdf",
        len(PDF),
        "application/pdf",
    )
    found = await qbo.query(
        " ".join(
            [
                "select Id from attachable where AttachableRef.EntityRef.Type = 'Bill'",
                f"and AttachableRef.EntityRef.value = '{one}'",
            ]
        )
    )
    assert [row["Id"] for row in found["Attachable"]] == [attached["Id"]]
    assert (await qbo.http.get(attached["TempDownloadUri"])).content == PDF
    again = await qbo.call("POST", "upload", files=parts(one), params={"requestid": "u-1"})
    assert again.content == answer.content
    qbo.switch(requestid_on_upload=False)
    await qbo.call("POST", "upload", files=parts(one), params={"requestid": "u-1"})
    assert (await qbo.query("select count(*) from Attachable"))["totalCount"] == 2


async def test_base64_parts_are_decoded(qbo: Quickbooks) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    metadata, (name, content) = parts(one)
    encoded = (
        content[0],
        base64.b64encode(content[1]),
        content[2],
        {"Content-Transfer-Encoding": "base64"},
    )
    answer = await qbo.call("POST", "upload", files=[metadata, (name, encoded)])
    assert answer.json()["AttachableResponse"][0]["Attachable"]["Size"] == len(PDF)


@pytest.mark.parametrize(
    ("name", "content", "to", "code"),
    [
        ("invoice.exe", PDF, None, "6041"),
        ("invoice.pdf", b"", None, "6041"),
        ("invoice.pdf", PDF, "999", "610"),
    ],
)
async def test_a_bad_file_is_a_fault_inside_of_200(
    qbo: Quickbooks, name: str, content: bytes, to: str | None, code: str
) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    answer = await qbo.call("POST", "upload", files=parts(to or one, name, content))
    assert answer.status_code == 200
    assert answer.json()["AttachableResponse"][0]["Fault"]["Error"][0]["code"] == code


class Endpoint:
    """Somebody who receives webhooks, and can be told to fail."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.signatures: list[str] = []
        self.refuse = 0

    async def receive(self, request: Request) -> Response:
        """Take or refuse one delivery."""
        self.bodies.append(await request.body())
        self.signatures.append(request.headers["intuit-signature"])
        if self.refuse:
            self.refuse -= 1
            return Response(status_code=500)
        return Response()

    async def wait(self, deliveries: int) -> list[Any]:
        """The decoded bodies once so many have come."""
        for _ in range(300):
            if len(self.bodies) >= deliveries:
                return [json.loads(body) for body in self.bodies]
            await asyncio.sleep(0.01)
        raise AssertionError(f"{len(self.bodies)} deliveries came")


@pytest.fixture
async def endpoint(qbo: Quickbooks) -> AsyncIterator[Endpoint]:
    """An endpoint that the simulator knows."""
    there = Endpoint()
    app = Starlette(routes=[Route("/hook", there.receive, methods=["POST"])])
    async with serve(app) as url:
        await qbo.http.post("/control/webhooks", json={"url": f"{url}/hook", "verifier": "v-token"})
        yield there
        await qbo.http.post("/control/webhooks", json={"url": None})


async def test_events_come_signed_as_cloudevents(qbo: Quickbooks, endpoint: Endpoint) -> None:
    stored = await qbo.post("bill", bill())
    event = (await endpoint.wait(1))[0][0]
    assert (event["specversion"], event["type"], event["data"]) == ("1.0", "qbo.bill.created.v1", {})
    assert (event["intuitentityid"], event["intuitaccountid"]) == (stored["Id"], qbo.realm)
    assert len(event["time"].split(".")[1]) == len("179851517Z")
    expected = hmac.new(b"v-token", endpoint.bodies[0], hashlib.sha256).digest()
    assert endpoint.signatures[0] == base64.b64encode(expected).decode()


async def test_the_words_for_void_and_merge(qbo: Quickbooks, endpoint: Endpoint) -> None:
    one = (await qbo.post("bill", bill()))["Id"]
    paid = await qbo.person("pay_bill", id=one)
    await qbo.person("void_payment", id=paid["Id"])
    await qbo.person("merge_vendors", id=VENDOR, other_id=OTHER_VENDOR)
    for _ in range(300):
        types = [event["type"] for body in endpoint.bodies for event in json.loads(body)]
        if "qbo.vendor.merged.v1" in types:
            break
        await asyncio.sleep(0.01)
    assert {"qbo.billpayment.created.v1", "qbo.billpayment.void.v1", "qbo.bill.updated.v1"} <= set(types)
    assert "qbo.vendor.merged.v1" in types


async def test_a_refused_delivery_holds_up_the_next_and_comes_again(qbo: Quickbooks, endpoint: Endpoint) -> None:
    endpoint.refuse = 1
    await qbo.post("bill", bill(DocNumber="first"))
    await endpoint.wait(1)
    await qbo.post("bill", bill(DocNumber="second"))
    await asyncio.sleep(0.1)
    assert len(endpoint.bodies) == 1
    await qbo.http.post("/control/clock", json={"advance_seconds": 11})
    bodies = await endpoint.wait(3)
    assert bodies[0] == bodies[1] != bodies[2]


async def test_the_legacy_body_and_doubled_and_dropped_events(qbo: Quickbooks, endpoint: Endpoint) -> None:
    qbo.switch(webhook_format="legacy", webhook_duplicate=1)
    stored = await qbo.post("bill", bill())
    notice = (await endpoint.wait(1))[0]["eventNotifications"][0]
    assert notice["realmId"] == qbo.realm
    entities = notice["dataChangeEvent"]["entities"]
    assert [(one["name"], one["id"], one["operation"]) for one in entities] == [("Bill", stored["Id"], "Create")] * 2
    qbo.switch(webhook_drop=1)
    await qbo.post("bill", bill())
    counts = (await qbo.http.get("/control/webhooks")).json()["counts"]
    assert (counts["duplicated"], counts["dropped"]) == (1, 1)
