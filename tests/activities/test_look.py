"""A look at one company: what one project's trouble, a used-up allowance and an open batch mean for the next look."""

import asyncio
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from contracts.mirroring import WatchResult
from models.allowance import note_calls
from models.connections import pause_posting
from models.posting import BATCH_LEASE
from models.procore_vendors import vendor_parties
from models.projects import visible_projects
from models.tables import ProcoreCommitment
from simulators.faults import FaultRule
from tests.activities.conftest import Opener
from tests.desks import Desks
from tests.product import eventually
from tests.small_world import small_world

HOUR = timedelta(hours=1)
SLACK = timedelta(minutes=1)


def approve(desks: Desks, requisition_id: str) -> None:
    desks.product.change(requisition_id, status="approved")


async def test_one_project_that_cannot_be_read_hides_no_other(open_world: Opener) -> None:
    async with open_world(small_world(0, 3, waiting=3)) as desks:
        await desks.connect()
        await desks.switch_on()
        waiting = sorted(desks.expected["requisitions"], key=int)
        for one in waiting:
            approve(desks, one)
        broken = desks.product.requisition(waiting[0]).project_id
        rule = FaultRule(
            effect="status", status=500, method="GET", path=r"/requisitions$", query=f"project_id={broken}"
        )
        desks.product.procore.plan.add(rule)
        desks.advance(timedelta(minutes=15))
        for _ in range(4):
            found = await desks.look()
            if isinstance(found, WatchResult):
                for batch in found.batches:
                    await desks.post(batch)
        assert set(await desks.invoices()) == set(waiting[1:])
        async with desks.product.session() as session:
            troubles = {one.project_id: one.trouble for one in await visible_projects(session)}
        assert [one for one, trouble in troubles.items() if trouble] == [str(broken)]
        desks.product.procore.plan.remove()
        desks.advance(timedelta(minutes=15))
        await desks.post_everything()
        assert set((await desks.states()).values()) == {"posted"}
        assert len(await desks.invoices()) == 3


async def test_with_the_allowance_used_up_nothing_is_asked_until_the_hour_is_over(open_world: Opener) -> None:
    async with open_world(small_world(1, 2, waiting=2)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        await desks.look()
        asked = desks.product.asked_procore()
        async with desks.product.session() as session:
            await note_calls(session, 300 - asked, None)
            # While posting is paused the looks read contracts for the previews: not for nothing, either.
            await session.execute(
                sa.delete(ProcoreCommitment).where(col(ProcoreCommitment.company_id) == desks.company_id)
            )
            await pause_posting(session, connection.id, True, desks.product.admin_id)
        for one in desks.expected["requisitions"]:
            approve(desks, one)
        desks.advance(timedelta(minutes=30))
        delay = await desks.look()
        assert isinstance(delay, timedelta)
        assert HOUR - timedelta(minutes=30) - SLACK <= delay <= HOUR - timedelta(minutes=30)
        assert desks.product.asked_procore() == asked
        async with desks.product.session() as session:
            await pause_posting(session, connection.id, False, desks.product.admin_id)
        desks.advance(delay)
        await desks.post_everything()
        assert set((await desks.states()).values()) == {"posted"}


async def test_the_directory_is_read_once_a_day_before_mirroring_is_switched_on(open_world: Opener) -> None:
    async with open_world(small_world(0, 1)) as desks:
        await desks.connect()
        asked = desks.product.asked_procore()
        await desks.look()
        await desks.look()
        assert desks.product.asked_procore() == asked + 1
        async with desks.product.session() as session:
            known = await vendor_parties(session)
        told = desks.product.procore.records.vendors_by_company[int(desks.expected["company_id"])]
        assert {(one.id, one.name, one.email, one.phone) for one in known.values()} == {
            (str(one["id"]), one["name"], one["email_address"], one["business_phone"]) for one in told
        }
        desks.advance(timedelta(days=1, minutes=1))
        await desks.look()
        assert desks.product.asked_procore() == asked + 2


async def test_a_batch_of_unknown_outcome_is_taken_up_again_when_its_lease_ends(open_world: Opener) -> None:
    """Also while mirroring is off, when nothing else asks for an early look."""
    async with open_world(small_world(2)) as desks:
        await desks.connect()
        await desks.switch_on()
        batch_id = await desks.prepared()
        desks.product.quickbooks.faults.add(
            FaultRule(effect="drop_after", method="POST", path=r"/batch$", request_body='"create"', count=1)
        )
        await desks.send_in_vain(batch_id)
        await desks.switch_off()
        delay = await desks.look()
        assert isinstance(delay, timedelta)
        assert delay <= BATCH_LEASE
        desks.advance(delay)
        await desks.post_everything()
        assert set((await desks.states()).values()) == {"posted"}
        assert len(desks.product.bills(desks.expected["realm_id"])) == 2


async def test_a_look_that_a_newer_one_overtook_commits_and_leases_nothing(open_world: Opener) -> None:
    async with open_world(small_world(1, waiting=1)) as desks:
        await desks.connect()
        await desks.switch_on()
        await desks.post_everything()
        (late,) = set(desks.expected["requisitions"]) - set(await desks.invoices())
        approve(desks, late)
        desks.advance(timedelta(minutes=15))
        held = FaultRule(effect="hold_after", method="GET", path=r"/requisitions$", count=1)
        desks.product.procore.plan.add(held)
        overtaken = asyncio.create_task(desks.look())

        async def is_held() -> bool:
            return bool(desks.product.procore.plan.describe()["held"])

        await eventually(is_held)
        newer = await desks.look()
        assert isinstance(newer, WatchResult)
        desks.product.procore.plan.release()
        assert await overtaken == timedelta(seconds=1)
        for batch in newer.batches:
            await desks.post(batch)
        assert (await desks.states())[late] == "posted"


async def test_an_approval_of_before_the_start_is_remembered_however_often_it_is_approved_again(
    open_world: Opener,
) -> None:
    """Approved before, taken back and approved with other amounts: a person decides. With the same: it stays out."""
    async with open_world(small_world(2, waiting=1)) as desks:
        await desks.connect()
        await desks.switch_on(desks.clock.now().date() - timedelta(days=1))
        changed, unchanged, late = sorted(desks.expected["requisitions"], key=int)
        assert await desks.invoices() == {}

        async def later() -> None:
            desks.advance(timedelta(minutes=15))
            await desks.post_everything()

        desks.product.change(changed, status="revise_and_resubmit")
        await later()
        desks.product.bill_again(changed, "1200")
        for one in (unchanged, late):
            desks.product.change(one, status="revise_and_resubmit")
        for one in (changed, unchanged, late):
            approve(desks, one)
        await later()
        assert await desks.holds() == {changed: ["reapproved_changed"]}
        # Never approved before, though made before the start.
        assert (await desks.states())[late] == "posted"
        assert set(await desks.invoices()) == {changed, late}
        assert len(desks.product.bills(desks.expected["realm_id"])) == 1

        # What is an invoice already is not asked about again.
        desks.product.bill_again(late, "710")
        asked = desks.product.asked_procore()
        await later()
        # One call: the list of what changed.
        assert desks.product.asked_procore() == asked + 1
