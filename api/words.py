"""Sentences of the pages that are made from what is stored."""

from accounting.blockers import EXPLANATIONS, BlockerReason
from accounting.connection_states import ExpiryReason, ShownStatus, shown_status
from accounting.eligibility import NotImportedReason
from accounting.money import dollars
from models.tables import Connection
from models.toggle import StillGoing

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


def off_sentence(still_going: StillGoing) -> str:
    """The off dialog, in its exact words."""
    return (
        f"No new invoices will be imported. {still_going.count:,} already imported ({dollars(still_going.total)}) "
        "will still go to QuickBooks. To stop those too, use Pause posting."
    )
