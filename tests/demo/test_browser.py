"""Where the browser comes from, and that it runs."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from demo.browser import NoBrowser, chromium_path


def test_the_program_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("")
    monkeypatch.setenv("CHROMIUM_PATH", str(program))
    assert chromium_path() == program


def test_a_name_that_leads_nowhere_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM_PATH", str(tmp_path / "missing"))
    with pytest.raises(NoBrowser, match=r"CHROMIUM_PATH names .*missing, which is no file"):
        chromium_path()


async def test_a_page_opens(page: Page) -> None:
    await page.goto("data:text/html,<title>Bills</title><h1>42 bills</h1>")
    assert await page.title() == "Bills"
    assert await page.locator("h1").inner_text() == "42 bills"
