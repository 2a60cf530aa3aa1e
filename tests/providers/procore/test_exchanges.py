"""Every literal exchange of `tests/exchanges/procore.json`, played to the client over a socket.

For each the client must send exactly that request and understand the answer. What it must understand is written
here as literals, by exchange name; an exchange without such an entry fails.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from foundation.clock import ManualClock
from providers.procore.client import ProcoreClient
from providers.procore.commitments import CommitmentType
from providers.procore.errors import (
    ProcoreAppNotInstalled,
    ProcoreClientRefused,
    ProcoreForbidden,
    ProcoreGrantRefused,
    ProcoreNotFound,
    ProcoreRateLimited,
    ProcoreRejected,
    ProcoreUnauthorized,
)
from providers.procore.oauth import ProcoreApp, ProcoreOAuth
from providers.procore.paging import Page
from providers.procore.permissions import is_company_admin
from providers.procore.requisitions import Requisition, RequisitionView
from providers.procore.token_source import HeldToken
from providers.procore.webhooks import resource_of_requisitions
from tests.exchanges.matching import Exchange, example, fill, load_exchanges, wire_text
from tests.providers.procore.wire_server import Played, WireServer

EXCHANGES = {exchange.name: exchange for exchange in load_exchanges("procore")}
NOW = datetime(2026, 7, 2, 9, 15, tzinfo=UTC)
TOWER = "562949953434271"
HOLES = {
    name: name.replace("_", "-")
    for name in (
        *("client_id", "client_secret", "code", "used_code", "other_code", "refresh_token"),
        *("burnt_refresh_token", "revocable_token", "service_token", "user_token", "other_user_token"),
        *("stale_token", "hook_id"),
    )
}
APP = ProcoreApp("client-id", "client-secret", "https://sync.example/auth/procore/callback")


@dataclass
class Caller:
    """Makes clients as the exchange under test needs them."""

    url: str
    http: httpx.AsyncClient

    def oauth(self, app: ProcoreApp = APP) -> ProcoreOAuth:
        return ProcoreOAuth(self.url, self.http, app, ManualClock(NOW))

    def client(self, token: str = "service-token", company: str | None = "4907") -> ProcoreClient:
        return ProcoreClient(self.url, self.http, HeldToken(token), company)


Understanding = Callable[[Caller], Awaitable[None]]
UNDERSTOOD: dict[str, Understanding] = {}


def understood(name: str) -> Callable[[Understanding], Understanding]:
    def keep(check: Understanding) -> Understanding:
        UNDERSTOOD[name] = check
        return check

    return keep


def test_every_exchange_has_its_understanding_and_there_are_enough() -> None:
    assert UNDERSTOOD.keys() == EXCHANGES.keys()
    assert len(EXCHANGES) >= 25


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=str)
async def test_the_client_sends_and_understands(
    exchange: Exchange, procore: WireServer, http: httpx.AsyncClient
) -> None:
    chain = [*(EXCHANGES[name] for name in exchange.given.get("after", [])), exchange]
    procore.play(*(_played(one) for one in chain))

    await UNDERSTOOD[exchange.name](Caller(procore.url, http))

    assert len(procore.received) == len(chain)
    wanted = fill(exchange.request.__dict__, HOLES)
    got = procore.received[-1]
    assert (got.method, got.path) == (wanted["method"], wanted["path"])
    assert got.query == _pairs(wanted["query"])
    assert got.body == wire_text(wanted["body"])
    for name, value in wanted["headers"].items():
        assert got.headers[name.lower()] == value
    if "Procore-Company-Id" not in wanted["headers"]:
        assert "procore-company-id" not in got.headers


def _pairs(query: dict[str, Any]) -> list[tuple[str, str]]:
    """A list stands for a repeated parameter."""
    return [(name, one) for name, value in query.items() for one in (value if isinstance(value, list) else [value])]


def _played(exchange: Exchange) -> Played:
    headers = {
        name: "req-4711" if value == "*" else value for name, value in exchange.response.headers.items() if value != "-"
    }
    return Played(exchange.response.status, headers, wire_text(example(exchange.response.body)))


async def first_page(pages: Any) -> Page[Any]:
    page: Page[Any] = await anext(pages)
    await pages.aclose()
    assert page.unreadable == ()
    return page


# Sign-in


@understood("a code becomes an access and a refresh token")
async def _(caller: Caller) -> None:
    tokens = await caller.oauth().exchange_code("code")
    assert (tokens.access_token, tokens.refresh_token) == ("at-1f0e", "rt-77b1")
    assert tokens.expires_at == NOW + timedelta(seconds=5400)


@understood("a code works once")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreGrantRefused, match="The authorization code is invalid"):
        await caller.oauth().exchange_code("used-code")


@understood("a code is bound to its redirect address")
async def _(caller: Caller) -> None:
    elsewhere = ProcoreApp("client-id", "client-secret", "https://sync.example/auth/procore/callback/")
    with pytest.raises(ProcoreGrantRefused):
        await caller.oauth(elsewhere).exchange_code("other-code")


@understood("a refresh gives a new pair")
async def _(caller: Caller) -> None:
    assert (await caller.oauth().refresh("refresh-token")).refresh_token == "rt-77b2"


@understood("a burnt refresh token is refused")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreGrantRefused, match="The refresh token is invalid"):
        await caller.oauth().refresh("burnt-refresh-token")


@understood("the service account gets no refresh token")
async def _(caller: Caller) -> None:
    tokens = await caller.oauth().client_credentials()
    assert (tokens.access_token, tokens.refresh_token) == ("at-1f0e", None)


@understood("a wrong secret is refused")
async def _(caller: Caller) -> None:
    wrong = ProcoreApp("client-id", "not-the-secret", "https://sync.example/auth/procore/callback")
    with pytest.raises(ProcoreClientRefused):
        await caller.oauth(wrong).client_credentials()


@understood("revoking a token answers 200")
async def _(caller: Caller) -> None:
    await caller.oauth().revoke("revocable-token")


@understood("revoking an unknown token answers 200 as well")
async def _(caller: Caller) -> None:
    await caller.oauth().revoke("nobody-knows-this")


# Who am I


@understood("me without a company has no name")
async def _(caller: Caller) -> None:
    me = await caller.client("user-token", None).me()
    assert (me.id, me.login, me.name) == ("1738001", "ada@harborvale.example", "")


@understood("me within a company has a name")
async def _(caller: Caller) -> None:
    assert (await caller.client("user-token").me()).name == "Ada Lindqvist"


@understood("the service account must name a company even for me")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreRejected, match="Missing Procore-Company-Id header!"):
        await caller.client(company=None).me()


@understood("me of the service account")
async def _(caller: Caller) -> None:
    assert (await caller.client().me()).id == "990001"


@understood("companies of a person")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client("user-token", None).companies())
    assert [(one.id, one.name, one.is_active) for one in page.records] == [("4907", "Harbor & Vale Builders", True)]


@understood("companies of the service account are those that installed the app")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().companies())
    assert [one.id for one in page.records] == ["4907", "562949953430001"]


@understood("the company user carries no admin flag")
async def _(caller: Caller) -> None:
    user = await caller.client("user-token").company_user()
    assert (user.id, user.email_address, user.is_active) == ("1738001", "ada@harborvale.example", True)


@understood("permissions of a company admin")
async def _(caller: Caller) -> None:
    assert is_company_admin(await caller.client("user-token").permissions()) is True


@understood("permissions of somebody who is no company admin")
async def _(caller: Caller) -> None:
    assert is_company_admin(await caller.client("other-user-token").permissions()) is False


@understood("an access token that is no longer good")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreUnauthorized, match="The access token is invalid"):
        await caller.client("stale-token").me()


@understood("a company that did not install the app")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreAppNotInstalled):
        await first_page(caller.client(company="4911").vendors())


# Reference lists


@understood("projects that the service account may see, inactive ones included")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().projects())
    assert [(one.id, one.project_number, one.active) for one in page.records] == [
        (TOWER, "2601", True),
        ("790", "2411", False),
    ]
    assert page.is_last


@understood("active projects")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().projects("Active"))
    assert [one.name for one in page.records] == ["Harbor Tower"]


@understood("one project with its time zone")
async def _(caller: Caller) -> None:
    assert (await caller.client().project(TOWER)).time_zone == "America/Los_Angeles"


@understood("a project the service account was not given")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreForbidden, match="sufficient access"):
        await caller.client().project("791")


@understood("a project that does not exist")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreNotFound):
        await caller.client().project("999999")


@understood("vendors of the company directory")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().vendors())
    assert [(one.id, one.name, one.origin_code) for one in page.records] == [
        ("8881212", "Ernie's Electrical", None),
        ("562949953500007", "Bayline Steel", "BAY01"),
    ]


@understood("subcontracts of a project")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().commitments(TOWER, CommitmentType.WORK_ORDER))
    (subcontract,) = page.records
    assert (subcontract.number, subcontract.commitment_type, subcontract.payment_terms) == (
        "SC-001",
        CommitmentType.WORK_ORDER,
        "",
    )


@understood("purchase orders with their payment terms")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().commitments(TOWER, CommitmentType.PURCHASE_ORDER))
    assert [(one.number, one.payment_terms) for one in page.records] == [("PO-014", "Net 45")]


@understood("one purchase order")
async def _(caller: Caller) -> None:
    order = await caller.client().commitment(TOWER, CommitmentType.PURCHASE_ORDER, "701980")
    assert (order.id, order.title, order.payment_terms) == ("701980", "Structural steel", "Net 45")


@understood("cost codes of a project")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().cost_codes(TOWER))
    assert [(one.id, one.full_code) for one in page.records] == [("21585118", "26-050"), ("21585200", "05-120")]


# Requisitions


@understood("requisitions, first page")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().requisitions(TOWER, per_page=2))
    assert [one.id for one in page.records] == ["58701", "58820"]
    assert (page.number, page.total, page.is_last, page.request_id) == (1, 3, False, "req-4711")


@understood("requisitions, last page")
async def _(caller: Caller) -> None:
    pages = [page async for page in caller.client().requisitions(TOWER, per_page=2)]
    assert [[one.id for one in page.records] for page in pages] == [["58701", "58820"], ["562949953600001"]]
    assert [page.is_last for page in pages] == [False, True]


@understood("requisitions changed within a time")
async def _(caller: Caller) -> None:
    window = (datetime(2026, 7, 2, 9, 14, 55, 400, UTC), datetime(2026, 7, 2, 23, 59, 59, 1, UTC))
    page = await first_page(caller.client().requisitions(TOWER, updated_between=window))
    assert [one.updated_at for one in page.records] == [datetime(2026, 7, 2, 9, 14, 55, tzinfo=UTC)]


@understood("requisitions by id")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().requisitions(TOWER, ids=["58820", "562949953600001"]))
    assert [one.id for one in page.records] == ["58820", "562949953600001"]


@understood("nothing changed")
async def _(caller: Caller) -> None:
    window = (datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 2, tzinfo=UTC))
    page = await first_page(caller.client().requisitions(TOWER, updated_between=window))
    assert (page.records, page.total, page.is_last) == ((), 0, True)


@understood("requisitions without their items")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().requisitions(TOWER, ids=["58820"], view=RequisitionView.HEADER_ONLY))
    (requisition,) = page.records
    assert (requisition.items, requisition.summary.current_payment_due) == ((), Decimal("28800.00"))


@understood("requisitions in the default view have no items, no taxes and no accounting method")
async def _(caller: Caller) -> None:
    page = await first_page(caller.client().requisitions(TOWER, ids=["58820"], view=RequisitionView.DEFAULT))
    (requisition,) = page.records
    assert (requisition.items, requisition.tax_summary) == ((), ())


@understood("one requisition")
async def _(caller: Caller) -> None:
    requisition = await caller.client().requisition(TOWER, "58820")
    assert isinstance(requisition, Requisition)
    assert (requisition.project_id, requisition.commitment_id, requisition.number) == (TOWER, "701973", 2)
    assert (requisition.invoice_number, requisition.status, requisition.erp_status) == (
        "INV-1042",
        "approved",
        "not_integrated",
    )
    assert (requisition.billing_date, requisition.origin_id) == (date(2026, 6, 30), None)
    assert requisition.created_by is not None
    assert requisition.created_by.id == "1738090"
    assert requisition.currency_configuration is not None
    assert requisition.currency_configuration.currency_iso_code == "USD"
    assert [(one.cost_code_id, one.gross_amount, one.net_amount) for one in requisition.items] == [
        ("21585118", Decimal("17000.00"), Decimal("15300.00")),
        ("21585118", Decimal("10000.00"), Decimal("9000.00")),
        ("21585118", Decimal("5000.00"), Decimal("4500.00")),
    ]
    assert requisition.items[0].wbs_code is not None
    assert requisition.items[0].wbs_code.flat_code == "26-050.S"
    assert json.loads(requisition.raw)["summary"]["current_payment_due"] == "28800.00"


@understood("a retainage release with decimals as they come")
async def _(caller: Caller) -> None:
    requisition = await caller.client().requisition(TOWER, "562949953600001")
    assert isinstance(requisition, Requisition)
    assert (requisition.vendor_id, requisition.invoice_number, requisition.erp_status) == ("562949953500007", "", "")
    assert requisition.summary.current_payment_due == Decimal("2000.1")
    assert requisition.summary.tax_applicable_to_this_payment == 0
    (line,) = requisition.items
    assert (line.gross_amount, line.net_amount) == (Decimal(0), Decimal("2000.1"))
    assert line.work_completed_retainage_released_this_period == Decimal("2000.1")
    assert line.materials_stored_retainage_released_this_period == 0


@understood("a requisition that is not there or not visible")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreNotFound):
        await caller.client().requisition(TOWER, "4242")


@understood("requisitions of a project the service account was not given")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreForbidden):
        await first_page(caller.client().requisitions("791"))


@understood("who changed a requisition and when")
async def _(caller: Caller) -> None:
    rows = await caller.client().change_histories(TOWER, "58820")
    assert [(row.column, row.old_value, row.new_value) for row in rows] == [
        ("status", "draft", "under_review"),
        ("invoice_number", "", "INV-1042"),
        ("status", "under_review", "approved"),
    ]
    assert (rows[2].action_by_id, rows[2].created_at) == ("1738001", datetime(2026, 7, 2, 9, 14, 55, tzinfo=UTC))


# Allowance and errors


@understood("an answer tells what is left of the allowance")
async def _(caller: Caller) -> None:
    client = caller.client()
    await client.me()
    assert client.rate_limit is not None
    assert (client.rate_limit.limit, client.rate_limit.remaining) == (25, 24)
    assert client.rate_limit.resets_at == datetime(2026, 7, 2, 9, 15, 5, tzinfo=UTC)


@understood("the allowance is used up")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreRateLimited, match="surpassed the max number") as limited:
        await caller.client().me()
    assert limited.value.wait(NOW) == timedelta(seconds=5)
    assert limited.value.wait(NOW + timedelta(hours=1)) == timedelta(0)


@understood("the allowance is used up, with Retry-After")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreRateLimited) as limited:
        await caller.client().me()
    assert limited.value.wait(NOW) == timedelta(seconds=10)


@understood("an error in the v2 form")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreNotFound) as missing:
        await caller.client().project("999999")
    assert (missing.value.code, missing.value.request_id) == ("NOT_FOUND", "req-4711")


# Webhooks

RECEIVER = "http://127.0.0.1:9/webhooks/procore/018f0c9e-7d7a-7cc2-8f6e-0a4d5b6c7d8e"
NAMESPACE = "inbuild-sync-0a4d5b6c7d8e"


@understood("kinds of objects that webhooks of a project tell of")
async def _(caller: Caller) -> None:
    offered = await caller.client().hook_resources(TOWER)
    assert len(offered) == 16
    assert resource_of_requisitions(offered) == "Draw Requests"


@understood("a hook is registered")
async def _(caller: Caller) -> None:
    hook = await caller.client().create_hook(
        TOWER, namespace=NAMESPACE, destination_url=RECEIVER, authorization="Bearer 123456"
    )
    assert (hook.id, hook.is_active, hook.namespace) == ("4501", True, NAMESPACE)


@understood("hooks of a project, the header masked")
async def _(caller: Caller) -> None:
    (hook,) = await caller.client().hooks(TOWER)
    assert (hook.id, hook.destination_url, hook.trigger_count) == ("4501", RECEIVER, 1)


@understood("a hook learns what to tell")
async def _(caller: Caller) -> None:
    trigger = await caller.client().create_trigger(TOWER, "hook-id", resource="Draw Requests", event_type="update")
    assert (trigger.id, trigger.resource_name, trigger.event_type) == ("4502", "Draw Requests", "update")


@understood("a hook cannot tell what the account does not offer")
async def _(caller: Caller) -> None:
    with pytest.raises(ProcoreRejected, match="not included in the list"):
        await caller.client().create_trigger(TOWER, "hook-id", resource="Requisitions", event_type="update")


@understood("what a hook tells")
async def _(caller: Caller) -> None:
    (trigger,) = await caller.client().triggers(TOWER, "hook-id")
    assert (trigger.resource_name, trigger.event_type) == ("Draw Requests", "create")


@understood("events that Procore gave up on")
async def _(caller: Caller) -> None:
    assert await caller.client().discarded_deliveries(TOWER, "hook-id", date(2026, 7, 1)) == []


@understood("a hook is removed")
async def _(caller: Caller) -> None:
    await caller.client().delete_hook(TOWER, "hook-id")
