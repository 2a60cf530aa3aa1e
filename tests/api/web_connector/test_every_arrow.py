"""Each arrow of an update cut in every way, and a PC that sleeps there for 16 days: never two bills, none lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from models.tables import WriteState
from simulators.quickbooks_desktop.troubles import ARROWS, PROCESS, Trouble
from tests.api.web_connector.conftest import USER, Desk
from tests.api.web_connector.test_simulated_office import Customer, customer

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


@pytest.mark.parametrize("passage", [0, 1])
@pytest.mark.parametrize("arrow", ARROWS)
async def test_an_update_cut_at_any_arrow_makes_no_second_bill(
    desk: Desk, customer: Customer, arrow: str, passage: int
) -> None:
    effects = ["lose", "crash_pc"] if not arrow.endswith(PROCESS) else ["crash_quickbooks", "crash_pc"]
    for number, effect in enumerate(effects):
        await desk.queue(f"INV-{number}-1", f"INV-{number}-2")
        customer.simulation.troubles.add(Trouble(arrow=arrow, effect=effect, after=passage))
        await settled(desk, customer)


@pytest.mark.parametrize("arrow", ["sent:sendRequestXML", "before:process", "sent:process", "after:process"])
async def test_a_pc_asleep_for_sixteen_days_goes_on_where_it_was(desk: Desk, customer: Customer, arrow: str) -> None:
    await desk.queue("INV-1", "INV-2")
    customer.simulation.troubles.add(Trouble(arrow=arrow, effect="sleep", after=1))
    update = asyncio.create_task(customer.pc.update(USER))
    async with asyncio.timeout(20):
        while not customer.pc.is_asleep:  # noqa: ASYNC110 - nothing tells when it has fallen asleep
            await asyncio.sleep(0.01)
    desk.office.now.advance(timedelta(days=16))
    customer.pc.wake()
    await update
    await settled(desk, customer)
    assert (await desk.writes())[0].state is not WriteState.WAITING
