"""Looking ahead: every bill is previewed before it may go to QuickBooks, and held against what came there.

Posting is paused around each approval, so that there is a moment in which an invoice came in and nothing was sent. What
cannot be drafted before others are posted (a release of retainage waits for the bills that withheld it) is set aside
while they are, and previewed then.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from demo.check.ledger import Ledger, plain_url, read_ledger
from demo.check.previews import Received, mismatches, not_previewed
from demo.outside_control import SimulatorControl
from demo.person import Person, eventually

PAGE = 100
PATIENCE = 100.0
ASIDE = "Until the bills that withheld it are posted"
# The only reason that goes away by itself, once the bills of the same contract are posted.
UNTIL_BOOKED = "retainage_opening_balance"
# The ids of a fresh look, as they stand in its address.
IDS = r"filters(%5B|\[)id(%5D|\])(%5B%5D|\[\])=({})(&|$)"

UNREAD_CONTRACTS = """
SELECT count(*) FROM invoice i JOIN company c ON c.id = i.company_id
WHERE c.procore_company_id = %(company)s AND i.commitment_id <> '' AND NOT EXISTS (
    SELECT FROM procore_commitment p WHERE p.company_id = i.company_id AND p.commitment_id = i.commitment_id)
"""
REFERENCES = """
SELECT i.reference, i.source_id FROM invoice i JOIN company c ON c.id = i.company_id
WHERE c.procore_company_id = %(company)s AND i.source = 'procore_requisition' AND i.reference IS NOT NULL
"""

Key = tuple[str, str]
Preview = dict[str, Any]


@dataclass(frozen=True)
class Foreseen:
    """How many bills and vendor credits came, and in sentences which of them were not previewed, or otherwise."""

    compared: int = 0
    sentences: tuple[str, ...] = ()

    def __add__(self, other: "Foreseen") -> "Foreseen":
        return Foreseen(self.compared + other.compared, self.sentences + other.sentences)


async def previewed_in(person: Person, connection_id: str) -> list[dict[str, Any]]:
    """What sending now would make of every invoice of a connection that is not posted, as the interface answers it."""
    found: list[dict[str, Any]] = []
    while True:
        page = await person.ask(f"/connections/{connection_id}/previews", limit=PAGE, offset=len(found))
        found += page["invoices"]
        if len(found) >= page["total"] or not page["invoices"]:
            return found


def _waits_for_others(preview: Preview) -> bool:
    return preview["outcome"] == "held" and {one["reason"] for one in preview["reasons"]} == {UNTIL_BOOKED}


def foreseen(previews: Mapping[int, Preview], received: Received, withdrawn: frozenset[int] = frozenset()) -> Foreseen:
    """Hold what was shown against what came; ``withdrawn`` were never to be sent after all."""
    sentences = [*mismatches(previews, received, withdrawn), *not_previewed(previews, received)]
    return Foreseen(sum(map(len, received.by_reference.values())), tuple(sentences))


def unread_contracts(database_url: str, procore_company_id: int) -> int:
    """How many invoices came in whose contract is not known yet, by number and terms."""
    with psycopg.connect(plain_url(database_url)) as database:
        found = database.execute(UNREAD_CONTRACTS, {"company": str(procore_company_id)}).fetchone()
    return int(found[0]) if found else 0


class Foresight:
    """The admin's looks at what would be posted. ``previews`` are the last ones, by inBuild's reference."""

    def __init__(
        self, admin: Person, procore: SimulatorControl, database_url: str, expected: Mapping[str, Any]
    ) -> None:
        self._admin = admin
        self._procore = procore
        self._database_url = database_url
        self._company_id = int(expected["company_id"])
        self._realm_id = str(expected["realm_id"])
        outcomes: Mapping[str, Any] = expected["requisitions"]
        self._to_become_bills = {one for one, outcome in outcomes.items() if outcome["verdict"] == "bill"}
        self._withdrawn = str(expected["script"]["unapprove"]["before_send"]["requisition_id"])
        self._invoice_ids: dict[int, str] = {}
        self._aside: list[str] = []
        self.previews: dict[int, Preview] = {}

    # --- pausing and looking

    async def hold_back(self) -> None:
        """Pause posting, so that everything can be looked at before it goes."""
        await self._admin.pause(await self.connection_id(), on=True)

    async def let_go(self) -> None:
        await self._admin.pause(await self.connection_id(), on=False)

    async def connection_id(self) -> str:
        return str((await self._admin.connections())[0]["id"])

    @asynccontextmanager
    async def before_posting(
        self, *keys: Key, then: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncIterator[None]:
        """Approve these inside it: they are previewed once they came in, and only ``then`` posted. Raises NotDone."""
        await self.hold_back()
        try:
            yield
            await self.look(keys)
            if then is not None:
                await then()
        finally:
            await self.let_go()

    async def look(self, keys: Iterable[Key] = ()) -> None:
        """Once these came in, with their contracts: preview everything that is not posted."""
        wanted = set(keys)

        async def came_in() -> bool:
            if not wanted <= (await self.ledger()).by_source.keys():
                return False
            return not await asyncio.to_thread(unread_contracts, self._database_url, self._company_id)

        await eventually("what is to be previewed came in", came_in, PATIENCE)
        await self._preview_all()

    async def _preview_all(self) -> None:
        for one in await previewed_in(self._admin, await self.connection_id()):
            self.previews[one["reference"]] = one["preview"]
            self._invoice_ids[one["reference"]] = one["invoice_id"]

    # --- what must wait for others

    @asynccontextmanager
    async def kept_back(self, requisitions: Collection[str]) -> AsyncIterator[None]:
        """None of these is sent meanwhile, although posting goes on: the fresh look at them fails."""
        rule = {
            "effect": "status",
            "status": 503,
            "method": "GET",
            "path": "^/rest/v1.1/requisitions$",
            "query": IDS.format("|".join(sorted(requisitions))),
        }
        rules = await self._procore.add_faults(rule)
        try:
            yield
        finally:
            await self._procore.remove_faults(*rules)

    async def set_aside(self) -> set[str]:
        """Mark as not to be posted what cannot be drafted before others are posted; their requisitions."""
        source_ids = await asyncio.to_thread(self._source_ids)
        aside = {
            source_ids[reference]: self._invoice_ids[reference]
            for reference, preview in self.previews.items()
            if _waits_for_others(preview) and source_ids.get(reference) in self._to_become_bills
        }
        for invoice_id in aside.values():
            await self._admin.send("POST", f"/invoices/{invoice_id}/dont-post", why=ASIDE)
        self._aside = list(aside.values())
        return set(aside)

    async def take_up(self) -> None:
        """Let those be posted after all, now that they can be drafted, and previewed. Raises NotDone."""
        async with self.before_posting():
            for invoice_id in self._aside:
                await self._admin.send("POST", f"/invoices/{invoice_id}/post-after-all")

    # --- in the end

    async def judge(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Foreseen:
        """Hold the previews against what came into the books between two states of QuickBooks."""
        source_ids = await asyncio.to_thread(self._source_ids)
        withdrawn = frozenset(one for one, source_id in source_ids.items() if source_id == self._withdrawn)
        return foreseen(self.previews, Received.online(before, after, self._realm_id), withdrawn)

    async def ledger(self) -> Ledger:
        return await asyncio.to_thread(read_ledger, self._database_url, self._company_id)

    def _source_ids(self) -> dict[int, str]:
        """Each requisition by inBuild's reference to it."""
        with psycopg.connect(plain_url(self._database_url)) as database:
            found = database.execute(REFERENCES, {"company": str(self._company_id)}).fetchall()
        return {int(reference): source_id for reference, source_id in found}


__all__ = ["Foreseen", "Foresight", "Key", "foreseen", "previewed_in", "unread_contracts"]
