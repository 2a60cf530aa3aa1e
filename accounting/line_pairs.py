"""Which line of one version of a bill is which line of another: QuickBooks keeps no ids of ours on them."""

from collections.abc import Sequence

from accounting.bill_versions import BillLineAsIs


def paired(
    base: Sequence[BillLineAsIs], others: Sequence[BillLineAsIs]
) -> tuple[list[BillLineAsIs | None], list[BillLineAsIs]]:
    """For each line of ``base`` the line it has become, or None; and the lines that none of them became.

    Lines that are equal belong together first, then those most alike: a line is still itself after one of its values
    changed, and where it keeps its account or item after two. The order breaks ties.
    """
    found: list[BillLineAsIs | None] = [None] * len(base)
    left = list(range(len(others)))
    for place, line in enumerate(base):
        same = next((other for other in left if others[other] == line), None)
        if same is not None:
            found[place] = others[same]
            left.remove(same)
    alike = sorted(
        (
            (-_likeness(line, others[other]), abs(place - other), place, other)
            for place, line in enumerate(base)
            if found[place] is None
            for other in left
        ),
    )
    for likeness, _, place, other in alike:
        if -likeness >= ENOUGH and found[place] is None and other in left:
            found[place] = others[other]
            left.remove(other)
    return found, [others[other] for other in left]


# The account or item, or the amount, and something else beside them.
ENOUGH = 4


def _likeness(one: BillLineAsIs, other: BillLineAsIs) -> int:
    return (
        3 * ((one.account_id, one.item_id) == (other.account_id, other.item_id))
        + 3 * (one.amount == other.amount)
        + (one.customer_id == other.customer_id)
        + (one.class_id == other.class_id)
    )
