"""Posting to a company file: nobody can call a PC, so a batch goes into its queue and ends there.

What comes of each bill is taken in one by one (``desktop_answers``). A bill whose turn did not come while Procore's
word on it was fresh leaves the queue again, and its invoice waits for the next session.
"""

from collections.abc import Sequence
from datetime import timedelta

from accounting.blockers import BlockerReason, Hold
from accounting.closed_periods import CLOSING_DATE
from activities.outcomes import Rejection
from activities.update_outcomes import end_refused
from models.database import CompanySession
from models.desktop_queue import forget_unsent, queue_writes, stale_writes
from models.posting import Attempt, Batch, attempts_by_id, end_batches
from models.tables import AttemptState, DesktopWrite, WriteState

NOT_ITS_TURN = Rejection(
    "not_its_turn", "the PC went to sleep or was busy before this bill's turn came; it goes with its next session"
)
# Somebody works on the record in QuickBooks: they need a moment.
AFTER_A_LOCK = timedelta(minutes=10)
CLOSED_PERIOD = frozenset({"3171"})


async def hand_over(session: CompanySession, batch: Batch, attempts: Sequence[Attempt]) -> None:
    """Put a prepared batch into its company file's queue, in order. Done twice it changes nothing."""
    unsent = [attempt.id for attempt in attempts if attempt.state is AttemptState.PREPARED]
    await queue_writes(session, batch.connection_id, unsent, batch.created_at)
    await end_batches(session, [batch.id])


async def withdraw_stale(session: CompanySession) -> int:
    """Take bills out of the queue that nobody may send any more; how many."""
    stale = await stale_writes(session)
    if stale:
        attempts = await attempts_by_id(session, [write.attempt_id for write in stale])
        await end_refused(session, dict.fromkeys(attempts, NOT_ITS_TURN), list(attempts.values()))
        await forget_unsent(session, stale)
    return len(stale)


def rejection_of_write(write: DesktopWrite) -> Rejection:
    """Why there is no bill of a write that is over, for the person who reads it."""
    code, sentence = write.code or "", write.sentence or ""
    if write.state is WriteState.POSTPONED:
        return Rejection(code, sentence, pause=AFTER_A_LOCK if write.verdict == "again" else timedelta(0))
    match write.verdict:
        case "duplicate":
            hold = Hold(BlockerReason.LIKELY_DUPLICATE, sentence)
        case "closed":
            hold = Hold(BlockerReason.PERIOD_CLOSED, sentence, CLOSING_DATE)
        case "our_bug":
            hold = Hold(BlockerReason.OUR_BUG, f"QuickBooks code {code}")
        case _ if code in CLOSED_PERIOD:
            hold = Hold(BlockerReason.PERIOD_CLOSED, "the date set in QuickBooks", CLOSING_DATE)
        case _:
            hold = Hold(BlockerReason.REFUSED_BY_QUICKBOOKS, f"{sentence} (code {code})", code)
    return Rejection(code, sentence, hold)
