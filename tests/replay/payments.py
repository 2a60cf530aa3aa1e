"""Payments: a check is entered, voided and entered again; the mirroring asks the books and lets Procore follow."""

from dataclasses import replace
from datetime import date
from typing import Any

from temporalio.client import WorkflowExecutionStatus

from models.connection_settings import change_settings, choices_of
from models.mappings import connection_settings
from models.tables import Connection
from simulators.quickbooks_online.people import Action, act
from tests.product import Product, eventually
from tests.replay.keeping import World, keep
from tests.small_world import small_world
from tests.workflows.life import disconnect
from tests.workflows.stories import all_in, becomes, going, mirroring


async def write_back(product: Product, connection: Connection) -> None:
    async with product.session() as session:
        wanted = choices_of(await connection_settings(session, connection.id))
        on = replace(wanted, write_back=True, write_back_from=date(2026, 1, 1))
        await change_settings(session, connection.id, on, None, product.admin_id)


def person(product: Product, connection: Connection, action: str, **fields: Any) -> dict[str, Any]:
    """Somebody in QuickBooks."""
    realm_id = connection.quickbooks_company_id
    asked = Action.model_validate({"action": action, "realm": realm_id, **fields})
    done: dict[str, Any] = act(product.quickbooks.companies[realm_id], asked)
    return done


async def issued(product: Product, count: int) -> list[dict[str, Any]]:
    """The contract payments of the company, once there are so many."""

    async def are_there() -> list[dict[str, Any]] | None:
        found = list(product.procore.records.contract_payments.values())
        return found or [{}] if len(found) == count else None

    found: list[dict[str, Any]] = await eventually(are_there)
    return [one for one in found if one]


async def following_payments(world: World) -> None:
    documents = small_world(2)
    async with world(documents) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 2)
        await write_back(product, connection)
        one, two = (bill["Id"] for bill in product.bills(connection.quickbooks_company_id))
        paid = person(product, connection, "pay_bill", id=one, number="1")
        await product.sync_now()
        await issued(product, 1)
        person(product, connection, "void_payment", id=paid["Id"])
        person(product, connection, "pay_bill", id=two, number="2")
        await product.sync_now()

        async def second_only() -> bool:
            return [each.get("check_number") for each in await issued(product, 1)] == ["2"]

        await eventually(second_only)
        await disconnect(product, connection)
        await product.wake("disconnected")
        await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
        await keep("mirroring-follows-payments", mirroring(product))
