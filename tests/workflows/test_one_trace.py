"""One trace from a click over workflow and activities to the calls at the providers: of an invoice, of a toggle.

Each runs in a process of its own: a process has one tracer provider, set once.
"""

import os
import subprocess
import sys

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.dotenv_example import ROOT

PROGRAM = """
import asyncio
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from foundation.telemetry import start_telemetry

memory = InMemorySpanExporter()
start_telemetry("one-trace", SimpleSpanProcessor(memory))

from tests.workflows import traced

asyncio.run(traced.{story}({database_url!r}, {address!r}, {task_queue!r}, memory))
"""


@pytest.mark.parametrize("story", ["follow_one_invoice", "follow_the_toggle"])
def test_a_trace_leads_from_the_click_to_what_it_set_off(
    database_url: str, temporal: WorkflowEnvironment, task_queue: str, story: str
) -> None:
    address = temporal.client.service_client.config.target_host
    program = PROGRAM.format(story=story, database_url=database_url, address=address, task_queue=task_queue)
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
