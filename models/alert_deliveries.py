"""Which alerts go to whom: planned once for each occasion, collected until they leave in one message."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.alerts import Cause
from models.alerts import cause_of
from models.columns import UtcInstant
from models.database import CompanySession
from models.rows import LEFT_ALONE, insert_rows
from models.tables import Alert, AlertDelivery, DeliveryChannel


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
