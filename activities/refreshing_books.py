"""The copy of the books that duplicates are looked for in: read once, then kept up by what changed since."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from temporalio import activity

from accounting.money import ZERO
from accounting.numbers import normalise
from activities.failures import wait_for
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
from models.standing import OpenConnection
from models.tables import QuickBooksKind
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.errors import RequestDefect
from providers.quickbooks_online.query import Condition
from providers.quickbooks_online.turn import Turn
from providers.quickbooks_online.types import Bill, BillLine, Entity, Purchase, VendorCredit

# Reads are metered: a copy this young is not asked about again before a batch.
FRESH_FOR = timedelta(seconds=60)
# QuickBooks counts in seconds and may tell of a change late: the last minutes are read again.
OVERLAP = timedelta(minutes=5)
# CDC looks back 30 days at most (Intuit: change-data-capture); a day less keeps clear of the edge.
CDC_REACH = timedelta(days=29)
# Two closed years: what is older was never meant by an invoice approved now.
FIRST_REACH = timedelta(days=730)
KINDS: Sequence[type[Bill | VendorCredit | Purchase]] = (Bill, VendorCredit, Purchase)
# Longer than the one change query of a refresh may take; what comes after a crash waits as long.
REFRESH_LEASE = timedelta(seconds=60)
# How often, and how many times, a batch looks whether another one has finished reading before it is tried later.
LOOK_AGAIN, LOOKS = timedelta(seconds=0.5), 20


async def refresh_copy(outside: Outside, company_id: UUID, connection: OpenConnection, actor: Actor) -> None:
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
    outside: Outside, company_id: UUID, connection_id: UUID, client: QuickBooksOnlineClient, actor: Actor
) -> bool:
    """Bring the copy of one connection's books up to now, unless it is younger than a minute; whether it asked.

    One metered call where little changed; the closing date is asked for once an hour. Raises the client's errors.
    """
    now = outside.clock.now()
    async with outside.database.company(company_id, actor) as session:
        reaches = await copy_reaches(session, connection_id)
    if _is_fresh(reaches, now):
        return False
    turn = turns_of(outside, company_id, connection_id, actor)
    copy = _Copy(outside, company_id, connection_id, client, actor, turn)
    if reaches is None or now - reaches > CDC_REACH:
        await copy.read_since(now - FIRST_REACH if reaches is None else reaches - OVERLAP)
    else:
        await copy.follow(reaches - OVERLAP)
    if reaches is None or _hour(reaches) != _hour(now):
        # A closing date moves a few times a year: once an hour is often enough for a metered read.
        await turn()
        await copy.note_closing_date((await client.preferences()).value.accounting_info_prefs.book_close_date)
    async with outside.database.company(company_id, actor) as session:
        await note_copy(session, connection_id, now)
    return True


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

    async def read_since(self, since: datetime) -> None:
        """Page through everything that changed since, and through the bills that are still open, however old."""
        changed = Condition("MetaData.LastUpdatedTime", ">=", since)
        for kind in KINDS:
            async for page in self._client.pages(kind, [changed], before_each=self._turn):
                await self._keep(page.entities)
        still_open = [Condition("Balance", ">", Decimal(0))]
        async for open_bills in self._client.pages(Bill, still_open, before_each=self._turn):
            await self._keep(open_bills.entities)

    async def follow(self, since: datetime) -> None:
        """One change query for all kinds; where its answer is full, or QuickBooks' own clock says that it goes back too
        far, the pages of everything since.
        """
        await self._turn()
        try:
            changes = (await self._client.cdc(KINDS, since)).value
        except RequestDefect as refused:
            activity.logger.warning("QuickBooks takes no change query since %s, reading by pages: %s", since, refused)
            await self.read_since(since)
            return
        if changes.is_full:
            await self.read_since(since)
        await self._keep(changes.changed)
        gone = [(one.entity_name, one.id) for one in changes.deleted]
        async with self._outside.database.company(self._company_id, self._actor) as session:
            await mark_deleted(session, self._connection_id, gone)

    async def note_closing_date(self, closed_through: date | None) -> None:
        async with self._outside.database.company(self._company_id, self._actor) as session:
            await note_closing_date(session, self._connection_id, closed_through)

    async def _keep(self, entities: Iterable[Entity]) -> None:
        now = self._outside.clock.now()
        rows = [
            booked(self._connection_id, entity, now)
            for entity in entities
            if isinstance(entity, Bill | VendorCredit | Purchase)
        ]
        async with self._outside.database.company(self._company_id, self._actor) as session:
            await store_transactions(session, rows)


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


def _is_fresh(reaches: datetime | None, now: datetime) -> bool:
    return reaches is not None and now - reaches < FRESH_FOR


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _customers(lines: Iterable[BillLine]) -> set[str]:
    return {line.detail.customer_ref.value for line in lines if line.detail.customer_ref is not None}
