"""Reading a QuickBooks company: its lists, and the copy of its transactions."""

from collections.abc import Sequence
from uuid import UUID

from accounting.blockers import BlockerReason
from accounting.connection_states import ConnectionState
from activities.acting import acting, heartbeating
from activities.connection_status import status_now
from activities.failures import quickbooks_failure
from activities.outside import Outside
from activities.pacing import turns_of
from activities.refreshing_books import bring_up_to_date
from activities.sessions_ended import session_ended
from contracts.connection import ConnectionRef, ConnectionStatus
from models.connections import connection_by_id, lists_were_read
from models.database import Actor
from models.freeing import Resolved, free
from models.mirroring import company_rules
from models.reference_lists import EntryDetails, ListEntry, store_list
from models.tables import Connection, QuickBooksKind
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import QuickBooksOnlineError, ReconnectNeeded
from providers.quickbooks_online.types import (
    Account,
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
    BlockerReason.MAPPING_REFUSED,
    BlockerReason.AP_ACCOUNT_MISSING,
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
                await bring_up_to_date(self._outside, self._company_id, self._connection_id, client, self._actor)
        except ReconnectNeeded as ended:
            await session_ended(self._outside, self._company_id, connection, ended, self._actor)
        except QuickBooksOnlineError as trouble:
            raise quickbooks_failure(trouble) from None
        async with self._database.company(self._company_id, self._actor) as session:
            await lists_were_read(session, self._connection_id)
            freed = await free(session, Resolved(MENDED_BY_LISTS, connection_id=self._connection_id))
            name = (await company_rules(session)).name
        if freed:
            await self._outside.workflows.wake_company(self._company_id, name, f"{len(freed)} invoices may go on")
        return await status_now(self._outside, self._ref)

    async def _connection(self) -> Connection | None:
        async with self._database.company(self._company_id, self._actor) as session:
            return await connection_by_id(session, self._connection_id)

    async def _read_lists(self, client: QuickBooksOnlineClient) -> None:
        read_at = self._outside.clock.now()
        turns = turns_of(self._outside, self._company_id, self._connection_id, self._actor)
        terms: dict[str, int] = {}
        for kind in sorted(LISTS, key=lambda kind: kind is not Term):
            rows = client.all_of(kind, before_each=turns)
            entries = [list_entry(entity, terms) async for entity in rows]
            terms |= {one.quickbooks_id: one.terms_days for one in entries if one.terms_days is not None}
            async with self._database.company(self._company_id, self._actor) as session:
                await store_list(session, self._connection_id, kind.entity_name, entries, read_at)


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
                terms_id=terms_id, terms_days=terms.get(terms_id or ""), details=_vendor_details(entity),
            )  # fmt: skip
        case Customer():
            full_name = entity.fully_qualified_name or entity.display_name
            return ListEntry("Customer", entity.id, entity.display_name, full_name, entity.active)
        case Term():
            return ListEntry("Term", entity.id, entity.name, entity.name, entity.active, terms_days=entity.due_days)
        case Item():
            full_name = entity.fully_qualified_name or entity.name
            account = entity.expense_account_ref.value if entity.expense_account_ref else ""
            details = EntryDetails(item_type=entity.type, expense_account_id=account)
            return ListEntry("Item", entity.id, entity.name, full_name, entity.active, details=details)
        case TrackingClass() | Department():
            full_name = entity.fully_qualified_name or entity.name
            return ListEntry(entity.entity_name, entity.id, entity.name, full_name, entity.active)
        case _:
            raise TypeError(f"{entity.entity_name} is no list we keep")


def _vendor_details(vendor: Vendor) -> EntryDetails:
    """What a vendor is recognised by; never its tax id."""
    at = vendor.bill_addr
    return EntryDetails(
        number=vendor.acct_num,
        email=vendor.primary_email_addr.address,
        phone=vendor.primary_phone.free_form_number,
        address=" ".join(part for part in (at.line1, at.line2, at.city, at.postal_code[:5]) if part),
    )
