"""Outgoing webhooks, as an admin sets them up: the secret is shown once and kept sealed."""

from dataclasses import dataclass, field
from uuid import UUID

from accounting.alert_events import EventCompany, trial_event
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import webhook_endpoints
from models.alert_outbox import NewMessage, put_messages
from models.database import CompanySession
from models.tables import DeliveryChannel, EndpointState, WebhookEndpoint
from providers.standard_webhooks.destination import checked_url, looked_up
from providers.standard_webhooks.errors import DestinationRefused, WebhookError
from providers.standard_webhooks.signature import new_secret


@dataclass(frozen=True)
class AddedEndpoint:
    """A new endpoint. Its secret is in no page and no answer after this one."""

    endpoint_id: UUID
    url: str
    secret: str = field(repr=False)


async def add(services: Services, visitor: Visitor, url: str) -> AddedEndpoint:
    """Raises Problem 422 for an address that webhooks do not go to, 409 for one too many."""
    anywhere = services.settings.alert_webhooks_anywhere
    try:
        checked = checked_url(url, anywhere=anywhere)
        await looked_up(checked, anywhere=anywhere)
    except DestinationRefused as refused:
        raise Problem(422, "address_refused", str(refused)) from None
    except WebhookError as unknown:
        raise Problem(422, "address_unknown", f"{str(unknown).capitalize()}. Check the address.") from None
    secret = new_secret()
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        there = await webhook_endpoints.endpoints(session)
        if any(row.url == str(checked) for row in there):
            raise Problem(409, "known_address", "Alerts go to this address already. Remove it first to begin anew.")
        if len(there) >= webhook_endpoints.MOST_ENDPOINTS:
            raise Problem(
                409,
                "too_many_webhooks",
                f"A company has at most {webhook_endpoints.MOST_ENDPOINTS} webhooks. Remove one first.",
            )
        endpoint_id = session.new_id()
        sealed = services.secret_box.seal_text(secret, webhook_endpoints.endpoint_place(endpoint_id))
        webhook_endpoints.add_endpoint(session, endpoint_id, str(checked), sealed, visitor.user_id)
    return AddedEndpoint(endpoint_id, str(checked), secret)


async def send_test(services: Services, visitor: Visitor, endpoint_id: UUID) -> None:
    """Send a test there within seconds. Raises Problem 404, and 409 for an endpoint that is off."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await _endpoint(session, endpoint_id)
        if row.state is not EndpointState.ACTIVE:
            raise Problem(409, "webhook_is_off", "This webhook is switched off. Switch it on, then send a test.")
        message_id = session.new_id()
        event = trial_event(session.now, EventCompany(str(visitor.company_id), visitor.company.name))
        await put_messages(
            session, [NewMessage(message_id, DeliveryChannel.WEBHOOK, endpoint_id, f"test:{message_id}", event)]
        )
    await _wake(services, visitor, "a test of a webhook was asked for")


async def switch_on(services: Services, visitor: Visitor, endpoint_id: UUID) -> None:
    """Begin again with an endpoint that was switched off. Raises Problem 404."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        webhook_endpoints.switch_on(session, await _endpoint(session, endpoint_id))
    await _wake(services, visitor, "a webhook was switched on")


async def remove(services: Services, visitor: Visitor, endpoint_id: UUID) -> None:
    """Send nothing there any more, and forget its secret. Raises Problem 404."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        webhook_endpoints.remove_endpoint(session, await _endpoint(session, endpoint_id))
    await _wake(services, visitor, "a webhook was removed")


async def _endpoint(session: CompanySession, endpoint_id: UUID) -> WebhookEndpoint:
    found = (await webhook_endpoints.endpoints_by_id(session, [endpoint_id], lock=True)).get(endpoint_id)
    if found is None or found.state is EndpointState.REMOVED:
        raise not_found("webhook")
    return found


async def _wake(services: Services, visitor: Visitor, reason: str) -> None:
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, reason))
