"""A connection's whole life in one round: a newcomer beside the story, and a regular customer in the middle of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from demo.check.foresight import Foresight
from demo.check.newcomer import Newcomer
from demo.check.onlooker import Onlooker, QuickBooksCompany
from demo.check.regular import Regular
from demo.check.scenarios import Scenario, Scenarios
from demo.check.story import Story, Told
from demo.outside_control import SimulatorControl
from demo.person import NotDone, Person, somebody_at
from demo.setting_up import NotGranted, grant_feature
from demo.stack import Stack
from simulators.world.documents import Documents

# The product gives an admin fifteen minutes on Intuit's page; the shortest time it can be told is enough for a program.
ENVIRONMENT = {"CONNECTING_SECONDS": "10"}


@dataclass(frozen=True)
class Lived:
    """What the round's people did, and the attempts to connect whose histories must be there."""

    told: Told
    scenarios: tuple[Scenario, ...]
    attempts: tuple[str, ...]


class Life:
    """Plays the scenarios around a round's story."""

    def __init__(
        self,
        stack: Stack,
        documents: Documents,
        admin: Person,
        procore: SimulatorControl,
        quickbooks: SimulatorControl,
        foresight: Foresight,
        say: Callable[[str], None],
    ) -> None:
        self._stack = stack
        self._documents = documents
        self._admin = admin
        self._procore = procore
        self._quickbooks = quickbooks
        self._foresight = foresight
        self._played = Scenarios(say)
        expected = documents.expected
        self._company_id = int(expected["company_id"])
        (other,) = expected["other_companies"]
        self._other_id = int(other)
        books = [
            QuickBooksCompany(one["realm_id"], one["CompanyInfo"]["CompanyName"])
            for one in documents.quickbooks_online["companies"]
        ]
        (self._own,) = (one for one in books if one.realm_id == expected["realm_id"])
        (self._other,) = (one for one in books if one is not self._own)

    async def around(self, story: Story, first: Callable[[], Awaitable[None]]) -> Lived:
        """Play the story with everything else. What goes wrong is in the scenarios, or in the story's troubles.

        ``first`` is played before the connection's life goes on: from then on Intuit's clock is not ours any more.
        """
        regular = Regular(
            self._eyes(self._company_id, self._own, self._admin),
            self._played,
            self._other,
            sum(1 for one in self._documents.procore["projects"] if one["company_id"] == self._company_id),
            self._documents.expected["script"]["during_life"],
            story.told.approved,
            self._foresight,
        )
        async with somebody_at(self._stack.app_url) as person:
            newcomer = Newcomer(self._eyes(self._other_id, self._other, person), self._played, self._own)
            async with asyncio.TaskGroup() as together:
                beside = together.create_task(self._welcome_and_play(person, newcomer, story))
                told = await story.play(lambda: _one_after_another(first, lambda: regular.play(newcomer.is_connected)))
                await beside
            began = [attempt.id for attempt in (*self._admin.attempts, *person.attempts)]
        return Lived(told, tuple(self._played.played), tuple(began))

    def _eyes(self, company_id: int, books: QuickBooksCompany, person: Person) -> Onlooker:
        return Onlooker(self._stack.database_url, company_id, books, person, self._procore, self._quickbooks)

    async def _welcome_and_play(self, person: Person, newcomer: Newcomer, story: Story) -> None:
        try:
            await person.sign_in(self._their_admin())
            await grant_feature(self._stack, self._other_id)
            await person.choose_company(self._other_id)
            await newcomer.play(story.is_connected)
        except (NotDone, NotGranted, httpx.HTTPError) as broken:
            story.told.troubles.append(f"the newcomer's story broke off: {broken!r}")
        finally:
            newcomer.is_connected.set()

    def _their_admin(self) -> int:
        for user in self._documents.procore["users"]:
            membership = user["companies"].get(str(self._other_id))
            if membership is not None and membership["permissions"]["admin"] == "Admin":
                return int(user["id"])
        raise LookupError("nobody is the other company's admin")


async def _one_after_another(*acts: Callable[[], Awaitable[None]]) -> None:
    for act in acts:
        await act()


__all__ = ["ENVIRONMENT", "Life", "Lived"]
