"""Every time-out and retry of a workflow's activities, by name, with its reason."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import RetryPolicy


@dataclass(frozen=True)
class Timing:
    """How long one attempt may take, how often it must give a sign of life, and how long all attempts may take."""

    start_to_close: timedelta
    heartbeat: timedelta | None
    schedule_to_close: timedelta | None
    retry: RetryPolicy


# QuickBooks Online gives up after 120 s and our read time-out is 130 s: 150 s ends only what hangs on our side.
# No sign of life for 10 s means the worker is gone: the next one starts with a look-up, so haste costs nothing.
PROVIDER_WRITE = Timing(
    start_to_close=timedelta(seconds=150),
    heartbeat=timedelta(seconds=10),
    schedule_to_close=timedelta(hours=1),
    retry=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60)),
)

# A batch from the fresh look to its outcome: QuickBooks' 150 s, for its two requests side by side, and 70 s for what
# comes before. With the longest pause before its retry it is over within the lease of 5 minutes (models/posting.py).
POST_BATCH = Timing(
    start_to_close=timedelta(seconds=220),
    heartbeat=timedelta(seconds=10),
    schedule_to_close=timedelta(hours=1),
    retry=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60)),
)

# One provider's lists or a batch's requisitions, and our database.
PROVIDER_READ = Timing(
    start_to_close=timedelta(seconds=90),
    heartbeat=timedelta(seconds=10),
    schedule_to_close=timedelta(minutes=30),
    retry=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60)),
)

# An empty look raises a benign error and waits for its next attempt: no history event. A day of them ends a run.
WATCH = Timing(
    start_to_close=timedelta(seconds=300),
    heartbeat=timedelta(seconds=30),
    schedule_to_close=timedelta(hours=24),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=2), backoff_coefficient=2.0, maximum_interval=timedelta(minutes=5)
    ),
)

# Listing every requisition of a company, within its hourly allowance: may take hours, never hangs unseen.
PLAN = Timing(
    start_to_close=timedelta(minutes=10),
    heartbeat=timedelta(seconds=30),
    schedule_to_close=timedelta(hours=12),
    retry=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5)),
)

# Usually one change query; after a month without any, pages of everything since.
PULL_PAYMENTS = Timing(
    start_to_close=timedelta(minutes=5),
    heartbeat=timedelta(seconds=10),
    schedule_to_close=timedelta(minutes=10),
    retry=RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=1)),
)

# The payments of one project: what Procore does not take now is put off by the activity itself, so only a worker that
# died is a reason to begin again.
FOLLOW_PAYMENTS = Timing(
    start_to_close=timedelta(minutes=8),
    heartbeat=timedelta(seconds=10),
    schedule_to_close=timedelta(minutes=20),
    retry=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60)),
)

# Webhooks only make looks come sooner: a run that Procore does not answer is given up before the next hour's begins.
HOOKS = Timing(
    start_to_close=timedelta(minutes=10),
    heartbeat=timedelta(seconds=30),
    schedule_to_close=timedelta(minutes=50),
    retry=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5)),
)

# Removing them goes on while Procore is down; after three days Procore has given up on an address that answers 404.
REMOVE_HOOKS = Timing(
    start_to_close=timedelta(minutes=10),
    heartbeat=timedelta(seconds=30),
    schedule_to_close=timedelta(days=3),
    retry=RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(hours=1)),
)

# Files and new vendors come one by one, each looked up before it is repeated; a bill on its way always goes first.
PAPERWORK = Timing(
    start_to_close=timedelta(minutes=10),
    heartbeat=timedelta(seconds=10),
    schedule_to_close=timedelta(hours=12),
    retry=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)),
)

# A round of mails and webhooks, each given up after 20 s and put off in its row: only our own database is retried here.
# All of it ends before the lease of a round (models/alert_outbox.py), so that no two rounds send beside each other.
ALERTS = Timing(
    start_to_close=timedelta(minutes=5),
    heartbeat=timedelta(seconds=30),
    schedule_to_close=timedelta(minutes=12),
    retry=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1)),
)

# Comparing 50,000 linked bills takes minutes and goes on where it stopped; a night is long enough for any company.
COMPARE = Timing(
    start_to_close=timedelta(minutes=30),
    heartbeat=timedelta(seconds=30),
    schedule_to_close=timedelta(hours=6),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5), maximum_attempts=20
    ),
)

# The reading before it: where QuickBooks is away for an hour, the comparison is made with the copy as it is.
REREAD = Timing(
    start_to_close=timedelta(minutes=30),
    heartbeat=timedelta(seconds=30),
    schedule_to_close=timedelta(hours=1),
    retry=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5)),
)

DATABASE = Timing(
    start_to_close=timedelta(seconds=10),
    heartbeat=None,
    schedule_to_close=None,
    retry=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
)

# An OAuth code is good for one exchange: whether a lost answer used it up cannot be known, so nobody tries twice.
ONE_SHOT = Timing(
    start_to_close=timedelta(seconds=60),
    heartbeat=None,
    schedule_to_close=timedelta(minutes=10),
    retry=RetryPolicy(maximum_attempts=1),
)

# Revoking goes on while Intuit is down; after three days the token has no reader left anyway.
REVOKE = Timing(
    start_to_close=timedelta(seconds=60),
    heartbeat=None,
    schedule_to_close=timedelta(days=3),
    retry=RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(hours=1)),
)

DESKTOP_ATTEMPT_DEADLINE = timedelta(days=14)
# A pair of tokens lives 101 days unused; looking every 20 days leaves four chances to renew it.
GUARDIAN_INTERVAL = timedelta(days=20)
# A timer may fire a moment before our own clock agrees: the next look is not at once.
GUARDIAN_REST = timedelta(minutes=1)
ENTITY_RUN_MAX_AGE = timedelta(days=1)
CONNECTION_RUN_MAX_AGE = timedelta(days=7)
RENEW_AT_EVENTS = 250
HARD_STOP_AT_EVENTS = 1000
WAKE_MERGE = timedelta(seconds=2)
AFTER_OUR_BUG = timedelta(minutes=1)
RESTART_MISSING_EVERY = timedelta(minutes=5)
