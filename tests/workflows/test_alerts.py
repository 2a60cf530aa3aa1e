"""From an approval in Procore to the mail of whoever has to map something, through the worker and Temporal."""

from datetime import date

from sqlmodel import select

from contracts.names import mirroring_workflow_id
from models.tables import EventLog, Membership
from models.webhook_endpoints import add_endpoint, endpoint_place
from providers.standard_webhooks.signature import new_secret
from simulators.mail_sink.mailbox import Mailbox
from simulators.mail_sink.smtp import listening
from tests.alerting import Receiver, receiving
from tests.product import Product, eventually
from tests.small_world import small_world
from tests.workflows.conftest import Runner

PASSWORD = "canary-of-the-mail-server"


async def _set_up(product: Product, receiver: Receiver) -> None:
    """The admin is a member, and has a webhook."""
    receiver.secret = new_secret()
    async with product.session() as session:
        session.add(
            Membership(
                company_id=session.company_id,
                id=session.new_id(),
                user_id=product.admin_id,
                is_company_admin=True,
                checked_at=session.now,
            )
        )
        endpoint_id = session.new_id()
        sealed = product.outside.secrets.seal_text(receiver.secret, endpoint_place(endpoint_id))
        add_endpoint(session, endpoint_id, receiver.url, sealed, product.admin_id)


async def test_what_is_held_is_mailed_once_and_its_webhook_repeated_until_it_arrives(run_world: Runner) -> None:
    world, mailbox = small_world(3), Mailbox()
    async with (
        listening(mailbox) as port,
        receiving() as receiver,
        run_world(
            world,
            smtp_host="127.0.0.1",
            smtp_port=port,
            smtp_starttls=False,
            smtp_user="inbuild",
            smtp_password=PASSWORD,
            alert_collect_seconds=3,
            alert_webhooks_anywhere=True,
        ) as product,
    ):
        await _set_up(product, receiver)
        receiver.status = 500
        connection = await product.connect(world.expected["realm_id"])
        await product.switch_on(await product.plan(date.fromisoformat(world.expected["start_date"])))

        async def mailed() -> bool:
            return bool(mailbox.mails) and receiver.asked > 0

        await eventually(mailed)
        receiver.status = 200

        async def arrived() -> bool:
            return any(event["type"] == "alert.raised" for event in receiver.events)

        await eventually(arrived)
        text = "".join(mail.body("plain") for mail in mailbox.mails)
        assert "Open settings" in text and "3 invoices" in text

        # The person does what the mail asks for: the alerts close, and nobody is told of that by mail.
        mails = len(mailbox.mails)
        await product.choose_accounts(
            connection, world.expected["expense_account"], world.expected["retainage_account"]
        )
        await product.wake("accounts were chosen")

        async def over() -> bool:
            return {event["type"] for event in receiver.events} == {"alert.raised", "alert.closed"}

        await eventually(over)
        assert len(mailbox.mails) == mails
        assert mailbox.signed_in == ["inbuild"] * mails
        assert receiver.forged == 0 and len(set(receiver.ids)) == len(receiver.ids)

        handle = product.temporal.get_workflow_handle(mirroring_workflow_id(product.company_id))
        history = (await handle.fetch_history()).to_json()
        async with product.session() as session:
            events = repr(list(await session.exec(select(EventLog.data))))
        for secret in (PASSWORD, receiver.secret.removeprefix("whsec_")):
            assert secret not in history and secret not in events
        assert "send_alerts" in history
