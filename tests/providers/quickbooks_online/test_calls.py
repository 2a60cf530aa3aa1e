"""Every call on the production addresses, against literals: method, URL, headers and body.

The transport records and answers; nothing leaves the machine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from inspect import isasyncgenfunction, iscoroutinefunction
from types import CodeType
from typing import Any

import httpx
import pytest

from foundation.clock import ManualClock
from foundation.http_client import build_http_client
from providers.quickbooks_online.batch import BatchCreate, BatchQuery, serialize_batch
from providers.quickbooks_online.bill_payload import serialize_bill
from providers.quickbooks_online.client import PRODUCTION_URL, SANDBOX_URL, QuickBooksOnlineClient
from providers.quickbooks_online.oauth import IntuitOAuth
from providers.quickbooks_online.query import Condition, Select
from providers.quickbooks_online.taking_back import removal
from providers.quickbooks_online.types import (
    Account,
    Bill,
    Customer,
    Department,
    Item,
    Term,
    TrackingClass,
    Vendor,
)
from providers.quickbooks_online.uploads import FileToAttach
from tests.providers.quickbooks_online.bills import bill, work
from tests.providers.quickbooks_online.fixed_tokens import FixedTokens

COMPANY = "https://quickbooks.api.intuit.com/v3/company/9130350000000001"
ACTIVE_OR_NOT = "WHERE+Active+IN+%28true%2C+false%29+ORDERBY+Id+STARTPOSITION+1+MAXRESULTS+1000"

USER_AGENT = "inbuild-sync/0.1 (+Procore to QuickBooks)"
READ = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate",
    "connection": "keep-alive",
    "user-agent": USER_AGENT,
    "authorization": "Bearer eyJ.an-access-token",
}
WRITE = {**READ, "content-type": "application/json"}
OAUTH = {
    **READ,
    "authorization": "Basic QUJjbGllbnQ6c2VjcmV0",
    "content-type": "application/x-www-form-urlencoded",
    "x-include-refresh-token-hard-expires-in": "true",
}
REVOKE = {**READ, "authorization": "Basic QUJjbGllbnQ6c2VjcmV0", "content-type": "application/json"}

BILL_BODY = (
    '{"VendorRef":{"value":"112"},"APAccountRef":{"value":"33"},"DocNumber":"NGC-2026-0047",'
    '"TxnDate":"2026-11-18","DueDate":"2026-12-18","SalesTermRef":{"value":"3"},'
    '"PrivateNote":"Procore SC-001 #4, Tower · inBuild 77123","Line":[{"LineNum":1,"Description":"Work",'
    '"Amount":10.00,"DetailType":"AccountBasedExpenseLineDetail","AccountBasedExpenseLineDetail":'
    '{"AccountRef":{"value":"80"},"CustomerRef":{"value":"310"},"BillableStatus":"NotBillable",'
    '"TaxCodeRef":{"value":"NON"}}}]}'
)
LOOK_UP = "SELECT * FROM Bill WHERE DocNumber = '17' ORDERBY Id STARTPOSITION 1 MAXRESULTS 10"
BATCH_BODY = "".join(
    [
        '{"BatchItemRequest":[{"bId":"1","operation":"create","Bill":',
        BILL_BODY,
        '},{"bId":"2","Query":"',
        LOOK_UP,
        '"}]}',
    ]
)
UPLOAD_BODY = "\r\n".join(
    [
        "--5d0c-5f0d",
        'Content-Disposition: form-data; name="file_metadata_01"; filename="metadata.json"',
        "Content-Type: application/json",
        "",
        '{"AttachableRef":[{"EntityRef":{"type":"Bill","value":"2045"},"IncludeOnSend":false}],'
        '"FileName":"Pay app 3.pdf","ContentType":"application/pdf","Note":"inBuild 77123"}',
        "--5d0c-5f0d",
        'Content-Disposition: form-data; name="file_content_01"; filename="Pay app 3.pdf"',
        "Content-Type: application/pdf",
        "",
        "%PDF-1.7",
        "--5d0c-5f0d--",
        "",
    ]
)
BILL = {"Id": "1", "SyncToken": "0", "VendorRef": {"value": "112"}, "TxnDate": "2026-11-18", "TotalAmt": 10}
TOKENS = {"access_token": "a", "refresh_token": "r"}


@dataclass(frozen=True)
class Literal:
    method: str
    url: str
    headers: dict[str, str]
    body: str
    answer: Any


Call = Callable[[QuickBooksOnlineClient, IntuitOAuth], Awaitable[Any]]


def _list(kind: Any) -> Call:
    async def call(client: QuickBooksOnlineClient, _: IntuitOAuth) -> list[Any]:
        return [entity async for entity in client.all_of(kind)]

    return call


def _read(path: str, answer: Any) -> Literal:
    return Literal("GET", f"{COMPANY}/{path}", READ, "", answer)


def _query(statement: str) -> Literal:
    return _read(f"query?query={statement}&minorversion=75", {"QueryResponse": {}})


TABLE: dict[str, tuple[Call, Literal]] = {
    "company info": (
        lambda client, _: client.company_info(),
        _read(
            "companyinfo/9130350000000001?minorversion=75",
            {"CompanyInfo": {"Id": "1", "SyncToken": "0", "CompanyName": "Hadley Builders"}},
        ),
    ),
    "preferences": (
        lambda client, _: client.preferences(),
        _read("preferences?minorversion=75", {"Preferences": {"Id": "1", "SyncToken": "0"}}),
    ),
    "read a bill": (
        lambda client, _: client.read_bill("2045"),
        _read("bill/2045?minorversion=75", {"Bill": BILL}),
    ),
    "vendors": (_list(Vendor), _query(f"SELECT+%2A+FROM+Vendor+{ACTIVE_OR_NOT}")),
    "accounts": (_list(Account), _query(f"SELECT+%2A+FROM+Account+{ACTIVE_OR_NOT}")),
    "items": (_list(Item), _query(f"SELECT+%2A+FROM+Item+{ACTIVE_OR_NOT}")),
    "classes": (_list(TrackingClass), _query(f"SELECT+%2A+FROM+Class+{ACTIVE_OR_NOT}")),
    "departments": (_list(Department), _query(f"SELECT+%2A+FROM+Department+{ACTIVE_OR_NOT}")),
    "customers": (_list(Customer), _query(f"SELECT+%2A+FROM+Customer+{ACTIVE_OR_NOT}")),
    "terms": (_list(Term), _query(f"SELECT+%2A+FROM+Term+{ACTIVE_OR_NOT}")),
    "bills by number": (
        lambda client, _: client.find_bills("112", "SC-1 #3", Decimal("81000.10")),
        _query(
            "SELECT+%2A+FROM+Bill+WHERE+VendorRef+%3D+%27112%27+AND+DocNumber+%3D+%27SC-1+%233%27"
            "+AND+TotalAmt+%3D+%2781000.10%27+ORDERBY+Id+STARTPOSITION+1+MAXRESULTS+1000"
        ),
    ),
    "a query": (
        lambda client, _: client.query(
            Bill,
            Select(
                "Bill",
                (Condition("MetaData.LastUpdatedTime", ">", datetime(2026, 11, 20, 8, 0, 0, 5, tzinfo=UTC)),),
                order_by="TxnDate",
                start_position=101,
                max_results=100,
            ),
        ),
        _query(
            "SELECT+%2A+FROM+Bill+WHERE+MetaData.LastUpdatedTime+%3E+%272026-11-20T08%3A00%3A00%2B00%3A00%27"
            "+ORDERBY+TxnDate+STARTPOSITION+101+MAXRESULTS+100"
        ),
    ),
    "changes": (
        lambda client, _: client.cdc([Bill, TrackingClass], datetime(2026, 11, 20, 8, tzinfo=UTC)),
        _read(
            "cdc?entities=Bill%2CClass&changedSince=2026-11-20T08%3A00%3A00%2B00%3A00&minorversion=75",
            {"CDCResponse": [{"QueryResponse": [{}, {}]}]},
        ),
    ),
    "create a bill": (
        lambda client, _: client.create(Bill, serialize_bill(bill(lines=(work(),))), "5d0c-5f0a"),
        Literal("POST", f"{COMPANY}/bill?requestid=5d0c-5f0a&minorversion=75", WRITE, BILL_BODY, {"Bill": BILL}),
    ),
    "read a bill to change it": (
        lambda client, _: client.read_whole_bill("2045"),
        _read("bill/2045?minorversion=75", {"Bill": BILL}),
    ),
    "change a bill": (
        lambda client, _: client.update_bill(b'{"Id":"1","SyncToken":"0","sparse":false}', "5d0c-5f0c"),
        Literal(
            "POST",
            f"{COMPANY}/bill?requestid=5d0c-5f0c&minorversion=75",
            WRITE,
            '{"Id":"1","SyncToken":"0","sparse":false}',
            {"Bill": BILL},
        ),
    ),
    "attach a file": (
        lambda client, _: client.upload(
            FileToAttach("Bill", "2045", "Pay app 3.pdf", "application/pdf", "inBuild 77123", b"%PDF-1.7"), "5d0c-5f0d"
        ),
        Literal(
            "POST",
            f"{COMPANY}/upload?requestid=5d0c-5f0d&minorversion=75",
            {**READ, "content-type": "multipart/form-data; boundary=5d0c-5f0d"},
            UPLOAD_BODY,
            {"AttachableResponse": [{"Attachable": {"Id": "9", "SyncToken": "0", "FileName": "Pay app 3.pdf"}}]},
        ),
    ),
    "delete a bill": (
        lambda client, _: client.delete(Bill, removal(Bill.model_validate(BILL)), "5d0c-5f0b"),
        Literal(
            "POST",
            f"{COMPANY}/bill?operation=delete&requestid=5d0c-5f0b&minorversion=75",
            WRITE,
            '{"Id":"1","SyncToken":"0"}',
            {"Bill": {"status": "Deleted", "domain": "QBO", "Id": "1"}},
        ),
    ),
    "a batch": (
        lambda client, _: client.batch(
            serialize_batch(
                [
                    BatchCreate("1", Bill, serialize_bill(bill(lines=(work(),)))),
                    BatchQuery("2", Select("Bill", (Condition("DocNumber", "=", "17"),), max_results=10)),
                ]
            ),
            "6a53-5b1e",
        ),
        Literal(
            "POST",
            f"{COMPANY}/batch?requestid=6a53-5b1e&minorversion=75",
            WRITE,
            BATCH_BODY,
            {"BatchItemResponse": []},
        ),
    ),
    "exchange a code": (
        lambda _, oauth: oauth.exchange("AB11a+code"),
        Literal(
            "POST",
            "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
            OAUTH,
            "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&code=AB11a%2Bcode",
            TOKENS,
        ),
    ),
    "refresh": (
        lambda _, oauth: oauth.refresh("RT1-39"),
        Literal(
            "POST",
            "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
            OAUTH,
            "grant_type=refresh_token&refresh_token=RT1-39",
            TOKENS,
        ),
    ),
    "revoke": (
        lambda _, oauth: oauth.revoke("RT1-39"),
        Literal(
            "POST",
            "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
            REVOKE,
            '{"token":"RT1-39"}',
            {},
        ),
    ),
}


@pytest.mark.parametrize("name", TABLE)
async def test_a_call_on_production_addresses(name: str) -> None:
    call, literal = TABLE[name]
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=literal.answer)

    async with build_http_client(httpx.MockTransport(answer)) as http:
        client = QuickBooksOnlineClient(PRODUCTION_URL, http, FixedTokens("eyJ.an-access-token"), "9130350000000001")
        oauth = IntuitOAuth(
            http,
            ManualClock(datetime(2026, 11, 20, tzinfo=UTC)),
            client_id="ABclient",
            client_secret="secret",
            redirect_uri="https://app.example.com/callback",
        )
        await call(client, oauth)

    (request,) = sent
    assert request.method == literal.method
    assert str(request.url) == literal.url
    host = {"host": request.url.host}
    length = {"content-length": str(len(literal.body.encode()))} if literal.body else {}
    assert dict(request.headers) == {**literal.headers, **host, **length}
    assert request.content.decode() == literal.body


def test_every_public_call_is_in_the_table() -> None:
    tried = {name for call, _ in TABLE.values() for name in _names(call.__code__)}
    public = {
        name
        for kind in (QuickBooksOnlineClient, IntuitOAuth)
        for name, member in vars(kind).items()
        if not name.startswith("_") and (iscoroutinefunction(member) or isasyncgenfunction(member))
    }
    # `all_of` reads pages.
    assert public - {"pages"} <= tried


def _names(code: CodeType) -> set[str]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*(_names(one) for one in inner))


async def test_authorize_url() -> None:
    async with build_http_client() as http:
        oauth = IntuitOAuth(
            http,
            ManualClock(datetime(2026, 11, 20, tzinfo=UTC)),
            client_id="ABclient",
            client_secret="secret",
            redirect_uri="https://app.example.com/callback",
        )
    assert oauth.authorize_url("a state") == (
        "https://appcenter.intuit.com/connect/oauth2?response_type=code&client_id=ABclient"
        "&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback"
        "&scope=com.intuit.quickbooks.accounting&state=a+state"
    )


async def test_the_sandbox_differs_by_its_address_alone() -> None:
    urls = []

    def answer(request: httpx.Request) -> httpx.Response:
        urls.append(str(request.url))
        return httpx.Response(200, json={"Bill": BILL})

    async with build_http_client(httpx.MockTransport(answer)) as http:
        client = QuickBooksOnlineClient(SANDBOX_URL, http, FixedTokens("t"), "4620816365000000000")
        await client.read_bill("7")
    assert urls == ["https://sandbox-quickbooks.api.intuit.com/v3/company/4620816365000000000/bill/7?minorversion=75"]
