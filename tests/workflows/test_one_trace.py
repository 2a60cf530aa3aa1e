"""One invoice, one trace: from the click that started it over workflow and activities to the calls at the providers.

Runs in a process of its own: a process has one tracer provider, set once.
"""

import os
import subprocess
import sys

from temporalio.testing import WorkflowEnvironment

from tests.dotenv_example import ROOT

PROGRAM = """
import asyncio
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from foundation.telemetry import start_telemetry

memory = InMemorySpanExporter()
start_telemetry("one-trace", SimpleSpanProcessor(memory))

from tests.workflows.traced import follow_one_invoice

asyncio.run(follow_one_invoice({database_url!r}, {address!r}, {task_queue!r}, memory))
"""


def test_an_invoices_trace_leads_from_the_start_to_the_call_that_made_its_bill(
    database_url: str, temporal: WorkflowEnvironment, task_queue: str
) -> None:
    address = temporal.client.service_client.config.target_host
    program = PROGRAM.format(database_url=database_url, address=address, task_queue=task_queue)
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
