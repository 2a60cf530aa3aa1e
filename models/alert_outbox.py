"""What is on its way to people and to webhooks: deliveries while others may join them, then messages that stay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from accounting.alert_delivery import next_try
from accounting.alert_events import WebhookEvent
from accounting.alert_mail import Mail
from accounting.alerts import Cause
from models.alerts import cause_of
from models.columns import UtcInstant
from models.database import CompanySession
from models.rows import LEFT_ALONE, insert_rows
from models.tables import (
    Alert,
    AlertDelivery,
    AlertMessage,
    AlertRound,
    DeliveryChannel,
    EndpointState,
    MessageState,
    WebhookEndpoint,
)

# Longer than all attempts at one round of sending may take (contracts/timeouts.py, ALERTS).
SENDING_LEASE = timedelta(minutes=15)
SAID_LENGTH = 500
MAILS = TypeAdapter(Mail)
EVENTS = TypeAdapter(WebhookEvent)


@dataclass(frozen=True)
class PlannedDelivery:
    """That an alert goes to a recipient, for the ``occasion``-th time, at the earliest at ``due_at``."""

    alert_id: UUID
    channel: DeliveryChannel
    recipient_id: UUID
    occasion: int
    due_at: datetime
    message_id: UUID | None = None


@dataclass(frozen=True)
class NewMessage:
    """A message as it is frozen. ``subject_key`` names what it is about, once for each recipient."""

    id: UUID
    channel: DeliveryChannel
    recipient_id: UUID
    subject_key: str
    content: Mail | WebhookEvent


@dataclass(frozen=True)
class Collected:
    """What is due to go to one person in one mail."""

    recipient_id: UUID
    delivery_ids: tuple[UUID, ...]
    causes: tuple[Cause, ...]


async def plan_deliveries(session: CompanySession, planned: Sequence[PlannedDelivery]) -> None:
    """Keep the deliveries; one that is planned already stays as it is."""
    rows = [
        {
            "company_id": session.company_id,
            "id": session.new_id(),
            "alert_id": one.alert_id,
            "channel": one.channel,
            "recipient_id": one.recipient_id,
            "occasion": one.occasion,
            "due_at": one.due_at,
            "message_id": one.message_id,
        }
        for one in planned
    ]
    await insert_rows(session, AlertDelivery, rows, LEFT_ALONE)


async def put_messages(session: CompanySession, messages: Sequence[NewMessage]) -> None:
    """Freeze messages, due at once; one about the same for the same recipient stays as it is."""
    rows = [
        {
            "company_id": session.company_id,
            "id": one.id,
            "channel": one.channel,
            "recipient_id": one.recipient_id,
            "subject_key": one.subject_key,
            "content": MAILS.dump_python(one.content, mode="json")
            if isinstance(one.content, Mail)
            else EVENTS.dump_python(one.content, mode="json"),
            "state": MessageState.PENDING,
            "made_at": session.now,
            "not_before": session.now,
            "failures": 0,
        }
        for one in messages
    ]
    await insert_rows(session, AlertMessage, rows, LEFT_ALONE)


async def drop_deliveries(session: CompanySession, alert_ids: Collection[UUID]) -> set[UUID]:
    """These alerts are over: what was still being collected for them goes to nobody; which alerts that were."""
    dropped = await session.execute(
        sa.update(AlertDelivery)
        .where(col(AlertDelivery.company_id) == session.company_id)
        .where(col(AlertDelivery.alert_id) == sa.any_(sa.cast(list(alert_ids), sa.ARRAY(sa.Uuid()))))
        .where(col(AlertDelivery.message_id).is_(None), col(AlertDelivery.dropped_at).is_(None))
        .values(dropped_at=session.now)
        .returning(col(AlertDelivery.alert_id))
        .execution_options(synchronize_session=False)
    )
    return {alert_id for (alert_id,) in dropped.all()}


async def next_out(session: CompanySession) -> datetime | None:
    """When something is to be sent next; None: nothing is on its way."""
    collecting = await session.exec(
        select(sa.func.min(col(AlertDelivery.due_at), type_=UtcInstant))
        .where(AlertDelivery.company_id == session.company_id)
        .where(col(AlertDelivery.message_id).is_(None), col(AlertDelivery.dropped_at).is_(None))
    )
    pending = await session.exec(
        select(sa.func.min(col(AlertMessage.not_before), type_=UtcInstant)).where(
            AlertMessage.company_id == session.company_id, AlertMessage.state == MessageState.PENDING
        )
    )
    return min(filter(None, (collecting.one(), pending.one())), default=None)


async def next_round(session: CompanySession) -> datetime | None:
    """When somebody should look whether to send; while a round is under way not before it must be over."""
    out = await next_out(session)
    sending = await _sending_until(session)
    return max(out, sending) if out and sending else out


async def lease_round(session: CompanySession) -> bool:
    """Whether something is due and nobody sends; whoever is told so sends, and says when they are done."""
    out = await next_out(session)
    if out is None or out > session.now or await _sending_until(session):
        return False
    values = {"sending_until": session.now + SENDING_LEASE}
    await session.execute(
        insert(AlertRound)
        .values(company_id=session.company_id, **values)
        .on_conflict_do_update(index_elements=["company_id"], set_=values)
    )
    return True


async def _sending_until(session: CompanySession) -> datetime | None:
    found = await session.exec(
        select(AlertRound.sending_until)
        .where(AlertRound.company_id == session.company_id)
        .where(col(AlertRound.sending_until) > sa.literal(session.now, UtcInstant))
    )
    return found.first()


async def end_sending(session: CompanySession) -> None:
    await session.execute(
        sa.update(AlertRound)
        .where(col(AlertRound.company_id) == session.company_id)
        .values(sending_until=None)
        .execution_options(synchronize_session=False)
    )


async def collected(session: CompanySession) -> list[Collected]:
    """Everything for those people for whom something is due: what joined later goes along."""
    due = (
        sa.select(col(AlertDelivery.recipient_id))
        .where(col(AlertDelivery.company_id) == session.company_id)
        .where(col(AlertDelivery.channel) == DeliveryChannel.EMAIL)
        .where(col(AlertDelivery.message_id).is_(None), col(AlertDelivery.dropped_at).is_(None))
        .where(col(AlertDelivery.due_at) <= sa.literal(session.now, UtcInstant))
    )
    found = await session.execute(
        select(AlertDelivery, Alert)
        .join(
            Alert,
            sa.and_(
                col(Alert.company_id) == col(AlertDelivery.company_id), col(Alert.id) == col(AlertDelivery.alert_id)
            ),
        )
        .where(AlertDelivery.company_id == session.company_id, AlertDelivery.channel == DeliveryChannel.EMAIL)
        .where(col(AlertDelivery.message_id).is_(None), col(AlertDelivery.dropped_at).is_(None))
        .where(col(AlertDelivery.recipient_id).in_(due))
        .order_by(col(AlertDelivery.due_at), col(AlertDelivery.id))
        .with_for_update(of=AlertDelivery)
    )
    mails: dict[UUID, Collected] = {}
    for delivery, alert in found:
        before = mails.get(delivery.recipient_id, Collected(delivery.recipient_id, (), ()))
        mails[delivery.recipient_id] = Collected(
            delivery.recipient_id, (*before.delivery_ids, delivery.id), (*before.causes, cause_of(alert))
        )
    return list(mails.values())


async def into_message(session: CompanySession, delivery_ids: Collection[UUID], message_id: UUID | None) -> None:
    """These deliveries go in this message; in none where there is nobody to write to."""
    joined = {"message_id": message_id} if message_id else {"dropped_at": session.now}
    await session.execute(
        sa.update(AlertDelivery)
        .where(col(AlertDelivery.company_id) == session.company_id)
        .where(col(AlertDelivery.id) == sa.any_(sa.cast(list(delivery_ids), sa.ARRAY(sa.Uuid()))))
        .values(joined)
        .execution_options(synchronize_session=False)
    )


async def due_messages(session: CompanySession, limit: int) -> list[AlertMessage]:
    """Messages that may go now, the oldest first; what is for an endpoint that was switched off waits for nobody."""
    found = await session.exec(
        select(AlertMessage)
        .where(AlertMessage.company_id == session.company_id, AlertMessage.state == MessageState.PENDING)
        .where(col(AlertMessage.not_before) <= sa.literal(session.now, UtcInstant))
        .order_by(col(AlertMessage.made_at), col(AlertMessage.id))
        .limit(limit)
    )
    return list(found)


async def message_sent(session: CompanySession, message: AlertMessage) -> None:
    await _end(session, message, MessageState.SENT, None)


async def message_not_sent(
    session: CompanySession, message: AlertMessage, said: str, *, for_good: bool = False
) -> None:
    """It failed: it is tried again after a pause, unless that is no use or it has grown too old."""
    failures = message.failures + 1
    again = None if for_good else next_try(failures, message.made_at, session.now)
    if again is None:
        await _end(session, message, MessageState.FAILED, said)
        return
    await session.execute(
        sa.update(AlertMessage)
        .where(col(AlertMessage.company_id) == session.company_id, col(AlertMessage.id) == message.id)
        .values(failures=failures, not_before=again, said=said[:SAID_LENGTH])
        .execution_options(synchronize_session=False)
    )


async def put_off(session: CompanySession, failed: AlertMessage, *, every_mail: bool = False) -> None:
    """What else is due for the same recipient waits as long as the message that failed; or every mail there is."""
    found = await session.exec(
        select(AlertMessage.not_before).where(
            AlertMessage.company_id == session.company_id, AlertMessage.id == failed.id
        )
    )
    others = (
        sa.update(AlertMessage)
        .where(col(AlertMessage.company_id) == session.company_id, col(AlertMessage.state) == MessageState.PENDING)
        .where(col(AlertMessage.not_before) <= sa.literal(session.now, UtcInstant))
        .values(not_before=found.one())
        .execution_options(synchronize_session=False)
    )
    of_same = col(AlertMessage.recipient_id) == failed.recipient_id
    await session.execute(others.where(col(AlertMessage.channel) == failed.channel if every_mail else of_same))


async def give_up_on_dead_endpoints(session: CompanySession) -> None:
    """What waits for an endpoint that was switched off or removed is sent no more."""
    dead = (
        sa.select(col(WebhookEndpoint.id))
        .where(col(WebhookEndpoint.company_id) == session.company_id)
        .where(col(WebhookEndpoint.state) != EndpointState.ACTIVE)
    )
    await session.execute(
        sa.update(AlertMessage)
        .where(col(AlertMessage.company_id) == session.company_id, col(AlertMessage.state) == MessageState.PENDING)
        .where(col(AlertMessage.recipient_id).in_(dead))
        .values(state=MessageState.FAILED, ended_at=session.now, said="The webhook was switched off.")
        .execution_options(synchronize_session=False)
    )


async def _end(session: CompanySession, message: AlertMessage, state: MessageState, said: str | None) -> None:
    await session.execute(
        sa.update(AlertMessage)
        .where(col(AlertMessage.company_id) == session.company_id, col(AlertMessage.id) == message.id)
        .values(state=state, ended_at=session.now, said=said[:SAID_LENGTH] if said else None)
        .execution_options(synchronize_session=False)
    )
