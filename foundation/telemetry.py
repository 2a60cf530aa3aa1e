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
_state = {"tracing": False}


def is_tracing() -> bool:
    return _state["tracing"]


def _wanted() -> bool:
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    return any(
        os.environ.get(name)
        for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")
    )


def start_telemetry(service_name: str, processor: SpanProcessor | None = None) -> None:
    """Turn traces and metrics on when the standard variables ask for them (or a processor is handed in, for tests)."""
    if _state["tracing"] or (processor is None and not _wanted()):
        return
    resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", service_name)})
    tracer_provider = TracerProvider(resource=resource)
    tracer_provider.add_span_processor(processor or BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(tracer_provider)
    if processor is None:
        reader = PeriodicExportingMetricReader(OTLPMetricExporter())
        metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=[reader]))
    HTTPXClientInstrumentor().instrument()
    _state["tracing"] = True


def current_traceparent() -> str | None:
    """The running span as a W3C ``traceparent``, None outside any span."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


def context_of(traceparent: str | None) -> object:
    """The context a stored ``traceparent`` names, to hang later spans on it."""
    return extract({"traceparent": traceparent} if traceparent else {})
