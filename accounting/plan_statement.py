"""The closing statement of a plan: every invoice that was signed off, by its pile and by what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from accounting.money import ZERO
from accounting.plan import PlanTotals, PlanVerdict
from accounting.states import InvoiceState


class PlanOutcome(StrEnum):
    ON_ITS_WAY = "on_its_way"
    POSTED = "posted"
    LINKED = "linked"
    NOTHING_TO_POST = "nothing_to_post"
    NEEDS_YOU = "needs_you"
    DONT_POST = "dont_post"
    TAKEN_BACK = "taken_back"
    WITHDRAWN = "withdrawn"
    LEFT_OUT = "left_out"

    @property
    def words(self) -> str:
        """As the statement's column says it."""
        return _WORDS[self]


O = PlanOutcome  # noqa: E741 - the one letter that reads as what it is, in the table below
_WORDS = {
    O.ON_ITS_WAY: "On its way",
    O.POSTED: "Posted",
    O.LINKED: "Linked",
    O.NOTHING_TO_POST: "Nothing to post",
    O.NEEDS_YOU: "Needs you",
    O.DONT_POST: "Don't post",
    O.TAKEN_BACK: "Taken back",
    O.WITHDRAWN: "Approval withdrawn",
    O.LEFT_OUT: "Left out",
}
_OF_STATE = {
    InvoiceState.POSTED: O.POSTED,
    InvoiceState.LINKED: O.LINKED,
    InvoiceState.NOTHING_TO_POST: O.NOTHING_TO_POST,
    InvoiceState.NEEDS_YOU: O.NEEDS_YOU,
    InvoiceState.DONT_POST: O.DONT_POST,
    InvoiceState.TAKEN_BACK: O.TAKEN_BACK,
}
_MAY_BE_WITHDRAWN = frozenset({O.ON_ITS_WAY, O.NEEDS_YOU})
# An invoice in one of these goes on by itself, unless its approval was withdrawn.
ON_ITS_WAY = frozenset(InvoiceState) - _OF_STATE.keys()


@dataclass(frozen=True)
class Ended:
    """Invoices of one pile that stand alike. ``state`` is None where none was made of them; amounts are as signed off.

    ``came_in``: the run has dealt with them.
    """

    verdict: PlanVerdict
    state: InvoiceState | None
    approval_withdrawn: bool
    came_in: bool
    count: int
    total: Decimal


@dataclass(frozen=True)
class StatementLine:
    """How many of a pile, of how much due when it was signed off, ended how."""

    verdict: PlanVerdict
    outcome: PlanOutcome
    count: int
    total: Decimal


def outcome_of(one: Ended) -> PlanOutcome:
    """What became of them: the bill, else the reason that there is none, else that they are still going."""
    if one.verdict is PlanVerdict.SKIP:
        return O.LEFT_OUT
    if one.state is None:
        # Withdrawn before it came in: no invoice was made of it.
        return O.WITHDRAWN if one.came_in else O.ON_ITS_WAY
    outcome = _OF_STATE.get(one.state, O.ON_ITS_WAY)
    return O.WITHDRAWN if one.approval_withdrawn and outcome in _MAY_BE_WITHDRAWN else outcome


def statement(ended: Iterable[Ended]) -> tuple[StatementLine, ...]:
    """The lines by pile and outcome; counts and totals of a pile add up to what was signed off."""
    counts: dict[tuple[PlanVerdict, PlanOutcome], int] = {}
    totals: dict[tuple[PlanVerdict, PlanOutcome], Decimal] = {}
    for one in ended:
        key = (one.verdict, outcome_of(one))
        counts[key] = counts.get(key, 0) + one.count
        totals[key] = totals.get(key, ZERO) + one.total
    verdicts, outcomes = list(PlanVerdict), list(PlanOutcome)
    ordered = sorted(counts, key=lambda key: (verdicts.index(key[0]), outcomes.index(key[1])))
    return tuple(StatementLine(*key, counts[key], totals[key]) for key in ordered)


def is_over(lines: Iterable[StatementLine]) -> bool:
    """Whether nothing of the plan moves by itself any more."""
    return all(line.outcome is not O.ON_ITS_WAY for line in lines)


def adds_up(signed_off: PlanTotals, lines: Iterable[StatementLine]) -> bool:
    """Whether the lines of each pile come to the count and the sum that were signed off."""
    counts = dict.fromkeys(PlanVerdict, 0)
    totals = dict.fromkeys(PlanVerdict, ZERO)
    for line in lines:
        counts[line.verdict] += line.count
        totals[line.verdict] += line.total
    return {verdict: (counts[verdict], totals[verdict]) for verdict in PlanVerdict} == {
        PlanVerdict.LINK: (signed_off.link, signed_off.link_sum),
        PlanVerdict.CREATE: (signed_off.create, signed_off.create_sum),
        PlanVerdict.ASK: (signed_off.ask, signed_off.ask_sum),
        PlanVerdict.SKIP: (signed_off.skip, signed_off.skip_sum),
    }
