"""A changed invoice changes its bill: once, from the bill as it stands, and never over a person's edit unasked."""

from decimal import Decimal
from typing import Any

from accounting.after_sync import NextStep
from accounting.bill_settings import ChangedInvoice
from accounting.states import Badge
from contracts.mirroring import BatchRef
from models.after_posting import differing, post_again
from models.bill_updates import LEASE
from models.comparisons import comparisons_of, want_update
from models.invoice_badges import badge_of_row
from models.tables import AttemptState, PostingOperation
from simulators.faults import FaultRule
from tests.activities.after_posting import Posted, posted_world
from tests.activities.conftest import Opener
from tests.small_world import small_world


async def updates(world: Posted) -> list[BatchRef]:
    """What a look wants updated, with what changed on either side taken in."""
    await world.look()
    # The look above leased what it found: it is given again once the lease is over.
    return await due_updates(world)


async def due_updates(world: Posted) -> list[BatchRef]:
    world.desks.advance(LEASE)
    return [batch for batch in await world.desks.runnable() if batch.updates]


async def ask_for_update(world: Posted, requisition_id: str) -> None:
    """What the button does."""
    row = await world.invoice(requisition_id)
    async with world.desks.product.session() as session:
        comparison = (await comparisons_of(session, [row.id]))[row.id]
        want_update(session, comparison, world.desks.product.admin_id)


async def is_posted_as_is(world: Posted, requisition_id: str) -> bool:
    await world.look()
    row, comparison = await world.invoice(requisition_id), await world.comparison(requisition_id)
    return badge_of_row(row) is Badge.POSTED and comparison.step is NextStep.NOTHING


def due(world: Posted, requisition_id: str) -> Decimal:
    return Decimal(world.desks.product.requisition(requisition_id).wire["summary"]["current_payment_due"])


async def test_the_bill_follows_the_invoice_where_the_setting_says_so(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        world, (only,) = await posted_world(desks)
        await world.set(changed_invoice=ChangedInvoice.UPDATE)
        before = await world.bill_of(only)
        world.act("edit", before, fields={"PrivateNote": f"{before['PrivateNote']} ask Bob", "DueDate": "2027-01-01"})
        desks.product.bill_again(only, "2000.00")
        (batch,) = await updates(world)
        await desks.post(batch)

        bill = await world.bill_of(only)
        assert Decimal(bill["TotalAmt"]) == due(world, only) == Decimal("2025.22")
        # What is a person's, or was never compared, is as it was; every line is the line it was.
        assert bill["PrivateNote"].endswith("ask Bob")
        assert (bill["DueDate"], bill["SalesTermRef"]) == ("2027-01-01", before["SalesTermRef"])
        assert [line["Id"] for line in bill["Line"]] == [line["Id"] for line in before["Line"]]
        assert [line["Description"] for line in bill["Line"]] == [line["Description"] for line in before["Line"]]
        assert len(desks.product.bills(world.realm)) == 1
        row, link = await world.invoice(only), (await desks.links())[only]
        assert (row.due, link.total, link.sync_token) == (due(world, only), due(world, only), bill["SyncToken"])
        withheld = -sum(Decimal(line["Amount"]) for line in bill["Line"] if Decimal(line["Amount"]) < 0)
        assert link.retainage_withheld == withheld
        assert await is_posted_as_is(world, only)
        assert [attempt.operation for attempt in await desks.attempts()] == [
            PostingOperation.CREATE_BILL,
            PostingOperation.UPDATE,
        ]
        # The same again, from the bill as it is now.
        desks.product.bill_again(only, "3000.00")
        (batch,) = await updates(world)
        await desks.post(batch)
        assert Decimal((await world.bill_of(only))["TotalAmt"]) == due(world, only)
        assert await is_posted_as_is(world, only)


async def test_a_person_asks_for_it_where_the_setting_asks(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        world, (changed, edited) = await posted_world(desks)
        as_posted = await world.bill_of(edited)
        desks.product.bill_again(changed, "2000.00")
        fields: dict[str, Any] = {"DocNumber": "TYPO-1"}
        world.act("edit", as_posted, fields=fields)
        assert await updates(world) == []
        await ask_for_update(world, changed)
        await ask_for_update(world, edited)
        for batch in await due_updates(world):
            await desks.post(batch)
        assert Decimal((await world.bill_of(changed))["TotalAmt"]) == due(world, changed)
        assert (await world.bill_of(edited))["DocNumber"] == as_posted["DocNumber"]
        assert await is_posted_as_is(world, changed) and await is_posted_as_is(world, edited)


async def test_who_was_quicker_is_never_written_over(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        world, (before_reading, after_reading) = await posted_world(desks)
        for one in (before_reading, after_reading):
            desks.product.bill_again(one, "2000.00")
        await world.look()
        for one in (before_reading, after_reading):
            await ask_for_update(world, one)
        by_invoice = {batch.invoice_ids[0]: batch for batch in await due_updates(world)}
        # Edited before the bill is read again: nothing is sent, and the person is asked about what is there now.
        world.act("edit", await world.bill_of(before_reading), fields={"DocNumber": "MINE-1"})
        prepared = await desks.prepare(by_invoice[(await world.invoice(before_reading)).id])
        assert prepared.batch_id is None
        # Edited between reading and writing: QuickBooks refuses the old SyncToken.
        prepared = await desks.prepare(by_invoice[(await world.invoice(after_reading)).id])
        assert prepared.batch_id is not None
        world.act("edit", await world.bill_of(after_reading), fields={"DocNumber": "MINE-2"})
        await desks.send(prepared.batch_id)
        assert (await desks.attempts())[-1].state is AttemptState.REJECTED
        for batch in await due_updates(world):
            assert (await desks.prepare(batch)).batch_id is None
        for one, number in ((before_reading, "MINE-1"), (after_reading, "MINE-2")):
            assert (await world.bill_of(one))["DocNumber"] == number
            comparison = await world.comparison(one)
            assert (comparison.step, comparison.update_wanted_at) == (NextStep.ASK, None)


async def test_an_update_whose_answer_is_lost_is_made_once(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        world, (arrived, lost) = await posted_world(desks)
        await world.set(changed_invoice=ChangedInvoice.UPDATE)
        faults = desks.product.quickbooks.faults
        rules = (
            FaultRule(effect="drop_after", method="POST", path="/bill", count=1),
            FaultRule(effect="drop_before", method="POST", path="/bill", count=1),
        )
        for one, rule in zip((arrived, lost), rules, strict=True):
            desks.product.bill_again(one, "2000.00")
            token = int((await world.bill_of(one))["SyncToken"])
            (batch,) = await updates(world)
            prepared = await desks.prepare(batch)
            assert prepared.batch_id is not None
            faults.add(rule)
            await desks.send_in_vain(prepared.batch_id)
            await desks.send(prepared.batch_id)
            bill = await world.bill_of(one)
            assert (int(bill["SyncToken"]), Decimal(bill["TotalAmt"])) == (token + 1, due(world, one))
            assert await is_posted_as_is(world, one)


async def test_a_removed_bill_is_posted_again_when_a_person_says_so(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        world, (only,) = await posted_world(desks)
        world.act("delete", await world.bill_of(only))
        # What Procore says meanwhile is what goes: the first bill is history.
        desks.product.bill_again(only, "2000.00")
        await world.look()
        assert badge_of_row(await world.invoice(only)) is Badge.REMOVED_IN_QUICKBOOKS
        row = await world.invoice(only)
        async with desks.product.session() as session:
            fingerprint = (await comparisons_of(session, [row.id]))[row.id].fingerprint
            found = await differing(session, row.id, fingerprint)
            assert found is not None
            await post_again(session, found[0], desks.product.admin_id)
        await desks.post_everything()
        (bill,) = desks.product.bills(world.realm)
        assert Decimal(bill["TotalAmt"]) == due(world, only)
        assert await is_posted_as_is(world, only)
