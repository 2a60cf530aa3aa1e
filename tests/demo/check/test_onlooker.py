"""Whoever looks at the books of a customer sees a bill that is missing, wrong or there twice."""

from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest_asyncio

from demo.check.onlooker import Onlooker, QuickBooksCompany
from demo.outside_control import control_of
from demo.person import somebody_at
from simulators.quickbooks_online.app import create_app as quickbooks_app
from simulators.quickbooks_online.simulation import Simulation
from simulators.quickbooks_online.wire import read_json
from simulators.server import serve
from simulators.world.documents import Documents, as_json
from tests.demo.check.results import Result, correct_result


@pytest_asyncio.fixture
async def simulation() -> Simulation:
    return Simulation()


@pytest_asyncio.fixture
async def eyes(simulation: Simulation, documents: Documents) -> AsyncIterator[Onlooker]:
    expected = documents.expected
    books = QuickBooksCompany(expected["realm_id"], "Halvorsen Builders Inc.")
    async with serve(quickbooks_app(simulation), 0) as url, control_of(url) as control, somebody_at(url) as nobody:
        yield Onlooker("", expected["company_id"], books, nobody, control, control)


def load(simulation: Simulation, books: dict[str, Any]) -> None:
    simulation.load(read_json(as_json(books).encode()))


def acts_of(documents: Documents) -> list[dict[str, Any]]:
    acts: list[dict[str, Any]] = documents.expected["script"]["during_life"]
    return acts


async def judged(eyes: Onlooker, documents: Documents) -> list[str]:
    failures: list[str] = []
    await eyes.billed_once(acts_of(documents), failures)
    return failures


def first_bill(result: Result) -> dict[str, Any]:
    wanted = next(one for one in result.wanted if one.source_id == str(acts_of(result.documents)[0]["requisition_id"]))
    return result.bill_of(wanted)


async def test_one_bill_each_is_as_it_should_be(simulation: Simulation, eyes: Onlooker, documents: Documents) -> None:
    load(simulation, correct_result(documents).books)
    assert await judged(eyes, documents) == []


async def test_a_second_bill_is_found(simulation: Simulation, eyes: Onlooker, documents: Documents) -> None:
    result = correct_result(documents)
    load(simulation, result.books)
    bills = await eyes.bills()
    result.company["Bill"].append(deepcopy(first_bill(result)) | {"Id": "999999"})
    load(simulation, result.books)
    (failure,) = await judged(eyes, documents)
    assert failure.endswith("has 2 bills, should have one")
    assert await eyes.bills() == bills + 1


async def test_a_missing_bill_is_found(simulation: Simulation, eyes: Onlooker, documents: Documents) -> None:
    result = correct_result(documents)
    result.company["Bill"].remove(first_bill(result))
    load(simulation, result.books)
    (failure,) = await judged(eyes, documents)
    assert failure.endswith("has 0 bills, should have one")


async def test_a_bill_of_another_amount_is_none(simulation: Simulation, eyes: Onlooker, documents: Documents) -> None:
    result = correct_result(documents)
    first_bill(result)["Line"][0]["Amount"] += 1
    load(simulation, result.books)
    (failure,) = await judged(eyes, documents)
    assert failure.endswith("has 0 bills, should have one")
