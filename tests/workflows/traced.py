"""The programs of ``test_one_trace``: each lives through a story with telemetry on and follows its spans."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlmodel import select

from api.app import create_app
from foundation.settings import Settings
from foundation.telemetry import is_tracing
from foundation.temporal import connect
from models.events import timeline
from models.tables import PostingAttempt
from simulators.world.documents import Documents
from tests.api.conftest import consent
from tests.product import APP_URL, Product, running_product, settings_for
from tests.reachable_product import services_of
from tests.small_world import small_world
from tests.workflows.stories import all_in, connected, planned

ADMIN = 1101
SOMEBODYS_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@asynccontextmanager
async def traced_product(
    documents: Documents, database_url: str, address: str, task_queue: str
) -> AsyncIterator[Product]:
    assert is_tracing()
    settings: Settings = settings_for(
        database_url, "http://127.0.0.1:1", "http://127.0.0.1:1", task_queue, temporal_address=address
    )
    temporal = await connect(settings)
    running = running_product(documents, database_url, temporal, task_queue, procore_hourly_allowance=1_000_000)
    async with running as product:
        yield product


async def follow_one_invoice(database_url: str, address: str, task_queue: str, memory: InMemorySpanExporter) -> None:
    """Raises AssertionError where a link of the chain is missing."""
    documents = small_world(1)
    async with traced_product(documents, database_url, address, task_queue) as product:
        await connected(product, documents)
        plan = await planned(product, documents)
        await product.switch_on(plan)
        await all_in(product, "posted", 1)
        async with product.session() as session:
            found = await session.exec(select(PostingAttempt).where(PostingAttempt.company_id == product.company_id))
            (attempt,) = found.all()
        (invoice,) = (await product.invoices()).values()
    spans = finished(memory)
    written = next(span for span in spans.values() if span.name == "POST" and "/bill?" in address_of(span))
    chain = [span.name for span in ancestors(written, spans)]
    assert chain[:3] == ["RunActivity:post_batch", "StartActivity:post_batch", "SignalWithStartWorkflow:Mirroring"], (
        chain
    )
    assert chain[-1] == "StartWorkflow:ConnectionAttempt", chain
    assert written.context is not None
    trace = f"{written.context.trace_id:032x}"
    # What the rows keep leads back into the same trace.
    for stored in (invoice.traceparent, attempt.traceparent):
        assert stored is not None
        assert stored.split("-")[1] == trace


async def follow_the_toggle(database_url: str, address: str, task_queue: str, memory: InMemorySpanExporter) -> None:
    """Raises AssertionError where a link of the chain is missing."""
    documents = small_world(1)
    async with traced_product(documents, database_url, address, task_queue) as product:
        await connected(product, documents)
        plan = await planned(product, documents)
        app = create_app(services_of(product))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=APP_URL) as admin:
            await admin.get(await consent(admin, ADMIN))
            wanted = {"on": True, "plan_id": str(plan.id), "plan_hash": plan.hash}
            # A caller's own trace is not believed.
            answer = await admin.put("/api/v1/mirroring", json=wanted, headers={"traceparent": SOMEBODYS_TRACE})
            callback = await admin.get("/quickbooks/callback?code=canary-code&realmId=1&state=canary-state")
            unknown = await admin.get(f"/api/v1/invoices/{plan.id}")
        assert (answer.status_code, callback.status_code, unknown.status_code) == (200, 400, 404), answer.text
        await all_in(product, "posted", 1)
        async with product.session() as session:
            (event,) = [
                one for one in await timeline(session, "mirroring", product.company_id) if one.kind == "mirroring_on"
            ]
        (invoice,) = (await product.invoices()).values()
    spans = finished(memory)
    assert not [span.name for span in spans.values() if "canary" in span.to_json()]
    assert "GET /api/v1/invoices/{invoice_id}" in {span.name for span in spans.values()}
    (clicked,) = [span for span in spans.values() if span.name == "PUT /api/v1/mirroring"]
    assert clicked.parent is None
    assert (clicked.attributes or {})["http.response.status_code"] == 200
    # The event in our log names the trace, and the click's trace holds the message to the company's workflow.
    assert trace_of(event.traceparent) == trace_id(clicked)
    (told,) = [
        span
        for span in spans.values()
        if span.name == "SignalWithStartWorkflow:Mirroring" and trace_id(span) == trace_id(clicked)
    ]
    # The workflow takes it in on its own trace, linked to that message; there the look follows that brought it in.
    (handled,) = [span for span in spans.values() if span.name == "HandleSignal:toggle"]
    assert [link.context.span_id for link in handled.links] == [told.context.span_id if told.context else None]
    looks = [
        span
        for span in spans.values()
        if span.name == "RunActivity:watch_company" and (span.start_time or 0) > (handled.start_time or 0)
    ]
    assert looks and {trace_id(span) for span in looks} == {trace_id(handled)} == {trace_of(invoice.traceparent)}


def finished(memory: InMemorySpanExporter) -> dict[int, ReadableSpan]:
    return {span.context.span_id: span for span in memory.get_finished_spans() if span.context}


def trace_id(span: ReadableSpan) -> str:
    return f"{span.context.trace_id:032x}" if span.context else ""


def trace_of(traceparent: str | None) -> str:
    return (traceparent or "--").split("-")[1]


def address_of(span: ReadableSpan) -> str:
    attributes = span.attributes or {}
    return str(attributes.get("url.full") or attributes.get("http.url"))


def ancestors(span: ReadableSpan, spans: dict[int, ReadableSpan]) -> list[ReadableSpan]:
    found = []
    parent = span.parent
    while parent is not None and parent.span_id in spans:
        found.append(spans[parent.span_id])
        parent = spans[parent.span_id].parent
    return found
