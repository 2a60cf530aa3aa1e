"""What Procore leaves open, in both positions of its switch: the client against the simulator, over a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from accounting.eligibility import ApprovalEvidence, Import, ImportRules, judge
from activities.requisition_reading import read, status_changes
from foundation.clock import SystemClock
from foundation.http_client import build_http_client
from providers.procore.client import ProcoreClient
from providers.procore.contract_payments import CommitmentRef, ContractPaymentForm, form_bytes
from providers.procore.errors import (
    ProcoreAppNotInstalled,
    ProcoreError,
    ProcoreForbidden,
    ProcoreNotFound,
    ProcoreRateLimited,
    ProcoreRejected,
)
from providers.procore.oauth import ProcoreApp, ProcoreOAuth
from providers.procore.requisitions import Requisition
from providers.procore.token_source import ServiceAccountTokens
from simulators.procore.app import create_app
from simulators.procore.requisition_book import Actor
from simulators.procore.simulator import ProcoreSettings, ProcoreSimulator
from simulators.server import serve
from tests.simulators.procore.account import (
    COMPANY,
    HIDDEN,
    NOT_INSTALLED,
    REDIRECT,
    SUBCONTRACT,
    TOWER,
    account,
    requisition,
)

PROJECT = str(TOWER)
STATUSES = ("approved", "under_review", "draft", "approved_as_noted", "pending_owner_approval")


@dataclass(frozen=True)
class Connected:
    """Our service account in the company, and in one that has not installed the app."""

    simulator: ProcoreSimulator
    client: ProcoreClient
    elsewhere: ProcoreClient

    async def requisitions(self) -> list[Requisition]:
        return [one async for page in self.client.requisitions(PROJECT, per_page=4) for one in page.records]


@pytest_asyncio.fixture
async def connected() -> AsyncIterator[Connected]:
    simulator = ProcoreSimulator(ProcoreSettings(client_id="app", client_secret="s3cret", redirect_uris=(REDIRECT,)))
    simulator.load(account([requisition(number, status=STATUSES[number % 5]) for number in range(1, 12)]))
    async with serve(create_app(simulator)) as url, build_http_client() as http:
        clock = SystemClock()
        tokens = ServiceAccountTokens(ProcoreOAuth(url, http, ProcoreApp("app", "s3cret", REDIRECT), clock), clock)
        company, elsewhere = (ProcoreClient(url, http, tokens, str(one)) for one in (COMPANY, NOT_INSTALLED))
        yield Connected(simulator, company, elsewhere)


@pytest.mark.parametrize("position", [False, True])
async def test_a_limit_is_waited_for_as_long_as_procore_says(connected: Connected, position: bool) -> None:
    connected.simulator.change_switches({"spike_limit": 2, "retry_after_on_429": position})
    now = SystemClock().now()
    connected.simulator.clock.set(now, stopped=True)
    with pytest.raises(ProcoreRateLimited) as limited:
        for _ in range(3):
            await connected.client.project(PROJECT)
    assert (limited.value.retry_after is not None) is position
    wait = limited.value.wait(now)
    assert wait is not None and timedelta(0) < wait <= timedelta(seconds=11)
    connected.simulator.clock.advance(wait)
    assert (await connected.client.project(PROJECT)).id == PROJECT


PAYMENT = ContractPaymentForm(
    paid_on=date(2026, 7, 15),
    amount=Decimal("-1.00"),
    invoice_number="INV-1",
    invoice_date=date(2026, 6, 30),
    method="check",
    check_number="1",
    notes="",
    requisition_id="",
    origin_id="ib-1",
)
Call = Callable[[Connected], Awaitable[object]]
REFUSED: list[tuple[Call, type[ProcoreError], str]] = [
    (lambda of: of.client.requisition(PROJECT, "1"), ProcoreNotFound, "Not Found"),
    (lambda of: of.client.change_histories(str(HIDDEN), "1"), ProcoreForbidden, "sufficient access"),
    (lambda of: of.elsewhere.permissions(), ProcoreAppNotInstalled, "not connected"),
    (
        lambda of: of.client.contract_payments.create(form_bytes(CommitmentRef(PROJECT, str(SUBCONTRACT)), PAYMENT)),
        ProcoreRejected,
        "must be greater than or equal to 0",
    ),
]


@pytest.mark.parametrize("position", ["mixed", "v2"])
async def test_errors_are_understood_in_every_shape(connected: Connected, position: str) -> None:
    connected.simulator.change_switches({"error_shape": position})
    for call, kind, words in REFUSED:
        with pytest.raises(kind) as told:
            await call(connected)
        assert words in told.value.reason, told.value.reason


@pytest.mark.parametrize("position", [403, 401])
async def test_an_app_that_is_not_installed_is_known(connected: Connected, position: int) -> None:
    connected.simulator.change_switches({"not_connected_status": position})
    with pytest.raises(ProcoreAppNotInstalled):
        await connected.elsewhere.permissions()


@pytest.mark.parametrize(
    "switches",
    [
        {"list_order": "stable_shuffle", "status_list_filter": "ignored"},
        {"list_order": "by_id", "status_list_filter": "any_of"},
    ],
    ids=lambda switches: switches["list_order"],
)
async def test_every_requisition_is_read_once_whatever_the_order_and_the_filters(
    connected: Connected, switches: dict[str, object]
) -> None:
    connected.simulator.change_switches(switches)
    found = await connected.requisitions()
    assert sorted(int(one.id) for one in found) == list(range(58001, 58012))
    assert {one.status for one in found} == set(STATUSES)
    asked = [one["query"] for one in connected.simulator.traffic.entries() if one["path"].endswith("/requisitions")]
    assert len(asked) == 3 and not [query for query in asked if "status" in query]


@pytest.mark.parametrize("position", ["value", "label"])
async def test_an_approval_is_found_in_the_history_however_it_is_spelled(connected: Connected, position: str) -> None:
    connected.simulator.change_switches({"history_spelling": position})
    book, records = connected.simulator.book, connected.simulator.records
    person = Actor(next(iter(records.users.values())))
    book.change(records.requisitions[58001], {"status": "approved_as_noted"}, person, force=True)
    history = await connected.client.change_histories(PROJECT, "58001")
    (changed,) = [row for row in history if row.column == "status"]
    assert changed.new_value == {"value": "approved_as_noted", "label": "Approved As Noted"}[position]
    told = await connected.client.requisition(PROJECT, "58001")
    assert isinstance(told, Requisition)
    # Written before the start date: only its history tells that it was approved since.
    rules = ImportRules(connected.simulator.clock.now().date(), "UTC", True, None, False)
    evidence = ApprovalEvidence(None, status_changes(history), None)
    assert judge(read(told).judged, rules, evidence) == Import()
