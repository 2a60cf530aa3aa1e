"""From an event of a timeline to the same moment in Temporal: found at click time, or said to be gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from temporalio import activity, workflow
from temporalio.worker import Worker

from api.problems import Problem
from api.services import Services
from api.temporal_links import temporal_address
from models.tables import ActorKind, EventLog

if TYPE_CHECKING:
    from temporalio.client import Client

WEB_UI = "http://temporal.test"


@activity.defn
async def tell_ids() -> str:
    return activity.info().activity_id


@workflow.defn(sandboxed=False)
class Telling:
    """Two activities, so that the second one's event is not simply the first of its kind."""

    @workflow.run
    async def run(self) -> list[str]:
        return [
            await workflow.execute_activity(tell_ids, start_to_close_timeout=timedelta(seconds=10)) for _ in range(2)
        ]


def event(services: Services, workflow_id: str | None, run_id: str | None, activity_id: str | None) -> EventLog:
    now = services.clock.now()
    return EventLog(
        company_id=uuid4(),
        seq=1,
        subject_kind="invoice",
        subject_id="1",
        kind="posted",
        occurred_at=now,
        recorded_at=now,
        actor_kind=ActorKind.WORKFLOW,
        data={},
        workflow_id=workflow_id,
        run_id=run_id,
        activity_id=activity_id,
    )


@pytest.fixture
def with_web_ui(services: Services) -> Services:
    return replace(services, settings=services.settings.model_copy(update={"temporal_ui_url": WEB_UI}))


async def test_the_link_leads_to_the_activity_that_wrote_the_event(
    with_web_ui: Services, temporal_client: Client, task_queue: str
) -> None:
    workflow_id = f"mirroring/{uuid4()}"
    async with Worker(temporal_client, task_queue=task_queue, workflows=[Telling], activities=[tell_ids]):
        handle = await temporal_client.start_workflow(Telling.run, id=workflow_id, task_queue=task_queue)
        first, second = await handle.result()
    run_id = handle.first_execution_run_id
    scheduled = [
        entry.event_id
        async for entry in handle.fetch_history_events()
        if entry.HasField("activity_task_scheduled_event_attributes")
    ]
    history = f"{WEB_UI}/namespaces/default/workflows/{workflow_id.replace('/', '%2F')}/{run_id}/history"
    for activity_id, number in zip((first, second), scheduled, strict=True):
        address = await temporal_address(with_web_ui, event(with_web_ui, workflow_id, run_id, activity_id))
        assert address == f"{history}/events/{number}"
    # An event the workflow itself told has no activity: the run is as near as one gets.
    assert await temporal_address(with_web_ui, event(with_web_ui, workflow_id, run_id, None)) == history


async def test_a_run_whose_history_is_gone_says_so(with_web_ui: Services) -> None:
    with pytest.raises(Problem) as gone:
        await temporal_address(with_web_ui, event(with_web_ui, f"mirroring/{uuid4()}", str(uuid4()), "1"))
    assert (gone.value.status, gone.value.code) == (410, "history_expired")
    assert gone.value.message.startswith("history expired")


async def test_without_a_web_ui_or_a_run_there_is_no_link(services: Services, with_web_ui: Services) -> None:
    for at, workflow_id in ((services, "mirroring/x"), (with_web_ui, None)):
        with pytest.raises(Problem) as missing:
            await temporal_address(at, event(at, workflow_id, str(uuid4()), "1"))
        assert missing.value.status == 404
