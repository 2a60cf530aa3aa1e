"""Where a company wants its alerts sent, and how each address fares."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select

from accounting.alert_delivery import is_switched_off
from foundation.secret_box import SecretPlace
from models.database import CompanySession
from models.events import audit, record_event
from models.tables import EndpointState, WebhookEndpoint

# More would be a mailing list: every alert goes to each of them.
MOST_ENDPOINTS = 10


def endpoint_place(endpoint_id: UUID) -> SecretPlace:
    """Where an endpoint's secret is sealed for."""
    return SecretPlace("webhook_endpoint", "secret", endpoint_id)


async def endpoints(session: CompanySession) -> list[WebhookEndpoint]:
    """Every endpoint that was not removed, the oldest first."""
    found = await session.exec(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.company_id == session.company_id, WebhookEndpoint.state != EndpointState.REMOVED)
        .order_by(col(WebhookEndpoint.created_at), col(WebhookEndpoint.id))
    )
    return list(found)


async def active_endpoints(session: CompanySession) -> list[UUID]:
    return [row.id for row in await endpoints(session) if row.state is EndpointState.ACTIVE]


async def endpoints_by_id(
    session: CompanySession, endpoint_ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, WebhookEndpoint]:
    """These endpoints, the removed ones too."""
    statement = select(WebhookEndpoint).where(
        WebhookEndpoint.company_id == session.company_id, col(WebhookEndpoint.id).in_(endpoint_ids)
    )
    found = await session.exec(statement.with_for_update() if lock else statement)
    return {row.id: row for row in found}


def add_endpoint(session: CompanySession, endpoint_id: UUID, url: str, sealed: bytes, by: UUID) -> None:
    session.add(
        WebhookEndpoint(
            company_id=session.company_id,
            id=endpoint_id,
            url=url,
            secret=sealed,
            state=EndpointState.ACTIVE,
            created_at=session.now,
            created_by=by,
        )
    )
    record_event(session, "webhook_endpoint", endpoint_id, "webhook_endpoint_added", url=url)
    audit(session, "webhook_endpoint_added", endpoint_id=str(endpoint_id), url=url)


def remove_endpoint(session: CompanySession, row: WebhookEndpoint) -> None:
    """Nothing goes there any more, and its secret is gone."""
    row.state, row.state_reason, row.secret = EndpointState.REMOVED, None, None
    session.add(row)
    record_event(session, "webhook_endpoint", row.id, "webhook_endpoint_removed", url=row.url)
    audit(session, "webhook_endpoint_removed", endpoint_id=str(row.id), url=row.url)


def switch_on(session: CompanySession, row: WebhookEndpoint) -> None:
    """Begin again with an endpoint that was switched off; one that is on stays as it is."""
    if row.state is EndpointState.SWITCHED_OFF:
        row.state, row.state_reason, row.failing_since, row.said = EndpointState.ACTIVE, None, None, None
        session.add(row)
        record_event(session, "webhook_endpoint", row.id, "webhook_endpoint_switched_on", url=row.url)


def delivered(session: CompanySession, row: WebhookEndpoint) -> None:
    row.tried_at = row.delivered_at = session.now
    row.failing_since = row.said = None
    session.add(row)


def not_delivered(session: CompanySession, row: WebhookEndpoint, said: str, *, gone: bool = False) -> None:
    """A delivery failed. An endpoint that is gone, or has failed for days without a success, is switched off."""
    row.tried_at, row.said = session.now, said
    row.failing_since = row.failing_since or session.now
    session.add(row)
    if row.state is not EndpointState.ACTIVE or not (gone or is_switched_off(row.failing_since, session.now)):
        return
    since = row.failing_since
    row.state = EndpointState.SWITCHED_OFF
    row.state_reason = (
        "The address says it is gone (410)."
        if gone
        else f"It has taken nothing since {since:%B} {since.day}, {since:%H:%M} UTC: {said}"
    )
    record_event(session, "webhook_endpoint", row.id, "webhook_endpoint_switched_off", reason=row.state_reason)
