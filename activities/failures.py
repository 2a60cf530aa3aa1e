"""The one place where a provider's error becomes a failure that Temporal retries, waits for, or gives up on.

These failures are raised without their cause: its chain down to the socket is longer than Temporal keeps, and the Web
UI would then show only that it was too long.
"""

from datetime import datetime, timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from providers.procore.errors import (
    ProcoreAccessError,
    ProcoreError,
    ProcoreRateLimited,
    ProcoreRejected,
    ProcoreUnavailable,
)
from providers.quickbooks_online.errors import Postponed, QuickBooksOnlineError

QUOTA_PAUSE = timedelta(seconds=60)
# Empty looks count as attempts, so the retry policy's own back-off would long be at its longest.
PROCORE_PAUSE = timedelta(seconds=10)


def wait_for(reason: str, delay: timedelta) -> ApplicationError:
    """Nothing went wrong: look again after the delay. Benign, so that an empty look is no warning in any log."""
    return ApplicationError(reason, type="NothingDue", next_retry_delay=delay, category=ApplicationErrorCategory.BENIGN)


def procore_failure(error: ProcoreError, now: datetime) -> ApplicationError:
    """Retry, or wait as long as Procore asks; what a person has to mend is looked at again in five minutes."""
    delay = PROCORE_PAUSE
    if isinstance(error, ProcoreRateLimited):
        delay = error.wait(now) or QUOTA_PAUSE
    elif isinstance(error, ProcoreUnavailable):
        delay = error.retry_after or PROCORE_PAUSE
    elif isinstance(error, ProcoreAccessError | ProcoreRejected):
        delay = timedelta(minutes=5)
    return ApplicationError(str(error), type=type(error).__name__, next_retry_delay=delay)


def quickbooks_failure(error: QuickBooksOnlineError) -> ApplicationError:
    """Retry with the attempt's own key, or wait as long as QuickBooks asks."""
    delay = timedelta(seconds=error.retry_after) if isinstance(error, Postponed) else None
    return ApplicationError(str(error), type=type(error).__name__, next_retry_delay=delay)
