"""The pages of mapping and deciding are accessible, valid, no wider than the window, and quiet in the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounting.blockers import BlockerReason, Hold
from tests.api.test_deciding_in_browser import DUPLICATE, Desk, desk
from tests.api.test_pages_hold_up import ROOT, Visits

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["desk"]


async def test_every_page_of_mapping_and_deciding(desk: Desk, tmp_path: Path, complaints: list[str]) -> None:
    visits = Visits(desk.page, desk.site, tmp_path)
    invoice_id = await desk.invoice("INV-1", DUPLICATE, Hold(BlockerReason.LOCK_DATE, "June 30, 2026"))
    open_id = await desk.invoice("INV-2")
    here = f"{ROOT}/{desk.connection_id}"
    await visits.to(
        f"/invoices/{invoice_id}",
        f"/invoices/{open_id}",
        "/why",
        "/why?of=INV-1",
        "/month-end?as_of=2030-01-31",
        f"{here}/mapping/suggestions",
        f"{here}/mapping/suggestions?kind=budget_code",
        f"{here}/mapping/sheet",
        f"{here}/mapping/history?kind=vendor&procore_id=8881",
        f"{here}/retainage",
    )
    visits.nothing_wrong()
    assert complaints == []
