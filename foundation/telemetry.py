"""OpenTelemetry: off by default, on by the standard OTEL_* variables; the current trace as a header text."""

import os

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

TRACER = trace.get_tracer("inbuild_sync")
METER = metrics.get_meter("inbuild_sync")
_state = {"started": False, "tracing": False}


def is_tracing() -> bool:
    return _state["tracing"]


def _is_wanted(signal: str) -> bool:
    """Whether the variables ask for ``TRACES`` or ``METRICS`` (OpenTelemetry: environment variable specification).

    An endpoint alone asks; ``OTEL_<signal>_EXPORTER`` has the last word, of which we have ``otlp`` and ``none``.
    """
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    if exporters := os.environ.get(f"OTEL_{signal}_EXPORTER"):
        return "otlp" in [one.strip().lower() for one in exporters.split(",")]
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    return any(os.environ.get(name) for name in endpoints)


def start_telemetry(service_name: str, processor: SpanProcessor | None = None) -> None:
    """Turn traces and metrics on, each where the standard variables ask for it. A processor (for tests) gets traces."""
    traces = processor is not None or _is_wanted("TRACES")
    measures = processor is None and _is_wanted("METRICS")
    if _state["started"] or not (traces or measures):
        return
    resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", service_name)})
    if traces:
        tracer_provider = TracerProvider(resource=resource)
        tracer_provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(tracer_provider)
    if measures:
        reader = PeriodicExportingMetricReader(OTLPMetricExporter())
        metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=[reader]))
    HTTPXClientInstrumentor().instrument()
    _state.update(started=True, tracing=traces)


def current_traceparent() -> str | None:
    """The running span as a W3C ``traceparent``, None outside any span."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


def context_of(traceparent: str | None) -> object:
    """The context a stored ``traceparent`` names, to hang later spans on it."""
    return extract({"traceparent": traceparent} if traceparent else {})
