"""Taking in what Intuit's webhooks tell: kept once for each company concerned, and its workflow woken once."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from api.problems import Problem
from api.services import Services
from api.telling import tell
from foundation.telemetry import current_traceparent
from models import directory
from models.database import Actor
from models.inbox import Notice, keep_notices, wants_wake
from models.tables import ActorKind, InboxSource
from providers.quickbooks_online.webhooks import BookNews, is_signed, read_news

# What our copy of the books and of its lists keeps; news of anything else change nothing here.
KEPT = frozenset({"bill", "billpayment", "vendorcredit", "purchase"}) | frozenset(
    {"account", "class", "customer", "department", "item", "term", "vendor"}
)
# Notices of one unit of work: some hundred kilobytes of one statement.
AT_ONCE = 1_000

_log = logging.getLogger(__name__)


async def receive_news(services: Services, body: bytes, signature: str) -> bool:
    """Keep what a delivery tells; whether a look will follow from it.

    Raises Problem 404 while no verifier is set, 401 for a wrong signature and 422 for a body that is no delivery. News
    of a QuickBooks company nobody has connected are passed over: an error would make Intuit hold back what follows.
    """
    verifier = services.settings.intuit_webhook_verifier
    if verifier is None:
        raise Problem(404, "webhooks_not_set_up", "Intuit's webhooks are not set up here.")
    if not is_signed(body, signature, verifier.get_secret_value()):
        raise Problem(401, "wrong_signature", "The signature is not this body's under the app's verifier token.")
    try:
        news = read_news(body)
    except ValueError as malformed:
        raise Problem(422, "malformed_event", f"This is no delivery of Intuit's: {malformed}.") from None
    of_realm: dict[str, list[BookNews]] = defaultdict(list)
    for one in news:
        if one.entity in KEPT:
            of_realm[one.realm_id].append(one)
    if not of_realm:
        return False
    async with services.database.directory() as session:
        companies = await directory.companies_of_realms(session, services.settings.intuit_environment, set(of_realm))
    if unknown := sorted(of_realm.keys() - companies.keys()):
        _log.warning("news of QuickBooks companies that nobody has connected: %s", ", ".join(map(repr, unknown[:10])))
    is_open = False
    for realm_id, company in companies.items():
        if await _keep(services, company.company_id, of_realm[realm_id]):
            is_open = True
            if await _wants_wake(services, company.company_id):
                await tell(
                    services.workflows.wake_company(company.company_id, company.company_name, "Intuit's webhook")
                )
    return is_open


async def _keep(services: Services, company_id: UUID, news: Sequence[BookNews]) -> bool:
    """Whether somebody still has to look because of any of them."""
    traceparent = current_traceparent()
    notices = [
        Notice(one.id, f"{one.entity}/{one.entity_id}/{one.operation}", one.realm_id[:32], traceparent) for one in news
    ]
    is_open = False
    for start in range(0, len(notices), AT_ONCE):
        async with services.database.company(company_id, Actor(ActorKind.PROVIDER, "intuit")) as session:
            some = notices[start : start + AT_ONCE]
            is_open = bool(await keep_notices(session, InboxSource.INTUIT, some)) or is_open
    return is_open


async def _wants_wake(services: Services, company_id: UUID) -> bool:
    async with services.database.company(company_id, Actor(ActorKind.PROVIDER, "intuit")) as session:
        return await wants_wake(session)
