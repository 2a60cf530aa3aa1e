"""Telemetry is off unless the standard variables ask for it, and a stored traceparent leads back to its trace.

Each test runs in a process of its own: a process has one tracer provider, set once.
"""

import os
import subprocess
import sys
import textwrap

import pytest

from tests.dotenv_example import ROOT


def _run(program: str, **variables: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_each_signal_is_on_only_where_the_standard_variables_ask_for_it() -> None:
    # Port 9 answers nobody: what cannot be exported is dropped, never an error of the product.
    nobody = "http://127.0.0.1:9"
    rows: list[tuple[dict[str, str], tuple[bool, bool]]] = [
        ({}, (False, False)),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": nobody}, (True, True)),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": nobody, "OTEL_SDK_DISABLED": "true"}, (False, False)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": nobody}, (True, False)),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": nobody}, (False, True)),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, (True, False)),
        ({"OTEL_METRICS_EXPORTER": "otlp"}, (False, True)),
        ({"OTEL_TRACES_EXPORTER": "none"}, (False, False)),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": nobody, "OTEL_TRACES_EXPORTER": "none"}, (False, True)),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": nobody, "OTEL_METRICS_EXPORTER": "none"}, (True, False)),
    ]
    program = f"""
    import os
    from opentelemetry import metrics, trace
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.trace import TracerProvider
    from foundation.telemetry import TRACER, current_traceparent, is_tracing, start_telemetry

    for row, _ in {rows!r}:
        if os.fork() == 0:
            os.environ.update(row, OTEL_EXPORTER_OTLP_TIMEOUT="1")
            start_telemetry("worker")
            with TRACER.start_as_current_span("look"):
                traced = current_traceparent() is not None
            provided = isinstance(trace.get_tracer_provider(), TracerProvider)
            assert provided == is_tracing() == traced, row
            print((traced, isinstance(metrics.get_meter_provider(), MeterProvider)), flush=True)
            os._exit(0)
        os.wait()
    """
    assert _run(program).splitlines() == [str(wanted) for _, wanted in rows]


WITH_MEMORY = """
    import asyncio
    import httpx
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from foundation.telemetry import TRACER, context_of, current_traceparent, start_telemetry

    memory = InMemorySpanExporter()
    start_telemetry("worker", SimpleSpanProcessor(memory))
"""


def test_a_stored_traceparent_leads_back_to_its_trace() -> None:
    program = (
        textwrap.dedent(WITH_MEMORY)
        + """
with TRACER.start_as_current_span("import invoice"):
    stored = current_traceparent()
with TRACER.start_as_current_span("post bill", context=context_of(stored)):
    pass
first, second = memory.get_finished_spans()
print(second.parent.span_id == first.context.span_id, second.context.trace_id == first.context.trace_id)
"""
    )
    assert _run(program) == "True True"


def test_a_call_to_a_provider_is_a_span_of_the_running_trace() -> None:
    program = (
        textwrap.dedent(WITH_MEMORY)
        + """
from foundation.http_client import build_http_client

async def call() -> str:
    asked = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\\r\\n\\r\\n")).decode())
        writer.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, build_http_client() as client:
        with TRACER.start_as_current_span("look"):
            await client.get(f"http://127.0.0.1:{port}/rest/v1.0/me")
    return asked[0]

asked = asyncio.run(call())
spans = {span.name: span for span in memory.get_finished_spans()}
called, look = spans["GET"], spans["look"]
print(called.parent.span_id == look.context.span_id, f"traceparent: 00-{called.context.trace_id:032x}" in asked)
"""
    )
    assert _run(program) == "True True"


@pytest.mark.parametrize("stored", ["None", "'not a traceparent'"])
def test_without_a_stored_trace_a_new_one_begins(stored: str) -> None:
    program = (
        textwrap.dedent(WITH_MEMORY)
        + f"""
with TRACER.start_as_current_span("post bill", context=context_of({stored})):
    pass
print(memory.get_finished_spans()[0].parent is None)
"""
    )
    assert _run(program) == "True"
