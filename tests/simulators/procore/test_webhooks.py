from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.server import serve
from tests.simulators.procore.account import ADA, COMPANY, PAT, TOWER, Procore

AT = "/rest/v1.0/webhooks"
SECRET = "Bearer of-good-news"


@dataclass
class Receiver:
    """Our endpoint: answers with the next of `statuses`, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    received: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.received.append((request.headers.get("authorization"), json.loads(await request.body())))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    async def count(self, wanted: int) -> list[dict[str, Any]]:
        """The payloads, once there are `wanted` of them."""
        for _ in range(400):
            if len(self.received) >= wanted:
                return [payload for _, payload in self.received]
            await asyncio.sleep(0.01)
        raise AssertionError(f"only {len(self.received)} of {wanted} events came")


@pytest_asyncio.fixture(scope="session")
async def endpoint() -> AsyncIterator[Receiver]:
    receiver = Receiver()

    async def take(request: Request) -> Response:
        return await receiver.take(request)

    async with serve(Starlette(routes=[Route("/hook", take, methods=["POST"])])) as url:
        receiver.url = f"{url}/hook"
        yield receiver


@pytest.fixture
def receiver(endpoint: Receiver) -> Receiver:
    endpoint.statuses.clear()
    endpoint.received.clear()
    return endpoint


async def hooked(
    procore: Procore, receiver: Receiver, version: str = "v2", events: tuple[str, ...] = ("create", "update", "delete")
) -> int:
    """A project hook for subcontractor invoices; returns its id."""
    hook = {
        "api_version": version,
        "namespace": "our-sync",
        "destination_url": receiver.url,
        "destination_headers": {"Authorization": SECRET},
    }
    created = await procore.send("POST", f"{AT}/hooks", {"project_id": TOWER, "hook": hook})
    assert created.status_code == 201, created.text
    for event in events:
        trigger = {"resource_name": "Draw Requests", "event_type": event}
        body = {"project_id": TOWER, "trigger": trigger}
        made = await procore.send("POST", f"{AT}/hooks/{created.json()['id']}/triggers", body)
        assert made.status_code == 201, made.text
    return int(created.json()["id"])


async def approve(procore: Procore, number: int = 1) -> None:
    await procore.control("POST", f"requisitions/5800{number}/status", {"status": "approved", "by_user_id": ADA})


async def test_an_approval_arrives_with_the_secret_header_and_ids_only(dmsa: Procore, receiver: Receiver) -> None:
    await hooked(dmsa, receiver)
    await approve(dmsa)
    (payload,) = await receiver.count(1)
    assert receiver.received[0][0] == SECRET
    assert payload["resource_name"] == "Draw Requests"
    assert (payload["resource_id"], payload["event_type"]) == (58001, "update")
    assert (payload["project_id"], payload["company_id"], payload["user_id"]) == (TOWER, COMPANY, ADA)
    assert payload["metadata"]["source_application_id"] is None
    assert len(payload["ulid"]) == 26
    assert payload["api_version"] == "v2.0"


async def test_our_own_change_carries_our_application(dmsa: Procore, receiver: Receiver) -> None:
    await hooked(dmsa, receiver, "v3")
    body = {"project_id": TOWER, "requisition": {"status": "approved"}}
    await dmsa.send("PATCH", "/rest/v1.1/requisitions/58001", body)
    (payload,) = await receiver.count(1)
    assert payload["metadata"]["source_application_id"] == "app"
    assert payload["related_resources"] == []


async def test_the_fourth_payload_version_has_text_ids(dmsa: Procore, receiver: Receiver) -> None:
    await hooked(dmsa, receiver, "v4")
    await dmsa.control("DELETE", "requisitions/58003", {"by_user_id": ADA})
    (payload,) = await receiver.count(1)
    assert (payload["resource_type"], payload["resource_id"], payload["reason"]) == ("Draw Requests", "58003", "delete")
    assert "event_type" not in payload


async def test_a_failed_delivery_is_repeated_and_holds_up_the_next(dmsa: Procore, receiver: Receiver) -> None:
    await dmsa.control("POST", "switches", {"webhook_backoff_scale": 0.01})
    hook = await hooked(dmsa, receiver)
    receiver.statuses.extend([500, 500])
    await approve(dmsa, 1)
    await approve(dmsa, 2)
    payloads = await receiver.count(4)
    assert [payload["resource_id"] for payload in payloads] == [58001, 58001, 58001, 58002]
    assert len({payload["ulid"] for payload in payloads[:3]}) == 1
    for _ in range(200):
        deliveries = (await dmsa.get(f"{AT}/hooks/{hook}/deliveries", {"project_id": TOWER})).json()
        if all(delivery["status"] == "success" for delivery in deliveries):
            break
        await asyncio.sleep(0.01)
    assert [(delivery["status"], delivery["attempts"]) for delivery in deliveries] == [("success", 3), ("success", 1)]


async def test_events_are_discarded_after_half_a_day(dmsa: Procore, receiver: Receiver) -> None:
    hook = await hooked(dmsa, receiver)
    receiver.statuses.extend([500, 500, 500])
    await approve(dmsa)
    await receiver.count(1)
    await dmsa.control("POST", "clock", {"advance_seconds": 13 * 3600})
    await receiver.count(2)
    dmsa = await dmsa.service_account()
    for _ in range(200):
        (delivery,) = (await dmsa.get(f"{AT}/hooks/{hook}/deliveries", {"project_id": TOWER})).json()
        if delivery["status"] == "discarded":
            break
        await asyncio.sleep(0.01)
    assert delivery["status"] == "discarded"


async def test_events_can_be_doubled_and_dropped(dmsa: Procore, receiver: Receiver) -> None:
    await hooked(dmsa, receiver)
    await dmsa.control("POST", "switches", {"webhook_duplicate_rate": 1})
    await approve(dmsa, 1)
    twice = await receiver.count(2)
    assert twice[0] == twice[1]
    await dmsa.control("POST", "switches", {"webhook_drop_rate": 1.0})
    await approve(dmsa, 2)
    await dmsa.control("POST", "switches", {"webhook_drop_rate": 0, "webhook_duplicate_rate": 0})
    await approve(dmsa, 3)
    assert [payload["resource_id"] for payload in await receiver.count(3)] == [58001, 58001, 58003]
    board = await dmsa.control("GET", "webhooks")
    assert [delivery["status"] for delivery in board["deliveries"]].count("dropped") == 1


async def test_only_triggered_events_of_the_project_are_sent(dmsa: Procore, receiver: Receiver) -> None:
    await hooked(dmsa, receiver, events=("delete",))
    await approve(dmsa)
    await dmsa.control("DELETE", "requisitions/58003", {})
    assert [payload["event_type"] for payload in await receiver.count(1)] == ["delete"]


async def test_a_hook_never_shows_its_secret(dmsa: Procore, receiver: Receiver) -> None:
    hook = await hooked(dmsa, receiver)
    shown = (await dmsa.get(f"{AT}/hooks/{hook}", {"project_id": TOWER})).json()
    assert shown["destination_headers"]["Authorization"].endswith("-news")
    assert SECRET not in json.dumps(shown)
    assert (shown["owned_by_project_id"], shown["api_version"]) == (TOWER, "v2")
    assert (await dmsa.get(f"{AT}/hooks/{hook}", {"company_id": COMPANY})).status_code == 404
    listed = await dmsa.get(f"{AT}/hooks", {"project_id": TOWER})
    assert [row["id"] for row in listed.json()] == [hook]
    assert (await dmsa.send("DELETE", f"{AT}/hooks/{hook}", query={"project_id": TOWER})).status_code == 200
    assert (await dmsa.get(f"{AT}/hooks", {"project_id": TOWER})).json() == []
    # Only a check of leaks, which comes from outside, may know it, and still does when the hook is gone.
    assert (await dmsa.control("GET", "webhooks"))["authorizations"] == [SECRET]


async def test_resources_name_draw_requests_for_projects_only(dmsa: Procore) -> None:
    project = await dmsa.get(f"{AT}/resources", {"project_id": TOWER})
    names = [row["name"] for row in project.json()]
    assert "Draw Requests" in names
    assert "Requisitions" not in names
    company = await dmsa.get(f"{AT}/resources", {"company_id": COMPANY})
    assert "Draw Requests" not in [row["name"] for row in company.json()]
    assert (await dmsa.get(f"{AT}/resources")).status_code == 400


@pytest.mark.parametrize(
    "wrong", [{"namespace": "Our Sync"}, {"api_version": "v9"}, {"destination_url": "https://elsewhere.example/hook"}]
)
async def test_a_wrong_hook_is_422(dmsa: Procore, receiver: Receiver, wrong: dict[str, str]) -> None:
    hook = {"api_version": "v2", "namespace": "our-sync", "destination_url": receiver.url, **wrong}
    assert (await dmsa.send("POST", f"{AT}/hooks", {"project_id": TOWER, "hook": hook})).status_code == 422
    assert (await dmsa.get(f"{AT}/hooks", {"project_id": TOWER})).json() == []


async def test_triggers_in_bulk_say_what_failed(dmsa: Procore, receiver: Receiver) -> None:
    hook = await hooked(dmsa, receiver, events=())
    triggers = [
        {"resource_name": "Draw Requests", "event_type": "update"},
        {"resource_name": "Requisitions", "event_type": "update"},
    ]
    body = {"project_id": TOWER, "triggers": triggers}
    answer = await dmsa.send("POST", f"{AT}/hooks/{hook}/triggers/bulk", body)
    assert answer.status_code == 207
    assert [len(answer.json()[part]) for part in ("success", "failed")] == [1, 1]


async def test_v2_hooks_are_the_same_hooks(dmsa: Procore, receiver: Receiver) -> None:
    at = f"/rest/v2.0/companies/{COMPANY}/projects/{TOWER}/webhooks/hooks"
    hook = {
        "payload_version": "v4.0",
        "namespace": "our-sync",
        "destination_url": receiver.url,
        "destination_headers": {"Authorization": SECRET},
    }
    created = (await dmsa.send("POST", at, hook)).json()["data"]
    assert (created["status"], created["trigger_count"]) == ("active", 0)
    trigger = {"resource_name": "Draw Requests", "event_type": "update"}
    assert (await dmsa.send("POST", f"{at}/{created['id']}/triggers", trigger)).status_code == 201
    await approve(dmsa)
    assert (await receiver.count(1))[0]["resource_id"] == "58001"
    disabled = await dmsa.send("PATCH", f"{at}/{created['id']}", {"status": "disabled"})
    assert disabled.json()["data"]["status"] == "disabled"
    assert (await dmsa.get(f"{AT}/hooks/{created['id']}", {"project_id": TOWER})).status_code == 200


async def test_without_the_webhooks_permission_no_hook(procore: Procore, receiver: Receiver) -> None:
    await procore.control(
        "POST", f"users/{PAT}/permissions", {"company_id": COMPANY, "tool": "webhooks", "level": "None"}
    )
    pat = await procore.signed_in(PAT)
    assert (await pat.get(f"{AT}/hooks", {"project_id": TOWER})).status_code == 403
