"""Which line of one version of a bill is which line of another: QuickBooks keeps no ids of ours on them."""

from collections.abc import Sequence

from accounting.bill_versions import BillLineAsIs


def paired(
    base: Sequence[BillLineAsIs], others: Sequence[BillLineAsIs]
) -> tuple[list[BillLineAsIs | None], list[BillLineAsIs]]:
    """For each line of ``base`` the line it has become, or None; and the lines that none of them became."""
    became = places(base, others)
    new = [line for place, line in enumerate(others) if place not in became]
    return [None if place is None else others[place] for place in became], new


def places(base: Sequence[BillLineAsIs], others: Sequence[BillLineAsIs]) -> list[int | None]:
    """For each line of ``base`` where among ``others`` the line stands that it has become, or None.

    Lines that are equal belong together first, then those most alike: a line is still itself after one of its values
    changed, and where it keeps its account or item after two. The order breaks ties.
    """
    found: list[int | None] = [None] * len(base)
    left = list(range(len(others)))
    for place, line in enumerate(base):
        same = next((other for other in left if others[other] == line), None)
        if same is not None:
            found[place] = same
            left.remove(same)
    alike = sorted(
        (-_likeness(line, others[other]), abs(place - other), place, other)
        for place, line in enumerate(base)
        if found[place] is None
        for other in left
    )
    for likeness, _, place, other in alike:
        if -likeness >= ENOUGH and found[place] is None and other in left:
            found[place] = other
            left.remove(other)
    return found


# The account or item, or the amount, and something else beside them.
ENOUGH = 4


def _likeness(one: BillLineAsIs, other: BillLineAsIs) -> int:
    return (
        3 * ((one.account_id, one.item_id) == (other.account_id, other.item_id))
        + 3 * (one.amount == other.amount)
        + (one.customer_id == other.customer_id)
        + (one.class_id == other.class_id)
    )
