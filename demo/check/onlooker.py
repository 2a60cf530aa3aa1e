"""Somebody who looks at one customer from all sides: its pages, its rows, and what Procore and Intuit hold of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from demo.check.kept import LASTING, Kept, read_kept
from demo.check.ledger import Ledger, read_ledger
from demo.check.notices import Notices, read_inbox
from demo.check.oracle import Books
from demo.check.standing import Standing, differences, read_standing, unrevoked_consents
from demo.check.wanted import REQUISITION, BillForm
from demo.outside_control import SimulatorControl
from demo.person import NotDone, Person, eventually

PATIENCE = 100.0
PAGE = "/settings/accounting-integrations"


@dataclass(frozen=True)
class QuickBooksCompany:
    """Books by the id and the name that Intuit gives them."""

    realm_id: str
    name: str


@dataclass(frozen=True)
class Onlooker:
    """Looks at one customer and its own books. ``admin`` is signed in and works in its company."""

    database_url: str
    company_id: int
    books: QuickBooksCompany
    admin: Person
    procore: SimulatorControl
    quickbooks: SimulatorControl

    # --- the connection

    async def standing(self) -> Standing:
        cards, page = await self.admin.connections(), await self.admin.page(PAGE)
        return await asyncio.to_thread(
            read_standing, self.database_url, self.company_id, self.books.realm_id, cards, page
        )

    async def becomes(self, wanted: Standing, failures: list[str], patience: float = PATIENCE) -> None:
        """Wait until the connection stands like this; what differs in the end is a failure."""

        async def stands() -> bool:
            return await self.standing() == wanted

        if not await comes_about(stands, patience):
            failures += differences(await self.standing(), wanted)

    async def card(self) -> dict[str, Any]:
        """The one connection the company has. Raises NotDone."""
        cards = await self.admin.connections()
        if len(cards) != 1:
            raise NotDone(f"the page has {len(cards)} connections, should have one")
        return cards[0]

    async def kept(self, tables: tuple[str, ...] = LASTING) -> Kept:
        return await asyncio.to_thread(read_kept, self.database_url, self.company_id, tables)

    async def consents(self) -> int:
        """Consents for the realm that Intuit still holds, whoever gave them."""
        return unrevoked_consents(await self.quickbooks.state(), self.books.realm_id)

    # --- Procore's notices

    async def hooks(self) -> int:
        """Webhooks that Procore has for the company."""
        found = (await self.procore.webhooks())["hooks"]
        return sum(1 for hook in found if int(hook["company_id"]) == self.company_id)

    async def notices(self, since: int) -> Notices:
        """Those after the first ``since`` that Procore ever made."""
        return Notices.of((await self.procore.webhooks())["deliveries"][since:])

    async def deliveries(self) -> int:
        """How many notices Procore has made so far."""
        return len((await self.procore.webhooks())["deliveries"])

    async def inbox(self) -> list[tuple[str, bool]]:
        return await asyncio.to_thread(read_inbox, self.database_url, self.company_id)

    # --- invoices and bills

    async def ledger(self) -> Ledger:
        return await asyncio.to_thread(read_ledger, self.database_url, self.company_id)

    async def came_in(self, act: dict[str, Any]) -> bool:
        return (REQUISITION, str(act["requisition_id"])) in (await self.ledger()).by_source

    async def waits(self, act: dict[str, Any], reason: str, failures: list[str]) -> None:
        """The invoice shows as *Waiting*, for this reason."""
        rows: list[dict[str, Any]] = []

        async def shows() -> bool:
            number = act["bill"]["number"]
            found = await self.admin.invoices(search=number, project_id=str(act["project_id"]))
            rows[:] = [row for row in found["invoices"] if row["number"] == number]
            return [(row["badge"], row["reason"]) for row in rows] == [("Waiting", reason)]

        if not await comes_about(shows):
            said = [(row["badge"], row["reason"]) for row in rows]
            failures.append(f"requisition {act['requisition_id']} shows as {said}, should be Waiting: {reason}")

    async def posted(self, acts: Sequence[dict[str, Any]], failures: list[str]) -> None:
        """Each of these becomes one bill as the seed has it."""
        wanted = {(REQUISITION, str(act["requisition_id"])) for act in acts}

        async def are_posted() -> bool:
            ledger = await self.ledger()
            posted = {key for key, row in ledger.by_source.items() if row.state == "posted" and len(row.links) == 1}
            return wanted <= posted and ledger.is_settled

        if not await comes_about(are_posted):
            failures.append("not everything approved is posted in time")
        await self.billed_once(acts, failures)

    async def billed_once(self, acts: Sequence[dict[str, Any]], failures: list[str]) -> None:
        """Each of these has one bill in QuickBooks, as the seed has it to the cent."""
        books = Books(await self.quickbooks.state(), self.books.realm_id)
        forms = Counter(books.found(bill).form for bill in books.bills.values())
        for act in acts:
            count = forms[BillForm.of_literal(act["bill"])]
            if count != 1:
                failures.append(f"requisition {act['requisition_id']} has {count} bills, should have one")

    async def bills(self) -> int:
        """How many bills the QuickBooks company holds, whoever made them."""
        return len(Books(await self.quickbooks.state(), self.books.realm_id).bills)


async def comes_about(is_so: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> bool:
    """Wait for it; False when it does not come about in time, for whoever can say better what is missing."""
    try:
        await eventually("what is waited for", is_so, patience)
    except NotDone:
        return False
    return True


__all__ = ["Onlooker", "QuickBooksCompany", "comes_about"]
