"""Asking QuickBooks Online what changed about payments: one metered change query for everything our copy keeps."""

from datetime import timedelta

from activities.acting import acting, heartbeating
from activities.failures import quickbooks_failure
from activities.outside import Outside
from activities.refreshing_books import FRESH_FOR, bring_up_to_date
from activities.sessions_ended import session_ended
from contracts.payments import Pulled, PullRequest
from foundation.settings import Settings
from models.connections import connection_by_id
from models.payment_pulls import PullPace, end_pull
from models.tables import ConnectionState
from providers.quickbooks_online.errors import QuickBooksOnlineError, ReconnectNeeded

# Nobody tells of changes where Intuit's webhooks are not set up; an hour is what is still called soon.
WITHOUT_WEBHOOKS = timedelta(hours=1)


def pull_pace(settings: Settings) -> PullPace:
    """How often this installation asks."""
    longest = timedelta(seconds=settings.payment_sweep_seconds)
    if settings.intuit_webhook_verifier is None:
        longest = min(longest, WITHOUT_WEBHOOKS)
    return PullPace(timedelta(seconds=settings.payment_pull_seconds), longest)


async def pull_payments(outside: Outside, request: PullRequest) -> Pulled:
    """Bring the copy of one connection's books up to now. Raises to be tried again where QuickBooks does not answer."""
    actor, company_id = acting(), request.company_id
    async with outside.database.company(company_id, actor) as session:
        connection = await connection_by_id(session, request.connection_id)
    if connection is None or connection.state is not ConnectionState.ACTIVE:
        return Pulled(asked=False)
    pace = pull_pace(outside.settings)
    client = outside.quickbooks(company_id, connection, actor)
    try:
        async with heartbeating():
            asked = await bring_up_to_date(
                outside, company_id, connection.id, client, actor, fresh_for=min(FRESH_FOR, pace.shortest)
            )
    except ReconnectNeeded as ended:
        await session_ended(outside, company_id, connection, ended, actor)
        asked = True
    except QuickBooksOnlineError as trouble:
        raise quickbooks_failure(trouble) from None
    async with outside.database.company(company_id, actor) as session:
        await end_pull(session, connection.id, session.now)
    return Pulled(asked=asked)
