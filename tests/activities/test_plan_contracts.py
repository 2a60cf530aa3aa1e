"""Which contracts a plan reads: the lists that hold those its invoices are under, and no other."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlmodel import select

from models.tables import ProcoreCommitment
from tests.activities.conftest import Opener
from tests.desks import Desks
from tests.small_world import small_world

WORK_ORDERS, PURCHASE_ORDERS = "WorkOrderContract", "PurchaseOrderContract"


def contracts(desks: Desks, kinds: Mapping[int, str]) -> None:
    """Make the contracts of these requisitions, by their place, of another kind; their requisitions say so."""
    for place, kind in kinds.items():
        requisition = desks.product.requisition(sorted(desks.expected["requisitions"], key=int)[place])
        requisition.wire["commitment_type"] = kind
        requisition.touched()
        desks.product.procore.records.commitments[requisition.commitment_id]["commitment_type"] = kind


def say(desks: Desks, word: Any) -> None:
    """Have the first requisition name this kind of contract, whatever its contract is."""
    requisition = desks.product.requisition(min(desks.expected["requisitions"], key=int))
    requisition.wire["commitment_type"] = word
    requisition.touched()


def lists_read(desks: Desks) -> list[str]:
    made = [call.split("/")[-1] for calls in desks.product.procore.calls.values() for call in calls.elements()]
    return sorted(call for call in made if call.endswith("_contracts"))


async def known(desks: Desks) -> set[str]:
    async with desks.product.session() as session:
        found = await session.exec(
            select(ProcoreCommitment.commitment_id).where(ProcoreCommitment.company_id == session.company_id)
        )
        return set(found)


def under(desks: Desks) -> set[str]:
    return {str(desks.product.requisition(one).commitment_id) for one in desks.expected["requisitions"]}


@pytest.mark.parametrize(
    ("kinds", "lists"),
    [
        ({}, ["work_order_contracts"]),
        ({0: PURCHASE_ORDERS, 1: PURCHASE_ORDERS, 2: PURCHASE_ORDERS}, ["purchase_order_contracts"]),
        ({1: PURCHASE_ORDERS}, ["purchase_order_contracts", "work_order_contracts"]),
    ],
)
async def test_only_the_lists_that_the_requisitions_name_are_read(
    open_world: Opener, kinds: dict[int, str], lists: list[str]
) -> None:
    async with open_world(small_world(3)) as desks:
        await desks.connect()
        contracts(desks, kinds)
        await desks.switch_on()
        assert lists_read(desks) == lists
        assert under(desks) <= await known(desks)


@pytest.mark.parametrize("word", [None, "", "JobOrderContract", 7, {"name": WORK_ORDERS}])
async def test_where_a_requisition_names_none_that_is_known_both_are_read(open_world: Opener, word: Any) -> None:
    async with open_world(small_world(3)) as desks:
        await desks.connect()
        say(desks, word)
        await desks.switch_on()
        assert lists_read(desks) == ["purchase_order_contracts", "work_order_contracts"]
        assert under(desks) <= await known(desks)
        await desks.post_everything()
        assert set((await desks.states()).values()) == {"posted"}


async def test_a_contract_that_is_not_on_the_named_list_is_looked_for_before_its_bill(open_world: Opener) -> None:
    async with open_world(small_world(1)) as desks:
        await desks.connect()
        say(desks, PURCHASE_ORDERS)
        await desks.switch_on()
        assert await known(desks) == set()
        await desks.post_everything()
        assert await known(desks) == under(desks)
        assert set((await desks.states()).values()) == {"posted"}
