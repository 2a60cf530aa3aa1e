"""The badge of an invoice as a condition on its row: what a filter by badge finds is what the badge says."""

from collections.abc import Set
from functools import cache
from itertools import product

import sqlalchemy as sa
from sqlmodel import col

from accounting.states import Badge, InvoiceFacts, InvoiceState, Settled, badge
from models.tables import InvoiceRow

FACT_COLUMNS = (
    col(InvoiceRow.state),
    col(InvoiceRow.settled),
    col(InvoiceRow.changed),
    col(InvoiceRow.approval_withdrawn),
    col(InvoiceRow.removed_in_quickbooks),
)
Facts = tuple[InvoiceState, Settled, bool, bool, bool]


def badge_of(state: InvoiceState, settled: Settled, changed: bool, withdrawn: bool, removed: bool) -> Badge:
    return badge(state, InvoiceFacts(settled, changed, withdrawn, removed))


def badge_of_row(row: InvoiceRow) -> Badge:
    return badge_of(row.state, row.settled, row.changed, row.approval_withdrawn, row.removed_in_quickbooks)


@cache
def facts_of_badge(wanted: Badge) -> frozenset[Facts]:
    """Every combination of state and facts that shows this badge: the filter never says it another way."""
    booleans = (False, True)
    return frozenset(
        facts for facts in product(InvoiceState, Settled, booleans, booleans, booleans) if badge_of(*facts) is wanted
    )


def shows(wanted: Badge) -> sa.ColumnElement[bool]:
    """The condition that an invoice's row shows this badge, without the facts that make no difference to it."""
    return sa.or_(
        *(
            sa.and_(col(InvoiceRow.state).in_(states), _facts_are(telling, reduced))
            for states, telling, reduced in _conditions_of(wanted)
        )
    )


FACTS = FACT_COLUMNS[1:]
VALUES: tuple[tuple[object, ...], ...] = (tuple(Settled), *(((False, True),) * 3))


@cache
def _conditions_of(wanted: Badge) -> list[tuple[list[InvoiceState], tuple[int, ...], list[tuple[object, ...]]]]:
    """States that need the same facts to show a badge, the places of those facts, and their combinations."""
    states: dict[tuple[tuple[int, ...], frozenset[tuple[object, ...]]], list[InvoiceState]] = {}
    for state in InvoiceState:
        combinations = {facts[1:] for facts in facts_of_badge(wanted) if facts[0] is state}
        if combinations:
            telling = tuple(place for place in range(len(FACTS)) if _makes_a_difference(combinations, place))
            reduced = frozenset(tuple(rest[place] for place in telling) for rest in combinations)
            states.setdefault((telling, reduced), []).append(state)
    # In one order, so that equal conditions are equal texts: a statement is planned once.
    return [(alike, telling, sorted(reduced, key=str)) for (telling, reduced), alike in states.items()]


def _makes_a_difference(combinations: Set[tuple[object, ...]], place: int) -> bool:
    return any(
        (*facts[:place], other, *facts[place + 1 :]) not in combinations
        for facts in combinations
        for other in VALUES[place]
    )


def _facts_are(telling: tuple[int, ...], reduced: list[tuple[object, ...]]) -> sa.ColumnElement[bool]:
    if not telling:
        return sa.true()
    columns = [FACTS[place] for place in telling]
    return sa.or_(
        *(sa.and_(*(column == value for column, value in zip(columns, facts, strict=True))) for facts in reduced)
    )
