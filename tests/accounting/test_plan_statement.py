"""The closing statement: every invoice that was signed off, by what became of it, to the cent."""

from dataclasses import replace
from decimal import Decimal

import pytest

from accounting.plan import PlanTotals, PlanVerdict
from accounting.plan_statement import Ended, PlanOutcome, adds_up, is_over, outcome_of, statement
from accounting.states import InvoiceState

P, O, S = PlanVerdict, PlanOutcome, InvoiceState  # noqa: E741


def ended(
    verdict: PlanVerdict = P.CREATE,
    state: InvoiceState | None = S.POSTED,
    *,
    withdrawn: bool = False,
    came_in: bool = True,
    count: int = 1,
    total: str = "10.00",
) -> Ended:
    return Ended(verdict, state, withdrawn, came_in, count, Decimal(total))


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        (ended(), O.POSTED),
        (ended(P.LINK, S.LINKED), O.LINKED),
        (ended(P.ASK, S.NEEDS_YOU), O.NEEDS_YOU),
        (ended(P.SKIP, None, came_in=False), O.LEFT_OUT),
        (ended(P.SKIP, S.POSTED), O.LEFT_OUT),
        (ended(state=S.IMPORTED), O.ON_ITS_WAY),
        (ended(state=S.WAITING), O.ON_ITS_WAY),
        (ended(state=S.READY), O.ON_ITS_WAY),
        (ended(state=S.SENDING), O.ON_ITS_WAY),
        (ended(state=S.NOTHING_TO_POST), O.NOTHING_TO_POST),
        (ended(state=S.DONT_POST), O.DONT_POST),
        (ended(state=S.TAKEN_BACK), O.TAKEN_BACK),
        (ended(state=S.IMPORTED, withdrawn=True), O.WITHDRAWN),
        (ended(state=S.NEEDS_YOU, withdrawn=True), O.WITHDRAWN),
        # The bill stays: what became of it is that it was posted.
        (ended(state=S.POSTED, withdrawn=True), O.POSTED),
        (ended(state=None, came_in=True), O.WITHDRAWN),
        (ended(state=None, came_in=False), O.ON_ITS_WAY),
    ],
)
def test_what_became_of_an_invoice(one: Ended, outcome: PlanOutcome) -> None:
    assert outcome_of(one) is outcome


SIGNED_OFF = PlanTotals(3, Decimal("30.00"), 1, Decimal("5.00"), 0, Decimal("0.00"), 1, Decimal("10.00"))
LINES = statement(
    [
        ended(count=2, total="20.00"),
        ended(state=S.NEEDS_YOU),
        ended(P.LINK, S.LINKED),
        ended(P.SKIP, None, came_in=False, total="5.00"),
    ]
)


def test_the_lines_of_each_pile_come_to_what_was_signed_off() -> None:
    assert [(line.verdict, line.outcome, line.count) for line in LINES] == [
        (P.LINK, O.LINKED, 1),
        (P.CREATE, O.POSTED, 2),
        (P.CREATE, O.NEEDS_YOU, 1),
        (P.SKIP, O.LEFT_OUT, 1),
    ]
    assert adds_up(SIGNED_OFF, LINES)
    assert is_over(LINES)


@pytest.mark.parametrize(
    "wrong",
    [
        LINES[:-1],
        (*LINES[:-1], replace(LINES[-1], count=2)),
        (*LINES[:-1], replace(LINES[-1], total=Decimal("5.01"))),
        (replace(LINES[0], verdict=P.CREATE), *LINES[1:]),
    ],
)
def test_a_missing_invoice_a_wrong_cent_or_a_wrong_pile_does_not_add_up(wrong: tuple[object, ...]) -> None:
    assert not adds_up(SIGNED_OFF, wrong)  # type: ignore[arg-type]  # a tuple of statement lines


def test_it_is_not_over_while_anything_moves_by_itself() -> None:
    assert not is_over(statement([ended(), ended(state=S.SENDING)]))


def test_every_outcome_has_its_words() -> None:
    assert len({outcome.words for outcome in PlanOutcome}) == len(PlanOutcome)
