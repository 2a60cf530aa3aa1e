"""The page benchmark runs on a small company, so that it cannot rot. Nothing here is measured."""

import psutil

from benchmarks import report
from benchmarks.pages import PageTimes, measure_pages
from benchmarks.report import pages_written


async def test_every_page_is_asked_for_and_written_down(database_url: str) -> None:
    # Whichever process stands for the server: what it costs is not looked at here.
    times = await measure_pages(database_url, psutil.Process(), invoices=200, rounds=1)
    assert len({one.name for one in times}) == len(times) >= 20
    assert all(len(one.milliseconds) == 1 for one in times)
    text = pages_written(times, 200, "2026-11-22")
    assert all(f"| {one.name} |" in text for one in times)


def test_the_slowest_page_decides() -> None:
    quick, slow = PageTimes("Quick", [1.0] * 100, 1.0), PageTimes("Slow", [10.0] * 94 + [151.0] * 6, 1.0)
    assert (slow.p50, slow.p95) == (10.0, 151.0)
    assert "*Slow* with 151 ms" in pages_written([quick, slow], 1, "2026-11-22")
    assert "**not reached**" in pages_written([quick, slow], 1, "2026-11-22")
    assert "which is reached" in pages_written([quick], 1, "2026-11-22")


def test_the_document_has_a_place_for_the_pages() -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    assert page.index(report.PAGES_BEGIN) < page.index(report.PAGES_END)
