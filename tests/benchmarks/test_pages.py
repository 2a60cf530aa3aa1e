"""The page benchmark runs on a small company, so that it cannot rot. Nothing here is measured."""

from uuid import UUID

import psutil

from api.app import build_app
from benchmarks import report
from benchmarks.large_company import LargeCompany
from benchmarks.pages import PageTimes, company_settings, measure_pages, pages_of
from benchmarks.report import pages_written
from models.database import Actor, Database
from models.tables import ActorKind
from tests.api.test_problems import routes

# No pages of anybody's: the ways in, a stream that never ends, and ways on to somebody else's pages.
NO_PAGES = frozenset(
    {
        "/sign-in",
        "/sign-in/callback",
        "/quickbooks/callback",
        "/live",
        "/invoices/{invoice_id}/history",
        "/support/companies/{company_id}/invoices/{invoice_id}/history",
    }
)


async def test_every_page_is_asked_for_and_written_down(database_url: str) -> None:
    # Whichever process stands for the server: what it costs is not looked at here.
    times = await measure_pages(database_url, psutil.Process(), invoices=200, rounds=1)
    assert len({one.name for one in times}) == len(times) >= 20
    assert all(len(one.milliseconds) == 1 for one in times)
    text = pages_written(times, 200, "2026-11-22")
    assert all(f"| {one.name} |" in text for one in times)


async def test_no_page_is_left_out(database: Database, database_url: str, company_id: UUID) -> None:
    pages = {
        route.path: route
        for route in routes(build_app(company_settings(database_url)))
        if "GET" in (route.methods or ()) and route.endpoint.__module__.startswith("api.pages.")
    }
    async with database.company(company_id, Actor(ActorKind.COMMAND, "bench")) as session:
        addresses = pages_of(LargeCompany(company_id, company_id, session, 100)).values()
    asked = [address.partition("?")[0] for address in addresses]
    measured = {path for path, route in pages.items() if any(route.path_regex.match(address) for address in asked)}
    assert pages.keys() - measured == NO_PAGES


def test_the_slowest_page_decides() -> None:
    quick, slow = PageTimes("Quick", [1.0] * 100, 1.0), PageTimes("Slow", [10.0] * 94 + [151.0] * 6, 1.0)
    assert (slow.p50, slow.p95) == (10.0, 151.0)
    assert "*Slow* with 151 ms" in pages_written([quick, slow], 1, "2026-11-22")
    assert "**not reached**" in pages_written([quick, slow], 1, "2026-11-22")
    assert "which is reached" in pages_written([quick], 1, "2026-11-22")


def test_the_document_has_a_place_for_the_pages() -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    assert page.index(report.PAGES_BEGIN) < page.index(report.PAGES_END)
