"""Attempts to connect, one history for each way they end."""

from uuid import UUID

from temporalio.client import WorkflowExecutionStatus

from contracts.names import attempt_workflow_id
from tests.product import Product
from tests.replay.keeping import World, keep
from tests.small_world import small_world
from tests.workflows.life import begin_file, open_file
from tests.workflows.stories import becomes, connected
from tests.workflows.test_connecting import called_back, next_door


async def keep_attempt(name: str, product: Product, attempt_id: UUID) -> None:
    handle = product.temporal.get_workflow_handle(attempt_workflow_id(attempt_id))
    await becomes(handle, WorkflowExecutionStatus.COMPLETED)
    await keep(f"connection-attempt-{name}", handle)


async def attempts(world: World) -> None:
    """Nobody comes back, the person refuses, the code was used before, connected; then another company is chosen."""
    documents = small_world(1)
    realm_id = documents.expected["realm_id"]
    async with world(documents) as product:
        late = await product.start_attempt("nobody comes back", minutes=1 / 60)
        await product.ended_attempt(late.attempt_id)
        await keep_attempt("times-out", product, late.attempt_id)

        refused = await product.start_attempt("the person refuses")
        await product.outside.workflows.refuse_attempt(refused.attempt_id, "Access was not granted.")
        await product.ended_attempt(refused.attempt_id)
        await keep_attempt("refused", product, refused.attempt_id)

        failing = await product.come_back_from_consent(realm_id)
        (code,) = product.quickbooks.oauth.store.codes
        await product.outside.intuit.exchange(code)
        await product.outside.workflows.callback_received(failing, product.outside.clock.now())
        await product.ended_attempt(failing)
        await keep_attempt("fails", product, failing)

        good = await called_back(product, realm_id)
        await keep_attempt("succeeds", product, good.id)

        assert good.connection_id is not None, good.reason
        await product.expire(await product.connection(good.connection_id))
        other = await called_back(product, documents.expected["other_realm_id"])
        await keep_attempt("chooses-another-company", product, other.id)


async def books_of_another_customer(world: World) -> None:
    """Another inBuild company has these books connected."""
    documents = small_world(1)
    async with world(documents) as product:
        await product.connect(documents.expected["realm_id"])
        neighbour = await next_door(product)
        taken = await called_back(neighbour, documents.expected["realm_id"])
        await keep_attempt("finds-the-books-taken", neighbour, taken.id)


async def company_files(world: World) -> None:
    """A Desktop attempt whose file is opened, one whose wrong file is opened, and one that lost a race."""
    documents = small_world(1)
    async with world(documents) as product:
        right, file_id = await begin_file(product)
        await open_file(product, right, file_id, "Hartwell East")
        await keep_attempt("opens-company-file", product, right)
        wrong, _ = await begin_file(product)
        await open_file(product, wrong, "{another}", "Somebody else's")
        await keep_attempt("opens-wrong-file", product, wrong)
    async with world(documents) as product:
        loser, file_id = await begin_file(product)
        await connected(product, documents)
        await open_file(product, loser, file_id, "Hartwell West")
        await keep_attempt("is-too-late", product, loser)
