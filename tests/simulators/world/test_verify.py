"""verify() finds what is planted; otherwise its silence would mean nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from simulators.world.documents import Documents
from simulators.world.verify import WorldIsWrong, verify

Row = dict[str, Any]


def _posting(documents: Documents) -> tuple[Row, Row]:
    """A requisition that becomes a bill with a predecessor, and its expectation."""
    for row in documents.procore["requisitions"]:
        outcome = documents.expected["requisitions"].get(str(row["id"]), {})
        if outcome.get("verdict") == "bill" and row["previous_requisition_id"]:
            return row, outcome
    raise LookupError("the world has no such requisition")


def _cent_on_the_line(documents: Documents) -> None:
    row, _ = _posting(documents)
    row["items"][0]["net_amount"] = "0.01"


def _cent_on_the_due(documents: Documents) -> None:
    row, _ = _posting(documents)
    row["summary"]["current_payment_due"] = "1.00"


def _wrong_certificates(documents: Documents) -> None:
    row, _ = _posting(documents)
    row["summary"]["less_previous_certificates_for_payment"] = "0.00"


def _same_id_twice(documents: Documents) -> None:
    documents.procore["requisitions"][1]["id"] = documents.procore["requisitions"][0]["id"]


def _lost_expectation(documents: Documents) -> None:
    row, _ = _posting(documents)
    del documents.expected["requisitions"][str(row["id"])]


def _cent_on_the_bill(documents: Documents) -> None:
    _, outcome = _posting(documents)
    outcome["bill"]["total"] = "0.01"


def _money_in_words(documents: Documents) -> None:
    documents.procore["commitments"][0]["grand_total"] = "1,000.00"


def _two_equal_vendors(documents: Documents) -> None:
    vendors = documents.quickbooks_online["companies"][0]["Vendor"]
    vendors[0]["DisplayName"] = vendors[1]["DisplayName"]


def _posted_release_of_too_much(documents: Documents) -> None:
    for outcome in documents.expected["requisitions"].values():
        if outcome["reason"] == "retainage_release":
            _, model = _posting(documents)
            outcome.update(model)
            return


def _held_release_within_reach(documents: Documents) -> None:
    for row in documents.procore["requisitions"]:
        if row["invoice_type"] == "retainage_release":
            outcome = documents.expected["requisitions"][str(row["id"])]
            if outcome["verdict"] == "bill":
                del outcome["bill"]
                outcome.update(verdict="held", reason="retainage_release")
                return


@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (_cent_on_the_line, "net"),
        (_cent_on_the_due, "payment due"),
        (_wrong_certificates, "previous certificates"),
        (_same_id_twice, "occurs 2 times"),
        (_lost_expectation, "expectations and requisitions differ"),
        (_cent_on_the_bill, "do not add up"),
        (_money_in_words, "is no amount"),
        (_two_equal_vendors, "occurs 2 times"),
        (_posted_release_of_too_much, "releases"),
        (_held_release_within_reach, "is no more than"),
    ],
)
def test_planted_faults_are_found(demo: Documents, plant: Callable[[Documents], None], message: str) -> None:
    broken = copy.deepcopy(demo)
    plant(broken)
    with pytest.raises(WorldIsWrong, match=message):
        verify(broken)
