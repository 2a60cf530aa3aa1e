"""Steps about the connection itself: consent pages, company files, disconnecting, and the guardian."""

import asyncio
from typing import Any
from uuid import UUID

from temporalio.testing import ActivityEnvironment

from accounting.connection_states import TIMED_OUT
from activities.connection import ConnectionDesk, Housekeeping
from contracts.connection import CompanyFileIdentity, ConnectionRef
from models.connections import connection_by_id, want_disconnect
from models.tables import AttemptOutcome, Connection, ConnectionAttempt, QuickBooksKind, WebConnectorLogin
from tests.product import eventually
from tests.workflows.lives.life import Life
from tests.workflows.lives.world import EXPENSE, RETAINAGE, realm_of

# The lists may not come, for Intuit is away or the company was disconnected meanwhile: an admin comes back later.
LOOKS_AT_LISTS, LOOK_SECONDS = 30, 0.1


async def connect(life: Life, letter: str) -> None:
    before = await life.live()
    begun = await life.ask("POST", "/api/v1/connections/online")
    if begun.status_code == 409:
        assert before, begun.text
        return
    assert begun.status_code == 201, begun.text
    realm = realm_of(life.place, letter)
    answer = await _come_back(life, begun.json()["authorize_url"], {"decision": "connect", "realm_id": realm})
    # Whoever cannot be confirmed as an admin any more (their sign-in lapsed meanwhile) has connected nothing.
    assert answer.status_code in (303, 409), answer.text
    ended = await life.ended(begun.json()["attempt_id"])
    if before and before[0].quickbooks_company_id != realm:
        assert ended.outcome == AttemptOutcome.FAILED, "reconnected to another QuickBooks company"
    if ended.outcome == AttemptOutcome.SUCCEEDED and ended.connection_id is not None:
        made = next(one for one in await life.rows(Connection) if one.id == ended.connection_id)
        assert made.quickbooks_company_id == realm
        await choose_accounts(life, made.id)


async def _come_back(life: Life, authorize_url: str, form: dict[str, str]) -> Any:
    life.last_callback = await life.stack.at_intuit(authorize_url, form)
    return await life.ask("GET", life.last_callback)


async def choose_accounts(life: Life, connection_id: UUID) -> None:
    if (await life.settings_of(connection_id)).default_account_id is not None:
        return
    for _ in range(LOOKS_AT_LISTS):
        (row,) = [one for one in await life.rows(Connection) if one.id == connection_id]
        if row.lists_read_at is not None:
            break
        await asyncio.sleep(LOOK_SECONDS)
    chart = (await life.ask("GET", f"/api/v1/connections/{connection_id}/accounts")).json()
    ids = {one["full_name"]: one["id"] for one in chart["accounts"]}
    if EXPENSE in ids:
        body = {"default_account_id": ids[EXPENSE], "retainage_account_id": ids[RETAINAGE]}
        answer = await life.ask("PUT", f"/api/v1/connections/{connection_id}/settings", json=body)
        assert answer.status_code == 200, answer.text
        life.remembered.settings_change(connection_id)


async def refuse_consent(life: Life) -> None:
    begun = await life.ask("POST", "/api/v1/connections/online")
    if begun.status_code == 201:
        await _come_back(life, begun.json()["authorize_url"], {"decision": "refuse"})
        assert (await life.ended(begun.json()["attempt_id"])).outcome == AttemptOutcome.FAILED


async def callback_again(life: Life) -> None:
    if life.last_callback is not None:
        before = {one.id: (one.outcome, one.reason) for one in await life.rows(ConnectionAttempt)}
        answer = await life.ask("GET", life.last_callback)
        assert answer.status_code == 409, answer.text
        after = {one.id: (one.outcome, one.reason) for one in await life.rows(ConnectionAttempt)}
        # One that nobody has finished may run out of time at this very moment: that is the clock, not the callback.
        ran_out = {id for id, (outcome, _) in before.items() if outcome == AttemptOutcome.PENDING}
        ran_out &= {id for id, ended in after.items() if ended == (AttemptOutcome.FAILED, TIMED_OUT)}
        assert all(after[id] == seen for id, seen in before.items() if id not in ran_out), (
            "a callback that came before changed an attempt"
        )


async def start_and_leave(life: Life) -> None:
    begun = await life.ask("POST", "/api/v1/connections/online")
    assert begun.status_code in (201, 409), begun.text


async def connect_file(life: Life, *, wrong: bool = False) -> None:
    files = (await life.ask("GET", "/api/v1/company-files")).json()["files"]
    body = {"connection_id": files[0]["connection_id"]} if files else {}
    before = await life.live()
    begun = await life.ask("POST", "/api/v1/connections/desktop", json=body)
    if begun.status_code == 409:
        assert any(one.kind == QuickBooksKind.ONLINE for one in before), begun.text
        return
    assert begun.status_code == 201, begun.text
    attempt_id = UUID(begun.json()["attempt_id"])
    login = next(one for one in await life.rows(WebConnectorLogin) if one.user_name == begun.json()["user_name"])
    file_id = "{wrong}" if wrong else login.file_id
    file = CompanyFileIdentity(file_id=file_id, company_name=f"File {login.user_name}")
    await life.stack.product.outside.workflows.company_file_verified(attempt_id, file)
    ended = await life.ended(str(attempt_id))
    assert ended.outcome == (AttemptOutcome.FAILED if wrong else AttemptOutcome.SUCCEEDED), ended.reason


async def disconnect(life: Life, *, heard: bool = True) -> None:
    """Unheard is a wish whose message was lost: the Schedule that restarts what is missing fulfils it."""
    for connection in (await life.live())[:1]:
        if heard:
            answer = await life.ask("POST", f"/api/v1/connections/{connection.id}/disconnect")
            assert answer.status_code == 202, answer.text
        else:
            async with life.session() as session:
                row = await connection_by_id(session, connection.id, lock=True)
                assert row is not None
                await want_disconnect(session, row, row.connected_by)
            await ActivityEnvironment().run(Housekeeping(life.stack.product.outside).restart_missing)

        async def gone(connection_id: UUID = connection.id) -> bool:
            return all(one.id != connection_id for one in await life.live())

        await eventually(gone)


async def guardian(life: Life) -> None:
    for connection in await life.live():
        ref = ConnectionRef(company_id=life.company_id, connection_id=connection.id)
        try:
            await ActivityEnvironment().run(ConnectionDesk(life.stack.product.outside).guard_connection, ref)
        except Exception as trouble:
            # Intuit is away, or an answer was lost: the workflow would try again.
            assert "Application" in type(trouble).__name__, trouble
