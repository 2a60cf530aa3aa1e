"""The oracle of a round in which a person freed what waited: every bill and vendor credit of it is looked for."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from demo.check.oracle import Kind, judge
from simulators.world.documents import Documents
from tests.demo.check.results import FIRST_NEW_BILL, Result, correct_result


@pytest.fixture
def freed(documents: Documents) -> Result:
    return correct_result(documents, freed=True)


def credit_of(result: Result) -> dict[str, object]:
    place = result.wanted.index(result.first("credit"))
    found: dict[str, object] = next(
        row for row in result.company["VendorCredit"] if row["Id"] == str(FIRST_NEW_BILL + place)
    )
    return found


def test_a_correct_result_has_no_difference(freed: Result) -> None:
    assert judge(freed.evidence()).differences == ()
    blocked = [one for entry in freed.documents.expected["blocked"] for one in entry["invoices"]]
    assert len(blocked) == 29
    assert len({entry["reason"] for entry in freed.documents.expected["blocked"]}) == 6


def no_credit(result: Result) -> None:
    result.company["VendorCredit"].remove(credit_of(result))


def another_total(result: Result) -> None:
    credit_of(result)["TotalAmt"] = Decimal("1.00")


def one_too_many(result: Result) -> None:
    result.company["VendorCredit"].append({**credit_of(result), "Id": "999"})


def not_linked(result: Result) -> None:
    row = result.row_of(result.first("credit"))
    result.replace_row(row, replace(row, links=()))


def still_held(result: Result) -> None:
    row = result.row_of(result.first("credit"))
    result.replace_row(row, replace(row, state="needs_you", reasons=frozenset({"negative_total"})))


def a_bill_instead(result: Result) -> None:
    result.company["Bill"].append(credit_of(result))
    no_credit(result)


@pytest.mark.parametrize("plant", [no_credit, another_total, one_too_many, not_linked, still_held, a_bill_instead])
def test_what_is_wrong_with_a_credit_is_found(freed: Result, plant: Callable[[Result], None]) -> None:
    plant(freed)
    assert Kind.WRONG in {one.kind for one in judge(freed.evidence()).differences}
