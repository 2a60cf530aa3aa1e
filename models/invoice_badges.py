"""The badge of an invoice as a condition on its row: what a filter by badge finds is what the badge says."""

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


def facts_of_badge(wanted: Badge) -> list[Facts]:
    """Every combination of state and facts that shows this badge: the filter never says it another way."""
    booleans = (False, True)
    return [
        facts for facts in product(InvoiceState, Settled, booleans, booleans, booleans) if badge_of(*facts) is wanted
    ]


def shows(wanted: Badge) -> sa.ColumnElement[bool]:
    """The condition that an invoice's row shows this badge. The states alone are named too: an index is on them."""
    facts = facts_of_badge(wanted)
    return sa.and_(col(InvoiceRow.state).in_({state for state, *_ in facts}), sa.tuple_(*FACT_COLUMNS).in_(facts))
