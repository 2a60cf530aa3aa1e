"""The program of ``test_one_trace``: posts one invoice with telemetry on and follows its spans."""

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlmodel import select

from foundation.settings import Settings
from foundation.telemetry import is_tracing
from foundation.temporal import connect
from models.tables import PostingAttempt
from tests.product import running_product, settings_for
from tests.small_world import small_world
from tests.workflows.stories import all_in, connected, planned


async def follow_one_invoice(database_url: str, address: str, task_queue: str, memory: InMemorySpanExporter) -> None:
    """Raises AssertionError where a link of the chain is missing."""
    assert is_tracing()
    settings: Settings = settings_for(
        database_url, "http://127.0.0.1:1", "http://127.0.0.1:1", task_queue, temporal_address=address
    )
    documents = small_world(1)
    running = running_product(
        documents, database_url, await connect(settings), task_queue, procore_hourly_allowance=1_000_000
    )
    async with running as product:
        await connected(product, documents)
        plan = await planned(product, documents)
        await product.switch_on(plan)
        await all_in(product, "posted", 1)
        async with product.session() as session:
            found = await session.exec(select(PostingAttempt).where(PostingAttempt.company_id == product.company_id))
            (attempt,) = found.all()
        (invoice,) = (await product.invoices()).values()
    spans = {span.context.span_id: span for span in memory.get_finished_spans() if span.context}
    written = next(span for span in spans.values() if span.name == "POST" and "/bill?" in address_of(span))
    chain = [span.name for span in ancestors(written, spans)]
    assert chain[:3] == ["RunActivity:send_batch", "StartActivity:send_batch", "SignalWithStartWorkflow:Mirroring"], (
        chain
    )
    assert chain[-1] == "StartWorkflow:ConnectionAttempt", chain
    assert written.context is not None
    trace = f"{written.context.trace_id:032x}"
    # What the rows keep leads back into the same trace.
    for stored in (invoice.traceparent, attempt.traceparent):
        assert stored is not None
        assert stored.split("-")[1] == trace


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
