"""Histories of what has landed must replay: a workflow's code may change only so that running ones can go on.

A history is what `temporal workflow show --output json` prints, kept as ``histories/<workflow type>-<story>.json``.
Recording one again needs a `patched` id in the workflow or a line in the changelog that says why.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

import contracts.alerts
import contracts.connection
import contracts.hooks
import contracts.mirroring
import contracts.payments
from contracts import names
from foundation.temporal import DATA_CONVERTER
from workflows import WORKFLOWS

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))
# A workflow that other runs are waiting for; RestartMissing is over in a second and starts anew.
LONG_LIVED = (names.MIRRORING, names.CONNECTION, names.CONNECTION_ATTEMPT, names.PAPERWORK)


def _events(path: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(path.read_text())
    return parsed


def _workflow_type(path: Path) -> str:
    started = _events(path)["events"][0]["workflowExecutionStartedEventAttributes"]
    return str(started["workflowType"]["name"])


async def _replay(events: dict[str, Any]) -> None:
    replayer = Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER)
    await replayer.replay_workflow(WorkflowHistory.from_json("replayed", events))


def test_every_long_lived_workflow_has_a_history() -> None:
    assert {_workflow_type(path) for path in HISTORIES} >= set(LONG_LIVED)


def test_every_step_of_a_long_lived_workflow_is_in_a_history() -> None:
    promised = {
        told.name
        for module in (contracts.alerts, contracts.connection, contracts.hooks, contracts.mirroring, contracts.payments)
        for kind in vars(module).values()
        if isinstance(kind, type)
        for method in vars(kind).values()
        if (told := getattr(method, "__temporal_activity_definition", None)) is not None
    }
    taken = {
        event["activityTaskScheduledEventAttributes"]["activityType"]["name"]
        for path in HISTORIES
        for event in _events(path)["events"]
        if "activityTaskScheduledEventAttributes" in event
    }
    assert promised and promised <= taken


@pytest.mark.parametrize("workflow_type", [names.MIRRORING, names.CONNECTION])
def test_a_run_that_goes_on_from_an_earlier_one_is_among_them(workflow_type: str) -> None:
    starts = [_events(path)["events"][0]["workflowExecutionStartedEventAttributes"] for path in HISTORIES]
    assert workflow_type in {one["workflowType"]["name"] for one in starts if one.get("continuedExecutionRunId")}


@pytest.mark.parametrize("path", HISTORIES, ids=[path.stem for path in HISTORIES])
async def test_a_recorded_history_replays(path: Path) -> None:
    await _replay(_events(path))


@pytest.mark.parametrize("path", HISTORIES, ids=[path.stem for path in HISTORIES])
async def test_a_history_that_tells_another_story_does_not(path: Path) -> None:
    events = _events(path)
    planted = 0
    for event in events["events"]:
        scheduled = event.get("activityTaskScheduledEventAttributes")
        if scheduled:
            scheduled["activityType"]["name"] = "an_activity_nobody_calls"
            planted += 1
    if not planted:
        pytest.skip("this history schedules no activity to tell wrongly")
    with pytest.raises(NondeterminismError):
        await _replay(events)
