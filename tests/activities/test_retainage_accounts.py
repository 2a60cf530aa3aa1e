"""A release goes back to the account in which the retainage was withheld, whatever account is chosen by then."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounting.bill_settings import ChangedInvoice
from contracts.connection import ConnectionRef
from contracts.mirroring import BatchRef
from models.retainage import confirm_opening, openings_now
from models.retainage_accounts import retainage_accounts
from simulators.quickbooks_online.people import Action, act
from tests.activities.after_posting import Posted, posted_world
from tests.activities.conftest import Opener
from tests.activities.test_updating import updates
from tests.desks import Desks, as_activity
from tests.small_world import small_world

OLD, NEW = "60", "61"


async def withheld_and_moved_on(desks: Desks) -> tuple[Posted, BatchRef, str]:
    """The bill that withholds $1,000.00 is posted, and another account is chosen; July's batch and requisition."""
    world = Posted(desks, await desks.connect())
    await desks.switch_on()
    june, july = sorted(desks.expected["requisitions"], key=int)
    (batch,) = await desks.runnable()
    written = await desks.prepare(batch)
    assert written.batch_id is not None
    following = (await desks.send(written.batch_id)).next
    assert following is not None and list(await desks.links()) == [june]
    await world.set(retainage_account_id=NEW)
    return world, following, july


def retainage_of(bill: dict[str, Any]) -> list[tuple[str, Decimal]]:
    lines = [
        (one["AccountBasedExpenseLineDetail"]["AccountRef"]["value"], Decimal(one["Amount"])) for one in bill["Line"]
    ]
    return [line for line in lines if line[0] in (OLD, NEW)]


@pytest.mark.parametrize("is_active", [True, False])
async def test_a_release_goes_to_the_account_it_was_withheld_in(open_world: Opener, is_active: bool) -> None:
    async with open_world(small_world(0, releases=True)) as desks:
        world, batch, july = await withheld_and_moved_on(desks)
        async with desks.product.session() as session:
            assert await retainage_accounts(session, world.connection.id) == {OLD, NEW}
        if not is_active:
            # Merged into the new one: it takes nothing any more, and the new one has what it held.
            gone = {"action": "deactivate", "realm": world.realm, "kind": "Account", "id": OLD}
            act(world.books, Action.model_validate(gone))
            ref = ConnectionRef(company_id=desks.company_id, connection_id=world.connection.id)
            await as_activity(desks.connections.read_books, ref)
        await desks.post(batch)
        released_in = [(OLD, Decimal(1000)), (NEW, Decimal(500))] if is_active else [(NEW, Decimal(1500))]
        assert retainage_of(await world.bill_of(july)) == [(NEW, Decimal(-500)), *released_in]


async def test_an_opening_balance_stays_in_the_account_it_was_confirmed_in(open_world: Opener) -> None:
    async with open_world(small_world(0)) as desks:
        world = Posted(desks, await desks.connect())
        for amount, account_id in (("900", OLD), ("950", NEW)):
            await world.set(retainage_account_id=account_id)
            async with desks.product.session() as session:
                await confirm_opening(session, world.connection.id, "701", Decimal(amount), uuid4())
        async with desks.product.session() as session:
            found = (await openings_now(session, world.connection.id, ["701"]))["701"]
        assert (found.amount, found.account_id) == (Decimal(950), OLD)


async def test_a_bill_that_is_updated_stays_in_the_account_it_was_posted_to(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        world, (only,) = await posted_world(desks)
        await world.set(retainage_account_id=NEW, changed_invoice=ChangedInvoice.UPDATE)
        desks.product.bill_again(only, "2000.00")
        (batch,) = await updates(world)
        await desks.post(batch)
        withheld = retainage_of(await world.bill_of(only))
        assert [account_id for account_id, _ in withheld] == [OLD]
        link = (await desks.links())[only]
        assert (link.retainage_account_id, -link.retainage_withheld) == withheld[0]
