"""A worker that dies between a commit and telling Temporal of it: the next attempt finds what was written."""

from dataclasses import replace

from temporalio.testing import ActivityEnvironment

from contracts.mirroring import PrepareRequest, WatchRequest
from contracts.names import BATCH_SIZE
from tests.activities.conftest import Opener
from tests.small_world import small_world


async def test_the_next_attempt_to_prepare_names_the_batch_that_is_written_already(open_world: Opener) -> None:
    async with open_world(small_world(invoices=3)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        request = PrepareRequest(company_id=desks.company_id, batch=batch)
        # One environment is one activity: both are attempts of the same.
        environment = ActivityEnvironment()
        first = await environment.run(desks.mirroring.prepare_batch, request)
        environment.info = replace(environment.info, attempt=2)
        again = await environment.run(desks.mirroring.prepare_batch, request)
        assert first.batch_id is not None
        assert again.batch_id == first.batch_id
        assert len(await desks.attempts()) == 3
        assert (await desks.send(first.batch_id)).posted == 3


async def test_the_next_attempt_to_post_hands_on_what_the_dead_one_had_leased(open_world: Opener) -> None:
    async with open_world(small_world(invoices=BATCH_SIZE + 2)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        request = PrepareRequest(company_id=desks.company_id, batch=batch)
        environment = ActivityEnvironment()
        told = await environment.run(desks.mirroring.post_batch, request)
        environment.info = replace(environment.info, attempt=2)
        again = await environment.run(desks.mirroring.post_batch, request)
        assert told.next is not None
        assert again.next is not None
        assert len(again.next.invoice_ids) == 2
        assert set(again.next.invoice_ids) == set(told.next.invoice_ids)
        # Both may be dispatched: the second finds nothing left to do.
        await desks.post(again.next)
        await desks.post(told.next)
        assert len(await desks.links()) == BATCH_SIZE + 2
        assert len(desks.product.quickbooks.companies[desks.expected["realm_id"]].entities["Bill"]) == BATCH_SIZE + 2


async def test_the_next_attempt_to_look_returns_what_the_dead_one_had_leased(open_world: Opener) -> None:
    async with open_world(small_world(invoices=3)) as desks:
        await desks.connect()
        await desks.switch_on()
        request = WatchRequest(company_id=desks.company_id)
        environment = ActivityEnvironment()
        told = await environment.run(desks.mirroring.watch_company, request)
        again = await environment.run(desks.mirroring.watch_company, request)
        assert [batch.invoice_ids for batch in told.batches] == [batch.invoice_ids for batch in again.batches]
        assert sum(len(batch.invoice_ids) for batch in again.batches) == 3
