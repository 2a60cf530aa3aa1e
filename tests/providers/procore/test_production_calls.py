"""Method, URL, headers and body of every call, on Procore's production addresses, against literals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from foundation.clock import ManualClock
from foundation.http_client import USER_AGENT, build_http_client
from providers.procore.client import ProcoreClient
from providers.procore.commitments import CommitmentType
from providers.procore.contract_payments import CommitmentRef, ContractPaymentForm, ContractPayments, form_bytes
from providers.procore.oauth import ProcoreApp, ProcoreOAuth
from providers.procore.requisitions import RequisitionView
from providers.procore.token_source import HeldToken

API = "https://api.procore.com"
LOGIN = "https://login.procore.com"
FORM = "application/x-www-form-urlencoded"
APP = ProcoreApp("our-id", "our+secret", "https://sync.example/auth/procore/callback")
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 12, 30, 59, tzinfo=UTC)


class RecordingTransport(httpx.AsyncBaseTransport):
    """Keeps each request whole and answers what a list, an object or a token call needs to go on."""

    def __init__(self) -> None:
        self.requests: list[tuple[httpx.Request, bytes]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request, await request.aread()))
        if request.method == "POST":
            return httpx.Response(200, json={"access_token": "a", "token_type": "bearer", "expires_in": 5400})
        return httpx.Response(200, json=[])


@dataclass(frozen=True)
class Call:
    made_by: Callable[[ProcoreClient, ProcoreOAuth], Awaitable[object] | AsyncIterator[object]]
    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


BEARER = {"authorization": "Bearer a-token"}
COMPANY = {**BEARER, "procore-company-id": "4907"}
JSON = {**COMPANY, "content-type": "application/json"}
PAGE = "page=1&per_page=300"
V2_PAGE = "page=1&per_page=100"
WEBHOOKS = f"{API}/rest/v2.0/companies/4907/projects/789/webhooks"
PAYMENTS = f"{API}/rest/v1.0/contract_payments"
COMMITTED = "project_id=789&contract_id=701973"
COMMITMENT = CommitmentRef("789", "701973")
PAYMENT = ContractPaymentForm(
    paid_on=date(2026, 7, 15),
    amount=Decimal("28800"),
    invoice_number="INV-1042",
    invoice_date=date(2026, 6, 30),
    method="check",
    check_number="10233",
    notes="",
    requisition_id="58820",
    origin_id="qbo-9130-billpayment-5567-bill-4821",
)
PAYMENT_BODY = (
    b'{"project_id":789,"contract_id":701973,"contract_payment":{"date":"2026-07-15","amount":"28800.00",'
    b'"invoice_number":"INV-1042","invoice_date":"2026-06-30","payment_method":"check","check_number":"10233",'
    b'"requisition_id":58820,"origin_id":"qbo-9130-billpayment-5567-bill-4821"}}'
)

CALLS = {
    "exchange code": Call(
        lambda _, oauth: oauth.exchange_code("c0de/+"),
        "POST",
        f"{LOGIN}/oauth/token",
        {"content-type": FORM},
        b"grant_type=authorization_code&redirect_uri=https%3A%2F%2Fsync.example%2Fauth%2Fprocore%2Fcallback"
        b"&code=c0de%2F%2B&client_id=our-id&client_secret=our%2Bsecret",
    ),
    "refresh": Call(
        lambda _, oauth: oauth.refresh("r3fresh"),
        "POST",
        f"{LOGIN}/oauth/token",
        {"content-type": FORM},
        b"grant_type=refresh_token&refresh_token=r3fresh&client_id=our-id&client_secret=our%2Bsecret",
    ),
    "client credentials": Call(
        lambda _, oauth: oauth.client_credentials(),
        "POST",
        f"{LOGIN}/oauth/token",
        {"content-type": FORM},
        b"grant_type=client_credentials&client_id=our-id&client_secret=our%2Bsecret",
    ),
    "revoke": Call(
        lambda _, oauth: oauth.revoke("t0ken"),
        "POST",
        f"{LOGIN}/oauth/revoke",
        {"content-type": FORM},
        b"token=t0ken&client_id=our-id&client_secret=our%2Bsecret",
    ),
    "me": Call(lambda client, _: client.me(), "GET", f"{API}/rest/v1.0/me?company_id=4907", COMPANY),
    "companies": Call(lambda client, _: client.companies(), "GET", f"{API}/rest/v1.0/companies?{PAGE}", COMPANY),
    "company user": Call(lambda client, _: client.company_user(), "GET", f"{API}/rest/v1.0/companies/4907/me", COMPANY),
    "permissions": Call(
        lambda client, _: client.permissions(),
        "GET",
        f"{API}/rest/v1.0/settings/permissions?company_id=4907",
        COMPANY,
    ),
    "projects": Call(
        lambda client, _: client.projects(),
        "GET",
        f"{API}/rest/v1.1/projects?company_id=4907&filters%5Bby_status%5D=All&{PAGE}",
        COMPANY,
    ),
    "project": Call(
        lambda client, _: client.project("562949953434271"),
        "GET",
        f"{API}/rest/v1.0/projects/562949953434271?company_id=4907",
        COMPANY,
    ),
    "vendors": Call(
        lambda client, _: client.vendors(),
        "GET",
        f"{API}/rest/v1.0/vendors?company_id=4907&view=extended&{PAGE}",
        COMPANY,
    ),
    "subcontracts": Call(
        lambda client, _: client.commitments("789", CommitmentType.WORK_ORDER),
        "GET",
        f"{API}/rest/v1.0/work_order_contracts?project_id=789&view=extended&{PAGE}",
        COMPANY,
    ),
    "purchase orders": Call(
        lambda client, _: client.commitments("789", CommitmentType.PURCHASE_ORDER),
        "GET",
        f"{API}/rest/v1.0/purchase_order_contracts?project_id=789&view=extended&{PAGE}",
        COMPANY,
    ),
    "one commitment": Call(
        lambda client, _: client.commitment("789", CommitmentType.WORK_ORDER, "701973"),
        "GET",
        f"{API}/rest/v1.0/work_order_contracts/701973?project_id=789",
        COMPANY,
    ),
    "cost codes": Call(
        lambda client, _: client.cost_codes("789"),
        "GET",
        f"{API}/rest/v1.0/cost_codes?project_id=789&{PAGE}",
        COMPANY,
    ),
    "requisitions by time": Call(
        lambda client, _: client.requisitions("789", updated_between=(JUNE, JULY), per_page=50),
        "GET",
        f"{API}/rest/v1.1/requisitions?project_id=789"
        "&filters%5Bupdated_at%5D=2026-06-01T00%3A00%3A00Z...2026-07-01T12%3A30%3A59Z"
        "&view=extended&page=1&per_page=50",
        COMPANY,
    ),
    "requisitions by id": Call(
        lambda client, _: client.requisitions("789", ids=["58820", "58821"], view=RequisitionView.HEADER_ONLY),
        "GET",
        f"{API}/rest/v1.1/requisitions?project_id=789&filters%5Bid%5D%5B%5D=58820&filters%5Bid%5D%5B%5D=58821"
        "&view=header_only&page=1&per_page=100",
        COMPANY,
    ),
    "requisition texts by id": Call(
        lambda client, _: client.requisition_texts("789", ["58820", "58821"]),
        "GET",
        f"{API}/rest/v1.1/requisitions?project_id=789&filters%5Bid%5D%5B%5D=58820&filters%5Bid%5D%5B%5D=58821"
        "&view=extended&page=1&per_page=100",
        COMPANY,
    ),
    "one requisition": Call(
        lambda client, _: client.requisition("789", "58/../820"),
        "GET",
        f"{API}/rest/v1.1/requisitions/58%2F..%2F820?project_id=789&view=extended",
        COMPANY,
    ),
    "change histories": Call(
        lambda client, _: client.change_histories("789", "58820"),
        "GET",
        f"{API}/rest/v1.0/requisitions/58820/change_histories?project_id=789&{PAGE}",
        COMPANY,
    ),
    "hook resources": Call(
        lambda client, _: client.hook_resources("789"),
        "GET",
        f"{WEBHOOKS}/resources?payload_version=v4.0&{V2_PAGE}",
        COMPANY,
    ),
    "hooks": Call(lambda client, _: client.hooks("789"), "GET", f"{WEBHOOKS}/hooks?{V2_PAGE}", COMPANY),
    "create hook": Call(
        lambda client, _: client.create_hook(
            "789", namespace="inbuild-sync-1", destination_url="https://sync.example/h", authorization="Bearer s"
        ),
        "POST",
        f"{WEBHOOKS}/hooks",
        JSON,
        b'{"payload_version":"v4.0","namespace":"inbuild-sync-1","destination_url":"https://sync.example/h",'
        b'"destination_headers":{"Authorization":"Bearer s"}}',
    ),
    "delete hook": Call(
        lambda client, _: client.delete_hook("789", "4501"), "DELETE", f"{WEBHOOKS}/hooks/4501", COMPANY
    ),
    "triggers": Call(
        lambda client, _: client.triggers("789", "4501"), "GET", f"{WEBHOOKS}/hooks/4501/triggers?{V2_PAGE}", COMPANY
    ),
    "create trigger": Call(
        lambda client, _: client.create_trigger("789", "4501", resource="Draw Requests", event_type="update"),
        "POST",
        f"{WEBHOOKS}/hooks/4501/triggers",
        JSON,
        b'{"resource_name":"Draw Requests","event_type":"update"}',
    ),
    "discarded deliveries": Call(
        lambda client, _: client.discarded_deliveries("789", "4501", JUNE.date()),
        "GET",
        f"{WEBHOOKS}/hooks/4501/deliveries?filter%5Bstatus%5D=discarded&filter%5Bstart%5D=2026-06-01&{V2_PAGE}",
        COMPANY,
    ),
    "contract payments": Call(
        lambda client, _: client.contract_payments.of(COMMITMENT), "GET", f"{PAYMENTS}?{COMMITTED}&{V2_PAGE}", COMPANY
    ),
    "create contract payment": Call(
        lambda client, _: client.contract_payments.create(form_bytes(COMMITMENT, PAYMENT)),
        "POST",
        PAYMENTS,
        JSON,
        PAYMENT_BODY,
    ),
    "unlock contract payment": Call(
        lambda client, _: client.contract_payments.unlock(COMMITMENT, "88120"),
        "PATCH",
        f"{PAYMENTS}/88120",
        JSON,
        b'{"project_id":789,"contract_id":701973,"contract_payment":{"origin_id":null}}',
    ),
    "change contract payment": Call(
        lambda client, _: client.contract_payments.change(COMMITMENT, "88120", PAYMENT),
        "PATCH",
        f"{PAYMENTS}/88120",
        JSON,
        PAYMENT_BODY,
    ),
    "delete contract payment": Call(
        lambda client, _: client.contract_payments.delete(COMMITMENT, "88120"),
        "DELETE",
        f"{PAYMENTS}/88120?{COMMITTED}",
        COMPANY,
    ),
    "attachment": Call(
        lambda client, _: client.download_attachment("https://app.procore.com/files/5324?v=1", max_bytes=100),
        "GET",
        "https://app.procore.com/files/5324?v=1",
        {**COMPANY, "accept": "*/*"},
    ),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_is_sent_exactly_so(name: str) -> None:
    call = CALLS[name]
    recorder = RecordingTransport()
    async with build_http_client(recorder) as http:
        client = ProcoreClient(API, http, HeldToken("a-token"), "4907")
        oauth = ProcoreOAuth(LOGIN, http, APP, ManualClock(JUNE))
        await _finish(call.made_by(client, oauth))

    ((request, body),) = recorder.requests
    assert (request.method, str(request.url), body) == (call.method, call.url, call.body)
    standard = {"host", "accept-encoding", "connection", "content-length"}
    assert {name: value for name, value in request.headers.items() if name not in standard} == {
        "user-agent": USER_AGENT,
        "accept": "application/json",
        **call.headers,
    }


async def _finish(work: Awaitable[object] | AsyncIterator[object]) -> None:
    """What the recorder answers is no object, or another one: those calls end in an error, after they were recorded."""
    if isinstance(work, AsyncIterator):
        async for _ in work:
            pass
        return
    try:
        await work
    except Exception as error:  # only the sentence below decides
        expected = (
            "a JSON object is expected",
            "a list is expected",
            "not the requisition asked for",
            "Field required",
        )
        assert any(text in str(error) for text in expected)


def test_every_public_call_is_in_the_table() -> None:
    tried = {name for call in CALLS.values() for name in call.made_by.__code__.co_names}
    public = {
        name
        for kind in (ProcoreClient, ProcoreOAuth, ContractPayments)
        for name in vars(kind)
        if not name.startswith("_") and name not in ("calls", "rate_limit", "authorize_url")
    }
    assert public <= tried


async def test_a_person_before_choosing_a_company_sends_no_company() -> None:
    recorder = RecordingTransport()
    async with build_http_client(recorder) as http:
        client = ProcoreClient(f"{API}/", http, HeldToken("a-token"), None)
        await _finish(client.companies())
        await _finish(client.me())
        with pytest.raises(ValueError, match="client made for a company"):
            client.vendors()
    assert [str(request.url) for request, _ in recorder.requests] == [
        f"{API}/rest/v1.0/companies?{PAGE}",
        f"{API}/rest/v1.0/me",
    ]
    assert all("procore-company-id" not in request.headers for request, _ in recorder.requests)


async def test_the_browser_is_sent_to_the_login_host() -> None:
    async with build_http_client(RecordingTransport()) as http:
        url = ProcoreOAuth(LOGIN, http, APP, ManualClock(JUNE)).authorize_url("st&te")
    assert url == (
        "https://login.procore.com/oauth/authorize?response_type=code&client_id=our-id"
        "&redirect_uri=https%3A%2F%2Fsync.example%2Fauth%2Fprocore%2Fcallback&state=st%26te"
    )
