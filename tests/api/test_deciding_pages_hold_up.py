"""The pages of mapping and deciding are accessible, valid, no wider than the window, and quiet in the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounting.blockers import BlockerReason, Hold
from tests.api.test_deciding_in_browser import DUPLICATE, Desk, desk
from tests.api.test_mappings import HEADER
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
    sheet = f"{HEADER}\nvendor,,1,Nobody,Vendor,58,\nvendor,,8881,Ernie's Electrical,Vendor,57,\n"
    trial = await desk.page.request.post(
        f"{desk.site.url}{here}/mapping/sheet",
        multipart={"file": {"name": "mappings.csv", "mimeType": "text/csv", "buffer": sheet.encode()}},
    )
    shown = await trial.text()
    assert "What the sheet would do" in shown
    (tmp_path / "trial.html").write_text(shown)
    visits.nothing_wrong()
    assert complaints == []
