"""Uploading an invoice: what is refused changes nothing, what is right syncs once approved."""

import json
from base64 import b64encode
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlmodel import select
from temporalio.client import Client

from contracts.names import mirroring_workflow_id
from foundation.secret_box import SecretPlace, SecretUnreadable
from models.tables import Document
from tests.api.conftest import Office, SignIn, code_of
from tests.api.seeding import PROJECT, add_connection, add_invoice, add_projects
from tests.api.world import TOM

PDF = b"%PDF-1.7 canary-document"


def form(**changes: Any) -> dict[str, Any]:
    return {
        "upload_id": str(uuid4()),
        "project_id": PROJECT,
        "vendor_name": "Ernie's Electrical",
        "number": "INV-2001",
        "billing_date": "2026-06-30",
        "total": "950.00",
        "lines": [
            {"description": "Rough-in", "amount": "1000.00", "cost_code_id": "2158"},
            {"description": "Retainage", "retainage": "-50.00"},
        ],
        **changes,
    }


async def send(browser: httpx.AsyncClient, body: dict[str, Any], pdf: bytes | None = None) -> httpx.Response:
    files = {"document": ("invoice.pdf", pdf, "application/pdf")} if pdf is not None else None
    return await browser.post("/api/v1/invoices/uploads", data={"invoice": json.dumps(body)}, files=files)


@pytest_asyncio.fixture
async def ready(office: Office) -> Office:
    async with office.database.company(office.company_id, office.actor) as session:
        await add_connection(session, office.admin_id)
        await add_projects(session)
    return office


async def count(office: Office) -> int:
    return int((await office.admin.get("/api/v1/invoices")).json()["total"])


async def test_an_upload_waits_for_approval_and_then_goes_on(ready: Office, temporal_client: Client) -> None:
    answer = await send(ready.admin, form(), PDF)
    assert answer.status_code == 201, answer.text
    invoice_id = answer.json()["id"]
    shown = (await ready.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    assert (shown["source"], shown["badge"], shown["approved_at"]) == ("upload", "Waiting", None)
    assert (shown["due"], shown["documents"]) == ("950.00", ["invoice.pdf"])
    assert [(line["gross"], line["withheld"], line["net"]) for line in shown["lines"]] == [
        ("1000.00", "0.00", "1000.00"),
        ("0.00", "50.00", "-50.00"),
    ]
    listed = (await ready.admin.get("/api/v1/invoices")).json()["invoices"][0]
    assert listed["reason"] == "Uploaded; waits for approval in inBuild."
    assert (await ready.admin.post(f"/api/v1/invoices/{invoice_id}/approve")).status_code == 200
    shown = (await ready.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    assert shown["approved_at"] is not None
    assert [event["what"] for event in shown["timeline"]] == [
        "Brought into inBuild",
        "Document added",
        "Approved in inBuild",
    ]
    assert {event["who"] for event in shown["timeline"]} == {"Ada Hartwell"}
    await temporal_client.get_workflow_handle(mirroring_workflow_id(ready.company_id)).describe()


async def test_the_document_is_stored_encrypted(ready: Office) -> None:
    await send(ready.admin, form(), PDF)
    async with ready.database.company(ready.company_id, ready.actor) as session:
        document = (await session.exec(select(Document))).one()
    assert b"canary-document" not in document.content
    place = SecretPlace("document", "content", document.id)
    assert ready.services.secret_box.open(document.content, place) == PDF
    # Also once another key has been put in front of the ring, and in no other row.
    ring = f"new:{b64encode(b'n' * 32).decode()},{ready.services.settings.encryption_keys.get_secret_value()}"
    rotated = ready.services.settings.model_copy(update={"encryption_keys": SecretStr(ring)}).secret_box()
    assert rotated.open(document.content, place) == PDF
    with pytest.raises(SecretUnreadable):
        rotated.open(document.content, SecretPlace("document", "content", uuid4()))
    assert document.size == len(PDF)


async def test_the_same_upload_twice_is_one_invoice(ready: Office) -> None:
    body = form()
    first, second = await send(ready.admin, body, PDF), await send(ready.admin, body, PDF)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert await count(ready) == 1


async def test_approving_twice_changes_nothing(ready: Office) -> None:
    invoice_id = (await send(ready.admin, form())).json()["id"]
    for _ in range(2):
        assert (await ready.admin.post(f"/api/v1/invoices/{invoice_id}/approve")).status_code == 200
    shown = (await ready.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    assert [event["kind"] for event in shown["timeline"]].count("approved") == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"total": "-950.00"}, "negative_amount"),
        ({"lines": [{"description": "Credit", "amount": "-950.00"}]}, "negative_amount"),
        ({"total": "950.01"}, "lines_do_not_add_up"),
        ({"lines": [{"description": "Rough-in", "amount": "949.99"}]}, "lines_do_not_add_up"),
        ({"total": "950.001"}, "fraction_of_cent"),
        ({"lines": [{"description": "Rough-in", "amount": "950.005"}]}, "fraction_of_cent"),
        ({"project_id": "123456"}, "unknown_project"),
        ({"commitment_number": "SC-999"}, "unknown_commitment"),
        ({"total": 950.0}, "invalid_input"),
        ({"total": "a lot"}, "invalid_input"),
        ({"total": "NaN"}, "invalid_input"),
        ({"total": "1e3"}, "invalid_input"),
        ({"total": "99999999999999999999.00"}, "invalid_input"),
        ({"lines": []}, "invalid_input"),
        ({"lines": [{"amount": "950.00"}]}, "invalid_input"),
        ({"vendor_name": "  "}, "invalid_input"),
        ({"number": ""}, "invalid_input"),
        ({"billing_date": "30/06/2026"}, "invalid_input"),
        ({"currency": "dollars"}, "invalid_input"),
        ({"upload_id": "1"}, "invalid_input"),
        ({"company_id": str(uuid4())}, "invalid_input"),
    ],
)
async def test_a_wrong_upload_is_refused_and_changes_nothing(ready: Office, changes: dict[str, Any], code: str) -> None:
    answer = await send(ready.admin, form(**changes), PDF)
    assert (answer.status_code, code_of(answer)) == (422, code)
    assert await count(ready) == 0


async def test_trailing_zeros_are_no_third_decimal(ready: Office) -> None:
    assert (await send(ready.admin, form(total="950.000"))).status_code == 201


async def test_malformed_json_in_the_form_is_refused(ready: Office) -> None:
    answer = await ready.admin.post("/api/v1/invoices/uploads", data={"invoice": "{"})
    assert (answer.status_code, code_of(answer)) == (422, "malformed_json")


async def test_a_form_without_an_invoice_is_refused(ready: Office) -> None:
    answer = await ready.admin.post("/api/v1/invoices/uploads", data={"something": "else"})
    assert (answer.status_code, code_of(answer)) == (422, "invalid_input")


@pytest.mark.parametrize("content", [b"GIF89a", b"", b" %PDF-1.7"])
async def test_a_pdf_that_is_not_one_is_refused(ready: Office, content: bytes) -> None:
    answer = await send(ready.admin, form(), content)
    assert (answer.status_code, code_of(answer)) == (422, "not_a_pdf")
    assert await count(ready) == 0


async def test_a_pdf_over_25_mb_is_refused(ready: Office) -> None:
    answer = await send(ready.admin, form(), b"%PDF-" + bytes(25 * 1024 * 1024))
    assert (answer.status_code, code_of(answer)) == (413, "pdf_too_large")
    assert await count(ready) == 0


async def test_a_body_far_over_the_cap_is_refused_before_it_is_read(ready: Office) -> None:
    answer = await send(ready.admin, form(), b"%PDF-" + bytes(30 * 1024 * 1024))
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")


async def test_a_long_json_body_is_refused_also_without_a_length(ready: Office) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 65536

    answer = await ready.admin.post(
        "/api/v1/procore-pushes", content=endless(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")


async def test_readers_upload_and_approve_nothing(ready: Office, sign_in: SignIn) -> None:
    tom = await sign_in(TOM)
    answer = await send(tom, form())
    assert (answer.status_code, code_of(answer)) == (403, "not_accountant")
    invoice_id = (await send(ready.admin, form())).json()["id"]
    answer = await tom.post(f"/api/v1/invoices/{invoice_id}/approve")
    assert (answer.status_code, code_of(answer)) == (403, "not_accountant")


async def test_an_invoice_of_procore_is_approved_there(ready: Office) -> None:
    async with ready.database.company(ready.company_id, ready.actor) as session:
        invoice_id = await add_invoice(session, "INV-1", connection_id=None, source_id="1")
    answer = await ready.admin.post(f"/api/v1/invoices/{invoice_id}/approve")
    assert (answer.status_code, code_of(answer)) == (409, "approved_in_procore")


async def test_an_unknown_invoice_cannot_be_approved(ready: Office) -> None:
    answer = await ready.admin.post(f"/api/v1/invoices/{UUID(int=7)}/approve")
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


async def test_an_upload_without_a_connection_says_so(office: Office) -> None:
    async with office.database.company(office.company_id, office.actor) as session:
        await add_projects(session)
    await send(office.admin, form())
    listed = (await office.admin.get("/api/v1/invoices")).json()["invoices"][0]
    assert listed["reason"].startswith("No QuickBooks connected")
