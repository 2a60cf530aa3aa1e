"""A step of every look: alerts in step with their causes, and what people and webhooks are told of it.

Nothing is sent here: mails are collected for some minutes, webhooks frozen, and both leave by ``send_alerts``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from accounting.alert_digest import digest_day, digest_for
from accounting.alert_events import EventCompany, EventType, WebhookEvent, alert_event, digest_event
from accounting.alert_mail import Mail, mail_of_digest
from accounting.alert_preferences import AlertChannel, Role, preferences
from accounting.alerts import BETWEEN_MAILS, Cause, OpenAlert, reconcile, tell_at, tells_again
from accounting.dates import zone
from foundation.settings import Settings
from models.alert_causes import causes_now
from models.alert_deliveries import PlannedDelivery, drop_deliveries, plan_deliveries
from models.alert_digests import digest_given, digest_numbers, last_digest_day
from models.alert_outbox import NewMessage, mailed_since, put_messages
from models.alert_preferences import Reader, readers
from models.alerts import keep_step, never_told, open_alerts, told, told_before
from models.company_zone import company_zone
from models.database import CompanySession
from models.tables import DeliveryChannel
from models.webhook_endpoints import active_endpoints
from providers.mail.smtp import is_address

RAISED, CLOSED = 1, 2


class AlertKeeping:
    """One pass over a company's causes, in the look's own unit of work."""

    def __init__(self, session: CompanySession, settings: Settings, company_name: str) -> None:
        self._session = session
        self._site = settings.public_base_url
        self._mail_is_on = settings.mail_is_on
        self._collect_for = timedelta(seconds=settings.alert_collect_seconds)
        self._company = company_name
        self._people: list[Reader] | None = None

    async def keep(self) -> None:
        """Open, change and close alerts; plan who is told; make the morning's digest where it is due."""
        time_zone = await company_zone(self._session)
        kept = await open_alerts(self._session)
        causes = await causes_now(self._session, zone(time_zone))
        changes = reconcile(kept, causes)
        opened = await keep_step(self._session, changes)
        if changes.closed:
            await self._close(changes.closed)
        if opened:
            await self._raise(opened)
        await self._remind(kept, causes)
        await self._digest(time_zone, causes)

    async def _raise(self, opened: Sequence[OpenAlert]) -> None:
        now = self._session.now
        quiet = await told_before(self._session, [alert.cause.key for alert in opened])
        mailed = await mailed_since(self._session, now - BETWEEN_MAILS)
        planned = [
            PlannedDelivery(
                UUID(alert.id),
                DeliveryChannel.EMAIL,
                person.user_id,
                alert.occasion,
                tell_at(alert.cause, now, self._collect_for, quiet.get(alert.cause.key), mailed.get(person.user_id)),
            )
            for alert in opened
            for person in await self._mailed(alert.cause)
        ]
        await plan_deliveries(self._session, planned)
        await self._to_webhooks(opened, EventType.RAISED, RAISED)

    async def _close(self, closed: Sequence[OpenAlert]) -> None:
        unheard = await drop_deliveries(self._session, [UUID(alert.id) for alert in closed])
        await never_told(self._session, unheard)
        await self._to_webhooks(closed, EventType.CLOSED, CLOSED)

    async def _remind(self, kept: Iterable[OpenAlert], causes: Iterable[Cause]) -> None:
        now = {cause.key: cause for cause in causes}
        still = [replace(alert, cause=now[alert.cause.key]) for alert in kept if alert.cause.key in now]
        again = [alert for alert in still if tells_again(alert, self._session.now)]
        planned = [
            PlannedDelivery(
                UUID(alert.id),
                DeliveryChannel.EMAIL,
                person.user_id,
                alert.occasion + 1,
                self._session.now + self._collect_for,
            )
            for alert in again
            for person in await self._mailed(alert.cause)
        ]
        await plan_deliveries(self._session, planned)
        await told(self._session, again)

    async def _digest(self, time_zone: str, causes: Sequence[Cause]) -> None:
        here = zone(time_zone)
        last = await last_digest_day(self._session)
        if last is None:
            # A company's first morning is tomorrow: what it begins with is on the pages before its people.
            await digest_given(self._session, self._session.now.astimezone(here).date())
            return
        day = digest_day(self._session.now, here, last)
        if day is None:
            return
        await digest_given(self._session, day)
        numbers = await digest_numbers(self._session, time_zone)
        messages: list[NewMessage] = []
        for person in await self._everybody() if self._mail_is_on else []:
            digest = digest_for(person.preferences, numbers.day, numbers.posted, numbers.waiting, causes)
            if person.preferences.wants_digest and not digest.is_empty and is_address(person.address):
                mail = mail_of_digest(digest, self._company, self._site)
                messages.append(self._message(DeliveryChannel.EMAIL, person.user_id, f"digest:{day}", mail))
        everything = digest_for(preferences(Role.ADMIN, ()), numbers.day, numbers.posted, numbers.waiting, causes)
        if not everything.is_empty:
            event = digest_event(self._session.now, self._named(), everything, self._site)
            messages += [
                self._message(DeliveryChannel.WEBHOOK, endpoint_id, f"digest:{day}", event)
                for endpoint_id in await active_endpoints(self._session)
            ]
        await put_messages(self._session, messages)

    async def _to_webhooks(self, alerts: Sequence[OpenAlert], kind: EventType, occasion: int) -> None:
        messages: list[NewMessage] = []
        planned: list[PlannedDelivery] = []
        for endpoint_id in await active_endpoints(self._session):
            for alert in alerts:
                event = alert_event(kind, self._session.now, self._named(), alert.id, alert.cause, self._site)
                key = f"{kind}:{alert.id}"
                message = self._message(DeliveryChannel.WEBHOOK, endpoint_id, key, event)
                messages.append(message)
                planned.append(
                    PlannedDelivery(
                        UUID(alert.id),
                        DeliveryChannel.WEBHOOK,
                        endpoint_id,
                        occasion,
                        self._session.now,
                        message.id,
                    )
                )
        await put_messages(self._session, messages)
        await plan_deliveries(self._session, planned)

    def _message(
        self, channel: DeliveryChannel, recipient_id: UUID, key: str, content: Mail | WebhookEvent
    ) -> NewMessage:
        return NewMessage(self._session.new_id(), channel, recipient_id, key, content)

    def _named(self) -> EventCompany:
        return EventCompany(str(self._session.company_id), self._company)

    async def _mailed(self, cause: Cause) -> list[Reader]:
        """Who is mailed about a cause."""
        if not self._mail_is_on:
            return []
        return [
            person
            for person in await self._everybody()
            if person.preferences.wants_alert(cause.kind, cause.audience, AlertChannel.EMAIL)
            and is_address(person.address)
        ]

    async def _everybody(self) -> list[Reader]:
        if self._people is None:
            self._people = await readers(self._session)
        return self._people
