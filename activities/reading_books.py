"""Reading a QuickBooks company: its lists, and the bills that are still open."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from accounting.blockers import BlockerReason
from accounting.connection_states import ConnectionState
from accounting.numbers import normalise
from activities.acting import acting, heartbeating
from activities.connection_status import status_now
from activities.failures import quickbooks_failure
from activities.outside import Outside
from activities.pacing import RequestPacing
from activities.sessions_ended import session_ended
from contracts.connection import ConnectionRef, ConnectionStatus
from models.bill_links import store_transactions
from models.connections import connection_by_id, lists_were_read
from models.database import Actor
from models.invoices import free_blocked
from models.mappings import ListEntry, store_list
from models.mirroring import company_rules
from models.tables import Connection, QuickBooksKind
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import QuickBooksOnlineError, ReconnectNeeded
from providers.quickbooks_online.query import Condition
from providers.quickbooks_online.types import (
    Account,
    Bill,
    Customer,
    Department,
    Entity,
    Item,
    Term,
    TrackingClass,
    Vendor,
)

LISTS: Sequence[type[Entity]] = (Account, Vendor, Customer, Item, TrackingClass, Department, Term)
# What a fresh reading of the lists may have mended.
MENDED_BY_LISTS = (
    BlockerReason.VENDOR_UNMAPPED,
    BlockerReason.VENDOR_INACTIVE,
    BlockerReason.PROJECT_UNMAPPED,
    BlockerReason.COST_CODE_UNMAPPED,
    BlockerReason.RETAINAGE_ACCOUNT_MISSING,
)


class BooksReading:
    """One connection's books, read as far as posting needs them."""

    def __init__(self, outside: Outside, request: ConnectionRef) -> None:
        self._outside = outside
        self._database = outside.database
        self._ref = request
        self._company_id: UUID = request.company_id
        self._connection_id: UUID = request.connection_id
        self._actor: Actor = acting()

    async def read(self) -> ConnectionStatus:
        """Read everything once. An ended session is written down; other trouble is raised to be tried again."""
        connection = await self._connection()
        if connection is None or connection.state is not ConnectionState.ACTIVE:
            return await status_now(self._outside, self._ref)
        if connection.kind is not QuickBooksKind.ONLINE:
            # The company file's lists come with its next session: nobody can call a PC.
            return await status_now(self._outside, self._ref)
        client = self._outside.quickbooks(self._company_id, connection, self._actor)
        try:
            async with heartbeating():
                await self._read_lists(client)
                await self._read_open_bills(client)
        except ReconnectNeeded as ended:
            await session_ended(self._outside, self._company_id, connection, ended, self._actor)
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None
        async with self._database.company(self._company_id, self._actor) as session:
            await lists_were_read(session, self._connection_id)
            freed = await free_blocked(session, MENDED_BY_LISTS)
            name = (await company_rules(session)).name
        if freed:
            await self._outside.workflows.wake_company(self._company_id, name, f"{freed} invoices may go on")
        return await status_now(self._outside, self._ref)

    async def _connection(self) -> Connection | None:
        async with self._database.company(self._company_id, self._actor) as session:
            return await connection_by_id(session, self._connection_id)

    async def _wait_in_line(self) -> None:
        """A connection's limits are everybody's: a bill on its way must not be refused because lists are read."""
        async with self._database.company(self._company_id, self._actor) as session:
            pacing = RequestPacing(self._outside.settings, self._connection_id)
            wait = await pacing.reserve(session, is_batch=False)
        await asyncio.sleep(wait.total_seconds())

    async def _read_lists(self, client: QuickBooksOnlineClient) -> None:
        read_at = self._outside.clock.now()
        terms: dict[str, int] = {}
        for kind in sorted(LISTS, key=lambda kind: kind is not Term):
            rows = client.all_of(kind, before_each=self._wait_in_line)
            entries = [list_entry(entity, terms) async for entity in rows]
            terms |= {one.quickbooks_id: one.terms_days for one in entries if one.terms_days is not None}
            async with self._database.company(self._company_id, self._actor) as session:
                await store_list(session, self._connection_id, kind.entity_name, entries, read_at)

    async def _read_open_bills(self, client: QuickBooksOnlineClient) -> None:
        still_open = [Condition("Balance", ">", Decimal(0))]
        async for page in client.pages(Bill, still_open, before_each=self._wait_in_line):
            async with self._database.company(self._company_id, self._actor) as session:
                await store_transactions(
                    session,
                    [transaction(self._connection_id, bill, self._outside.clock.now()) for bill in page.entities],
                )


def transaction(connection_id: UUID, bill: Bill, now: datetime) -> dict[str, object]:
    changed = bill.meta_data.last_updated_time if bill.meta_data else None
    return {
        "connection_id": connection_id,
        "transaction_type": "Bill",
        "quickbooks_id": bill.id,
        "sync_token": bill.sync_token,
        "vendor_id": bill.vendor_ref.value,
        "number": bill.doc_number,
        "normalised_number": normalise(bill.doc_number),
        "transaction_date": bill.txn_date,
        "total": bill.total_amt,
        "balance": bill.balance,
        "memo": bill.private_note,
        "raw": bill.model_dump_json(),
        "updated_at": changed or now,
    }


def list_entry(entity: Entity, terms: dict[str, int]) -> ListEntry:
    """One entry as we keep it. A customer's name is its own, not its parents': Procore's project has that name."""
    match entity:
        case Account():
            return ListEntry(
                "Account", entity.id, entity.name, entity.fully_qualified_name or entity.name, entity.active,
                account_type=entity.account_type, account_subtype=entity.account_sub_type,
            )  # fmt: skip
        case Vendor():
            terms_id = entity.term_ref.value if entity.term_ref else None
            return ListEntry(
                "Vendor", entity.id, entity.display_name, entity.display_name, entity.active,
                terms_id=terms_id, terms_days=terms.get(terms_id or ""),
            )  # fmt: skip
        case Customer():
            full_name = entity.fully_qualified_name or entity.display_name
            return ListEntry("Customer", entity.id, entity.display_name, full_name, entity.active)
        case Term():
            return ListEntry("Term", entity.id, entity.name, entity.name, entity.active, terms_days=entity.due_days)
        case Item() | TrackingClass() | Department():
            full_name = entity.fully_qualified_name or entity.name
            return ListEntry(entity.entity_name, entity.id, entity.name, full_name, entity.active)
        case _:
            raise TypeError(f"{entity.entity_name} is no list we keep")
