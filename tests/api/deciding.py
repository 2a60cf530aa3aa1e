"""Looking at one invoice and deciding about it, as its pages and callers do."""

from uuid import UUID

from accounting.blockers import BlockerReason, Hold
from tests.api.conftest import Office

VENDOR = Hold(BlockerReason.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")
DUPLICATE = Hold(BlockerReason.LIKELY_DUPLICATE, "bill INV-0001 of June 28, 2026, $15,300.00", "Bill:145")


async def state(office: Office, invoice_id: UUID) -> tuple[str, list[str]]:
    shown = (await office.admin.get(f"/api/v1/invoices/{invoice_id}")).json()
    return shown["state"], [one["reason"] for one in shown["reasons"]]


async def decide(
    office: Office, invoice_id: UUID, what: str, body: dict[str, object] | None = None
) -> dict[str, object]:
    answer = await office.admin.post(f"/api/v1/invoices/{invoice_id}/{what}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


async def preview(office: Office, invoice_id: UUID) -> dict[str, object]:
    answer = await office.admin.get(f"/api/v1/invoices/{invoice_id}/preview")
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


async def set_up(office: Office, connection_id: UUID, **changes: object) -> None:
    answer = await office.admin.put(f"/api/v1/connections/{connection_id}/settings", json=changes)
    assert answer.status_code == 200, answer.text
