"""A plan's invoices put in their piles: what is in the books already is linked or asked about, the rest is drafted."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from accounting.blockers import BlockerReason
from accounting.connection_states import ConnectionState
from accounting.duplicates import NEAR
from accounting.piles import Piled, pile_up
from accounting.plan import PlanEntry, PlannedOutcome, PlanVerdict
from activities.outside import Outside
from activities.refreshing_books import bring_up_to_date, read_back
from models.connections import connected
from models.database import Actor
from models.invoices import NewInvoice
from models.planned import Planned, numbered, outcomes, planned
from models.routes import Routes
from models.tables import Connection, QuickBooksKind
from providers.quickbooks_online.errors import ReconnectNeeded

# Drafted in one unit of work: enough to share what the books say, few enough to let others in between.
AT_ONCE = 200


@dataclass(frozen=True)
class Listed:
    """A requisition of the plan with the invoice it would be."""

    entry: PlanEntry
    invoice: NewInvoice


@dataclass(frozen=True)
class Piles:
    """The plan as it is signed off, and what drafting each of the create pile came to, by requisition."""

    entries: tuple[PlanEntry, ...]
    drafted: dict[str, PlannedOutcome]


class Piling:
    """One company's plan. Drafting begins while other projects are still listed; what lies in which pile is told once
    all of them are, so that the piles are of one moment.
    """

    def __init__(self, outside: Outside, company_id: UUID, actor: Actor, routes: Routes) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = company_id
        self._actor = actor
        self._routes = routes
        self._waiting: dict[UUID, list[NewInvoice]] = {}
        self._drafted: dict[UUID, list[Planned]] = {}
        # Drafting maps on trial what has the same name: side by side, each would wait for the other to take it back.
        self._drafting = asyncio.Lock()

    async def know_books(self, project_ids: Iterable[str], start_date: date) -> None:
        """Bring the copies of these projects' books up to date, before drafting: what somebody types there meanwhile is
        found when its invoice is posted. Raises errors of QuickBooks Online.
        """
        wanted = {self._routes.of(project_id).connection_id for project_id in project_ids}
        async with self._database.company(self._company_id, self._actor) as session:
            live = [one for one in await connected(session) if one.id in wanted]
        for connection in live:
            # A company file's copy comes with its sessions; what has expired is judged by what was read before.
            if connection.kind is QuickBooksKind.ONLINE and connection.state is ConnectionState.ACTIVE:
                await self._read_books(connection, start_date)

    async def add(self, listed: Iterable[Listed]) -> None:
        """Take in a project's requisitions, and draft what has gathered once that is enough for a unit of work."""
        for one in _coming(listed):
            connection_id = self._routes.of(one.entry.project_id).connection_id
            if connection_id is not None:
                self._waiting.setdefault(connection_id, []).append(one.invoice)
        async with self._drafting:
            await self._draft(AT_ONCE)

    async def pile(self, listed: Sequence[Listed]) -> Piles:
        """The piles of all requisitions that were added."""
        async with self._drafting:
            await self._draft(1)
        members: dict[UUID | None, list[Listed]] = {}
        for one in _coming(listed):
            members.setdefault(self._routes.of(one.entry.project_id).connection_id, []).append(one)
        piled: dict[str, Piled] = {}
        drafted: dict[str, PlannedOutcome] = {}
        for connection_id, of_books in members.items():
            if connection_id is None:
                drafted |= {one.entry.requisition_id: self._without_books(one) for one in of_books}
                continue
            found, told = await self._in_books(connection_id, of_books)
            piled |= found
            drafted |= told
        entries = [_in_pile(one.entry, piled.get(one.entry.requisition_id)) for one in listed]
        created = {one.requisition_id for one in entries if one.verdict is PlanVerdict.CREATE}
        return Piles(tuple(entries), {key: told for key, told in drafted.items() if key in created})

    async def _draft(self, at_least: int) -> None:
        for connection_id, waiting in list(self._waiting.items()):
            while len(waiting) >= at_least:
                chunk = waiting[:AT_ONCE]
                del waiting[:AT_ONCE]
                async with self._database.company(self._company_id, self._actor) as session:
                    drafted = await planned(session, connection_id, chunk)
                self._drafted.setdefault(connection_id, []).extend(drafted)

    async def _read_books(self, connection: Connection, start_date: date) -> None:
        client = self._outside.quickbooks(self._company_id, connection, self._actor)
        try:
            await bring_up_to_date(self._outside, self._company_id, connection.id, client, self._actor)
            await read_back(self._outside, self._company_id, connection.id, client, self._actor, start_date - NEAR)
        except ReconnectNeeded:
            # The guardian says so on the card; posting looks again before it makes any bill.
            return

    async def _in_books(
        self, connection_id: UUID, members: Sequence[Listed]
    ) -> tuple[dict[str, Piled], dict[str, PlannedOutcome]]:
        async with self._database.company(self._company_id, self._actor) as session:
            draftings = await numbered(session, self._drafted.get(connection_id, []))
        doubtful = {one.invoice.source_id: one.invoice.holds[0] for one in members if one.invoice.holds}
        found = {
            one.requisition_id: [
                replace(match, is_sure=match.is_sure and one.requisition_id not in doubtful) for match in one.matches
            ]
            for one in draftings
        }
        piled = pile_up(found)
        linked = {key: one.booked.key for key, one in piled.items() if one.verdict is PlanVerdict.LINK and one.booked}
        told = outcomes(draftings, linked, frozenset(linked.values()))
        held = {key: PlannedOutcome(held_because=hold.sentence) for key, hold in doubtful.items()}
        return piled, told | held

    def _without_books(self, one: Listed) -> PlannedOutcome:
        """Held for the project's books; with no QuickBooks to choose from, for one to be connected."""
        holds = (*one.invoice.holds, *self._routes.of(one.entry.project_id).holds)
        return PlannedOutcome(held_because=holds[0].sentence if holds else "No set of books is chosen yet.")


def _coming(listed: Iterable[Listed]) -> list[Listed]:
    return [one for one in listed if one.entry.verdict is PlanVerdict.CREATE]


def _in_pile(entry: PlanEntry, piled: Piled | None) -> PlanEntry:
    if piled is None or piled.booked is None:
        return entry
    reason = BlockerReason.LIKELY_DUPLICATE.value if piled.verdict is PlanVerdict.ASK else ""
    return replace(
        entry,
        verdict=piled.verdict,
        reason=reason,
        transaction_key=piled.booked.key,
        transaction=piled.booked.words,
    )
