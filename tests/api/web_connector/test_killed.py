"""Our API killed in the middle of any call, and a company file restored from last week: still one bill, none lost."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from models.desktop_queue import queue_writes
from models.tables import ActorKind, DesktopExchange, DesktopWrite, WriteState
from simulators.quickbooks_desktop.troubles import Trouble
from tests.api.web_connector.conftest import USER, Desk
from tests.api.web_connector.test_simulated_office import Customer, customer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from models.database import Actor, CompanySession

__all__ = ["customer"]


async def settled(desk: Desk, office: Customer) -> None:
    """Whatever happened: what is done here is in the books once, and nothing else of ours is."""
    for _ in range(3):
        await office.pc.update(USER)
    writes = await desk.writes()
    done = [str(write.txn_id) for write in writes if write.state is WriteState.DONE]
    assert office.ids() == sorted(done)
    assert len(office.numbers()) == len(set(office.numbers()))
    over = {WriteState.DONE, WriteState.POSTPONED}
    # A look at Procore that grew old while the PC slept is not used any more: the worker takes those bills back.
    assert {write.state for write in writes if write.text is not None} <= over
    assert {write.state for write in writes} <= {*over, WriteState.WAITING}


class Killed(BaseException):
    """The process is gone: nothing of ours handles that, and the caller gets no answer of ours."""


class Assassin:
    """Kills the API before one of the units of work that the Web Connector's calls consist of."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.spared = -1
        self._work = desk.office.database.company
        monkeypatch.setattr(desk.office.database, "company", self._company)

    def arm(self, spare: int) -> None:
        """Strike once, after this many units of work were done."""
        self.spared = spare

    @asynccontextmanager
    async def _company(self, company_id: UUID, actor: Actor) -> AsyncIterator[CompanySession]:
        if actor.kind is ActorKind.PROVIDER and self.spared >= 0:
            self.spared -= 1
            if self.spared < 0:
                raise Killed
        async with self._work(company_id, actor) as session:
            yield session


async def test_the_api_killed_between_any_two_commits_makes_no_second_bill(
    desk: Desk, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assassin = Assassin(desk, monkeypatch)
    struck = 0
    for spare in range(100):
        await desk.queue(f"INV-{spare}")
        assassin.arm(spare)
        await customer.pc.update(USER)
        if assassin.spared >= 0:
            # The whole update needed fewer: each of its commits has been the last one before a death.
            break
        struck += 1
        await settled(desk, customer)
    assassin.arm(-1)
    await settled(desk, customer)
    assert struck >= 10
    # Whatever QuickBooks had done counts, and what it surely had not is nowhere in the books.
    assert {write.state for write in await desk.writes()} <= {WriteState.DONE, WriteState.POSTPONED}


async def test_a_file_restored_from_last_week_gets_the_bill_whose_answer_was_lost(
    desk: Desk, customer: Customer
) -> None:
    customer.file.back_up("last week")
    desk.office.now.advance(timedelta(days=7))
    await desk.readings_are_done()
    (attempt,) = await desk.queue("INV-1")
    customer.simulation.troubles.add(Trouble(arrow="after:process", effect="crash_pc", after=1))
    await customer.pc.update(USER)
    assert customer.numbers() == ["INV-1"]
    customer.file.restore("last week")
    assert customer.numbers() == []
    await customer.pc.update(USER)
    # QuickBooks knows neither the message set nor the bill, so it surely is not there.
    assert [(write.state, write.verdict) for write in await desk.writes()] == [(WriteState.POSTPONED, "unheard")]
    await desk.queue("INV-2")
    await customer.pc.update(USER)
    assert customer.numbers() == ["INV-2"]
    assert attempt.id not in {write.attempt_id for write in await desk.writes() if write.txn_id}


async def test_a_restored_file_is_not_given_again_what_it_had_before(desk: Desk, customer: Customer) -> None:
    await desk.queue("INV-1")
    await customer.pc.update(USER)
    customer.file.back_up("tonight")
    (attempt,) = await desk.attempts()
    (first,) = await desk.writes()
    # Restored, with the bill in it; our own tables have forgotten that it was ever sent.
    customer.file.restore("tonight")
    async with desk.session() as session:
        for table in (DesktopExchange, DesktopWrite):
            await session.execute(sa.delete(table).where(col(table.company_id) == session.company_id))
    async with desk.session() as session:
        await queue_writes(session, desk.connection_id, [attempt.id], session.now)
    await customer.pc.update(USER)
    assert customer.numbers() == ["INV-1"]
    again = await desk.write()
    assert (again.state, again.adopted, again.txn_id) == (WriteState.DONE, True, first.txn_id)
