"""One shape for every refusal, no trace for anybody, and a role for every route."""

import logging
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.access import ROLES, signed_in_user
from api.app import create_app
from api.intents.company_files import SERVICE_PATH, SUPPORT_PATH
from api.services import Services
from tests.api.conftest import Office, code_of

# Open to everybody: they make a session, or look for themselves whether there is one.
OPEN = {"/", "/sign-in", "/sign-in/callback", "/sign-out", "/healthz", SUPPORT_PATH}
# For any signed-in person, before a company is chosen; they check what they touch themselves.
SIGNED_IN_ONLY = {"/appearance", "/companies/{company_id}/choose", "/quickbooks/callback"}

# Called by providers, whose secret each checks itself (tests/api/test_webhooks.py, tests/api/web_connector).
CALLED_BY_PROVIDERS = {"/webhooks/procore/{address}", "/webhooks/intuit", SERVICE_PATH}


def routes(app: FastAPI) -> Iterator[APIRoute]:
    pending = list(app.routes)
    while pending:
        route = pending.pop()
        if isinstance(route, APIRoute):
            yield route
        # An included router stands in the list as one entry with its own routes behind it.
        pending += getattr(getattr(route, "original_router", None), "routes", [])


def calls(route: APIRoute) -> set[object]:
    found: set[object] = set()
    pending = [route.dependant]
    while pending:
        dependant = pending.pop()
        found.add(dependant.call)
        pending += dependant.dependencies
    return found


def test_every_route_names_the_role_it_needs(services: Services) -> None:
    checked = 0
    for route in routes(create_app(services)):
        checked += 1
        if route.path in OPEN | CALLED_BY_PROVIDERS:
            continue
        needed = {signed_in_user} if route.path in SIGNED_IN_ONLY else set(ROLES)
        assert calls(route) & needed, f"{route.path} lets anybody in"
    assert checked > 30


async def test_the_schema_tells_programs_all_of_it(anonymous: httpx.AsyncClient) -> None:
    schema = (await anonymous.get("/openapi.json")).json()
    assert "/api/v1/invoices/uploads" in schema["paths"]
    assert not any(path.startswith("/settings") for path in schema["paths"])
    answers = schema["paths"]["/api/v1/mirroring"]["put"]["responses"]
    assert answers["409"]["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorAnswer")
    total = schema["components"]["schemas"]["InvoicesAnswer"]["properties"]["total_due"]
    assert total["type"] == "string" and "pattern" in total


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/api/v1/invoices/x/y/z"])
async def test_an_unknown_address_is_404_in_our_shape(anonymous: httpx.AsyncClient, path: str) -> None:
    answer = await anonymous.get(path)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


async def test_a_wrong_method_is_refused_in_our_shape(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.delete("/api/v1/invoices")
    assert (answer.status_code, code_of(answer)) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/invoices", "/api/v1/connections", "/api/v1/mirroring"])
async def test_not_signed_in_is_401(anonymous: httpx.AsyncClient, path: str) -> None:
    answer = await anonymous.get(path)
    assert (answer.status_code, code_of(answer)) == (401, "not_signed_in")


async def test_our_own_errors_show_a_reference_and_no_trace(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("canary-internal-detail")

    monkeypatch.setattr("api.routes.invoices.list_invoices", broken)
    monkeypatch.setattr("api.pages.invoices.list_invoices", broken)
    with caplog.at_level(logging.ERROR, logger="inbuild_sync.api"):
        answer = await office.admin.get("/api/v1/invoices")
        page = await office.admin.get("/invoices")
    assert (answer.status_code, code_of(answer)) == (500, "unexpected")
    assert page.status_code == 500
    for text in (answer.text, page.text):
        assert "canary-internal-detail" not in text and "Traceback" not in text
    reference = answer.json()["error"]["message"].rsplit(" ", 1)[1].rstrip(".")
    assert any(reference in record.getMessage() for record in caplog.records)


async def test_every_page_forbids_inline_scripts_and_frames(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert "<script>" not in answer.text and "style=" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_customers_text_is_escaped(office: Office) -> None:
    from tests.api.seeding import add_invoice

    async with office.database.company(office.company_id, office.actor) as session:
        await add_invoice(session, "<script>1</script>", connection_id=None, source_id="1", vendor="<b>V</b>")
    page = (await office.admin.get("/invoices")).text
    assert "<script>1" not in page and "&lt;script&gt;1" in page and "<b>V" not in page
