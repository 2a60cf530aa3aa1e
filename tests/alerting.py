"""A company with people who are told of things: mails go to a sink over SMTP, webhooks to a receiver over HTTP."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.client import Client

from accounting.blockers import BlockerReason, Hold
from accounting.invoice import InvoiceLine, InvoiceSource
from activities.alert_sending import AlertDesk
from contracts.alerts import AlertsRequest, AlertsSent
from contracts.mirroring import WatchResult
from foundation.ids import new_id
from models.connections import connection_by_id
from models.freeing import Resolved, free
from models.invoices import NewInvoice, import_invoices
from models.tables import (
    Alert,
    AlertMessage,
    AppUser,
    Connection,
    ConnectionState,
    EndpointState,
    Membership,
    WebhookEndpoint,
)
from models.webhook_endpoints import add_endpoint, endpoint_place
from providers.standard_webhooks.signature import new_secret
from simulators.mail_sink.mailbox import Mailbox
from simulators.mail_sink.smtp import listening
from simulators.server import serve
from tests.api.seeding import add_connection, add_projects
from tests.desks import Desks, as_activity, open_desks
from tests.small_world import small_world

COLLECTED = timedelta(minutes=5)
NO_CODE = Hold(BlockerReason.COST_CODE_UNMAPPED, "03-300", "code:03-300")
NO_VENDOR = Hold(BlockerReason.VENDOR_UNMAPPED, "Ernie's Electrical", "8881")


@dataclass
class Receiver:
    """Somebody who takes webhooks. Answers ``status``; keeps what came with a right signature apart from the rest."""

    secret: str = ""
    status: int = 204
    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    forged: int = 0
    asked: int = 0

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.asked += 1
        if not self.is_signed(request, body):
            self.forged += 1
            return Response(status_code=401)
        if self.status < 300:
            self.events.append(json.loads(body, parse_float=Decimal))
            self.ids.append(request.headers["webhook-id"])
        return Response(status_code=self.status)

    def is_signed(self, request: Request, body: bytes) -> bool:
        """As the specification tells receivers to check it."""
        told = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        right = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(f"v1,{right}", request.headers["webhook-signature"])


@dataclass
class Alerted:
    """One company's alerting, with its people's mailbox and clock in the test's hand."""

    desks: Desks
    mailbox: Mailbox
    connection_id: UUID
    sending: AlertDesk
    accountant_id: UUID = field(init=False)

    def session(self) -> Any:
        return self.desks.product.session()

    async def look(self) -> bool:
        """Whether a look says that something is due to leave."""
        found = await self.desks.look()
        return isinstance(found, WatchResult) and found.alerts_due

    async def waits(self) -> timedelta:
        """How long an idle look waits for the next one."""
        found = await self.desks.look()
        assert isinstance(found, timedelta), found
        return found

    async def send(self) -> AlertsSent:
        return await as_activity(self.sending.send_alerts, AlertsRequest(company_id=self.desks.company_id))

    async def look_and_send(self) -> AlertsSent | None:
        return await self.send() if await self.look() else None

    async def after(self, step: timedelta) -> AlertsSent | None:
        self.desks.advance(step)
        return await self.look_and_send()

    async def add_person(self, login: str, *, admin: bool = False, accountant: bool = False) -> UUID:
        clock = self.desks.clock
        user_id = new_id(clock)
        async with self.desks.product.outside.database.directory() as session:
            session.add(
                AppUser(
                    id=user_id,
                    procore_environment="simulated",
                    procore_user_id=str(user_id.int % 10**12),
                    login=login,
                    name=login.partition("@")[0].title(),
                    created_at=clock.now(),
                    last_signed_in_at=clock.now(),
                )
            )
        await self.join(user_id, admin=admin, accountant=accountant)
        return user_id

    async def join(self, user_id: UUID, *, admin: bool = False, accountant: bool = False) -> None:
        async with self.session() as session:
            session.add(
                Membership(
                    company_id=session.company_id,
                    id=session.new_id(),
                    user_id=user_id,
                    is_company_admin=admin,
                    is_accountant=accountant,
                    checked_at=session.now,
                )
            )

    async def hold(self, count: int, hold: Hold = NO_CODE, first: int = 1) -> list[UUID]:
        """Invoices of $1,000.00 each that one thing holds."""
        async with self.session() as session:
            return await import_invoices(
                session, [_held(one, hold, session.now) for one in range(first, first + count)], self.connection_id
            )

    async def free(self, hold: Hold = NO_CODE) -> None:
        """A person does what holds them."""
        async with self.session() as session:
            await free(session, Resolved((hold.reason,), (hold.subject_key,), self.connection_id))

    async def expire(self, state: ConnectionState = ConnectionState.EXPIRED) -> None:
        async with self.session() as session:
            row = (await session.exec(select(Connection).where(Connection.id == self.connection_id))).one()
            row.state = state
            row.state_reason = "refresh_refused" if state is ConnectionState.EXPIRED else None
            row.state_since = session.now
            session.add(row)

    async def alerts(self) -> list[Alert]:
        """Every alert there ever was, the oldest first."""
        async with self.session() as session:
            return list(await session.exec(select(Alert).order_by(col(Alert.raised_at), col(Alert.id))))

    async def messages(self) -> list[AlertMessage]:
        async with self.session() as session:
            return list(await session.exec(select(AlertMessage).order_by(col(AlertMessage.id))))

    async def add_webhook(self, receiver: Receiver) -> UUID:
        receiver.secret = receiver.secret or new_secret()
        async with self.session() as session:
            endpoint_id: UUID = session.new_id()
            sealed = self.desks.product.outside.secrets.seal_text(receiver.secret, endpoint_place(endpoint_id))
            add_endpoint(session, endpoint_id, receiver.url, sealed, self.desks.product.admin_id)
        return endpoint_id

    async def endpoint(self) -> tuple[EndpointState, str | None]:
        async with self.session() as session:
            row = (await session.exec(select(WebhookEndpoint))).one()
        return row.state, row.state_reason


@asynccontextmanager
async def alerted_company(
    database_url: str, temporal: Client, task_queue: str, **settings: Any
) -> AsyncIterator[Alerted]:
    """A company with an active connection, an admin and an accountant, and a mail server that takes everything."""
    mailbox = Mailbox()
    async with (
        listening(mailbox) as port,
        open_desks(
            small_world(0),
            database_url,
            temporal,
            task_queue,
            smtp_host="127.0.0.1",
            smtp_port=port,
            smtp_starttls=False,
            mail_from="inBuild Sync <alerts@inbuild.test>",
            **{"alert_webhooks_anywhere": True, **settings},
        ) as desks,
    ):
        product = desks.product
        async with product.session() as session:
            connection_id = await add_connection(session, product.admin_id)
            # Its books have just been read: only alerts are due.
            connection = await connection_by_id(session, connection_id)
            assert connection is not None
            connection.transactions_read_at = session.now
            session.add(connection)
            await add_projects(session)
        alerted = Alerted(desks, mailbox, connection_id, AlertDesk(product.outside))
        await alerted.join(product.admin_id, admin=True)
        alerted.accountant_id = await alerted.add_person("accountant@example.test", accountant=True)
        yield alerted


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serve(Starlette(routes=[Route("/hook", receiver.take, methods=["POST"])])) as url:
        receiver.url = f"{url}/hook"
        yield receiver


def _held(number: int, hold: Hold, now: Any) -> NewInvoice:
    due, withheld = Decimal("1000.00"), Decimal("100.00")
    return NewInvoice(
        source=InvoiceSource.PROCORE_REQUISITION,
        source_id=str(number),
        source_sha256=hashlib.sha256(str(number).encode()).hexdigest(),
        project_id="9001",
        commitment_id="701",
        sequence=number,
        vendor_id="8881",
        vendor_name="Ernie's Electrical",
        number=f"INV-{number}",
        normalised_number=f"inv{number}",
        billing_date=date(2026, 6, 30),
        currency="USD",
        due=due,
        tax=Decimal(0),
        retainage_change=None,
        lines=(InvoiceLine(1, "Rough-in", "2158", "26-050.S", due + withheld, withheld, Decimal(0), due),),
        approved_at=now - timedelta(hours=1),
        holds=(hold,),
    )
