"""``send_alerts``: one round of mails and webhooks. What fails is put off in its row; what goes twice has one id."""

from datetime import timedelta
from uuid import UUID

from pydantic_core import to_json
from temporalio import activity

from accounting.alert_mail import as_html, as_text, mail_of_alerts
from activities.acting import acting, heartbeating
from activities.outside import Outside
from contracts.alerts import AlertActivities, AlertsRequest, AlertsSent
from foundation.settings import Settings
from models.alert_deliveries import collected, into_message
from models.alert_outbox import (
    ALERTS,
    MAILS,
    NewMessage,
    due_messages,
    end_sending,
    give_up_on_dead_endpoints,
    message_not_sent,
    message_sent,
    next_out,
    put_messages,
    put_off,
)
from models.alert_preferences import readers
from models.database import Actor, CompanySession
from models.mirroring import company_rules
from models.tables import AlertMessage, DeliveryChannel, EndpointState, WebhookEndpoint
from models.webhook_endpoints import delivered, endpoint_place, endpoints_by_id, not_delivered
from providers.mail.errors import MailError, MailRefused, MailUnavailable
from providers.mail.smtp import MailServer, OutgoingMail, send_mail
from providers.standard_webhooks.delivery import deliver
from providers.standard_webhooks.destination import checked_url, looked_up
from providers.standard_webhooks.errors import ReceiverGone, WebhookError

AT_ONCE = 50
# Well within one attempt of the activity: what is beyond goes in the next round.
ROUND = timedelta(minutes=3)
NOBODY = "The person has left the company, or signs in with something that is no e-mail address."
MAIL_IS_OFF = "There is no mail server (SMTP_HOST is empty)."


class AlertSending:
    """One attempt of ``send_alerts``."""

    def __init__(self, outside: Outside, request: AlertsRequest) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id: UUID = request.company_id
        self._actor: Actor = acting()
        self._sent = self._not_sent = 0
        # Where one message failed in this round, the others wait too.
        self._stalled: set[UUID | DeliveryChannel] = set()

    async def send(self) -> AlertsSent:
        """Send what is due. Only our own database can make this fail."""
        async with heartbeating():
            await self._form_mails()
            await self._go_round()
        async with self._database.company(self._company_id, self._actor) as session:
            await give_up_on_dead_endpoints(session)
            await end_sending(session)
            left_over = await next_out(session) is not None
        return AlertsSent(sent=self._sent, not_sent=self._not_sent, left_over=left_over)

    async def _form_mails(self) -> None:
        """One mail to each person for whom something is due; from here on it stays as it is."""
        async with self._database.company(self._company_id, self._actor) as session:
            company = (await company_rules(session)).name
            for one in await collected(session):
                message_id = session.new_id()
                mail = mail_of_alerts(one.causes, company, self._outside.settings.public_base_url)
                await put_messages(
                    session,
                    [NewMessage(message_id, DeliveryChannel.EMAIL, one.recipient_id, f"{ALERTS}{message_id}", mail)],
                )
                await into_message(session, one.delivery_ids, message_id)

    async def _go_round(self) -> None:
        until = self._outside.clock.now() + ROUND
        while self._outside.clock.now() < until:
            async with self._database.company(self._company_id, self._actor) as session:
                await give_up_on_dead_endpoints(session)
                messages = [one for one in await due_messages(session, AT_ONCE) if not self._is_stalled(one)]
            if not messages:
                return
            for message in messages:
                if self._is_stalled(message):
                    continue
                if message.channel is DeliveryChannel.EMAIL:
                    await self._mail(message)
                else:
                    await self._webhook(message)

    async def _mail(self, message: AlertMessage) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            found = await readers(session, [message.recipient_id])
        server = mail_server(self._outside.settings)
        trouble: MailError | None = None
        try:
            if server is None:
                raise MailRefused(MAIL_IS_OFF)
            if not found:
                raise MailRefused(NOBODY)
            mail = MAILS.validate_python(message.content)
            await send_mail(
                server,
                OutgoingMail(
                    message_id=str(message.id),
                    to=found[0].address,
                    subject=mail.subject,
                    text=as_text(mail),
                    html=as_html(mail),
                    at=self._outside.clock.now(),
                ),
            )
        except MailError as failed:
            trouble = failed
            activity.logger.warning("a mail was not sent: %s", failed)
        async with self._database.company(self._company_id, self._actor) as session:
            if trouble is None:
                await message_sent(session, message)
            else:
                await message_not_sent(session, message, str(trouble), for_good=isinstance(trouble, MailRefused))
            if isinstance(trouble, MailUnavailable):
                self._stalled.add(DeliveryChannel.EMAIL)
                await put_off(session, message, every_mail=True)
        self._count(trouble is None)

    async def _webhook(self, message: AlertMessage) -> None:
        async with self._database.company(self._company_id, self._actor) as session:
            row = (await endpoints_by_id(session, [message.recipient_id]))[message.recipient_id]
        if row.state is not EndpointState.ACTIVE or row.secret is None:
            return
        trouble: WebhookError | None = None
        try:
            await self._deliver(message, row, row.secret)
        except WebhookError as failed:
            trouble = failed
        async with self._database.company(self._company_id, self._actor) as session:
            await self._note(session, message, trouble)
        self._count(trouble is None)

    async def _deliver(self, message: AlertMessage, row: WebhookEndpoint, sealed: bytes) -> None:
        anywhere = self._outside.settings.alert_webhooks_anywhere
        destination = await looked_up(checked_url(row.url, anywhere=anywhere), anywhere=anywhere)
        await deliver(
            self._outside.http,
            destination,
            self._outside.secrets.open_text(sealed, endpoint_place(row.id)),
            str(message.id),
            self._outside.clock.now(),
            to_json(message.content),
        )

    async def _note(self, session: CompanySession, message: AlertMessage, trouble: WebhookError | None) -> None:
        row = (await endpoints_by_id(session, [message.recipient_id], lock=True))[message.recipient_id]
        if trouble is None:
            delivered(session, row)
            await message_sent(session, message)
            return
        gone = isinstance(trouble, ReceiverGone)
        not_delivered(session, row, str(trouble), gone=gone)
        await message_not_sent(session, message, str(trouble), for_good=gone)
        self._stalled.add(message.recipient_id)
        await put_off(session, message)

    def _is_stalled(self, message: AlertMessage) -> bool:
        return message.recipient_id in self._stalled or message.channel in self._stalled

    def _count(self, sent: bool) -> None:
        self._sent += sent
        self._not_sent += not sent


def mail_server(settings: Settings) -> MailServer | None:
    """The installation's mail server; None where mail is off."""
    if not settings.mail_is_on:
        return None
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        starttls=settings.smtp_starttls,
    )


class AlertDesk(AlertActivities):
    """Implements what ``contracts/alerts.py`` declares."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    @activity.defn(name="send_alerts")
    async def send_alerts(self, request: AlertsRequest) -> AlertsSent:
        return await AlertSending(self._outside, request).send()
