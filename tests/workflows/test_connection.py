"""A connection's life: expiry, reconnect and disconnect lose no invoice and post none twice."""

from collections import Counter
from datetime import datetime

from sqlmodel import col, select
from temporalio.client import WorkflowExecutionStatus

from models.tables import Connection, Credential, InvoiceRow, PostingAttempt, TokenRevocation
from simulators.faults import FaultRule
from simulators.world.documents import Documents
from tests.product import Product, eventually
from tests.small_world import small_world
from tests.workflows.conftest import NO_CACHE, Runner
from tests.workflows.stories import (
    all_in,
    becomes,
    bills_of,
    connected,
    connection_workflow,
    going,
    mirroring,
    planned,
    states,
    wanted_bills,
)


async def test_an_expired_connection_lets_invoices_wait_and_a_reconnect_posts_them_in_approval_order(
    run_world: Runner,
) -> None:
    documents = small_world(5)
    async with run_world(documents, cached_workflows=NO_CACHE) as product:
        connection = await connected(product, documents)
        plan = await planned(product, documents)
        product.quickbooks.disconnect(documents.expected["realm_id"])
        await product.switch_on(plan)

        async def expired() -> bool:
            return (await product.connection(connection.id)).state == "expired"

        await eventually(expired)
        await all_in(product, "imported", 5)
        assert bills_of(product, documents) == Counter()
        again = await product.connect(documents.expected["realm_id"])
        assert again.id == connection.id
        await all_in(product, "posted", 5)
        assert bills_of(product, documents) == wanted_bills(documents)
        order = await sent_in_order(product)
        assert len(order) == 5
        assert order == sorted(order)


async def sent_in_order(product: Product) -> list[datetime]:
    """When each invoice was approved, in the order of sending."""
    async with product.session() as session:
        found = await session.exec(
            select(InvoiceRow.approved_at)
            .join(PostingAttempt, col(PostingAttempt.subject_id) == col(InvoiceRow.id))
            .where(InvoiceRow.company_id == product.company_id, PostingAttempt.company_id == product.company_id)
            .order_by(col(PostingAttempt.created_at), col(PostingAttempt.batch_id), col(PostingAttempt.position))
        )
        return [approved_at for approved_at in found if approved_at is not None]


async def ask_to_disconnect(product: Product, connection: Connection) -> None:
    await product.outside.workflows.disconnect(
        product.company_id, connection.id, connection.quickbooks_company_name, "Ada, company admin"
    )


async def disconnected(product: Product, connection: Connection) -> None:
    """Disconnect, and wait until the connection's workflow has done its part."""
    await ask_to_disconnect(product, connection)
    await becomes(connection_workflow(product, connection), WorkflowExecutionStatus.COMPLETED)
    await product.wake("disconnected")


async def rows(product: Product, table: type[Credential] | type[TokenRevocation]) -> int:
    async with product.session() as session:
        return len(list(await session.exec(select(table).where(table.company_id == product.company_id))))


async def tokens_left(product: Product) -> int:
    return await rows(product, Credential) + await rows(product, TokenRevocation)


async def test_a_disconnect_erases_and_revokes_and_the_same_company_finds_everything_in_place(
    run_world: Runner,
) -> None:
    documents = small_world(2)
    async with run_world(documents, cached_workflows=NO_CACHE) as product:
        # Without accounts the invoices come in and wait.
        connection = await product.connect(documents.expected["realm_id"])
        await product.switch_on(await planned(product, documents))
        await all_in(product, "needs_you", 2)
        await disconnected(product, connection)
        assert (await product.connection(connection.id)).state == "disconnected"
        assert await tokens_left(product) == 0
        assert [grant.revoked for grant in product.quickbooks.oauth.store.grants] == [True]
        await becomes(mirroring(product), WorkflowExecutionStatus.COMPLETED)
        assert set((await states(product)).values()) == {"needs_you"}
        again = await product.connect(documents.expected["realm_id"])
        assert again.id == connection.id
        await accounts(product, again, documents)
        await all_in(product, "posted", 2)
        assert bills_of(product, documents) == wanted_bills(documents)


async def accounts(product: Product, connection: Connection, documents: Documents) -> None:
    expected = documents.expected
    await product.choose_accounts(connection, expected["expense_account"], expected["retainage_account"])
    await product.wake("accounts were chosen")


async def test_tokens_are_erased_at_once_even_while_intuit_is_down(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 1)
        down = FaultRule(effect="status", status=503, method="POST", path="/(tokens/bearer|tokens/revoke)$")
        rule = product.quickbooks.faults.add(down)
        await ask_to_disconnect(product, connection)

        async def asked_in_vain() -> bool:
            entries = product.quickbooks.traffic.entries()
            return any(one["path"].endswith("/tokens/revoke") and one["status"] == 503 for one in entries)

        await eventually(asked_in_vain)
        # Intuit is still down: the tokens are gone, and only what is to be revoked is kept.
        assert (await product.connection(connection.id)).state == "disconnected"
        assert await rows(product, Credential) == 0
        assert await rows(product, TokenRevocation) == 1
        assert [grant.revoked for grant in product.quickbooks.oauth.store.grants] == [False]
        product.quickbooks.faults.remove(rule)
        await becomes(connection_workflow(product, connection), WorkflowExecutionStatus.COMPLETED)
        # What was posted stays posted.
        assert await tokens_left(product) == 0
        assert [grant.revoked for grant in product.quickbooks.oauth.store.grants] == [True]
        assert await states(product) == dict.fromkeys(documents.expected["requisitions"], "posted")
