"""A hundred invoices with every oddity: the generator agrees with what was worked out by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from simulators.world.documents import Documents
from simulators.world.odd_hundred import LITERALS, literal, odd_world
from simulators.world.odd_texts import CONTROL, EMOJI, SIXTY
from simulators.world.verify import verify


@pytest.fixture(scope="session")
def odd() -> Documents:
    return odd_world()


def test_there_are_a_hundred_and_they_verify(odd: Documents) -> None:
    assert verify(odd).startswith("100 requisitions, ")
    assert len(odd.expected["order"]) == 100
    assert sum(verdict == "bill" for verdict, *_ in LITERALS.values()) >= 40


@pytest.mark.parametrize("place", LITERALS)
def test_a_literal_worked_out_by_hand(odd: Documents, place: int) -> None:
    outcome = odd.expected["requisitions"][odd.expected["order"][place - 1]]
    told = {"verdict": outcome["verdict"], "reason": outcome["reason"]}
    if "bill" in outcome:
        lines = outcome["bill"]["lines"]
        told |= {"total": outcome["bill"]["total"], "amounts": [line["amount"] for line in lines]}
        assert {line["account"] for line in lines} <= {
            odd.expected["expense_account"],
            odd.expected["retainage_account"],
        }
    assert told == literal(place)


def test_every_oddity_is_there(odd: Documents) -> None:
    rows = odd.procore["requisitions"]
    numbers = {row["invoice_number"] for row in rows}
    assert {SIXTY, EMOJI, CONTROL, None, ""} <= numbers and len(SIXTY) == 60
    assert max(len(row["items"]) for row in rows) == 300
    assert any(item["item_type"] == "change_order_item" for row in rows for item in row["items"])
    assert any("\x1b" in item["description_of_work"] for row in rows for item in row["items"])
    reasons = Counter(outcome["reason"] for outcome in odd.expected["requisitions"].values())
    assert {"retainage_release", "negative_total", "currency", "small_difference", "all_zero"} <= set(reasons)
