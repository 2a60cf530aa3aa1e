"""Where Procore calls us: who may, what is kept, what wakes the workflow, and how bad input is answered."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy.pool import QueuePool
from sqlmodel import col, select
from temporalio.api.enums.v1 import EventType
from temporalio.service import RPCError

from accounting.procore_access import PROJECT_GONE, ProcoreAccess, company_sentence
from api.intents import receiving
from contracts.names import mirroring_workflow_id
from models import inbox
from models.database import CompanySession
from models.hooks import begin_hook
from models.inbox import PER_LOOK, close_notices, open_notices, rest
from models.procore_access import access_is
from models.projects import SeenProject, project_looked_at, store_projects
from models.tables import InboxSource, ProcoreHook, WebhookInbox
from providers.procore.webhooks import read_webhook_event
from simulators.procore.webhook_events import Event
from tests.api.conftest import Office, code_of
from tests.api.seeding import add_connection
from tests.api.world import HARTWELL

PROJECT, OTHER_PROJECT = "562949953434271", "9002"
SECRET = "of-the-first-hook"
ULID = "01J9ZC3T5K8Q2W4E6R8T0Y1U2I"


@dataclass(frozen=True)
class Called:
    """A hook of one project, and somebody who can call its address."""

    office: Office
    procore: httpx.AsyncClient
    hook: ProcoreHook
    secret: str = SECRET

    async def send(self, body: object, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json", **headers}
        return await self.procore.post(f"/webhooks/procore/{self.hook.id}", content=content, headers=sent)

    async def inbox(self) -> list[WebhookInbox]:
        async with self.office.database.company(self.office.company_id, self.office.actor) as session:
            found = await session.exec(select(WebhookInbox).order_by(col(WebhookInbox.id)))
            return list(found)

    async def signals(self) -> int:
        """How often the company's workflow was woken."""
        client = self.office.services.workflows._client
        try:
            history = await client.get_workflow_handle(mirroring_workflow_id(self.office.company_id)).fetch_history()
        except RPCError:
            return 0
        signaled = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
        return sum(1 for event in history.events if event.event_type == signaled)


@pytest_asyncio.fixture
async def called(office: Office, anonymous: httpx.AsyncClient) -> AsyncIterator[Called]:
    async with office.database.company(office.company_id, office.actor) as session:
        seen = [SeenProject(one, one, "America/New_York", True) for one in (PROJECT, OTHER_PROJECT)]
        await store_projects(session, seen)
        hook = await begin_hook(session, PROJECT, sha256(SECRET.encode()).hexdigest())
    yield Called(office, anonymous, hook)


def event(version: str = "v4.0", ulid: str = ULID, project: str = PROJECT, company: int = HARTWELL) -> dict[str, Any]:
    """An approval as the simulator writes it, which has the three versions from Procore's documents."""
    from simulators.clock import SimulatorClock

    happened = Event(
        123, ulid, SimulatorClock().now(), "Draw Requests", "update", 58820, company, int(project), 987, None
    )
    return happened.payload(version)


@pytest.mark.parametrize("version", ["v2.0", "v3.0", "v4.0"])
async def test_every_payload_version_is_kept_and_wakes(called: Called, version: str) -> None:
    answer = await called.send(event(version))
    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    (row,) = await called.inbox()
    assert (row.delivery_id, row.project_id, row.subject) == (ULID, PROJECT, "Draw Requests/58820/update")
    assert row.source is InboxSource.PROCORE and row.handled_at is None
    assert await called.signals() == 1


async def test_a_version_without_ulid_goes_by_its_number(called: Called) -> None:
    old = event("v2.0")
    del old["ulid"]
    assert (await called.send(old)).status_code == 200
    assert [row.delivery_id for row in await called.inbox()] == ["123"]


async def test_a_repetition_does_nothing_twice(called: Called) -> None:
    for _ in range(3):
        assert (await called.send(event())).json() == {"accepted": True}
    assert len(await called.inbox()) == 1
    assert await called.signals() == 1
    office = called.office
    async with office.database.company(office.company_id, office.actor) as session:
        notices = await open_notices(session, InboxSource.PROCORE)
        await close_notices(session, notices[PROJECT].ids)
        await rest(session)
    assert (await called.send(event())).json() == {"accepted": False}
    assert len(await called.inbox()) == 1
    assert await called.signals() == 1


async def test_after_a_look_the_next_event_wakes_again(called: Called) -> None:
    await called.send(event())
    await called.send(event(ulid=f"{ULID[:-1]}2"))
    assert await called.signals() == 1
    office = called.office
    async with office.database.company(office.company_id, office.actor) as session:
        await rest(session)
    await called.send(event(ulid=f"{ULID[:-1]}3"))
    assert await called.signals() == 2


@pytest.mark.parametrize(
    "header", ["", "Bearer ", "Bearer wrong", SECRET, f"Basic {SECRET}", f"bearer {SECRET}", f"Bearer {SECRET} "]
)
async def test_a_wrong_or_missing_secret_is_refused(called: Called, header: str) -> None:
    # httpx strips the trailing blank that HTTP does not carry either.
    answer = await called.send(event(), Authorization=header if not header.endswith(f"{SECRET} ") else f"{header}x")
    assert (answer.status_code, code_of(answer)) == (401, "wrong_secret")
    assert await called.inbox() == []
    assert await called.signals() == 0


async def test_no_header_at_all_is_refused(called: Called) -> None:
    answer = await called.procore.post(f"/webhooks/procore/{called.hook.id}", json=event())
    assert (answer.status_code, code_of(answer)) == (401, "wrong_secret")


@pytest.mark.parametrize(
    "address", ["5f0c1c52-6c1e-4f7e-9a55-0d6b3d1f2a11", str(UUID(int=0)), "not-an-id", "1 OR 1=1", "%00"]
)
async def test_an_unknown_hook_is_not_found_whatever_secret_is_shown(called: Called, address: str) -> None:
    for header in (f"Bearer {SECRET}", "Bearer ", ""):
        answer = await called.procore.post(
            f"/webhooks/procore/{address}", json=event(), headers={"Authorization": header}
        )
        assert (answer.status_code, code_of(answer)) == (404, "unknown_webhook")
    assert await called.inbox() == []


async def test_the_secret_of_one_hook_does_not_open_another(called: Called) -> None:
    office = called.office
    async with office.database.company(office.company_id, office.actor) as session:
        other = await begin_hook(session, OTHER_PROJECT, sha256(b"of-the-second-hook").hexdigest())
    answer = await Called(office, called.procore, other).send(event(project=OTHER_PROJECT))
    assert answer.status_code == 401


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"approved!",
    "cut off": json.dumps(event()).encode()[:-10],
    "a list": b"[]",
    "a text": b'"Draw Requests"',
    "null": b"null",
    "an empty object": b"{}",
    "no UTF-8": b'{"id":"\xff"}',
    "nested without end": b"[" * 100_000,
    "no id": json.dumps({name: value for name, value in event().items() if name != "id"}).encode(),
    "no resource": json.dumps({name: value for name, value in event().items() if "resource" not in name}).encode(),
    "an id of the wrong kind": json.dumps({**event(), "id": {"a": 1}}).encode(),
    "an id without end": json.dumps({**event(), "id": "7" * 100_000}).encode(),
    "a number without end": b'{"id":' + b"7" * 100_000 + b"}",
    "a NUL": json.dumps({**event(), "id": "a\x00b"}).encode(),
    "half a character": b'{"id":"\\ud800","reason":"update","resource_type":"x","resource_id":"1","company_id":"4907"}',
    "HTML": b"<html><body>502 Bad Gateway</body></html>",
    "a form": b"id=1&event_type=update",
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_event_is_refused_and_not_kept(called: Called, name: str) -> None:
    answer = await called.send(BROKEN[name])
    assert (answer.status_code, code_of(answer)) == (422, "malformed_event")
    assert len(answer.text) < 1000
    assert await called.inbox() == []
    assert await called.signals() == 0


async def test_a_body_of_five_megabytes_is_refused_before_it_is_read(called: Called) -> None:
    assert (await called.send(b"x" * 5_000_000)).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 100_000

    headers = {"Authorization": f"Bearer {SECRET}"}
    answer = await called.procore.post(f"/webhooks/procore/{called.hook.id}", content=pieces(), headers=headers)
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")


@pytest.mark.parametrize(
    "stray",
    [event(project=OTHER_PROJECT), event(project="424242"), event(company=4911), {**event(), "project_id": None}],
    ids=["another project", "an unknown project", "another company", "no project"],
)
async def test_an_event_of_another_project_changes_nothing(called: Called, stray: dict[str, Any]) -> None:
    answer = await called.send(stray)
    assert (answer.status_code, answer.json()) == (200, {"accepted": False})
    assert await called.inbox() == []
    assert await called.signals() == 0


def numbered(number: int) -> bytes:
    return json.dumps(event(ulid=f"01J9ZC3T5K8Q2W4E6R8T{number:06d}")).encode()


async def flood(called: Called, bodies: Sequence[bytes], at_once: int = 500) -> Counter[tuple[int, str]]:
    """Send these without waiting for one another; how often each answer came."""
    places = asyncio.Semaphore(at_once)

    async def tell(body: bytes) -> tuple[int, str]:
        async with places:
            answer = await called.send(body)
        return answer.status_code, answer.text

    return Counter(await asyncio.gather(*(tell(body) for body in bodies)))


TAKEN, LEFT = (200, '{"accepted":true}'), (200, '{"accepted":false}')


async def test_ten_thousand_events_at_once_are_one_signal_and_two_looks(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, events = called.office, 10_000
    pool = cast(QueuePool, office.database._engine.pool)
    units: Counter[str] = Counter()
    in_use: list[int] = []
    keep = inbox.keep_notices

    async def counted(session: CompanySession, source: InboxSource, notices: Sequence[inbox.Notice]) -> set[str]:
        units["of the inbox"] += 1
        in_use.append(pool.checkedout())
        return await keep(session, source, notices)

    monkeypatch.setattr(receiving, "keep_notices", counted)
    assert await flood(called, [numbered(number) for number in range(events)]) == {TAKEN: events}
    assert await called.signals() == 1
    # However many come at once: one connection looks hooks up, one writes, and a unit of work takes many.
    assert max(in_use) <= 2
    assert units["of the inbox"] < events / 20
    looks = []
    async with office.database.company(office.company_id, office.actor) as session:
        while notices := await open_notices(session, InboxSource.PROCORE):
            looks.append({project_id: len(found.ids) for project_id, found in notices.items()})
            await close_notices(session, notices[PROJECT].ids)
        await rest(session)
    assert looks == [{PROJECT: PER_LOOK}] * (events // PER_LOOK)
    # All of it again: Procore repeats what it thinks got lost.
    assert await flood(called, [numbered(number) for number in range(0, events, 10)]) == {LEFT: events // 10}
    assert await called.signals() == 1


async def test_a_flood_of_everything_answers_each_its_own(called: Called) -> None:
    """Right, doubled, strange and broken ones side by side in the same units of work."""
    office = called.office
    async with office.database.company(office.company_id, office.actor) as session:
        other = await begin_hook(session, OTHER_PROJECT, sha256(b"of-the-second-hook").hexdigest())
    wrong = Called(office, called.procore, other)
    answers = await asyncio.gather(
        flood(called, [numbered(number) for number in range(200)] * 2),
        flood(called, [json.dumps(event(project="424242")).encode()] * 100),
        flood(called, list(BROKEN.values()) * 10),
        flood(wrong, [numbered(number) for number in range(100)]),
        flood(called, [b"x" * 5_000_000] * 10),
    )
    assert answers[0] == {TAKEN: 400} and answers[1] == {LEFT: 100}
    statuses = [{status for status, _ in found} for found in answers[2:]]
    assert statuses == [{422}, {401}, {413}]
    assert len(await called.inbox()) == 200
    assert await called.signals() == 1


async def test_a_unit_of_work_that_fails_is_an_error_to_all_in_it_and_to_nobody_after(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = inbox.keep_notices

    async def fails(session: CompanySession, source: InboxSource, notices: Sequence[inbox.Notice]) -> set[str]:
        await keep(session, source, notices)
        raise ConnectionError("the database went away")

    monkeypatch.setattr(receiving, "keep_notices", fails)
    answers = await flood(called, [numbered(number) for number in range(20)])
    assert {status for status, _ in answers} == {500}
    assert await called.inbox() == []
    monkeypatch.setattr(receiving, "keep_notices", keep)
    # Procore repeats what was answered with an error.
    assert await flood(called, [numbered(number) for number in range(20)]) == {TAKEN: 20}
    assert await called.signals() == 1


async def test_a_probe_learns_nothing(called: Called) -> None:
    for address in (called.hook.id, uuid4()):
        assert (await called.procore.head(f"/webhooks/procore/{address}")).status_code == 204


async def test_the_last_call_is_noted_with_the_hook_and_shown(called: Called) -> None:
    called.office.now.advance(timedelta(minutes=3))
    await called.send(event())
    shown = (await called.office.admin.get("/api/v1/procore-access")).json()
    assert (shown["state"], shown["sentence"]) == ("ok", "")
    heard = {hook["project_id"]: hook["last_delivery_at"] is not None for hook in shown["webhooks"]}
    assert heard == {PROJECT: True, OTHER_PROJECT: False}
    assert SECRET not in json.dumps(shown)


def test_the_three_versions_say_the_same() -> None:
    read = {version: read_webhook_event(json.dumps(event(version)).encode()) for version in ("v2.0", "v3.0", "v4.0")}
    assert read["v2.0"] == read["v3.0"] == read["v4.0"]


async def test_lost_access_is_shown_with_the_toggle_and_by_itself(called: Called) -> None:
    office = called.office
    async with office.database.company(office.company_id, office.actor) as session:
        await access_is(session, ProcoreAccess.APP_NOT_INSTALLED, "App is not connected to this company.")
        await project_looked_at(
            session,
            PROJECT,
            watermark=None,
            was_due_at=session.now,
            next_look_at=session.now,
            trouble="Not permitted.",
            refused=True,
        )
        await store_projects(session, [SeenProject(PROJECT, PROJECT, "America/New_York", True)])
    shown = (await office.admin.get("/api/v1/procore-access")).json()
    told = (await office.admin.get("/api/v1/mirroring")).json()
    assert shown["state"] == told["procore_access"]["state"] == "app_not_installed"
    assert shown["sentence"] == told["procore_access"]["sentence"] == company_sentence(ProcoreAccess.APP_NOT_INSTALLED)
    assert shown["said"] == "App is not connected to this company."
    troubles = {PROJECT: "Not permitted.", OTHER_PROJECT: PROJECT_GONE}
    assert {one["project_id"]: one["trouble"] for one in shown["projects_in_trouble"]} == troubles
    assert {one["project_id"]: one["trouble"] for one in told["projects"]} == troubles
    async with office.database.company(office.company_id, office.actor) as session:
        await add_connection(session, office.admin_id)
    page = (await office.admin.get("/settings/procore")).text
    assert "inBuild Sync is not installed in this Procore company any more." in page


async def test_who_is_not_signed_in_learns_nothing_of_the_access(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/api/v1/procore-access")).status_code == 401
