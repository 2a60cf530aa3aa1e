"""One connection's lists of QuickBooks Online: read whole, and kept up by what a change query tells of them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from activities.online_lists import LISTS, list_entry
from activities.outside import Outside
from models.database import Actor, CompanySession
from models.freeing import Resolved, free
from models.list_changes import MENDED_BY_LISTS, ListChanges, take_in_entries
from models.mirroring import company_rules
from models.reference_lists import entries_by_key, store_list
from providers.quickbooks_online.answers import ChangeSet
from providers.quickbooks_online.client import QuickBooksOnlineClient
from providers.quickbooks_online.turn import Turn
from providers.quickbooks_online.types import Entity, Term, Vendor


class ListsKeeping:
    """The lists of one connection. Everything here raises the client's errors."""

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
        self._database = outside.database
        self._company_id = company_id
        self._connection_id = connection_id
        self._client = client
        self._actor = actor
        self._turn = turn

    async def read(self, kinds: Iterable[type[Entity]] = LISTS) -> None:
        """Read these lists whole, a metered read for every thousand entries."""
        read_at = self._outside.clock.now()
        for kind in kinds:
            found = [entity async for entity in self._client.all_of(kind, before_each=self._turn)]
            async with self._database.company(self._company_id, self._actor) as session:
                days = await self._terms_days(session, found)
                entries = [list_entry(entity, days) for entity in found]
                await store_list(session, self._connection_id, kind.entity_name, entries, read_at)

    async def follow(self, changes: ChangeSet) -> None:
        """Take over what a change query told, without asking anything more, and try again what it may have mended.

        Only where a parent was renamed is that list read: the full names below it are others now.
        """
        names = {kind.entity_name for kind in LISTS}
        changed = [one for one in changes.changed if one.entity_name in names]
        gone = [(one.entity_name, one.id) for one in changes.deleted if one.entity_name in names]
        if not changed and not gone:
            return
        told = await self._take_in(changed, gone, self._outside.clock.now())
        if not told.is_news:
            return
        await self.read(kind for kind in LISTS if kind.entity_name in told.renamed_above)
        await self.let_go_on()

    async def let_go_on(self) -> None:
        """Have everything tried again that newer lists may have mended; what they have not is held as before."""
        async with self._database.company(self._company_id, self._actor) as session:
            freed = await free(session, Resolved(MENDED_BY_LISTS, connection_id=self._connection_id))
            name = (await company_rules(session)).name
        if freed:
            await self._outside.workflows.wake_company(self._company_id, name, f"{len(freed)} invoices may go on")

    async def _take_in(self, changed: list[Entity], gone: list[tuple[str, str]], read_at: datetime) -> ListChanges:
        async with self._database.company(self._company_id, self._actor) as session:
            days = await self._terms_days(session, changed)
            entries = [list_entry(one, days) for one in changed]
            return await take_in_entries(session, self._connection_id, entries, gone, read_at)

    async def _terms_days(self, session: CompanySession, entities: Iterable[Entity]) -> dict[str, int]:
        """How many days the terms of these vendors give, by the terms' id; those that came along first."""
        told = list(entities)
        wanted = {one.term_ref.value for one in told if isinstance(one, Vendor) and one.term_ref is not None}
        known = await entries_by_key(session, self._connection_id, {Term.entity_name: wanted})
        days = {key[1]: entry.terms_days for key, entry in known.items() if entry.terms_days is not None}
        return days | {one.id: one.due_days for one in told if isinstance(one, Term) and one.due_days is not None}
