"""A world whose invoices are posted, and what people on either side do to them afterwards."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from activities.refreshing_books import FRESH_FOR, bring_up_to_date
from models.comparisons import comparison_of
from models.database import Actor
from models.mappings import connection_settings
from models.projects import look_now
from models.tables import ActorKind, BillComparison, Connection, EventLog, InvoiceRow
from simulators.quickbooks_online.people import Action, act
from tests.desks import Desks

ACTOR = Actor(ActorKind.COMMAND, "test")


@dataclass
class Posted:
    """One company whose approved invoices are all in QuickBooks."""

    desks: Desks
    connection: Connection

    @property
    def realm(self) -> str:
        return self.connection.quickbooks_company_id

    @property
    def books(self) -> Any:
        return self.desks.product.quickbooks.companies[self.realm]

    def act(self, action: str, bill: dict[str, Any], **more: Any) -> dict[str, Any]:
        """What a person does to a bill in QuickBooks' own pages."""
        fields = {"action": action, "realm": self.realm, "id": bill["Id"], **more}
        return act(self.books, Action.model_validate(fields))

    async def bill_of(self, requisition_id: str) -> dict[str, Any]:
        """The bill of an invoice as QuickBooks has it now."""
        link = (await self.desks.links())[requisition_id]
        return dict(self.books.entities["Bill"][link.quickbooks_id])

    async def look(self) -> None:
        """Bring the books up to date, ask Procore what changed, and look."""
        self.desks.advance(FRESH_FOR + timedelta(seconds=1))
        product = self.desks.product
        client = product.outside.quickbooks(product.company_id, self.connection, ACTOR)
        await bring_up_to_date(product.outside, product.company_id, self.connection.id, client, ACTOR)
        async with product.session() as session:
            await look_now(session)
        await self.desks.look()

    async def invoice(self, requisition_id: str) -> InvoiceRow:
        return (await self.desks.invoices())[requisition_id]

    async def comparison(self, requisition_id: str) -> BillComparison:
        row = await self.invoice(requisition_id)
        async with self.desks.product.session() as session:
            found = await comparison_of(session, row.id)
        assert found is not None
        return found

    async def set(self, **choices: Any) -> None:
        """Change the connection's settings as they stand in the table."""
        async with self.desks.product.session() as session:
            settings = await connection_settings(session, self.connection.id)
            for name, value in choices.items():
                setattr(settings, name, value)
            session.add(settings)

    async def events(self, invoice_id: UUID) -> list[str]:
        async with self.desks.product.session() as session:
            found = await session.exec(
                select(EventLog.kind)
                .where(EventLog.company_id == self.desks.company_id, EventLog.subject_id == str(invoice_id))
                .order_by(EventLog.seq)  # type: ignore[arg-type]
            )
            return list(found)


async def posted_world(desks: Desks) -> tuple[Posted, list[str]]:
    """Everything approved is posted; the requisitions' ids in order."""
    connection = await desks.connect()
    await desks.switch_on()
    await desks.post_everything()
    world = Posted(desks, await desks.connection(connection.id))
    ids = sorted(await desks.links(), key=int)
    await world.look()
    return world, ids
