"""What QuickBooks Desktop leaves open, in both positions of its switch: the endpoint and the simulated office."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select

from activities.desktop_answers import take_in_answers
from api.web_connector import readings
from models.tables import (
    DesktopReading,
    PaymentShare,
    QuickBooksTransaction,
    ReferenceEntry,
    WriteState,
)
from simulators.quickbooks_desktop.message_sets import keep
from simulators.quickbooks_desktop.people import Action, act
from simulators.quickbooks_desktop.troubles import Trouble
from simulators.quickbooks_desktop.wire import MessageSet
from tests.api.web_connector.conftest import PASSWORD, USER, Desk
from tests.api.web_connector.test_simulated_office import VENDOR, Customer, customer, read_the_books
from tests.api.web_connector.test_taking_back import S, standing, take_back
from tests.product import eventually

__all__ = ["customer"]


def do(customer: Customer, action: str, **fields: Any) -> dict[str, Any]:
    """What a person does in QuickBooks Desktop."""
    return act(customer.file, Action.model_validate({"action": action, **fields}))


async def take_in(desk: Desk) -> None:
    await take_in_answers(desk.office.database, desk.office.company_id, desk.office.actor)


@pytest.mark.parametrize(
    "switches",
    [
        {"recovery_shape": "ret", "message_sets_kept": 0},
        {"recovery_shape": "error_recovery", "message_sets_kept": 0},
        {"recovery_shape": "both", "message_sets_kept": 0},
        {"recovery_shape": "ret", "message_sets_kept": 1},
    ],
    ids=lambda switches: f"{switches['recovery_shape']}, {switches['message_sets_kept']} kept",
)
async def test_a_bill_whose_answer_was_lost_is_known_again(
    desk: Desk, customer: Customer, switches: dict[str, Any]
) -> None:
    customer.simulation.change_switches(switches)
    await desk.queue("INV-1", "INV-2")
    customer.simulation.troubles.add(Trouble(arrow="sent:process", effect="crash_connector", request="BillAddRq"))
    await customer.pc.update(USER)
    assert customer.simulation.troubles.describe()[0]["struck"] == 1 and len(customer.ids()) >= 1
    # Another program writes to the company file meanwhile.
    other = MessageSet("<QBXML/>", Decimal("13.0"), False, False, "another", None, ())
    keep(customer.file.books, other, "<QBXML/>", most=switches["message_sets_kept"])
    for _ in range(2):
        await customer.pc.update(USER)
    done = [write for write in await desk.writes() if write.state is WriteState.DONE]
    assert customer.ids() == sorted(str(write.txn_id) for write in done)
    assert len(set(customer.numbers())) == len(customer.numbers()) >= 1


@pytest.mark.parametrize("position", [True, False])
async def test_what_changes_in_summer_is_read_whatever_the_offset_says(
    desk: Desk, customer: Customer, position: bool
) -> None:
    july = datetime(2026, 7, 15, 17, tzinfo=UTC)
    customer.simulation.clock.set(july, stopped=True)
    customer.simulation.change_switches({"wrong_summer_offset": position})
    await desk.queue("INV-1")
    await customer.pc.update(USER)
    await read_the_books(desk, customer)
    (bill_id,) = customer.ids()
    for number in ("INV-1a", "INV-1b"):
        customer.simulation.clock.advance(timedelta(minutes=1))
        do(customer, "edit", id=bill_id, fields={"RefNumber": number})
        await read_again(desk, customer)
        assert await booked_numbers(desk) == [number]


async def read_again(desk: Desk, customer: Customer) -> None:
    """A session that reads on from where the last reading ended, and the worker that takes it in."""
    await all_readings_due(desk)
    await customer.pc.update(USER)
    await take_in(desk)


async def booked_numbers(desk: Desk) -> list[str | None]:
    async with desk.session() as session:
        found = await session.exec(
            select(QuickBooksTransaction.number).where(
                QuickBooksTransaction.company_id == session.company_id,
                QuickBooksTransaction.transaction_type == "Bill",
            )
        )
        return sorted(found)


@pytest.mark.parametrize(
    "switches",
    [
        {
            "raw_non_ascii": "refuse",
            "bill_without_lines": "accept",
            "negative_bill_total": "refuse",
            "default_billable": "Billable",
            "refuse_whitespace": True,
        },
        {
            "raw_non_ascii": "accept",
            "bill_without_lines": "refuse",
            "negative_bill_total": "accept",
            "default_billable": "NotBillable",
            "refuse_whitespace": False,
        },
    ],
    ids=["as assumed", "otherwise"],
)
async def test_what_we_write_is_taken_as_it_is_meant(desk: Desk, customer: Customer, switches: dict[str, Any]) -> None:
    customer.simulation.change_switches(switches)
    await desk.queue("INV-1")
    await desk.queue("CM-1", credit=True)
    assert (await customer.pc.update(USER)).startswith("Finished")
    assert [write.state for write in await desk.writes()] == [WriteState.DONE] * 2
    (bill,) = customer.file.books.transactions["Bill"].values()
    (credit,) = customer.file.books.transactions["VendorCredit"].values()
    assert "#3 · inBuild" in bill["Memo"] and "#3 · inBuild" in credit["Memo"]
    assert [line["BillableStatus"] for line in bill["expense_lines"]] == ["NotBillable"]


@pytest.mark.parametrize(("position", "state"), [("refuse", WriteState.REFUSED), ("accept", WriteState.DONE)])
async def test_a_vendor_that_was_made_inactive_meanwhile(
    desk: Desk, customer: Customer, position: str, state: WriteState
) -> None:
    customer.simulation.change_switches({"inactive_references": position})
    await desk.queue("INV-1")
    do(customer, "deactivate", kind="Vendor", id=VENDOR)
    await customer.pc.update(USER)
    assert (await desk.write()).state is state
    assert customer.numbers() == (["INV-1"] if state is WriteState.DONE else [])


@pytest.mark.parametrize("position", ["negative", "positive"])
@pytest.mark.parametrize("includes", [False, True])
async def test_the_cash_of_a_payment_is_known(desk: Desk, customer: Customer, position: str, includes: bool) -> None:
    customer.simulation.change_switches({"linked_amounts": position, "applied_includes_discount": includes})
    await desk.queue("INV-1")
    await customer.pc.update(USER)
    await take_in(desk)
    (bill_id,) = customer.ids()
    do(customer, "pay", bills=[{"bill": bill_id, "amount": "60.00", "discount": "5.00"}], number="2001")
    await read_the_books(desk, customer)
    async with desk.session() as session:
        share = (await session.exec(select(PaymentShare).where(PaymentShare.company_id == session.company_id))).one()
        copied = select(QuickBooksTransaction).where(
            QuickBooksTransaction.company_id == session.company_id, QuickBooksTransaction.quickbooks_id == bill_id
        )
        balance = (await session.exec(copied)).one().balance
    assert (share.cash, share.discount, balance) == (Decimal("60.00"), Decimal("5.00"), Decimal("15235.00"))


@pytest.mark.parametrize("position", ["refuse", "accept"])
async def test_a_bill_is_voided_and_never_deleted(desk: Desk, customer: Customer, position: str) -> None:
    customer.simulation.change_switches({"delete_paid_bill": position})
    await desk.queue("INV-1", "INV-2")
    await customer.pc.update(USER)
    await take_in(desk)
    paid, unpaid = customer.ids()
    do(customer, "pay", bills=[{"bill": paid, "amount": "300.00"}], number="1044")
    await read_the_books(desk, customer)
    await take_back(desk, *desk.invoices)
    await customer.pc.update(USER)
    await take_in(desk)
    assert [(await standing(desk, place))[1] for place in (0, 1)] == [S.REFUSED, S.DONE]
    totals = {txn_id: Decimal(bill["AmountDue"]) for txn_id, bill in customer.file.books.transactions["Bill"].items()}
    assert totals == {paid: Decimal("15300.00"), unpaid: Decimal(0)}


@pytest.mark.parametrize("position", [0, 10])
async def test_a_list_is_read_whole_although_the_pc_slept_between_two_pages(
    desk: Desk, customer: Customer, monkeypatch: pytest.MonkeyPatch, position: int
) -> None:
    monkeypatch.setattr(readings, "PAGE", 2)
    for number in range(5):
        do(customer, "add_list_entry", kind="Vendor", fields={"Name": f"Vendor {number}"})
    customer.simulation.change_switches({"iterator_seconds": position})
    asleep = Trouble(arrow="before:process", effect="sleep", request='iterator="Continue"')
    customer.simulation.troubles.add(asleep)
    await all_readings_due(desk)
    updating = asyncio.create_task(customer.pc.update(USER))

    async def sleeps() -> bool:
        return customer.pc.is_asleep

    await eventually(sleeps)
    customer.simulation.clock.advance(timedelta(seconds=11))
    customer.pc.wake()
    await updating
    broken_off = [one for one in await desk.exchanges() if one.trouble]
    assert bool(broken_off) is (position == 10)
    desk.office.services.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]  # the tests' clock
    await all_readings_due(desk)
    await customer.pc.update(USER)
    await take_in(desk)
    async with desk.session() as session:
        found = await session.exec(
            select(ReferenceEntry.name)
            .where(ReferenceEntry.company_id == session.company_id, ReferenceEntry.entity == "Vendor")
            .where(col(ReferenceEntry.name).startswith("Vendor "))
        )
        assert sorted(found) == [f"Vendor {number}" for number in range(5)]


async def all_readings_due(desk: Desk) -> None:
    async with desk.session() as session:
        for reading in await session.exec(
            select(DesktopReading).where(DesktopReading.company_id == session.company_id)
        ):
            reading.due_at = session.now
            session.add(reading)


@pytest.mark.parametrize("position", [True, False])
async def test_after_a_refused_sign_in_the_next_one_is_heard(desk: Desk, customer: Customer, position: bool) -> None:
    customer.simulation.change_switches({"close_after_refusal": position})
    application = customer.pc.applications[USER]
    await desk.queue("INV-1")
    application.password = "wrong"
    assert not (await customer.pc.update(USER)).startswith("Finished")
    application.password = PASSWORD
    assert (await customer.pc.update(USER)).startswith("Finished")
    assert customer.numbers() == ["INV-1"]


@pytest.mark.parametrize("position", [False, True])
async def test_after_a_failed_call_the_next_session_goes_on(desk: Desk, customer: Customer, position: bool) -> None:
    customer.simulation.change_switches({"close_after_failure": position})
    await desk.queue("INV-1", "INV-2")
    customer.simulation.troubles.add(Trouble(arrow="before:receiveResponseXML", effect="lose"))
    assert not (await customer.pc.update(USER)).startswith("Finished")
    for _ in range(2):
        await customer.pc.update(USER)
    assert customer.numbers() == ["INV-1", "INV-2"]
    assert [write.state for write in await desk.writes()] == [WriteState.DONE] * 2
