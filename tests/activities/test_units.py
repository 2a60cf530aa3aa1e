"""Lines billed by the unit go to items as quantity × price, and stay so when the invoice changes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from accounting.after_sync import NextStep
from accounting.bill_settings import ChangedInvoice
from accounting.coding import TargetKind
from tests.activities.after_posting import Posted
from tests.activities.conftest import Opener
from tests.activities.test_updating import is_posted_as_is, updates
from tests.desks import Desks
from tests.small_world import small_world

ITEM = "51"


@asynccontextmanager
async def by_item(open_world: Opener) -> AsyncIterator[tuple[Desks, Posted, str]]:
    """One contract billed by the unit, posted to an item; its requisition."""
    async with open_world(small_world(0, units=True)) as desks:
        world = Posted(desks, await desks.connect())
        await world.set(posting_basis=TargetKind.ITEM, default_item_id=ITEM, changed_invoice=ChangedInvoice.UPDATE)
        await desks.switch_on()
        await desks.post_everything()
        (only,) = await desks.links()
        yield desks, world, only


def bought(bill: dict[str, Any]) -> list[tuple[Decimal, Decimal, Decimal]]:
    """(Qty, UnitPrice, Amount) of the bill's items."""
    lines = [line for line in bill["Line"] if "ItemBasedExpenseLineDetail" in line]
    details = [line["ItemBasedExpenseLineDetail"] for line in lines]
    numbers = [
        (detail["Qty"], detail["UnitPrice"], line["Amount"]) for line, detail in zip(lines, details, strict=True)
    ]
    return [(Decimal(quantity), Decimal(price), Decimal(amount)) for quantity, price, amount in numbers]


WORK = (Decimal(1), Decimal("2800.00"), Decimal("2800.00"))


async def test_the_bill_has_quantity_and_price_where_their_product_is_exact(open_world: Opener) -> None:
    async with by_item(open_world) as (_, world, only):
        assert bought(await world.bill_of(only)) == [WORK, (Decimal(31), Decimal("1187.33"), Decimal("36807.23"))]


async def test_a_changed_bill_keeps_to_units_while_they_are_exact(open_world: Opener) -> None:
    async with by_item(open_world) as (desks, world, only):
        for amount, billed in (("11873.30", (10, "1187.33")), ("2000.00", (1, "2000.00"))):
            doors = desks.product.requisition(only).wire["items"][1]
            desks.product.change(only, items=[{"id": doors["id"], "work_completed_this_period": amount}])
            (batch,) = await updates(world)
            await desks.post(batch)
            quantity, price = billed
            assert bought(await world.bill_of(only)) == [WORK, (Decimal(quantity), Decimal(price), Decimal(amount))]
            assert await is_posted_as_is(world, only)


async def test_a_person_who_counts_otherwise_makes_no_difference(open_world: Opener) -> None:
    async with by_item(open_world) as (_, world, only):
        bill = await world.bill_of(only)
        lines = [dict(line) for line in bill["Line"]]
        doors = next(line for line in lines if Decimal(line["Amount"]) == Decimal("36807.23"))
        doors["ItemBasedExpenseLineDetail"] = {
            **doors["ItemBasedExpenseLineDetail"],
            "Qty": Decimal(1),
            "UnitPrice": Decimal("36807.23"),
        }
        world.act("edit", bill, fields={"Line": lines})
        assert await is_posted_as_is(world, only)
        assert (await world.comparison(only)).step is NextStep.NOTHING
        assert await updates(world) == []
