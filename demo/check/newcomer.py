"""A customer new to inBuild: what may go wrong before the first connection, and the end that no renewal moves."""

import asyncio

from demo.check import scenarios, standing
from demo.check.kept import changes
from demo.check.onlooker import Onlooker, QuickBooksCompany
from demo.check.scenarios import Scenarios
from demo.check.standing import CONNECTED, HARD_END, NEVER_CONNECTED, failed
from demo.person import NotDone, Person

# Long enough for the books to be read, shorter than the minute after which the guardian looks at the earliest.
CONSENT_SECONDS = 50
FIVE_YEARS = 157_680_000
GUARDIAN_PATIENCE = 150.0

REFUSED_THERE = "Access to QuickBooks was not granted on Intuit's page."
TOO_LATE = "Nobody finished connecting in time. Start again."
TAKEN = "{name} is already connected by another inBuild company. Disconnect it there first."


class Newcomer:
    """Plays the first scenarios in a company of its own, beside everything else. It imports nothing."""

    def __init__(self, eyes: Onlooker, played: Scenarios, taken: QuickBooksCompany) -> None:
        self._eyes = eyes
        self._admin: Person = eyes.admin
        self._played = played
        self._taken = taken
        self.is_connected = asyncio.Event()

    async def play(self, books_are_taken: asyncio.Event) -> None:
        """``books_are_taken`` is set once the other inBuild company has connected its books."""
        try:
            await self._refuse()
            await self._come_too_late()
            await books_are_taken.wait()
            await self._choose_taken_books()
            await self._connect()
        finally:
            self.is_connected.set()
        await self._outlive_the_consent()
        await self._reconnect()

    async def _refuse(self) -> None:
        async with self._played.playing(scenarios.REFUSED) as failures:
            attempt = await self._admin.begin_connecting()
            await self._admin.answer_consent(attempt, decision="cancel")
            await self._eyes.becomes(failed(NEVER_CONNECTED, REFUSED_THERE), failures)

    async def _come_too_late(self) -> None:
        async with self._played.playing(scenarios.TIMED_OUT) as failures:
            attempt = await self._admin.begin_connecting()
            await self._admin.ended(attempt)
            await self._eyes.becomes(failed(NEVER_CONNECTED, TOO_LATE), failures)
            try:
                await self._admin.answer_consent(attempt, decision="connect", realm_id=self._eyes.books.realm_id)
                failures.append("a callback after the deadline was taken")
            except NotDone as refusal:
                if "with 409" not in str(refusal):
                    failures.append(f"a callback after the deadline led to: {refusal}")
            failures.extend(standing.differences(await self._eyes.standing(), failed(NEVER_CONNECTED, TOO_LATE)))
            if await self._eyes.consents():
                failures.append("the code of a late callback was traded for tokens")

    async def _choose_taken_books(self) -> None:
        async with self._played.playing(scenarios.TAKEN) as failures:
            attempt = await self._admin.begin_connecting()
            await self._admin.answer_consent(attempt, decision="connect", realm_id=self._taken.realm_id)
            await self._admin.ended(attempt)
            reason = TAKEN.format(name=self._taken.name)
            await self._eyes.becomes(failed(NEVER_CONNECTED, reason), failures)

    async def _connect(self) -> None:
        """The consent ends sooner than Intuit's five years, so that its end can be seen."""
        async with self._played.playing(scenarios.CONNECTED) as failures:
            await self._eyes.quickbooks.switch(consent_seconds=CONSENT_SECONDS)
            try:
                await self._admin.connect_quickbooks(self._eyes.books.realm_id)
            finally:
                await self._eyes.quickbooks.switch(consent_seconds=FIVE_YEARS)
            await self._eyes.becomes(CONNECTED, failures)
            warning = (await self._eyes.card())["warning"]
            if not str(warning).startswith("QuickBooks ends this authorization in 0 days"):
                failures.append(f"the card does not warn of the end: {warning}")

    async def _outlive_the_consent(self) -> None:
        async with self._played.playing(scenarios.HARD_END) as failures:
            before = await self._eyes.kept()
            await self._eyes.becomes(HARD_END, failures, GUARDIAN_PATIENCE)
            failures.extend(changes(before, await self._eyes.kept()))

    async def _reconnect(self) -> None:
        async with self._played.playing(scenarios.AFTER_HARD_END) as failures:
            before = await self._eyes.kept()
            await self._admin.connect_quickbooks(self._eyes.books.realm_id)
            await self._eyes.becomes(CONNECTED, failures)
            failures.extend(changes(before, await self._eyes.kept()))


__all__ = ["Newcomer"]
