"""The last look before a bill: what Procore says now is what goes to QuickBooks, or does not go."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select
from temporalio.exceptions import ApplicationError

from models.allowance import note_calls
from models.tables import InvoiceRow, ProcoreRequisition
from simulators.faults import FaultRule
from tests.activities.conftest import Opener
from tests.desks import Desks
from tests.product import eventually
from tests.small_world import small_world


async def imported(desks: Desks) -> list[str]:
    """The requisitions of a world that has just been connected and switched on, in order."""
    await desks.connect()
    await desks.switch_on()
    return sorted(desks.expected["requisitions"])


def numbers(desks: Desks) -> set[str]:
    return {str(bill["DocNumber"]) for bill in desks.product.bills(desks.expected["realm_id"])}


def expected_number(desks: Desks, requisition_id: str) -> str:
    return str(desks.expected["requisitions"][requisition_id]["bill"]["number"])


async def test_an_approval_withdrawn_before_sending_is_never_posted(open_world: Opener) -> None:
    async with open_world(small_world(3)) as desks:
        first, second, third = await imported(desks)
        (batch,) = await desks.runnable()
        desks.product.change(second, status="revise_and_resubmit")
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        await desks.send(written.batch_id)
        assert numbers(desks) == {expected_number(desks, first), expected_number(desks, third)}
        row = (await desks.invoices())[second]
        assert (row.state.value, row.approval_withdrawn) == ("imported", True)
        await desks.post_everything()
        assert len(numbers(desks)) == 2


async def test_approved_again_it_goes_on(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        first, _ = await imported(desks)
        (batch,) = await desks.runnable()
        desks.product.change(first, status="revise_and_resubmit")
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        await desks.send(written.batch_id)
        desks.product.change(first, status="approved")
        await look_due(desks)
        await desks.post_everything()
        assert len(numbers(desks)) == 2


async def test_amounts_changed_meanwhile_are_the_ones_that_are_posted(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        (only,) = await imported(desks)
        (batch,) = await desks.runnable()
        desks.product.bill_again(only, "2000.00")
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        await desks.send(written.batch_id)
        (bill,) = desks.product.bills(desks.expected["realm_id"])
        due = desks.product.requisition(only).wire["summary"]["current_payment_due"]
        assert Decimal(bill["TotalAmt"]) == Decimal(due) == Decimal("2025.22")


async def test_a_deleted_requisition_is_not_posted_and_holds_up_nobody(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        first, second = await imported(desks)
        (batch,) = await desks.runnable()
        desks.product.delete(first)
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        await desks.send(written.batch_id)
        assert numbers(desks) == {expected_number(desks, second)}
        assert (await desks.invoices())[first].approval_withdrawn


async def test_a_requisition_that_is_only_hidden_is_held_and_not_called_withdrawn(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        first, second = await imported(desks)
        (batch,) = await desks.runnable()
        desks.product.delete(first)
        desks.product.procore.plan.add(FaultRule(effect="status", status=403, path=rf"/requisitions/{first}$"))
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        await desks.send(written.batch_id)
        assert numbers(desks) == {expected_number(desks, second)}
        for _ in range(2):
            assert not (await desks.invoices())[first].approval_withdrawn
            assert await desks.holds() == {first: ["project_not_visible"]}
            # The project is read all the while: that frees nothing.
            await look_due(desks)
            await desks.post_everything()


async def test_what_a_list_forgot_is_asked_for_by_its_id(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        await imported(desks)
        (batch,) = await desks.runnable()
        nothing = FaultRule(effect="status", status=200, body=[], method="GET", path=r"/requisitions$", count=1)
        desks.product.procore.plan.add(nothing)
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        await desks.send(written.batch_id)
        assert len(numbers(desks)) == 2


async def test_a_look_that_counts_its_calls_while_a_batch_is_prepared_is_no_deadlock(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        await imported(desks)
        (batch,) = await desks.runnable()
        async with desks.product.session() as looking:
            # A look has taken in the batch's invoice and has its calls still to count.
            mine = select(InvoiceRow).where(InvoiceRow.company_id == desks.company_id)
            await looking.exec(mine.with_for_update())
            preparing = asyncio.create_task(desks.prepare(batch))
            await eventually(lambda: somebody_waits_for_a_lock(desks))
            await note_calls(looking, 1, None)
        assert (await preparing).batch_id is not None


async def somebody_waits_for_a_lock(desks: Desks) -> bool:
    async with desks.product.outside.database.directory() as session:
        found = await session.execute(
            sa.text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        )
        return bool(found.scalar_one())


@pytest.mark.parametrize("answers_404", [False, True], ids=["403", "404"])
async def test_a_hidden_project_holds_its_invoices_until_it_is_seen_again(
    open_world: Opener, answers_404: bool
) -> None:
    async with open_world(small_world(2)) as desks:
        await imported(desks)
        (batch,) = await desks.runnable()
        (project,) = desks.product.procore.records.projects.values()
        desks.product.procore.change_switches({"hide_unpermitted_projects": answers_404})
        project["permitted"] = False
        assert (await desks.prepare(batch)).batch_id is None
        assert list((await desks.holds()).values()) == [["project_not_visible"]] * 2
        project["permitted"] = True
        await look_due(desks)
        await desks.post_everything()
        assert len(numbers(desks)) == 2


async def look_due(desks: Desks) -> None:
    """Let every project become due, whatever a minute's pause was about."""
    desks.advance(timedelta(minutes=15))


async def test_one_unreadable_requisition_among_good_ones_before_a_bill(open_world: Opener) -> None:
    async with open_world(small_world(3)) as desks:
        _, bad, _ = await imported(desks)
        (batch,) = await desks.runnable()
        break_amount(desks, bad)
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        assert (await desks.send(written.batch_id)).posted == 2
        assert await desks.holds() == {bad: ["unreadable"]}
        desks.product.change(bad, summary={"current_payment_due": "1134.22"})
        await look_due(desks)
        await desks.post_everything()
        assert len(numbers(desks)) == 3


async def test_one_unreadable_requisition_among_good_ones_of_a_look(open_world: Opener) -> None:
    async with open_world(small_world(2, waiting=1)) as desks:
        first, second, new = await imported(desks)
        desks.product.change(new, status="approved")
        desks.product.change(first, comment="seen again")
        break_amount(desks, new)
        await look_due(desks)
        await desks.post_everything()
        assert set(await desks.invoices()) == {first, second}
        assert await stored_reason(desks, new) is not None
        desks.product.change(new, summary={"current_payment_due": "900.00"})
        await look_due(desks)
        await desks.post_everything()
        assert set((await desks.states()).items()) == {(one, "posted") for one in (first, second, new)}


def break_amount(desks: Desks, requisition_id: str) -> None:
    requisition = desks.product.requisition(requisition_id)
    requisition.wire["summary"]["current_payment_due"] = "n/a"
    requisition.touched()


async def stored_reason(desks: Desks, requisition_id: str) -> str | None:
    async with desks.product.session() as session:
        found = await session.exec(
            select(ProcoreRequisition).where(
                ProcoreRequisition.company_id == desks.company_id, ProcoreRequisition.requisition_id == requisition_id
            )
        )
        row: ProcoreRequisition = found.one()
        return row.unreadable


async def test_a_release_waits_for_the_bill_that_withheld_and_then_goes_on(open_world: Opener) -> None:
    async with open_world(small_world(0, releases=True)) as desks:
        withholding, releasing = await imported(desks)
        (batch,) = await desks.runnable()
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        assert await desks.holds() == {releasing: ["retainage_opening_balance"]}
        outcome = await desks.send(written.batch_id)
        assert await desks.holds() == {}
        assert outcome.next is not None, "it goes on at once, as the next batch of its project"
        await desks.post(outcome.next)
        assert set((await desks.states()).items()) == {(withholding, "posted"), (releasing, "posted")}
        totals = {
            bill["DocNumber"]: Decimal(bill["TotalAmt"]) for bill in desks.product.bills(desks.expected["realm_id"])
        }
        assert totals[expected_number(desks, releasing)] == Decimal(6000)


async def test_an_invoice_of_nothing_but_zeros_is_nothing_to_post(open_world: Opener) -> None:
    async with open_world(small_world(2)) as desks:
        first, second = await imported(desks)
        (batch,) = await desks.runnable()
        items = desks.product.requisition(first).wire["items"]
        desks.product.change(first, items=[{"id": one["id"], "work_completed_this_period": "0"} for one in items])
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        await desks.send(written.batch_id)
        assert await desks.states() == {first: "nothing_to_post", second: "posted"}
        assert numbers(desks) == {expected_number(desks, second)}


AWAY = "Procore does not answer at the moment; inBuild keeps trying."
# What was answered and cannot be read, or was refused, is another matter.
NO_ANSWER: list[dict[str, Any]] = [{"effect": "drop_before"}, {"effect": "html"}, {"effect": "status", "status": 500}]


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "drop_before"},
        {"effect": "truncate"},
        {"effect": "truncate", "length": "cut"},
        {"effect": "html", "status": 200},
        {"effect": "html"},
        {"effect": "empty"},
        {"effect": "fault_200"},
        {"effect": "status", "status": 500},
        {"effect": "status", "status": 429},
        {"effect": "status", "status": 401, "body": {"error": "invalid_token"}},
    ],
    ids=lambda fault: "-".join(str(value)[:8] for value in fault.values()),
)
async def test_trouble_with_procores_answers_costs_no_invoice(open_world: Opener, fault: dict[str, Any]) -> None:
    """Neither in a look nor before a bill: both are tried again, and the invoice stays what it was."""
    async with open_world(small_world(1, waiting=1)) as desks:
        first, second = await imported(desks)
        (batch,) = await desks.runnable()
        befalls(desks, fault)
        with pytest.raises(ApplicationError):
            await desks.prepare(batch)
        row = (await desks.invoices())[first]
        assert (row.state.value, row.approval_withdrawn) == ("imported", False)
        said = {"Procore limits how often it may be asked; inBuild goes on when the limit resets."}
        if fault.get("status") != 429:
            said = {AWAY} if fault in NO_ANSWER else set()
        assert await desks.waits() == said
        desks.product.procore.plan.remove()
        written = await desks.prepare(batch)
        assert written.batch_id is not None
        assert await desks.waits() == set()
        await desks.send(written.batch_id)
        desks.product.change(second, status="approved")
        await look_due(desks)
        befalls(desks, fault)
        assert await desks.runnable() == []
        assert set(await desks.invoices()) == {first}
        desks.product.procore.plan.remove()
        await look_due(desks)
        await desks.post_everything()
        assert await desks.states() == {first: "posted", second: "posted"}


def befalls(desks: Desks, fault: dict[str, Any]) -> None:
    rule = {"method": "GET", "path": r"/requisitions$", **fault}
    desks.product.procore.plan.add(FaultRule.model_validate(rule))
