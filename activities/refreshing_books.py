"""The copy of the books that duplicates and payments are looked for in: read once, then kept up by what changed.

The lists come along: one change query asks for both.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from temporalio import activity

from accounting.money import ZERO
from accounting.numbers import normalise
from activities.bill_payments import take_in_changes
from activities.failures import wait_for
from activities.keeping_lists import ListsKeeping
from activities.online_lists import LISTS
from activities.outside import Outside
from activities.pacing import turns_of
from models.bill_links import store_transactions
from models.copy_of_books import (
    copy_reaches,
    end_refresh,
    mark_deleted,
    note_closing_date,
    note_copy,
    take_refresh,
)
from models.database import Actor
from models.inbox import close_notices_before
from models.payment_shares import settle_bills
from models.standing import OpenConnection
from models.tables import Connection, InboxSource, QuickBooksKind
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import RequestDefect
from providers.quickbooks_online.query import Condition
from providers.quickbooks_online.turn import Turn
from providers.quickbooks_online.types import Bill, BillLine, BillPayment, Entity, Purchase, VendorCredit

# Reads are metered: a copy this young is not asked about again before a batch.
FRESH_FOR = timedelta(seconds=60)
# QuickBooks counts in seconds and may tell of a change late: the last minutes are read again.
OVERLAP = timedelta(minutes=5)
# CDC looks back 30 days at most (Intuit: change-data-capture); a day less keeps clear of the edge.
CDC_REACH = timedelta(days=29)
# Two closed years: what is older was never meant by an invoice approved now.
FIRST_REACH = timedelta(days=730)
KINDS: Sequence[type[Bill | VendorCredit | Purchase | BillPayment]] = (Bill, VendorCredit, Purchase, BillPayment)
# Bills whose settlement is reckoned in one unit of work.
BILLS_AT_ONCE = 500


# Longer than the one change query of a refresh may take; what comes after a crash waits as long.
REFRESH_LEASE = timedelta(seconds=60)
# How often, and how many times, a batch looks whether another one has finished reading before it is tried later.
LOOK_AGAIN, LOOKS = timedelta(seconds=0.5), 20


async def refresh_copy(
    outside: Outside, company_id: UUID, connection: OpenConnection | Connection, actor: Actor
) -> None:
    """Before a posting round: the copy is no older than a minute afterwards, read by one batch for all that wait.

    A company file's copy comes with its sessions. Raises the client's errors, and to be tried again where somebody
    else's reading takes long.
    """
    if connection.kind != QuickBooksKind.ONLINE or _is_fresh(connection.transactions_read_at, outside.clock.now()):
        return
    for _ in range(LOOKS):
        async with outside.database.company(company_id, actor) as session:
            is_mine = await take_refresh(session, connection.id, REFRESH_LEASE)
        if is_mine:
            try:
                client = outside.quickbooks(company_id, connection, actor)
                await bring_up_to_date(outside, company_id, connection.id, client, actor)
            finally:
                async with outside.database.company(company_id, actor) as session:
                    await end_refresh(session, connection.id)
            return
        await asyncio.sleep(LOOK_AGAIN.total_seconds())
        async with outside.database.company(company_id, actor) as session:
            if _is_fresh(await copy_reaches(session, connection.id), outside.clock.now()):
                return
    raise wait_for("another batch is still reading the books", LOOKS * LOOK_AGAIN)


async def bring_up_to_date(
    outside: Outside,
    company_id: UUID,
    connection_id: UUID,
    client: QuickBooksOnlineClient,
    actor: Actor,
    *,
    fresh_for: timedelta = FRESH_FOR,
    lists_from: datetime | None = None,
) -> bool:
    """Bring the copy of one connection's books up to now, and its lists with it, unless it is younger than a minute;
    whether it asked.

    One metered call where little changed; the closing date is asked for once an hour. ``lists_from`` is when whoever
    has just read the lists began to: the next change query goes back to it. Raises the client's errors.
    """
    now = outside.clock.now()
    async with outside.database.company(company_id, actor) as session:
        reaches = await copy_reaches(session, connection_id)
    if _is_fresh(reaches, now, fresh_for):
        return False
    turn = turns_of(outside, company_id, connection_id, actor)
    copy = _Copy(outside, company_id, connection_id, client, actor, turn)
    if reaches is None or now - reaches > CDC_REACH:
        await copy.read_since(now - FIRST_REACH if reaches is None else reaches - OVERLAP)
        if reaches is not None and lists_from is None:
            await copy.read_lists()
    else:
        await copy.follow(reaches - OVERLAP)
    if reaches is None or _hour(reaches) != _hour(now):
        # A closing date moves a few times a year: once an hour is often enough for a metered read.
        await turn()
        await copy.note_closing_date((await client.preferences()).value.accounting_info_prefs.book_close_date)
    complete_to = lists_from or now
    async with outside.database.company(company_id, actor) as session:
        await note_copy(session, connection_id, complete_to)
        # What Intuit told before this reading began is in it.
        await close_notices_before(session, InboxSource.INTUIT, complete_to)
    return True


async def read_back(
    outside: Outside, company_id: UUID, connection_id: UUID, client: QuickBooksOnlineClient, actor: Actor, since: date
) -> None:
    """Make the copy reach back to a day that the first reading left out, for invoices as old. Raises as above.

    Metered reads, a thousand transactions each: asked for by whoever plans a start that long ago, and not kept up.
    """
    until = (outside.clock.now() - FIRST_REACH).date()
    if since >= until:
        return
    copy = _Copy(outside, company_id, connection_id, client, actor, turns_of(outside, company_id, connection_id, actor))
    await copy.read_dated(since, until)


class _Copy:
    """One connection's copy while it is brought up to date."""

    def __init__(
        self,
        outside: Outside,
        company_id: UUID,
        connection_id: UUID,
        client: QuickBooksOnlineClient,
        actor: Actor,
        turn: Turn,
    ) -> None:
        self._outside = outside
        self._company_id = company_id
        self._connection_id = connection_id
        self._client = client
        self._actor = actor
        self._turn = turn
        self._lists = ListsKeeping(outside, company_id, connection_id, client, actor, turn)

    async def read_since(self, since: datetime) -> None:
        """Page through everything that changed since, and through the bills that are still open, however old.

        What settled them is reckoned at the end: a page of bills says nothing of the payments on a later one.
        """
        changed = Condition("MetaData.LastUpdatedTime", ">=", since)
        touched: set[str] = set()
        for kind in KINDS:
            async for page in self._client.pages(kind, [changed], before_each=self._turn):
                touched |= await self._keep(page.entities)
        still_open = [Condition("Balance", ">", Decimal(0))]
        async for open_bills in self._client.pages(Bill, still_open, before_each=self._turn):
            touched |= await self._keep(open_bills.entities)
        await self._settle(touched)

    async def read_dated(self, since: date, until: date) -> None:
        """Page through everything dated in these days."""
        touched: set[str] = set()
        days = [Condition("TxnDate", ">=", since), Condition("TxnDate", "<=", until)]
        for kind in KINDS:
            async for page in self._client.pages(kind, days, before_each=self._turn):
                touched |= await self._keep(page.entities)
        await self._settle(touched)

    async def follow(self, since: datetime) -> None:
        """One change query for all kinds and lists. Where its answer is full, or QuickBooks' own clock says that it
        goes back too far: the pages of everything since, and the lists whole, for no page tells who is gone from one.
        """
        await self._turn()
        try:
            changes = (await self._client.cdc((*KINDS, *LISTS), since)).value
        except RequestDefect as refused:
            activity.logger.warning("QuickBooks takes no change query since %s, reading by pages: %s", since, refused)
            await self.read_since(since)
            await self.read_lists()
            return
        if changes.is_full:
            await self.read_since(since)
            await self.read_lists()
        else:
            await self._lists.follow(changes)
        touched = await self._keep(changes.changed)
        gone = [(one.entity_name, one.id) for one in changes.deleted]
        async with self._outside.database.company(self._company_id, self._actor) as session:
            await mark_deleted(session, self._connection_id, gone)
            touched |= await take_in_changes(session, self._connection_id, (), gone)
        await self._settle(touched)

    async def read_lists(self) -> None:
        """Where nobody can say any more what changed in them."""
        await self._lists.read()
        await self._lists.let_go_on()

    async def note_closing_date(self, closed_through: date | None) -> None:
        async with self._outside.database.company(self._company_id, self._actor) as session:
            await note_closing_date(session, self._connection_id, closed_through)

    async def _settle(self, bill_ids: set[str]) -> None:
        ordered = sorted(bill_ids)
        for start in range(0, len(ordered), BILLS_AT_ONCE):
            async with self._outside.database.company(self._company_id, self._actor) as session:
                await settle_bills(session, self._connection_id, ordered[start : start + BILLS_AT_ONCE])

    async def _keep(self, entities: Sequence[Entity]) -> set[str]:
        """Put them into the copy; the bills that they are, or touch."""
        now = self._outside.clock.now()
        rows = [
            booked(self._connection_id, entity, now)
            for entity in entities
            if isinstance(entity, Bill | VendorCredit | Purchase)
        ]
        async with self._outside.database.company(self._company_id, self._actor) as session:
            await store_transactions(session, rows)
            return await take_in_changes(session, self._connection_id, entities)


def booked(connection_id: UUID, entity: Bill | VendorCredit | Purchase, now: datetime) -> dict[str, object]:
    """A transaction as our copy keeps it. ``gross`` sums its positive lines: what was billed before retainage."""
    changed = entity.meta_data.last_updated_time if entity.meta_data else None
    vendor = entity.entity_ref if isinstance(entity, Purchase) else entity.vendor_ref
    return {
        "connection_id": connection_id,
        "transaction_type": entity.entity_name,
        "quickbooks_id": entity.id,
        "sync_token": entity.sync_token,
        "vendor_id": vendor.value if vendor else None,
        "number": entity.doc_number,
        "normalised_number": normalise(entity.doc_number),
        "transaction_date": entity.txn_date,
        "total": entity.total_amt,
        "balance": None if isinstance(entity, Purchase) else entity.balance,
        "memo": entity.private_note,
        "customer_ids": sorted(_customers(entity.lines)),
        "gross": sum((line.amount for line in entity.lines if line.amount > 0), ZERO),
        "raw": entity.model_dump_json(),
        "updated_at": changed or now,
    }


def _is_fresh(reaches: datetime | None, now: datetime, fresh_for: timedelta = FRESH_FOR) -> bool:
    return reaches is not None and now - reaches < fresh_for


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _customers(lines: Iterable[BillLine]) -> set[str]:
    return {line.detail.customer_ref.value for line in lines if line.detail.customer_ref is not None}
