"""Steps about what goes to QuickBooks: uploads, approvals, the toggle, the pause, the books of a project."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import uuid4

from models.tables import InvoiceRow, MirroringPlan, QuickBooksKind
from simulators.procore.requisition_book import Actor as Person
from tests.workflows.lives.connecting import choose_accounts
from tests.workflows.lives.life import Life
from tests.workflows.lives.world import user_id_of

# Where something can happen it mostly gets the time to; where it cannot, nobody waits.
LOOKS, LOOK_SECONDS = 20, 0.15


async def _mostly(done: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(LOOKS):
        if await done():
            return
        await asyncio.sleep(LOOK_SECONDS)


async def post(life: Life) -> None:
    """Somebody uploads an invoice and approves it."""
    serial = life.stack.steps["post"]
    amount = f"{100 + serial % 90}.{serial % 90 + 10}"
    form = {
        "upload_id": str(uuid4()),
        "project_id": life.project_id,
        "vendor_name": "Ernie's Electrical",
        "number": f"U-{serial}",
        "billing_date": date(2026, 7, 1).isoformat(),
        "total": amount,
        "lines": [{"description": "Work", "amount": amount, "cost_code_id": "2158"}],
    }
    answer = await life.ask("POST", "/api/v1/invoices/uploads", data={"invoice": json.dumps(form)})
    assert answer.status_code == 201, answer.text
    approved = await life.ask("POST", f"/api/v1/invoices/{answer.json()['id']}/approve")
    assert approved.status_code == 200, approved.text
    await _settle(life)


async def approve(life: Life) -> None:
    """Somebody approves the next requisition in Procore, and somebody else looks at once."""
    procore = life.stack.product.procore
    mine = [one for one in procore.records.requisitions.values() if str(one.wire["project_id"]) == life.project_id]
    waiting = next((one for one in mine if one.wire["status"] == "under_review"), None)
    if waiting is not None:
        person = Person(procore.records.users[user_id_of(life.place)])
        procore.book.change(waiting, {"status": "approved"}, person, force=True)
    asked = await life.ask("POST", "/api/v1/sync-now")
    assert asked.status_code == (202 if await life.live() else 409), asked.text
    await _settle(life)


async def _settle(life: Life) -> None:
    online = [one for one in await life.live() if one.kind == QuickBooksKind.ONLINE]
    if not online:
        return
    await choose_accounts(life, online[0].id)

    async def settled() -> bool:
        return all(one.state in ("posted", "needs_you") for one in await life.rows(InvoiceRow))

    await _mostly(settled)


async def switch_on(life: Life) -> None:
    asked = await life.ask("POST", "/api/v1/mirroring/plans", json={"start_date": "2026-06-01"})
    if asked.status_code == 409:
        assert not await life.live(), asked.text
        return
    plan_id = asked.json()["plan_id"]

    async def ready() -> bool:
        return any(str(one.id) == plan_id and one.state == "ready" for one in await life.rows(MirroringPlan))

    await _mostly(ready)
    plan = (await life.ask("GET", f"/api/v1/mirroring/plans/{plan_id}")).json()
    if plan["state"] == "ready":
        body = {"on": True, "plan_id": plan["id"], "plan_hash": plan["hash"]}
        answer = await life.ask("PUT", "/api/v1/mirroring", json=body)
        assert answer.status_code in (200, 409), answer.text
        await _settle(life)


async def switch_off(life: Life) -> None:
    answer = await life.ask("PUT", "/api/v1/mirroring", json={"on": False})
    assert answer.status_code == 200, answer.text


async def accept_gap(life: Life) -> None:
    shown = (await life.ask("GET", "/api/v1/mirroring/gap")).json()
    if shown is not None:
        answer = await life.ask("POST", "/api/v1/mirroring/gap", json={"hash": shown["hash"]})
        # Nothing connected, or a look has just found one more.
        assert answer.status_code in (202, 409), answer.text


async def pause(life: Life, on: bool) -> None:
    for connection in await life.live():
        answer = await life.ask("PUT", f"/api/v1/connections/{connection.id}/pause", json={"on": on})
        assert (answer.status_code, answer.json()["on"]) == (200, on)
        life.remembered.settings_change(connection.id)


async def move_waiting(life: Life) -> None:
    for connection in (await life.live())[:1]:
        path = f"/api/v1/connections/{connection.id}/waiting-invoices"
        shown = (await life.ask("GET", path)).json()
        moved = await life.ask("POST", path, json={"hash": shown["hash"]})
        if moved.status_code != 409:
            assert (moved.status_code, moved.json()["count"]) == (200, shown["count"]), moved.text


async def choose_books(life: Life) -> None:
    for connection in (await life.live())[-1:]:
        path = f"/api/v1/project-routes/{life.project_id}"
        answer = await life.ask("PUT", path, json={"connection_id": str(connection.id)})
        assert answer.status_code == 200, answer.text
