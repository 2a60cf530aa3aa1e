"""What is on its way to people and to webhooks: messages that stay as made, and the rounds in which they leave."""

from collections.abc import Sequence
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
from models.columns import UtcInstant
from models.database import CompanySession
from models.rows import LEFT_ALONE, insert_rows
from models.tables import (
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
# What the subject keys of mails about alerts begin with.
ALERTS = "alerts:"
MAILS = TypeAdapter(Mail)
EVENTS = TypeAdapter(WebhookEvent)


@dataclass(frozen=True)
class NewMessage:
    """A message as it is frozen. ``subject_key`` names what it is about, once for each recipient."""

    id: UUID
    channel: DeliveryChannel
    recipient_id: UUID
    subject_key: str
    content: Mail | WebhookEvent


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


NEXT_OUT = """
    SELECT
        least(
            (
                SELECT min(due_at) FROM alert_delivery
                WHERE company_id = %(company_id)s AND message_id IS NULL AND dropped_at IS NULL
            ),
            (SELECT min(not_before) FROM alert_message WHERE company_id = %(company_id)s AND state = 'pending')
        ) AS at,
        (
            SELECT sending_until FROM alert_round WHERE company_id = %(company_id)s AND sending_until > %(now)s
        ) AS sending_until
"""


@dataclass(frozen=True)
class _Out:
    """When something is to be sent next, and until when somebody sends."""

    at: datetime | None
    sending_until: datetime | None


async def _out(session: CompanySession) -> _Out:
    (out,) = await session.ask(NEXT_OUT, _Out, now=session.now)
    return out


async def next_out(session: CompanySession) -> datetime | None:
    """When something is to be sent next; None: nothing is on its way."""
    return (await _out(session)).at


async def next_round(session: CompanySession) -> datetime | None:
    """When somebody should look whether to send; while a round is under way not before it must be over."""
    out = await _out(session)
    return max(out.at, out.sending_until) if out.at and out.sending_until else out.at


async def lease_round(session: CompanySession) -> bool:
    """Whether something is due and nobody sends; whoever is told so sends, and says when they are done."""
    out = await _out(session)
    if out.at is None or out.at > session.now or out.sending_until:
        return False
    values = {"sending_until": session.now + SENDING_LEASE}
    await session.execute(
        insert(AlertRound)
        .values(company_id=session.company_id, **values)
        .on_conflict_do_update(index_elements=["company_id"], set_=values)
    )
    return True


async def end_sending(session: CompanySession) -> None:
    await session.execute(
        sa.update(AlertRound)
        .where(col(AlertRound.company_id) == session.company_id)
        .values(sending_until=None)
        .execution_options(synchronize_session=False)
    )


async def mailed_since(session: CompanySession, since: datetime) -> dict[UUID, datetime]:
    """When each person was last mailed about alerts, of those who were since then."""
    found = await session.execute(
        sa.select(col(AlertMessage.recipient_id), sa.func.max(col(AlertMessage.made_at), type_=UtcInstant))
        .where(col(AlertMessage.company_id) == session.company_id)
        .where(col(AlertMessage.channel) == DeliveryChannel.EMAIL, col(AlertMessage.made_at) > since)
        .where(col(AlertMessage.subject_key).startswith(ALERTS))
        .group_by(col(AlertMessage.recipient_id))
    )
    return {row[0]: row[1] for row in found}


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
