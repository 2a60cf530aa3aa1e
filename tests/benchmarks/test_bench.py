"""The bench code runs on 20 invoices, so that it cannot rot. Nothing here is measured."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from benchmarks import report
from benchmarks.histories import Cost
from benchmarks.idle import IdleDay
from benchmarks.product import posting_cost, run_product
from benchmarks.report import Measured, written
from benchmarks.script import run_script
from benchmarks.simulated import WrongResult, running_simulators
from contracts.starts import Workflows
from demo.embedded import unique_name
from simulators.world.bench import bench_world
from tests.template_database import RUN_FOLDER

INVOICES = 20


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the project's own: PostgreSQL opens every folder above its data to everybody."""
    made = RUN_FOLDER / unique_name("bench")
    yield made
    shutil.rmtree(made, ignore_errors=True)


async def test_both_scripts_and_the_product_make_the_expected_bills_and_a_report(folder: Path) -> None:
    runs = []
    for batch_size in (1, 30):
        async with running_simulators(folder / "script", bench_world(INVOICES)) as simulated:
            runs.append(await run_script(simulated, batch_size))
    product = await run_product(folder / "product", bench_world(INVOICES))
    assert product.counts.quickbooks_reads == 0
    # One batch or single bill per project at least, and never more than one request per invoice.
    assert 1 <= product.counts.quickbooks_writes <= INVOICES
    assert product.temporal.actions < product.temporal.events
    measured = Measured(
        invoices=INVOICES,
        single=[runs[0]],
        batches=[runs[1]],
        product=[product],
        load_before=(0.0, 0.0, 0.0),
        load_after=(0.0, 0.0, 0.0),
        measured_on="2026-11-22",
    )
    text = written(measured, IdleDay(Cost(18, 284), Cost(0, 0), procore_calls=608, projects=2))
    assert "| together | 18 | 284 |" in text


async def test_paperwork_is_part_of_what_posting_costs(temporal_client: Client, task_queue: str) -> None:
    company_id = uuid4()
    assert await posting_cost(temporal_client, company_id) == Cost()
    workflows = Workflows(temporal_client, task_queue)
    await workflows.do_paperwork(company_id, "Halvorsen")
    await workflows.do_paperwork(company_id, "Halvorsen")
    # A start, and the signal of each batch.
    assert (await posting_cost(temporal_client, company_id)).actions == 3


async def test_a_missing_bill_is_no_result(tmp_path: Path) -> None:
    async with running_simulators(tmp_path, bench_world(1)) as simulated:
        with pytest.raises(WrongResult, match="0 bills, 1 expected"):
            await simulated.check()


def test_the_tables_replace_what_stands_between_the_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "PAGE", page)
    report.put_into_page("new", report.BEGIN, report.END)
    assert page.read_text() == f"before\n{report.BEGIN}\nnew\n{report.END}\nafter\n"


def test_the_page_has_a_place_for_the_tables() -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    assert page.index(report.BEGIN) < page.index(report.END)
