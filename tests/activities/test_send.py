"""Sending under trouble: whatever becomes of an answer, every invoice ends with exactly one bill."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from temporalio.testing import ActivityEnvironment

from models.connections import pause_posting
from models.tables import AttemptState
from simulators.faults import FaultRule
from simulators.quickbooks_online.people import Action, act
from simulators.world.documents import Documents
from tests.activities.conftest import Opener
from tests.desks import Desks
from tests.product import eventually
from tests.small_world import small_world

SURELY_OVER = timedelta(seconds=130)
BILL = '"VendorRef":'
XML_THROTTLE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<IntuitResponse time="2026-11-20T09:14:03.412-08:00" xmlns="http://schema.intuit.com/finance/v3">'
    '<Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=429'
    "</Message></Error></Fault></IntuitResponse>"
)


def realm(desks: Desks) -> str:
    return str(desks.expected["realm_id"])


async def ready(desks: Desks) -> UUID:
    """A world whose only batch is written down and not sent yet."""
    await desks.connect()
    await desks.switch_on()
    return await desks.prepared()


def on_write(desks: Desks, effect: str, **more: Any) -> None:
    """Let this befall the next write of bills, alone or in a batch; look-ups pass."""
    rule = {"effect": effect, "method": "POST", "path": r"/(bill|batch)$", "request_body": BILL, "count": 1, **more}
    desks.product.quickbooks.faults.add(FaultRule.model_validate(rule))


def on_look_up(desks: Desks, effect: str, **more: Any) -> None:
    """Let this befall the next look-up."""
    rule = {"effect": effect, "method": "POST", "path": r"/batch$", "request_body": '"Query"', "count": 1, **more}
    desks.product.quickbooks.faults.add(FaultRule.model_validate(rule))


def writes(desks: Desks) -> list[str]:
    """The requestid of every write of bills, in order; look-ups have their own."""
    entries = desks.product.quickbooks.traffic.entries()
    found = [re.search(r"requestid=([^&]+)", one["query"]) for one in entries if one["method"] == "POST"]
    return [match.group(1) for match in found if match]


async def one_bill_each(desks: Desks) -> None:
    """Every invoice is posted and has exactly the bill the world's literals name."""
    assert set((await desks.states()).values()) == {"posted"}
    bills = Counter((bill["DocNumber"], Decimal(bill["TotalAmt"])) for bill in desks.product.bills(realm(desks)))
    wanted = [one["bill"] for one in desks.expected["requisitions"].values()]
    assert bills == Counter((bill["number"], Decimal(bill["total"])) for bill in wanted)
    assert len(await desks.links()) == len(wanted)
    assert await desks.open_batches() == []


@pytest.fixture(params=[1, 3], ids=["one bill", "a batch"])
def world(request: pytest.FixtureRequest) -> Documents:
    return small_world(request.param)


async def test_undisturbed_it_takes_one_request(open_world: Opener, world: Documents) -> None:
    async with open_world(world) as desks:
        outcome = await desks.send(await ready(desks))
        assert outcome.posted == len(desks.expected["requisitions"])
        await one_bill_each(desks)
        assert len(writes(desks)) == 1


async def test_a_pause_nobody_was_told_of_holds_a_batch_that_is_ready(open_world: Opener, world: Documents) -> None:
    async with open_world(world) as desks:
        batch_id = await ready(desks)
        connection_id = (await desks.open_batches())[0].connection_id
        async with desks.product.session() as session:
            await pause_posting(session, connection_id, True, desks.product.admin_id)
        assert (await desks.send(batch_id)).posted == 0
        assert desks.product.bills(realm(desks)) == []
        assert set((await desks.states()).values()) == {"imported"}
        async with desks.product.session() as session:
            await pause_posting(session, connection_id, False, desks.product.admin_id)
        await desks.send(await desks.prepared())
        await one_bill_each(desks)


async def test_a_lost_answer_is_looked_up_and_its_bills_are_adopted(open_world: Opener, world: Documents) -> None:
    async with open_world(world) as desks:
        batch_id = await ready(desks)
        on_write(desks, "drop_after")
        failed = await desks.send_in_vain(batch_id)
        assert failed.type == "OutcomeUnclear"
        assert {one.state for one in await desks.attempts()} == {AttemptState.UNCLEAR}
        await desks.send(batch_id)
        await one_bill_each(desks)
        assert all(attempt.adopted for attempt in await desks.attempts())


async def test_a_request_that_never_arrived_is_sent_again_unchanged(open_world: Opener, world: Documents) -> None:
    async with open_world(world) as desks:
        batch_id = await ready(desks)
        before = {one.id: one.body for one in await desks.attempts()}
        on_write(desks, "drop_before")
        await desks.send_in_vain(batch_id)
        await desks.send(batch_id)
        await one_bill_each(desks)
        attempts = await desks.attempts()
        assert {one.id: one.body for one in attempts} == before
        assert not any(attempt.adopted for attempt in attempts)
        first, look_up, again = writes(desks)
        assert first == again == str(batch_id)
        assert look_up != first


@pytest.mark.parametrize(
    "answer",
    [
        {"effect": "truncate"},
        {"effect": "truncate", "length": "cut"},
        {"effect": "html", "status": 200, "commit": True},
        {"effect": "html", "status": 502, "commit": True},
        {"effect": "empty"},
        {"effect": "fault_200", "commit": True},
        {"effect": "after_status", "status": 500},
        {"effect": "after_status", "status": 429, "body": XML_THROTTLE},
        {"effect": "fault_200"},
        {"effect": "status", "status": 503},
    ],
    ids=lambda answer: "-".join(str(value)[:12] for value in answer.values()),
)
async def test_an_unreadable_answer_to_a_write_makes_no_second_bill(open_world: Opener, answer: dict[str, Any]) -> None:
    async with open_world(small_world(2)) as desks:
        batch_id = await ready(desks)
        on_write(desks, **answer)
        await desks.send_in_vain(batch_id)
        await desks.send(batch_id)
        await one_bill_each(desks)


@pytest.mark.parametrize("effect", ["drop_before", "drop_after", "truncate", "html", "empty", "fault_200"])
async def test_trouble_with_the_look_up_leaves_the_attempt_open(open_world: Opener, effect: str) -> None:
    async with open_world(small_world(2)) as desks:
        batch_id = await ready(desks)
        on_write(desks, "drop_after")
        on_look_up(desks, effect)
        await desks.send_in_vain(batch_id)
        await desks.send_in_vain(batch_id)
        assert len(desks.product.bills(realm(desks))) == 2
        await desks.send(batch_id)
        await one_bill_each(desks)


async def test_a_worker_killed_while_the_answer_is_held(open_world: Opener, world: Documents) -> None:
    async with open_world(world) as desks:
        batch_id = await ready(desks)
        on_write(desks, "hold_after")
        environment = ActivityEnvironment()
        sending = asyncio.create_task(desks.send(batch_id, environment))

        async def is_held() -> bool:
            return bool(desks.product.quickbooks.faults.describe()["held"])

        await eventually(is_held)
        environment.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert {one.state for one in await desks.attempts()} == {AttemptState.SENT}
        await desks.send(batch_id)
        await one_bill_each(desks)


async def test_a_throttled_write_waits_as_long_as_quickbooks_asks(open_world: Opener, world: Documents) -> None:
    async with open_world(world) as desks:
        batch_id = await ready(desks)
        on_write(desks, "status", status=429, body=XML_THROTTLE, headers={"content-type": "application/xml"})
        failed = await desks.send_in_vain(batch_id)
        assert (failed.type, failed.next_retry_delay) == ("Throttled", timedelta(seconds=60))
        assert await desks.waits() == {
            "QuickBooks Online limits how often it may be asked; inBuild goes on when the limit resets."
        }
        # Surely not done, so it needs no look-up: the same request goes again.
        assert {one.state for one in await desks.attempts()} == {AttemptState.PREPARED}
        await desks.send(batch_id)
        await one_bill_each(desks)
        assert await desks.waits() == set()
        assert writes(desks) == [str(batch_id)] * 2


async def test_part_of_a_batch_found_after_a_lost_answer(open_world: Opener) -> None:
    """What is missing is not sent again before the first request is surely over, and then under a new key."""
    async with open_world(small_world(3)) as desks:
        batch_id = await ready(desks)
        on_write(desks, "drop_after")
        await desks.send_in_vain(batch_id)
        books = desks.product.quickbooks.companies[realm(desks)]
        missing = desks.product.bills(realm(desks))[1]
        act(books, Action(action="delete", realm=realm(desks), id=missing["Id"]))
        failed = await desks.send_in_vain(batch_id)
        assert failed.type == "StillRunning"
        assert failed.next_retry_delay is not None
        assert timedelta(0) < failed.next_retry_delay <= SURELY_OVER
        desks.advance(failed.next_retry_delay)
        outcome = await desks.send(batch_id)
        assert (outcome.posted, outcome.rejected) == (2, 1)
        assert outcome.next is not None
        again = await desks.prepare(outcome.next)
        assert again.batch_id is not None
        await desks.send(again.batch_id)
        await one_bill_each(desks)
        assert [one.generation for one in await desks.attempts()] == [1, 1, 1, 2]


async def test_one_bad_reference_holds_up_no_other_bill_of_the_batch(open_world: Opener) -> None:
    async with open_world(small_world(4)) as desks:
        batch_id = await ready(desks)
        books = desks.product.quickbooks.companies[realm(desks)]
        (bad, *_) = await desks.attempts()
        act(books, Action(action="deactivate", realm=realm(desks), kind="Vendor", id=bad.lookup_vendor_id))
        outcome = await desks.send(batch_id)
        assert (outcome.posted, outcome.rejected) == (3, 1)
        states = Counter((await desks.states()).values())
        assert states == {"posted": 3, "needs_you": 1}
        assert list((await desks.holds()).values()) == [["vendor_inactive"]]


@pytest.mark.parametrize("closed_period_code", ["6210", "6200"])
async def test_a_closed_period_holds_what_falls_into_it(open_world: Opener, closed_period_code: str) -> None:
    async with open_world(small_world(2)) as desks:
        desks.product.quickbooks.change_switches({"closed_period_code": closed_period_code})
        batch_id = await ready(desks)
        books = desks.product.quickbooks.companies[realm(desks)]
        act(books, Action(action="close_books", realm=realm(desks), value="2026-12-31"))
        outcome = await desks.send(batch_id)
        assert (outcome.posted, outcome.rejected) == (0, 2)
        assert list((await desks.holds()).values()) == [["period_closed"], ["period_closed"]]
        assert desks.product.bills(realm(desks)) == []


async def test_a_bill_of_the_same_number_without_our_marker_is_not_adopted(open_world: Opener) -> None:
    """Subcontractors count 1, 2, 3 on every contract: somebody else's bill stays what it is, and ours is made."""
    async with open_world(small_world(1)) as desks:
        batch_id = await ready(desks)
        books = desks.product.quickbooks.companies[realm(desks)]
        (attempt,) = await desks.attempts()
        account = next(one["Id"] for one in books.entities["Account"].values() if one["AccountType"] == "Expense")
        line = {
            "Amount": attempt.lookup_total,
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
        }
        typed_in = {
            "VendorRef": {"value": attempt.lookup_vendor_id},
            "DocNumber": attempt.lookup_number,
            "Line": [line],
            "PrivateNote": "typed in by hand",
        }
        theirs = act(books, Action(action="create", realm=realm(desks), kind="Bill", fields=typed_in))
        on_write(desks, "drop_before")
        await desks.send_in_vain(batch_id)
        await desks.send(batch_id)
        await one_bill_each(desks)
        (link,) = (await desks.links()).values()
        entities = books.entities["Bill"]
        assert link.quickbooks_id != entity_id(theirs)
        assert entities[entity_id(theirs)]["PrivateNote"] == "typed in by hand"


@pytest.mark.parametrize(
    ("duplicate_number_scope", "state", "held"),
    [("vendor", "posted", []), ("company", "needs_you", [["likely_duplicate"]])],
)
async def test_another_vendors_bill_of_the_number_counts_where_the_company_says_so(
    open_world: Opener, duplicate_number_scope: str, state: str, held: list[list[str]]
) -> None:
    async with open_world(small_world(1)) as desks:
        desks.product.quickbooks.change_switches({"duplicate_number_scope": duplicate_number_scope})
        batch_id = await ready(desks)
        books = desks.product.quickbooks.companies[realm(desks)]
        (attempt,) = await desks.attempts()
        account = next(one["Id"] for one in books.entities["Account"].values() if one["AccountType"] == "Expense")
        theirs = {
            "VendorRef": {"value": next(one for one in books.entities["Vendor"] if one != attempt.lookup_vendor_id)},
            "DocNumber": attempt.lookup_number,
            "Line": [
                {
                    "Amount": 5,
                    "DetailType": "AccountBasedExpenseLineDetail",
                    "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
                }
            ],
        }
        act(books, Action(action="create", realm=realm(desks), kind="Bill", fields=theirs))
        warning = {"section": "OtherPrefs", "id": "WarnDuplicateBillNumber", "value": "true"}
        act(books, Action(action="set_preference", realm=realm(desks), **warning))
        await desks.send(batch_id)
        assert list((await desks.states()).values()) == [state]
        assert list((await desks.holds()).values()) == held


def entity_id(answer: dict[str, Any]) -> str:
    found = answer.get("Id") or answer["Bill"]["Id"]
    return str(found)


async def test_a_total_answered_differently_shows_as_changed(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        batch_id = await ready(desks)
        on_write(desks, "drop_after")
        await desks.send_in_vain(batch_id)
        (bill,) = desks.product.bills(realm(desks))
        wrong = {**bill, "TotalAmt": float(bill["TotalAmt"]) + 1, "Balance": 1, "Line": []}
        desks.product.quickbooks.faults.remove()
        on_look_up(desks, "status", status=502)
        await desks.send_in_vain(batch_id)
        answer = {"BatchItemResponse": [{"bId": "1", "QueryResponse": {"Bill": [wrong], "maxResults": 1}}], "time": "x"}
        on_look_up(desks, "status", status=200, body=answer)
        await desks.send(batch_id)
        (invoice,) = (await desks.invoices()).values()
        assert invoice.state == "posted"
        assert invoice.changed
        assert len(desks.product.bills(realm(desks))) == 1


async def test_a_bill_edited_before_the_look_up_is_still_ours(open_world: Opener) -> None:
    """Not even where QuickBooks has forgotten the request id: the marker tells whose it is, the total only differs."""
    async with open_world(small_world(1)) as desks:
        batch_id = await ready(desks)
        desks.product.quickbooks.change_switches({"requestid_retention_seconds": 1})
        on_write(desks, "drop_after")
        await desks.send_in_vain(batch_id)
        (bill,) = desks.product.bills(realm(desks))
        books = desks.product.quickbooks.companies[realm(desks)]
        lines = [{**bill["Line"][0], "Amount": Decimal("5.00")}]
        act(books, Action(action="edit", realm=realm(desks), id=bill["Id"], fields={"Line": lines}))
        desks.advance(timedelta(minutes=1))
        await desks.send(batch_id)
        (invoice,) = (await desks.invoices()).values()
        assert len(desks.product.bills(realm(desks))) == 1
        assert (invoice.state.value, invoice.changed) == ("posted", True)


async def test_a_token_refused_even_after_it_was_renewed_ends_the_session_and_fails_nothing(
    open_world: Opener, world: Documents
) -> None:
    async with open_world(world) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        before = desks.product.quickbooks.policy.refreshes
        refused = {"Fault": {"Error": [{"Message": "AuthenticationFailed", "code": "3200"}], "type": "AUTHENTICATION"}}
        rule = FaultRule(effect="status", status=401, method="*", path="/v3/company/", body=refused)
        fault = desks.product.quickbooks.faults.add(rule)
        await desks.post_everything()
        expired = await desks.connection(connection.id)
        assert (expired.state, expired.state_reason) == ("expired", "token_refused")
        assert desks.product.quickbooks.policy.refreshes == before + 1
        assert not set((await desks.states()).values()) & {"needs_you", "dont_post"}
        desks.product.quickbooks.faults.remove(fault)
        again = await desks.connect()
        assert (again.id, again.state) == (connection.id, "active")
        desks.advance(timedelta(minutes=15))
        await desks.post_everything()
        assert set((await desks.states()).values()) == {"posted"}


async def test_a_token_refused_in_mid_flight_is_renewed_once(open_world: Opener, world: Documents) -> None:
    async with open_world(world) as desks:
        batch_id = await ready(desks)
        desks.product.quickbooks.oauth.store.access.clear()
        await desks.send(batch_id)
        await one_bill_each(desks)
        assert desks.product.quickbooks.policy.refreshes == 1
        assert writes(desks) == [str(batch_id)] * 2


@pytest.mark.parametrize(("answer", "reason"), [("401", "refresh_refused"), ("403", "not_authorised")])
async def test_a_withdrawn_consent_expires_the_connection_and_the_invoices_wait(
    open_world: Opener, world: Documents, answer: str, reason: str
) -> None:
    async with open_world(world) as desks:
        batch_id = await ready(desks)
        desks.product.quickbooks.change_switches({"disconnect_answer": answer})
        desks.product.quickbooks.disconnect(realm(desks))
        outcome = await desks.send(batch_id)
        assert outcome.posted == 0
        assert await desks.attempts() == [], "what never left is forgotten"
        connection = await desks.connection(await first_connection(desks))
        assert (connection.state.value, connection.state_reason) == ("expired", reason)
        assert set((await desks.states()).values()) == {"imported"}
        assert await desks.runnable() == []
        await desks.connect()
        await desks.post_everything()
        await one_bill_each(desks)


async def test_an_unclear_write_of_an_expired_connection_is_settled_after_the_reconnect(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        batch_id = await ready(desks)
        on_write(desks, "drop_after")
        await desks.send_in_vain(batch_id)
        desks.product.quickbooks.disconnect(realm(desks))
        await desks.send(batch_id)
        assert {one.state for one in await desks.attempts()} == {AttemptState.UNCLEAR}
        assert set((await desks.states()).values()) == {"sending"}
        await desks.connect()
        (unfinished,) = await desks.runnable()
        assert unfinished.batch_id == batch_id
        await desks.send(batch_id)
        await one_bill_each(desks)


async def test_an_unclear_write_that_met_a_pause_is_settled_once_posting_is_resumed(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        batch_id = await ready(desks)
        on_write(desks, "drop_after")
        await desks.send_in_vain(batch_id)
        connection_id = await first_connection(desks)
        for paused in (True, False):
            async with desks.product.session() as session:
                await pause_posting(session, connection_id, paused, desks.product.admin_id)
            if paused:
                assert (await desks.send(batch_id)).posted == 0
                assert await desks.runnable() == []
        # Without waiting for a lease to run out.
        (unfinished,) = await desks.runnable()
        assert unfinished.batch_id == batch_id
        await desks.send(batch_id)
        await one_bill_each(desks)


async def first_connection(desks: Desks) -> UUID:
    (invoice, *_) = (await desks.invoices()).values()
    assert invoice.connection_id is not None
    return invoice.connection_id
