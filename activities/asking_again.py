"""Asking Procore again for posted, unpaid invoices, whatever their time of change says, as far as the allowance goes.

A requisition that was deleted is in no list of changes, and some edits move no time of change: both are found here.
One call asks for up to a hundred of one project, the project unseen for the longest first.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from activities.judging import follow_source, gone_from_procore, keep_unreadable
from activities.missing_requisitions import ask_for_missing
from activities.outside import Outside
from activities.procore_access import is_of_project
from activities.reading_procore import CompanyReader
from activities.requisition_reading import Reading, read
from models.asking_again import PostedInvoice, asked_again, go_on_soon, round_is_due, told_of, unseen_for_long
from models.database import Actor, CompanySession
from models.invoices import invoices_by_id
from models.mirroring import Fence, hold_fence
from models.requisitions import store_requisitions
from providers.procore.errors import ProcoreError, ProcoreRateLimited
from providers.procore.requisitions import Requisition
from providers.procore.wire import Unreadable

# A requisition that neither a look nor a round has seen for so long is asked for by its id.
UNSEEN_FOR = timedelta(hours=12)
# One call of Procore's list holds as many.
AT_ONCE = 100
# Calls of one round: the allowance is for what is new before it is for what is posted.
CALLS_PER_ROUND = 5
# Of the allowance that looks may use, so much is left alone here.
LEFT_FOR_LOOKS = 200
# A project, and invoices of it that are asked for with one call.
Wanted = tuple[str, list[PostedInvoice]]


@dataclass(frozen=True)
class ReadAgain:
    """What Procore told of requisitions asked for by their ids. ``gone`` are not there any more, ``hidden`` are not
    shown to us; those it was not asked about yet are in none.
    """

    readings: Sequence[Reading]
    unreadable: Sequence[Unreadable]
    gone: Collection[str]
    hidden: Collection[str]

    @property
    def ids(self) -> set[str | None]:
        told = {one.seen.requisition_id for one in self.readings} | {one.id for one in self.unreadable}
        return told | set(self.gone) | set(self.hidden)


class AskingAgain:
    """One round of one look, under its fence."""

    def __init__(self, outside: Outside, company_id: UUID, actor: Actor, fence: Fence, reader: CompanyReader) -> None:
        self._outside = outside
        self._database = outside.database
        self._company_id = company_id
        self._actor = actor
        self._fence = fence
        self._reader = reader

    async def ask(self) -> None:
        """Ask for what was not seen for long, if a round is due. Procore's trouble ends the round and no look."""
        async with self._database.company(self._company_id, self._actor) as session:
            if not await round_is_due(session):
                return
        await self._ask_all(lambda session: unseen_for_long(session, session.now - UNSEEN_FOR, AT_ONCE))

    async def ask_told(self, before: datetime) -> None:
        """Ask for posted invoices that notices up to this instant name: while mirroring is off nothing else would."""
        await self._ask_all(lambda session: told_of(session, before, AT_ONCE))

    async def _ask_all(self, wanted_now: Callable[[CompanySession], Awaitable[Wanted | None]]) -> None:
        for _ in range(CALLS_PER_ROUND):
            async with self._database.company(self._company_id, self._actor) as session:
                wanted = await wanted_now(session)
                budget = await self._reader.settle(session)
            if wanted is None or budget.left < LEFT_FOR_LOOKS:
                return
            try:
                await self._ask_project(*wanted)
            except ProcoreRateLimited:
                return
            except ProcoreError as trouble:
                if not is_of_project(trouble):
                    return
                # The project itself cannot be read: its looks tell of that, and the others come first next time.
                async with self._database.company(self._company_id, self._actor) as session:
                    await asked_again(session, [one.requisition_id for one in wanted[1]])
        async with self._database.company(self._company_id, self._actor) as session:
            await go_on_soon(session)

    async def _ask_project(self, project_id: str, invoices: list[PostedInvoice]) -> None:
        again = await read_again(self._reader, project_id, [one.requisition_id for one in invoices])
        async with self._database.company(self._company_id, self._actor) as session:
            await hold_fence(session, self._fence)
            await follow_again(session, project_id, again, invoices)
            await self._reader.settle(session)


async def read_again(reader: CompanyReader, project_id: str, requisition_ids: Sequence[str]) -> ReadAgain:
    """What Procore says now of these requisitions of one project, in one call, and one for each that the answer leaves
    out. Raises ProcoreError.
    """
    await reader.breathe()
    told: list[Requisition] = []
    unreadable: list[Unreadable] = []
    async for page in reader.client.requisitions(project_id, ids=requisition_ids):
        told += page.records
        unreadable += page.unreadable
    seen = {one.id for one in told} | {one.id for one in unreadable}
    missing = await ask_for_missing(reader, project_id, set(requisition_ids) - seen)
    readings = tuple(read(requisition) for requisition in (*told, *missing.records))
    return ReadAgain(readings, (*unreadable, *missing.unreadable), missing.gone, missing.hidden.keys())


async def follow_again(
    session: CompanySession, project_id: str, again: ReadAgain, invoices: Sequence[PostedInvoice]
) -> None:
    """Bring the invoices up to what Procore said. One that is only hidden from us is left as it is."""
    await store_requisitions(session, [reading.seen for reading in again.readings], keep_verdict=True)
    await keep_unreadable(session, again.unreadable, project_id)
    await follow_source(session, again.readings)
    gone = [one.invoice_id for one in invoices if one.requisition_id in again.gone]
    for row in (await invoices_by_id(session, gone)).values():
        await gone_from_procore(session, row)
    await asked_again(session, [one.requisition_id for one in invoices if one.requisition_id in again.ids])
