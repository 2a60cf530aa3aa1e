"""A batch in one activity: whichever attempt it is goes on where the last one ended; the last asks for the files."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.pacing import LONGEST_WAIT_INSIDE, RequestPacing
from contracts.mirroring import BatchRef, PrepareRequest
from contracts.names import BATCH_SIZE, REQUEST_SIZE, paperwork_workflow_id
from foundation.settings import LEAST_BATCHES
from models.allowance import allowance
from models.connections import pause_posting
from models.pacing import Pace, reserve
from models.tables import AttemptState
from simulators.faults import FaultPlan, FaultRule
from tests.activities.conftest import Opener
from tests.desks import Desks, as_activity
from tests.product import eventually
from tests.small_world import small_world


def request_for(desks: Desks, batch: BatchRef) -> PrepareRequest:
    return PrepareRequest(company_id=desks.company_id, batch=batch)


async def asked_for_files(desks: Desks) -> int:
    """How often the company's paperwork was asked for."""
    workflow = desks.product.temporal.get_workflow_handle(paperwork_workflow_id(desks.company_id))
    try:
        history = await workflow.fetch_history()
    except RPCError as none:
        assert none.status is RPCStatusCode.NOT_FOUND
        return 0
    return sum(one.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED for one in history.events)


async def test_a_batch_is_posted_and_names_what_follows(open_world: Opener) -> None:
    async with open_world(small_world(invoices=BATCH_SIZE + 2)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        assert batch.summary.startswith(f"{BATCH_SIZE} invoices, $")
        posted = await as_activity(desks.mirroring.post_batch, request_for(desks, batch))
        assert posted.posted == BATCH_SIZE
        assert posted.next is not None and posted.next.summary.startswith("2 invoices, $")
        last = await as_activity(desks.mirroring.post_batch, request_for(desks, posted.next))
        assert (last.posted, last.next) == (2, None)


async def test_a_batch_takes_as_many_requests_as_it_needs(open_world: Opener) -> None:
    async with open_world(small_world(invoices=REQUEST_SIZE + 2)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        posted = await as_activity(desks.mirroring.post_batch, request_for(desks, batch))
        assert (posted.posted, posted.next) == (REQUEST_SIZE + 2, None)
        sizes = Counter(one.batch_id for one in await desks.attempts())
        assert sorted(sizes.values()) == [2, REQUEST_SIZE]
        assert sum(one["path"].endswith("/batch") for one in desks.product.quickbooks.traffic.entries(0, 1000)) == 2
        # All of it was looked at in one call, and asks for its files once.
        asked = [one["query"] for one in desks.product.procore.traffic.entries(0, 1000)]
        assert sum("filters%5Bid%5D" in query or "filters[id]" in query for query in asked) == 1
        assert await asked_for_files(desks) == 1


async def is_held(faults: FaultPlan) -> bool:
    return bool(faults.describe()["held"])


THE_SMALL_REQUEST = r'^(?!.*"bId": ?"3")'
TURNED_AWAY = {"Fault": {"Error": [{"Message": "AuthenticationFailed", "code": "3200"}], "type": "AUTHENTICATION"}}


def on_a_batch(effect: str, told: str, **more: Any) -> FaultRule:
    fault = {"effect": effect, "method": "POST", "path": "/batch$", "request_body": told, **more}
    return FaultRule.model_validate(fault)


@pytest.mark.parametrize("effect", ["drop_before", "drop_after"])
async def test_a_batch_goes_on_with_the_request_that_failed(open_world: Opener, effect: str) -> None:
    async with open_world(small_world(invoices=REQUEST_SIZE + 2)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        desks.product.quickbooks.faults.add(on_a_batch(effect, THE_SMALL_REQUEST, count=1))
        environment = ActivityEnvironment()
        with pytest.raises(ApplicationError):
            await environment.run(desks.mirroring.post_batch, request_for(desks, batch))
        assert len(await desks.links()) == REQUEST_SIZE
        environment.info = replace(environment.info, attempt=2)
        told = await environment.run(desks.mirroring.post_batch, request_for(desks, batch))
        assert (told.posted, told.next) == (2, None)
        assert len(desks.product.bills(desks.expected["realm_id"])) == len(await desks.links()) == REQUEST_SIZE + 2


@pytest.mark.parametrize("effect", ["drop_before", "drop_after"])
async def test_both_requests_may_fail(open_world: Opener, effect: str) -> None:
    async with open_world(small_world(invoices=REQUEST_SIZE + 2)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        desks.product.quickbooks.faults.add(on_a_batch(effect, '"DocNumber"', count=2))
        environment = ActivityEnvironment()
        with pytest.raises(ApplicationError):
            await environment.run(desks.mirroring.post_batch, request_for(desks, batch))
        assert await desks.links() == {}
        environment.info = replace(environment.info, attempt=2)
        told = await environment.run(desks.mirroring.post_batch, request_for(desks, batch))
        assert (told.posted, told.next) == (REQUEST_SIZE + 2, None)
        assert len(desks.product.bills(desks.expected["realm_id"])) == len(await desks.links()) == REQUEST_SIZE + 2


async def test_a_session_that_ends_for_one_request_gives_only_its_invoices_back(open_world: Opener) -> None:
    async with open_world(small_world(invoices=REQUEST_SIZE + 2)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        rule = on_a_batch("status", THE_SMALL_REQUEST, status=401, body=TURNED_AWAY)
        fault = desks.product.quickbooks.faults.add(rule)
        told = await as_activity(desks.mirroring.post_batch, request_for(desks, batch))
        assert (told.posted, told.next) == (REQUEST_SIZE, None)
        assert (await desks.connection(connection.id)).state == "expired"
        assert Counter((await desks.states()).values()) == {"posted": REQUEST_SIZE, "imported": 2}
        assert {one.state for one in await desks.attempts()} == {AttemptState.ACCEPTED}, "what never left is forgotten"
        desks.product.quickbooks.faults.remove(fault)
        await desks.connect()
        await desks.post_everything()
        assert len(desks.product.bills(desks.expected["realm_id"])) == len(await desks.links()) == REQUEST_SIZE + 2


async def test_pausing_between_two_requests_gives_the_second_back(open_world: Opener) -> None:
    async with open_world(small_world(invoices=REQUEST_SIZE + 2)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        written = await desks.prepare(batch)
        assert written.batch_id is not None and len(written.more) == 1
        await desks.send(written.batch_id)
        async with desks.product.session() as session:
            await pause_posting(session, connection.id, True, desks.product.admin_id)
        assert (await desks.send(written.more[0])).posted == 0
        assert len(desks.product.bills(desks.expected["realm_id"])) == REQUEST_SIZE
        async with desks.product.session() as session:
            await pause_posting(session, connection.id, False, desks.product.admin_id)
        await desks.post_everything()
        assert len(desks.product.bills(desks.expected["realm_id"])) == REQUEST_SIZE + 2


async def test_the_attempt_after_a_crash_sends_what_was_written_down(open_world: Opener) -> None:
    async with open_world(small_world(invoices=3)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        environment = ActivityEnvironment()
        # Killed after preparing.
        await environment.run(desks.mirroring.prepare_batch, request_for(desks, batch))
        environment.info = replace(environment.info, attempt=2)
        assert (await environment.run(desks.mirroring.post_batch, request_for(desks, batch))).posted == 3
        # Killed once more before Temporal was told.
        environment.info = replace(environment.info, attempt=3)
        assert (await environment.run(desks.mirroring.post_batch, request_for(desks, batch))).posted == 0
        assert len(desks.product.bills(desks.expected["realm_id"])) == len(await desks.links()) == 3


async def test_the_attempt_after_a_kill_in_mid_flight_adopts_what_is_there(open_world: Opener) -> None:
    async with open_world(small_world(invoices=3)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        desks.product.quickbooks.faults.add(on_a_batch("hold_after", '"DocNumber"', count=1))
        environment = ActivityEnvironment()
        posting = asyncio.create_task(environment.run(desks.mirroring.post_batch, request_for(desks, batch)))
        await eventually(lambda: is_held(desks.product.quickbooks.faults))
        assert {one.state for one in await desks.attempts()} == {AttemptState.SENT}
        environment.cancel()
        with pytest.raises(asyncio.CancelledError):
            await posting
        again = ActivityEnvironment()
        again.info = replace(again.info, attempt=2)
        assert (await again.run(desks.mirroring.post_batch, request_for(desks, batch))).posted == 3
        assert len(desks.product.bills(desks.expected["realm_id"])) == len(await desks.links()) == 3


async def test_pausing_during_the_fresh_look_lets_nothing_go(open_world: Opener) -> None:
    async with open_world(small_world(invoices=3)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        held = FaultRule(effect="hold_after", path="/requisitions", query="filters", count=1)
        desks.product.procore.plan.add(held)
        posting = asyncio.create_task(as_activity(desks.mirroring.post_batch, request_for(desks, batch)))
        await eventually(lambda: is_held(desks.product.procore.plan))
        async with desks.product.session() as session:
            await pause_posting(session, connection.id, True, desks.product.admin_id)
        desks.product.procore.plan.release()
        told = await posting
        assert (told.posted, await desks.attempts()) == (0, [])
        assert set((await desks.states()).values()) == {"imported"}
        async with desks.product.session() as session:
            await pause_posting(session, connection.id, False, desks.product.admin_id)
        await desks.post_everything()
        assert len(desks.product.bills(desks.expected["realm_id"])) == len(await desks.links()) == 3


async def test_without_a_place_in_quickbooks_line_nothing_is_written_down(open_world: Opener) -> None:
    async with open_world(small_world(invoices=3), intuit_batches_per_minute=LEAST_BATCHES) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        pace = Pace.within("batch", LEAST_BATCHES, timedelta(minutes=1))
        async with desks.product.session() as session:
            for _ in range(4):
                await reserve(session, connection.id, pace)
            before = (await allowance(session)).used
        environment = ActivityEnvironment()
        with pytest.raises(ApplicationError) as later:
            await environment.run(desks.mirroring.post_batch, request_for(desks, batch))
        assert later.value.next_retry_delay is not None
        assert (await desks.attempts(), set((await desks.states()).values())) == ([], {"imported"})
        async with desks.product.session() as session:
            assert (await allowance(session)).used == before + 1, "Procore was asked all the same"
        desks.advance(timedelta(minutes=1))
        environment.info = replace(environment.info, attempt=2)
        assert (await environment.run(desks.mirroring.post_batch, request_for(desks, batch))).posted == 3


async def test_a_batch_finds_its_places_by_the_slowest_pace_that_is_allowed(open_world: Opener) -> None:
    async with open_world(small_world(), intuit_batches_per_minute=LEAST_BATCHES) as desks:
        connection = await desks.connect()
        pacing = RequestPacing(desks.product.outside.settings, connection.id)
        async with desks.product.session() as session:
            waits = [await pacing.reserve(session, is_batch=True) for _ in range(BATCH_SIZE // REQUEST_SIZE)]
        assert (waits[0], waits[-1]) == (timedelta(0), LONGEST_WAIT_INSIDE)


async def test_the_attempt_after_a_lost_answer_adopts_what_is_there(open_world: Opener) -> None:
    async with open_world(small_world(invoices=3)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        lost = {"effect": "drop_after", "method": "POST", "path": "/batch$", "request_body": '"DocNumber"', "count": 1}
        desks.product.quickbooks.faults.add(FaultRule.model_validate(lost))
        environment = ActivityEnvironment()
        with pytest.raises(ApplicationError):
            await environment.run(desks.mirroring.post_batch, request_for(desks, batch))
        assert {one.state for one in await desks.attempts()} == {AttemptState.UNCLEAR}
        environment.info = replace(environment.info, attempt=2)
        assert (await environment.run(desks.mirroring.post_batch, request_for(desks, batch))).posted == 3
        assert {one.adopted for one in await desks.attempts()} == {True}
        assert len(desks.product.bills(desks.expected["realm_id"])) == 3


async def test_files_are_asked_for_once_by_the_last_batch(open_world: Opener) -> None:
    async with open_world(small_world(2, 2)) as desks:
        await desks.connect()
        await desks.switch_on()
        one, other = await desks.runnable()
        await as_activity(desks.mirroring.post_batch, request_for(desks, one))
        assert await asked_for_files(desks) == 0
        # The last one has nothing to post, and asks all the same.
        for invoice in (await desks.invoices()).values():
            if invoice.id in other.invoice_ids:
                desks.product.change(invoice.source_id, status="draft")
        assert (await as_activity(desks.mirroring.post_batch, request_for(desks, other))).posted == 0
        assert await asked_for_files(desks) == 1
