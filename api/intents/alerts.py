"""What people do about their alerts: read them, choose what they are told, ask for a digest now."""

from collections.abc import Sequence
from uuid import UUID

from accounting.alert_digest import Digest, digest_for
from accounting.alert_mail import mail_of_digest
from accounting.alert_preferences import CHANNELS, TOPICS, Choice, Preferences, Role, role_of
from api.access import Visitor
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from models import alert_preferences, alerts
from models.alert_digests import digest_numbers
from models.alert_outbox import NewMessage, put_messages
from models.company_zone import company_zone
from models.database import CompanySession
from models.tables import DeliveryChannel
from providers.mail.smtp import is_address


def role(visitor: Visitor) -> Role:
    """What a person is in the company they work in."""
    return role_of(is_company_admin=visitor.is_admin, is_accountant=visitor.company.is_accountant)


async def preferences(session: CompanySession, visitor: Visitor) -> Preferences:
    """What the person is told."""
    return await alert_preferences.preferences_of(session, visitor.user_id, role(visitor))


async def read(services: Services, visitor: Visitor, alert_id: UUID | None = None) -> None:
    """Note that the person has read an alert, or all of theirs. Raises Problem 404 for one that is none of theirs."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        mine = await preferences(session, visitor)
        read_now = await alerts.read_alerts(session, visitor.user_id, mine, alert_id)
    if alert_id is not None and not read_now:
        raise not_found("alert")


async def choose(services: Services, visitor: Visitor, choices: Sequence[Choice]) -> None:
    """Keep the person's own choices. Raises Problem 422 for what their role has no choice of."""
    offered = {(topic, channel) for topic in TOPICS[role(visitor)] for channel in CHANNELS[topic]}
    for one in choices:
        if (one.topic, one.channel) not in offered:
            raise Problem(
                422,
                "no_such_choice",
                f"{one.topic.value} cannot be told by {one.channel.value} to you. Choose among what is listed.",
            )
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await alert_preferences.choose(session, visitor.user_id, choices)


async def send_digest_now(services: Services, visitor: Visitor) -> bool:
    """Mail the person their digest as it stands; False where there is nothing to tell.

    Raises Problem 409 where nothing can be mailed to them.
    """
    if not services.settings.mail_is_on:
        raise Problem(
            409, "mail_is_off", "This installation has no mail server, so nothing is mailed. See the Alerts page."
        )
    if not is_address(visitor.user.login):
        raise Problem(
            409,
            "no_address",
            "You sign in to Procore with something that is no e-mail address, so nothing can be mailed to you.",
        )
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        digest = await _digest(session, await preferences(session, visitor))
        if digest.is_empty:
            return False
        message_id = session.new_id()
        mail = mail_of_digest(digest, visitor.company.name, services.settings.public_base_url)
        message = NewMessage(message_id, DeliveryChannel.EMAIL, visitor.user_id, f"now:{message_id}", mail)
        await put_messages(session, [message])
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "a digest was asked for"))
    return True


async def _digest(session: CompanySession, mine: Preferences) -> Digest:
    numbers = await digest_numbers(session, await company_zone(session))
    causes = [alert.cause for alert in await alerts.open_alerts(session)]
    return digest_for(mine, numbers.day, numbers.posted, numbers.waiting, causes)
