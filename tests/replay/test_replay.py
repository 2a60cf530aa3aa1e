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
