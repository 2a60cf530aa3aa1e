"""Sentences of the pages that are made from what is stored."""

from datetime import datetime
from decimal import Decimal

from accounting.blockers import EXPLANATIONS, BlockerReason
from accounting.connection_states import ConnectionState, ExpiryReason, ShownStatus, shown_status
from accounting.eligibility import NotImportedReason
from accounting.hard_end import days_to_warn_of
from accounting.money import dollars
from models.all_projects import AllProjects
from models.tables import Connection, QuickBooksKind
from models.toggle import StillGoing

PRODUCTS = {QuickBooksKind.ONLINE: "QuickBooks Online", QuickBooksKind.DESKTOP: "QuickBooks Desktop"}

_EXPIRY_REASONS = frozenset(reason.value for reason in ExpiryReason)
_NOT_IMPORTED = frozenset(reason.value for reason in NotImportedReason)
_BLOCKERS = frozenset(reason.value for reason in BlockerReason)


def status_of(connection: Connection) -> ShownStatus:
    """The words of a connection's card."""
    reason = connection.state_reason
    return shown_status(connection.state, ExpiryReason(reason) if reason in _EXPIRY_REASONS else None)


def left_out_sentence(reason: str) -> str:
    """Why an approved requisition was not imported, in a sentence."""
    if reason in _NOT_IMPORTED:
        return NotImportedReason(reason).sentence
    if reason in _BLOCKERS:
        return EXPLANATIONS[BlockerReason(reason)].sentence.replace("{subject}", "").strip()
    return "Not imported."


def pause_sentence(on: bool, waiting: StillGoing) -> str:
    """What the pause does now, with count and total of what it holds."""
    amount = f"{waiting.count:,} ({dollars(waiting.total)})"
    if on:
        return f"Posting is paused; imports go on. Resuming sends {amount} to QuickBooks."
    return f"Posting is on. Pausing keeps {amount} from QuickBooks until somebody resumes."


def all_projects_sentence(now: AllProjects) -> str:
    """Which projects post to a connection, what that leaves waiting, and what to do about it."""
    waiting = f"{now.waiting_count:,} waiting {'invoice' if now.waiting_count == 1 else 'invoices'}"
    amount = f"{waiting} ({dollars(now.waiting_total)})"
    if now.on and now.rivals:
        return (
            f"{' and '.join(now.rivals)} {'takes' if len(now.rivals) == 1 else 'take'} all projects too, so projects "
            f"without a choice of books wait: {amount}. Turn this off in all connections but one."
        )
    if now.on:
        return "Every project posts here unless an admin chose other books for it."
    if now.rivals or not now.waiting_count:
        return "Only projects that an admin chose for these books post here."
    return f"Only projects that an admin chose for these books post here. Taking all projects sends {amount} here."


def waiting_sentence(count: int, total: Decimal) -> str:
    """The dialog that moves waiting invoices to other books."""
    if not count:
        return "No invoice waits for other books."
    what = "invoice was" if count == 1 else "invoices were"
    return (
        f"{count:,} {what} never posted ({dollars(total)}) and had other books, or none. "
        "Move them here only if these books should have them."
    )


def ending_sentence(connection: Connection, hard_end: datetime | None, now: datetime) -> str | None:
    """The warning before the end that no use moves; None while it is more than 30 days away."""
    days = days_to_warn_of(hard_end, now)
    if days is None or hard_end is None or connection.state is not ConnectionState.ACTIVE:
        return None
    left = max((hard_end - now).days, 0)
    return (
        f"QuickBooks ends this authorization in {left} {'day' if left == 1 else 'days'}, on {hard_end:%B} "
        f"{hard_end.day}, {hard_end.year}. Reconnect before then to go on without a break."
    )


def off_sentence(still_going: StillGoing) -> str:
    """The off dialog, in its exact words."""
    return (
        f"No new invoices will be imported. {still_going.count:,} already imported ({dollars(still_going.total)}) "
        "will still go to QuickBooks. To stop those too, use Pause posting."
    )
