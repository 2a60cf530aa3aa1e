"""What Procore leaves open, in both positions of its switch: the activities against the simulator."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlmodel import select

from accounting.payment_changes import WriteHold
from models.projects import look_now
from models.tables import ProcoreRequisition, RequisitionVerdict
from simulators.procore.errors import ApiError
from simulators.procore.requisition_book import Actor
from tests.activities.conftest import Opener
from tests.activities.paying import paying
from tests.activities.test_hooks import Keeper, keeper
from tests.desks import Desks
from tests.small_world import small_world

__all__ = ["keeper"]


@pytest.mark.parametrize("position", [False, True])
async def test_a_voided_payment_leaves_procore(open_world: Opener, position: bool) -> None:
    async with paying(open_world) as hands:
        hands.desks.product.procore.change_switches({"delete_synced_payments": position})
        (bill,) = await hands.bills()
        paid = hands.do("pay_bill", id=bill, number="77")
        assert (await hands.sync()).written == 1
        hands.do("void_payment", id=paid["Id"])
        assert (await hands.sync()).removed == 1
        assert hands.issued() == []


@pytest.mark.parametrize("position", [True, False])
async def test_nothing_is_written_to_a_commitment_that_is_paid_through_procore_pay(
    open_world: Opener, position: bool
) -> None:
    async with paying(open_world) as hands:
        hands.desks.product.procore.change_switches({"procore_pay_takes_payments": position})
        (bill,), (row,) = await hands.bills(), await hands.invoices()
        hands.issue(contract_id=int(row.commitment_id), amount="5.00", date=hands.today.isoformat(), procore_pay=True)
        hands.do("pay_bill", id=bill, number="77", date=hands.today.isoformat())
        assert (await hands.sync()).written == 0
        assert [share.hold for share in await hands.shares()] == [WriteHold.PROCORE_PAY]
        assert len(hands.issued()) == 1


async def verdict(desks: Desks, requisition_id: str) -> tuple[str, str | None]:
    async with desks.product.session() as session:
        found = await session.exec(
            select(ProcoreRequisition).where(
                ProcoreRequisition.company_id == desks.company_id, ProcoreRequisition.requisition_id == requisition_id
            )
        )
        row: ProcoreRequisition = found.one()
        return row.verdict.value, row.verdict_reason


@pytest.mark.parametrize(("position", "comes_in"), [(False, True), (True, False)])
async def test_what_procores_own_connector_takes_stays_out_with_the_reason(
    open_world: Opener, position: bool, comes_in: bool
) -> None:
    async with open_world(small_world(0, waiting=1)) as desks:
        await desks.connect()
        await desks.switch_on()
        desks.product.procore.change_switches({"erp_connector_active": position})
        (waiting,) = desks.expected["requisitions"]
        desks.product.change(waiting, status="approved")
        await look_again(desks)
        assert set(await desks.invoices()) == ({waiting} if comes_in else set())
        told, reason = await verdict(desks, waiting)
        assert (told == RequisitionVerdict.NOT_IMPORTED.value, reason == "erp") == (not comes_in, not comes_in)


async def look_again(desks: Desks) -> None:
    async with desks.product.session() as session:
        await look_now(session)
    await desks.look()


@pytest.mark.parametrize("position", [False, True])
async def test_an_invoice_that_was_deleted_is_not_posted(open_world: Opener, position: bool) -> None:
    async with open_world(small_world(2)) as desks:
        await desks.connect()
        await desks.switch_on()
        (batch,) = await desks.runnable()
        product = desks.product
        product.procore.change_switches({"delete_requires_open": position})
        gone, stays = sorted(desks.expected["requisitions"])
        person = Actor(next(iter(product.procore.records.users.values())))
        product.requisition(gone).wire["lock"] = None
        if position:
            # Procore lets nobody delete what is approved: it is opened again first.
            with pytest.raises(ApiError, match="Only an open invoice"):
                product.procore.book.remove(product.requisition(gone), person)
            product.change(gone, status="revise_and_resubmit")
        product.procore.book.remove(product.requisition(gone), person)
        await desks.post(batch)
        assert list(await desks.links()) == [stays]


@pytest.mark.parametrize("position", [False, True])
async def test_each_project_has_a_hook_and_is_heard_once(keeper: Keeper, position: bool) -> None:
    keeper.product.procore.change_switches({"company_hooks_see_projects": position})
    await keeper.keep()
    await keeper.agree()
    procore = keeper.product.procore
    person = Actor(next(iter(procore.records.users.values())))
    for requisition in list(procore.records.requisitions.values())[:2]:
        procore.book.change(requisition, {"invoice_number": "X-1"}, person, force=True)
    told = Counter(delivery.event.resource_id for delivery in procore.events.deliveries)
    assert len(told) == 2 and set(told.values()) == {1}
