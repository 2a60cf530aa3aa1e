"""What QuickBooks Online leaves open, in both positions of its switch: the activities against the simulator."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select

import providers.quickbooks_online.answers
from accounting.bill_settings import ChangedInvoice
from accounting.blockers import BlockerReason
from models.freeing import Resolved, free
from models.tables import QuickBooksTransaction
from providers.quickbooks_online.errors import GrantRefused
from simulators.faults import FaultRule
from tests.activities.after_posting import posted_world
from tests.activities.conftest import Opener
from tests.activities.test_send import on_write, one_bill_each, ready, writes
from tests.activities.test_tokens import NEARLY_AN_HOUR, newest_refresh_token, token_user
from tests.activities.test_updating import due, is_posted_as_is, updates
from tests.small_world import small_world


@pytest.mark.parametrize(
    "switches",
    [
        {"sparse_bill_update": "accept", "payment_bumps_bill": True, "extra_fields": True},
        {"sparse_bill_update": "refuse", "payment_bumps_bill": False, "extra_fields": False},
    ],
    ids=["as assumed", "otherwise"],
)
async def test_a_bill_is_updated_from_how_it_stands(open_world: Opener, switches: dict[str, Any]) -> None:
    async with open_world(small_world(1)) as desks:
        desks.product.quickbooks.change_switches(switches)
        world, (only,) = await posted_world(desks)
        await world.set(changed_invoice=ChangedInvoice.UPDATE)
        before = await world.bill_of(only)
        world.act("void_payment", world.act("pay_bill", before, amount=Decimal(100)))
        was_bumped = (await world.bill_of(only))["SyncToken"] != before["SyncToken"]
        assert was_bumped is switches["payment_bumps_bill"]
        desks.product.bill_again(only, "2000.00")
        (batch,) = await updates(world)
        await desks.post(batch)
        assert Decimal((await world.bill_of(only))["TotalAmt"]) == due(world, only)
        assert await is_posted_as_is(world, only)


@pytest.mark.parametrize("position", [False, True])
async def test_what_was_refused_is_sent_again_as_another_request(open_world: Opener, position: bool) -> None:
    async with open_world(small_world(1)) as desks:
        desks.product.quickbooks.change_switches({"requestid_replays_faults": position, "negative_lines": "refuse"})
        await desks.send(await ready(desks))
        assert set((await desks.states()).values()) == {"needs_you"}
        desks.product.quickbooks.change_switches({"negative_lines": "accept"})
        async with desks.product.session() as session:
            await free(session, Resolved((BlockerReason.REFUSED_BY_QUICKBOOKS,)))
        await desks.post_everything()
        await one_bill_each(desks)
        assert len(set(writes(desks))) == 2


@pytest.mark.parametrize("position", [0, 1])
async def test_a_lost_bill_is_looked_up_however_long_its_request_is_remembered(
    open_world: Opener, position: int
) -> None:
    async with open_world(small_world(2)) as desks:
        batch_id = await ready(desks)
        desks.product.quickbooks.change_switches({"requestid_retention_seconds": position})
        on_write(desks, "drop_after")
        await desks.send_in_vain(batch_id)
        desks.advance(timedelta(minutes=2))
        await desks.send(batch_id)
        await one_bill_each(desks)


LIMIT = 4


@pytest.mark.parametrize("position", ["response", "entity"])
async def test_no_change_is_missed_where_an_answer_is_full(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch, position: str
) -> None:
    monkeypatch.setattr(providers.quickbooks_online.answers, "CDC_MOST_OBJECTS", LIMIT)
    async with open_world(small_world(LIMIT + 2)) as desks:
        world, ids = await posted_world(desks)
        desks.product.quickbooks.change_switches({"cdc_cap": position, "cdc_limit": LIMIT})
        vendors = list(world.books.entities["Vendor"].values())
        for vendor in vendors[:2]:
            world.act("rename", vendor, kind="Vendor", value=f"{vendor['DisplayName']} LLC")
        for one in ids:
            world.act("edit", await world.bill_of(one), fields={"DocNumber": f"NEW-{one}"})
        await world.look()
        async with desks.product.session() as session:
            found = await session.exec(
                select(QuickBooksTransaction.number)
                .where(QuickBooksTransaction.company_id == session.company_id)
                .where(col(QuickBooksTransaction.number).startswith("NEW-"))
            )
            assert sorted(found) == sorted(f"NEW-{one}" for one in ids)


@pytest.mark.parametrize(("position", "is_survived"), [(False, False), (True, True)])
async def test_a_lost_renewal_ends_where_the_old_token_is_dead(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch, position: bool, is_survived: bool
) -> None:
    monkeypatch.setattr("activities.connection_tokens.BETWEEN_TRIES", 0.01)
    async with open_world(small_world(1)) as desks:
        connection = await desks.connect()
        desks.product.quickbooks.change_switches({"refresh_grace": position, "refresh_rotation_hours": 0})
        desks.advance(NEARLY_AN_HOUR)
        lost = {"effect": "drop_after", "method": "POST", "path": "/tokens/bearer$", "count": 1}
        desks.product.quickbooks.faults.add(FaultRule.model_validate(lost))
        if is_survived:
            await token_user(desks, connection.id).token()
        else:
            with pytest.raises(GrantRefused):
                await token_user(desks, connection.id).token()


@pytest.mark.parametrize("position", [24, 0])
async def test_a_renewal_keeps_whatever_refresh_token_it_brings(open_world: Opener, position: int) -> None:
    async with open_world(small_world(1)) as desks:
        connection = await desks.connect()
        desks.product.quickbooks.change_switches({"refresh_rotation_hours": position})
        before = newest_refresh_token(desks).value
        for _ in range(2):
            desks.advance(NEARLY_AN_HOUR)
            await token_user(desks, connection.id).token()
        assert (newest_refresh_token(desks).value == before) is (position == 24)
        assert desks.product.quickbooks.policy.refreshes == 2
