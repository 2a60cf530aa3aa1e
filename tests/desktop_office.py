"""The product with a customer's office: the API on a socket, a simulated PC with QuickBooks and the Web Connector."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from temporalio.client import Client

from api.access import Visitor
from api.intents.company_files import start_company_file, web_connector_file
from api.services import Services, intuit_oauth, procore_oauth
from models.attempts import attempt
from models.connection_cards import AccountChoices, choose_accounts
from models.directory import MemberCompany, SignedInUser
from models.tables import BillLink, Connection, ConnectionState, DesktopWrite, ReferenceEntry, WebConnectorLogin
from simulators.quickbooks_desktop.company_file import CompanyFile
from simulators.quickbooks_desktop.pc import Pc
from simulators.quickbooks_desktop.simulation import Simulation
from simulators.world.demo import demo_world
from simulators.world.documents import Documents
from tests.product import Product, eventually
from tests.reachable_product import reachable_product

FILE = "tidewater-norfolk"
# A look at Procore takes part of a second here: the Web Connector need not wait five between two questions.
NO_OP_SECONDS = 0.3


@dataclass
class DesktopOffice:
    """A customer whose books are in a company file, and the hands of whoever sits at the PC."""

    product: Product
    simulation: Simulation
    services: Services
    user_name: str = ""

    @property
    def pc(self) -> Pc:
        return self.simulation.pcs["office"]

    @property
    def file(self) -> CompanyFile:
        return self.simulation.file(FILE)

    async def update(self) -> str:
        """Update Selected in the Web Connector; what its window shows afterwards."""
        return await self.pc.update(self.user_name)

    async def connect(self, earlier: UUID | None = None) -> Connection:
        """Begin in inBuild, hand the .qwc to the Web Connector, type the password, update until connected.

        ``earlier`` is the connection of a company file that was disconnected.
        """
        begun = await start_company_file(self.services, self._visitor(), earlier)
        async with self.product.session() as session:
            row = await attempt(session, begun.started.attempt_id)
            assert row is not None
            found = await session.exec(
                select(WebConnectorLogin).where(
                    WebConnectorLogin.company_id == session.company_id, WebConnectorLogin.id == row.login_id
                )
            )
            login = found.one()
        self.user_name = begun.user_name
        await self.pc.add_application(
            web_connector_file(self.services, login, self.product.company_name), begun.password
        )

        async def connected() -> Connection | None:
            await self.update()
            async with self.product.session() as session:
                rows = await session.exec(select(Connection).where(Connection.company_id == session.company_id))
                connection = rows.first()
            is_there = connection is not None and connection.state is ConnectionState.ACTIVE
            return connection if is_there and connection.lists_read_at is not None else None

        connection = await eventually(connected)
        assert isinstance(connection, Connection)
        return connection

    async def mirror(self, documents: Documents) -> Connection:
        """Connect, choose the accounts and switch mirroring on."""
        connection = await self.connect()

        async with self.product.session() as session:
            found = await session.exec(select(ReferenceEntry).where(ReferenceEntry.company_id == session.company_id))
            ids = {entry.full_name: entry.quickbooks_id for entry in found if entry.entity == "Account"}
            expense, retainage = (ids[documents.expected[name]] for name in ("expense_account", "retainage_account"))
            choices = AccountChoices(expense, retainage, None, 30)
            await choose_accounts(session, connection.id, choices, self.product.admin_id)
        start = date.fromisoformat(documents.expected["start_date"])
        await self.product.switch_on(await self.product.plan(start))
        return connection

    async def states(self) -> dict[str, str]:
        """Every invoice's state by requisition."""
        return {source: str(row.state) for source, row in (await self.product.invoices()).items()}

    async def links(self) -> list[tuple[str, str, Decimal]]:
        """(TxnID, number, total) of every live link, by number."""
        async with self.product.session() as session:
            found = await session.exec(
                select(BillLink)
                .where(BillLink.company_id == session.company_id, col(BillLink.ended_at).is_(None))
                .order_by(col(BillLink.number), col(BillLink.quickbooks_id))
            )
            return [(link.quickbooks_id, link.number, link.total) for link in found]

    async def writes(self) -> list[DesktopWrite]:
        async with self.product.session() as session:
            found = await session.exec(select(DesktopWrite).where(DesktopWrite.company_id == session.company_id))
            return list(found)

    def bills(self) -> list[tuple[str, str, Decimal]]:
        """(TxnID, number, total) of every bill in the company file that carries our marker, by number."""
        found = self.file.books.transactions["Bill"].values()
        ours = [bill for bill in found if "inBuild" in str(bill.get("Memo", ""))]
        return sorted(
            ((str(bill["TxnID"]), str(bill["RefNumber"]), Decimal(str(bill["AmountDue"]))) for bill in ours),
            key=lambda bill: (bill[1], bill[0]),
        )

    def _visitor(self) -> Visitor:
        product = self.product
        company = MemberCompany(
            company_id=product.company_id,
            procore_company_id="1",
            name=product.company_name,
            feature_enabled=True,
            is_company_admin=True,
            is_accountant=False,
            checked_at=product.outside.clock.now(),
            newest_event=0,
        )
        return Visitor(SignedInUser(product.admin_id, "admin@example.test", "Admin", False, (company,)), company)


@asynccontextmanager
async def desktop_office(
    documents: Documents, database_url: str, temporal: Client, task_queue: str, **settings: Any
) -> AsyncIterator[DesktopOffice]:
    """A running product and the office of its customer, nothing connected yet."""
    simulation = Simulation()
    simulation.change_switches({"noop_seconds": NO_OP_SECONDS})
    simulation.load(documents.quickbooks_desktop)
    async with reachable_product(documents, database_url, temporal, task_queue, **settings) as product:
        outside = product.outside
        # The Web Connector refuses an address that is only numbers.
        address = outside.settings.public_base_url.replace("127.0.0.1", "localhost")
        services = Services(
            settings=outside.settings.model_copy(update={"public_base_url": address}),
            database=outside.database,
            clock=outside.clock,
            secret_box=outside.secrets,
            http=outside.http,
            procore_oauth=procore_oauth(outside.settings, outside.http, outside.clock),
            intuit_oauth=intuit_oauth(outside.settings, outside.http, outside.clock),
            workflows=outside.workflows,
        )
        yield DesktopOffice(product, simulation, services)


@cache
def tidewater_world() -> Documents:
    """The contractor whose books are in two company files, alone in its Procore."""
    world = demo_world()
    expected = world.expected["desktop"]
    company_id = expected["company_id"]
    procore: dict[str, Any] = dict(world.procore)
    procore["companies"] = [row for row in procore["companies"] if row["id"] == company_id]
    procore["projects"] = [row for row in procore["projects"] if row["company_id"] == company_id]
    kept = {row["id"] for row in procore["projects"]}
    for part in ("cost_codes", "requisitions"):
        procore[part] = [row for row in procore[part] if row["project_id"] in kept]
    procore["commitments"] = [row for row in procore["commitments"] if row["project"]["id"] in kept]
    ids = {row["id"] for row in procore["requisitions"]}
    procore["change_histories"] = [row for row in procore["change_histories"] if row["requisition_id"] in ids]
    accounts = ("start_date", "expense_account", "retainage_account")
    return replace(world, procore=procore, expected={**expected, **{name: world.expected[name] for name in accounts}})
