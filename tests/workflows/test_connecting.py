"""Attempts to connect a QuickBooks company: how each can end, and that a failed one leaves nothing behind."""

from dataclasses import replace
from typing import Any

from sqlmodel import select

from accounting.connection_states import TIMED_OUT
from activities.connecting import CODE_REFUSED, CODE_UNCLEAR, NO_BILLS, NOT_US, TAKEN
from activities.establishing import OTHER_COMPANY
from foundation.ids import new_id
from models.tables import AttemptOutcome, Company, Connection, ConnectionAttempt, Credential
from simulators.faults import FaultRule
from tests.product import Product
from tests.small_world import small_world
from tests.workflows.conftest import NO_CACHE, Runner

WORLD = small_world(1)
REALM, OTHER_REALM = WORLD.expected["realm_id"], WORLD.expected["other_realm_id"]


async def called_back(product: Product, realm_id: str = REALM) -> ConnectionAttempt:
    """An attempt from the consent page to its end."""
    attempt_id = await product.come_back_from_consent(realm_id)
    await product.outside.workflows.callback_received(attempt_id, product.outside.clock.now())
    return await product.ended_attempt(attempt_id)


async def rows(product: Product, table: Any) -> list[Any]:
    async with product.session() as session:
        found = await session.exec(select(table).where(table.company_id == product.company_id))
        return list(found)


async def assert_failed(product: Product, ended: ConnectionAttempt, reason: str) -> None:
    assert (ended.outcome, ended.reason) == (AttemptOutcome.FAILED, reason)
    assert (ended.code, ended.access_token, ended.refresh_token) == (None, None, None)
    assert await rows(product, Connection) == []
    assert await rows(product, Credential) == []


async def test_a_success_hands_the_tokens_over_to_the_connection(run_world: Runner) -> None:
    async with run_world(WORLD, cached_workflows=NO_CACHE) as product:
        ended = await called_back(product)
        assert ended.outcome is AttemptOutcome.SUCCEEDED
        assert (ended.code, ended.access_token, ended.refresh_token) == (None, None, None)
        (connection,) = await rows(product, Connection)
        assert (connection.id, connection.quickbooks_company_id) == (ended.connection_id, REALM)
        assert len(await rows(product, Credential)) == 1


async def test_nobody_comes_back_in_time(run_world: Runner) -> None:
    async with run_world(WORLD) as product:
        started = await product.start_attempt("a state", minutes=1 / 60)
        await assert_failed(product, await product.ended_attempt(started.attempt_id), TIMED_OUT)


async def test_the_person_says_no_at_intuit(run_world: Runner) -> None:
    async with run_world(WORLD) as product:
        started = await product.start_attempt("a state")
        await product.outside.workflows.refuse_attempt(started.attempt_id, "Access was not granted.")
        ended = await product.ended_attempt(started.attempt_id)
        await assert_failed(product, ended, "Access was not granted.")


async def test_a_code_that_was_used_before(run_world: Runner) -> None:
    async with run_world(WORLD) as product:
        attempt_id = await product.come_back_from_consent(REALM)
        (code,) = product.quickbooks.oauth.store.codes
        await product.outside.intuit.exchange(code)
        await product.outside.workflows.callback_received(attempt_id, product.outside.clock.now())
        await assert_failed(product, await product.ended_attempt(attempt_id), CODE_REFUSED)


async def test_a_code_is_never_traded_twice_even_when_the_answer_is_lost(run_world: Runner) -> None:
    async with run_world(WORLD) as product:
        lost = FaultRule(effect="drop_after", method="POST", path="/tokens/bearer$")
        product.quickbooks.faults.add(lost)
        await assert_failed(product, await called_back(product), CODE_UNCLEAR)
        asked = [one for one in product.quickbooks.traffic.entries() if one["path"].endswith("/tokens/bearer")]
        assert len(asked) == 1


async def test_books_outside_the_united_states_are_refused(run_world: Runner) -> None:
    async with run_world(WORLD) as product:
        info = product.quickbooks.companies[REALM].company_info
        info["Country"] = "CA"
        ended = await called_back(product)
        await assert_failed(product, ended, NOT_US.format(name=info["CompanyName"], country="CA"))


async def test_a_plan_without_bills_is_refused(run_world: Runner) -> None:
    async with run_world(WORLD) as product:
        books = product.quickbooks.companies[REALM]
        books.preferences["VendorAndPurchasesPrefs"] = {"EnableBills": False}
        ended = await called_back(product)
        await assert_failed(product, ended, NO_BILLS.format(name=books.company_info["CompanyName"]))


async def test_reconnecting_to_another_quickbooks_company_is_refused_by_name(run_world: Runner) -> None:
    async with run_world(WORLD) as product:
        connection = await product.connect(REALM)
        await product.expire(connection)
        ended = await called_back(product, OTHER_REALM)
        names = [product.quickbooks.companies[realm].company_info["CompanyName"] for realm in (REALM, OTHER_REALM)]
        assert (ended.outcome, ended.reason) == (
            AttemptOutcome.FAILED,
            OTHER_COMPANY.format(old=names[0], new=names[1]),
        )
        assert (await product.connection(connection.id)).state == "expired"
        assert len(await rows(product, Connection)) == 1


async def test_a_quickbooks_company_that_another_customer_connected_is_refused(run_world: Runner) -> None:
    async with run_world(WORLD) as product:
        await product.connect(REALM)
        neighbour = await next_door(product)
        name = product.quickbooks.companies[REALM].company_info["CompanyName"]
        await assert_failed(neighbour, await called_back(neighbour), TAKEN.format(name=name))
        assert len(await rows(product, Connection)) == 1


async def next_door(product: Product) -> Product:
    """Another customer of inBuild, on the same installation."""
    company_id = new_id(product.outside.clock)
    async with product.outside.database.directory() as session:
        session.add(
            Company(
                id=company_id,
                procore_environment="simulated",
                procore_company_id="562949953434271",
                name="Cascade Tenant Improvements",
                feature_enabled=True,
                created_at=product.outside.clock.now(),
            )
        )
    return replace(product, company_id=company_id, company_name="Cascade Tenant Improvements")
