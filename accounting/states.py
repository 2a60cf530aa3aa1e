"""An invoice's states, the moves between them, and the one badge people see.

State is progress only. What else is true of an invoice (paid, changed, withdrawn, removed) are facts beside it.
"""

from dataclasses import dataclass
from enum import StrEnum


class InvoiceState(StrEnum):
    IMPORTED = "imported"
    WAITING = "waiting"
    NEEDS_YOU = "needs_you"
    READY = "ready"
    SENDING = "sending"
    POSTED = "posted"
    LINKED = "linked"
    DONT_POST = "dont_post"
    NOTHING_TO_POST = "nothing_to_post"
    TAKEN_BACK = "taken_back"


S = InvoiceState
BEFORE_SENDING = frozenset({S.IMPORTED, S.WAITING, S.NEEDS_YOU, S.READY})
HAS_BILL = frozenset({S.POSTED, S.LINKED})

MOVES: dict[InvoiceState, frozenset[InvoiceState]] = {
    S.IMPORTED: frozenset({S.WAITING, S.NEEDS_YOU, S.READY, S.LINKED, S.DONT_POST, S.NOTHING_TO_POST}),
    S.WAITING: frozenset({S.IMPORTED, S.NEEDS_YOU, S.READY, S.LINKED, S.DONT_POST, S.NOTHING_TO_POST}),
    S.NEEDS_YOU: frozenset({S.IMPORTED, S.WAITING, S.READY, S.LINKED, S.DONT_POST, S.NOTHING_TO_POST}),
    S.READY: frozenset({S.IMPORTED, S.WAITING, S.NEEDS_YOU, S.SENDING, S.LINKED, S.DONT_POST, S.NOTHING_TO_POST}),
    # What is being sent leaves only with an answer: accepted, rejected (drafted again or held), never by a click.
    S.SENDING: frozenset({S.POSTED, S.IMPORTED, S.WAITING, S.NEEDS_YOU}),
    S.POSTED: frozenset({S.TAKEN_BACK}),
    S.LINKED: frozenset({S.IMPORTED}),
    S.DONT_POST: frozenset({S.IMPORTED}),
    S.NOTHING_TO_POST: frozenset({S.IMPORTED}),
    S.TAKEN_BACK: frozenset({S.IMPORTED}),
}


class IllegalMove(ValueError):
    """A move between states that the table does not list: our bug, never the customer's doing."""


def check_move(old: InvoiceState, new: InvoiceState) -> None:
    """Raises IllegalMove unless ``old -> new`` is in the table; staying in a state is always allowed."""
    if new is not old and new not in MOVES[old]:
        raise IllegalMove(f"an invoice cannot go from {old} to {new}")


class Settled(StrEnum):
    """How a posted bill stands towards money; OPEN until something settles it, PART while some of it is open."""

    OPEN = "open"
    PART = "part"
    PAID = "paid"
    BY_CREDIT = "by_credit"
    BY_DISCOUNT = "by_discount"
    NO_PAYMENT_FOUND = "no_payment_found"


@dataclass(frozen=True)
class InvoiceFacts:
    """What is true of an invoice beside its state."""

    settled: Settled = Settled.OPEN
    changed: bool = False
    approval_withdrawn: bool = False
    removed_in_quickbooks: bool = False


class Badge(StrEnum):
    """The words on screen."""

    WAITING = "Waiting"
    NEEDS_YOU = "Needs you"
    POSTED = "Posted"
    LINKED = "Linked"
    PAID = "Paid"
    SETTLED_BY_CREDIT = "Settled by credit"
    SETTLED_BY_DISCOUNT = "Settled by discount"
    CHANGED_AFTER_POSTING = "Changed after posting"
    REMOVED_IN_QUICKBOOKS = "Removed in QuickBooks"
    TAKEN_BACK = "Taken back"
    NOTHING_TO_POST = "Nothing to post"
    PAID_NO_PAYMENT_FOUND = "Paid, no payment found"
    DONT_POST = "Don't post"
    APPROVAL_WITHDRAWN = "Approval withdrawn"


_SETTLED_BADGE = {
    Settled.PAID: Badge.PAID,
    Settled.BY_CREDIT: Badge.SETTLED_BY_CREDIT,
    Settled.BY_DISCOUNT: Badge.SETTLED_BY_DISCOUNT,
    Settled.NO_PAYMENT_FOUND: Badge.PAID_NO_PAYMENT_FOUND,
}
_STATE_BADGE = {
    S.IMPORTED: Badge.WAITING,
    S.WAITING: Badge.WAITING,
    S.NEEDS_YOU: Badge.NEEDS_YOU,
    S.READY: Badge.WAITING,
    S.SENDING: Badge.WAITING,
    S.POSTED: Badge.POSTED,
    S.LINKED: Badge.LINKED,
    S.DONT_POST: Badge.DONT_POST,
    S.NOTHING_TO_POST: Badge.NOTHING_TO_POST,
    S.TAKEN_BACK: Badge.TAKEN_BACK,
}


def badge(state: InvoiceState, facts: InvoiceFacts) -> Badge:
    """The one badge shown for an invoice: what needs attention first wins over how far it got."""
    if state in HAS_BILL:
        if facts.removed_in_quickbooks:
            return Badge.REMOVED_IN_QUICKBOOKS
        if facts.approval_withdrawn:
            return Badge.APPROVAL_WITHDRAWN
        if facts.changed:
            return Badge.CHANGED_AFTER_POSTING
        return _SETTLED_BADGE.get(facts.settled, _STATE_BADGE[state])
    if facts.approval_withdrawn and state in BEFORE_SENDING:
        return Badge.APPROVAL_WITHDRAWN
    return _STATE_BADGE[state]
