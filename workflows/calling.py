"""How a workflow calls an activity: the named timing, and a summary a person can read in the Web UI."""

from datetime import timedelta
from typing import TypedDict

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from contracts.timeouts import Timing


class CallOptions(TypedDict):
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta | None
    schedule_to_close_timeout: timedelta | None
    retry_policy: RetryPolicy
    summary: str


def options(timing: Timing, summary: str) -> CallOptions:
    return {
        "start_to_close_timeout": timing.start_to_close,
        "heartbeat_timeout": timing.heartbeat,
        "schedule_to_close_timeout": timing.schedule_to_close,
        "retry_policy": timing.retry,
        "summary": summary[:200],
    }
