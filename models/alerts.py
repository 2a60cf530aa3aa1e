"""The alerts of a company: kept in step with their causes, and shown to those whom they concern."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from accounting.alert_preferences import TOPIC_OF_KIND, AlertChannel, Preferences, concerns
from accounting.alerts import AlertKind, Audience, Cause, Changes, OpenAlert
from accounting.money import to_cents
from models.columns import UtcInstant
from models.database import CompanySession
from models.events import record_event
from models.rows import LEFT_ALONE, insert_rows
from models.tables import Alert, AlertReading

# Alerts that are over stay in sight for as long as somebody may come back from a holiday.
SHOWN_AFTER_CLOSING = timedelta(days=14)


@dataclass(frozen=True)
class ShownAlert:
    """One alert as its page shows it; ``read_at`` is when this person read it. Times are UTC."""

    alert_id: UUID
    kind: AlertKind
    title: str
    sentence: str
    path: str
    count: int
    amount: Decimal
    raised_at: datetime
    closed_at: datetime | None
    read_at: datetime | None

    @property
    def is_unread(self) -> bool:
        return self.closed_at is None and self.read_at is None


async def open_alerts(session: CompanySession) -> list[OpenAlert]:
    """Every open alert with the cause as it was last seen."""
    found = await session.exec(
        select(Alert).where(Alert.company_id == session.company_id, col(Alert.closed_at).is_(None))
    )
    return [OpenAlert(str(row.id), cause_of(row), row.told_at, row.told_count, row.occasion) for row in found]


def cause_of(row: Alert) -> Cause:
    """The cause of an alert as it was last seen."""
    amount = to_cents(row.amount)
    return Cause(row.cause_key, row.kind, row.audience, row.title, row.sentence, row.path, row.count, amount)


async def told_before(session: CompanySession, keys: Collection[str]) -> dict[str, datetime]:
    """When people were last told of these causes, by alerts that are over."""
    found = await session.execute(
        sa.select(col(Alert.cause_key), sa.func.max(col(Alert.told_at), type_=UtcInstant).label("told_at"))
        .where(col(Alert.company_id) == session.company_id)
        .where(col(Alert.cause_key) == sa.any_(sa.cast(list(keys), sa.ARRAY(sa.String()))))
        .where(col(Alert.told_at).is_not(None), col(Alert.closed_at).is_not(None))
        .group_by(col(Alert.cause_key))
    )
    return {row.cause_key: row.told_at for row in found}


async def keep_step(session: CompanySession, changes: Changes) -> list[OpenAlert]:
    """Write down what changed; the alerts that were opened. Whoever opens them plans at once who is told."""
    opened = [OpenAlert(str(session.new_id()), cause, session.now, cause.count, 1) for cause in changes.opened]
    rows = [
        {
            "company_id": session.company_id,
            "id": alert.id,
            "cause_key": alert.cause.key,
            "kind": alert.cause.kind,
            "audience": alert.cause.audience,
            "title": alert.cause.title,
            "sentence": alert.cause.sentence,
            "path": alert.cause.path,
            "count": alert.cause.count,
            "amount": alert.cause.amount,
            "raised_at": session.now,
            "changed_at": session.now,
            "told_at": alert.told_at,
            "told_count": alert.told_count,
            "occasion": alert.occasion,
        }
        for alert in opened
    ]
    await insert_rows(session, Alert, rows)
    for alert in opened:
        record_event(session, "alert", alert.id, "alert_raised", cause=alert.cause.key, title=alert.cause.title)
    for alert, cause in changes.changed:
        await session.execute(
            sa.update(Alert)
            .where(col(Alert.company_id) == session.company_id, col(Alert.id) == UUID(alert.id))
            .values(
                audience=cause.audience,
                title=cause.title,
                sentence=cause.sentence,
                path=cause.path,
                count=cause.count,
                amount=cause.amount,
                changed_at=session.now,
            )
            .execution_options(synchronize_session=False)
        )
    if changes.closed:
        await session.execute(
            sa.update(Alert)
            .where(col(Alert.company_id) == session.company_id)
            .where(col(Alert.id) == sa.any_(sa.cast([UUID(alert.id) for alert in changes.closed], sa.ARRAY(sa.Uuid()))))
            .values(closed_at=session.now)
            .execution_options(synchronize_session=False)
        )
    for alert in changes.closed:
        record_event(session, "alert", alert.id, "alert_closed", cause=alert.cause.key, title=alert.cause.title)
    return opened


async def told(session: CompanySession, alerts: Sequence[OpenAlert]) -> None:
    """Deliveries were made for these alerts: of so many invoices, once more than before."""
    for alert in alerts:
        await session.execute(
            sa.update(Alert)
            .where(col(Alert.company_id) == session.company_id, col(Alert.id) == UUID(alert.id))
            .values(told_at=session.now, told_count=alert.cause.count, occasion=alert.occasion + 1)
            .execution_options(synchronize_session=False)
        )


async def never_told(session: CompanySession, alert_ids: Collection[UUID]) -> None:
    """These closed before anybody heard of them: if the cause comes back, nothing keeps quiet about it."""
    await session.execute(
        sa.update(Alert)
        .where(col(Alert.company_id) == session.company_id)
        .where(col(Alert.id) == sa.any_(sa.cast(list(alert_ids), sa.ARRAY(sa.Uuid()))), col(Alert.occasion) == 1)
        .values(told_at=None)
        .execution_options(synchronize_session=False)
    )


async def shown_alerts(
    session: CompanySession, user_id: UUID, preferences: Preferences, limit: int
) -> list[ShownAlert]:
    """The alerts that concern a person and that they want to see in the app: unread, then read, by money.

    What is over follows for a fortnight, the latest first.
    """
    found = await session.execute(
        select(Alert, AlertReading.read_at)
        .outerjoin(
            AlertReading,
            sa.and_(
                col(AlertReading.company_id) == col(Alert.company_id),
                col(AlertReading.alert_id) == col(Alert.id),
                col(AlertReading.user_id) == user_id,
            ),
        )
        .where(Alert.company_id == session.company_id, _reaches(preferences))
        .where(
            sa.or_(
                col(Alert.closed_at).is_(None),
                col(Alert.closed_at) > sa.literal(session.now - SHOWN_AFTER_CLOSING, UtcInstant),
            )
        )
        .order_by(
            col(Alert.closed_at).desc().nulls_first(),
            col(AlertReading.read_at).is_not(None),
            # What holds no invoice (a connection that ended) first, then the most money.
            col(Alert.count) > 0,
            col(Alert.amount).desc(),
            col(Alert.raised_at).desc(),
            col(Alert.id).desc(),
        )
        .limit(limit)
    )
    return [
        ShownAlert(
            row.id,
            row.kind,
            row.title,
            row.sentence,
            row.path,
            row.count,
            row.amount,
            row.raised_at,
            row.closed_at,
            read_at,
        )
        for row, read_at in found
    ]


async def read_alerts(
    session: CompanySession, user_id: UUID, preferences: Preferences, alert_id: UUID | None = None
) -> int:
    """Note that a person has read an alert, or all of theirs that are open; how many concern them."""
    statement = select(Alert.id).where(Alert.company_id == session.company_id, _reaches(preferences))
    one = col(Alert.closed_at).is_(None) if alert_id is None else col(Alert.id) == alert_id
    found = list(await session.exec(statement.where(one)))
    rows = [
        {"company_id": session.company_id, "alert_id": each, "user_id": user_id, "read_at": session.now}
        for each in found
    ]
    await insert_rows(session, AlertReading, rows, LEFT_ALONE)
    return len(rows)


def _reaches(preferences: Preferences) -> sa.ColumnElement[bool]:
    """The condition that an alert is this person's to see in the app."""
    kinds = [kind for kind in AlertKind if preferences.wants(TOPIC_OF_KIND[kind], AlertChannel.IN_APP)]
    audiences = [audience for audience in Audience if concerns(preferences.role, audience)]
    return sa.and_(col(Alert.kind).in_(kinds), col(Alert.audience).in_(audiences))
