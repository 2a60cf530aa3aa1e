"""A customer with bills in the books: the connection expires, comes back, is cut, is made again; nothing is lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from demo.check import scenarios
from demo.check.foresight import Foresight
from demo.check.kept import EVERYTHING, THROUGHOUT, Kept, changes, lost
from demo.check.notices import astray
from demo.check.onlooker import Onlooker, QuickBooksCompany, comes_about
from demo.check.scenarios import Scenarios
from demo.check.standing import CONNECTED, CUT_OFF_AT_INTUIT, DISCONNECTED, REFRESH_REFUSED, failed
from demo.check.wanted import REQUISITION
from demo.person import Person, eventually

Act = dict[str, Any]

# One day more than a refresh token lives unused.
UNUSED_SECONDS = 102 * 24 * 3600
DROPPED, REPEATED = 0.3, 0.2
MOST_EDITS = 300

OTHER_COMPANY = "This connection belongs to {old}, but {new} was chosen. Sign in to {old}, or disconnect first."
WAITS_FOR_RECONNECT = "The connection to {name} has expired. Reconnect; the invoice then goes on by itself."
WAITS_FOR_RESUME = "Posting is paused for this connection. Resume it to go on."
WAITS_FOR_BOOKS = "No QuickBooks connected. Connect it again to go on."

MIRRORED = replace(CONNECTED, mirroring_on=True)
UNUSED = replace(REFRESH_REFUSED, mirroring_on=True)
CUT_OFF = replace(CUT_OFF_AT_INTUIT, mirroring_on=True)


class Regular:
    """Plays the later scenarios while mirroring is on. ``approved`` is told of each requisition that is approved.

    What is approved is previewed with ``foresight`` while it waits.

    ``projects``: how many of its projects Procore lets us see, each with a webhook of ours.
    """

    def __init__(
        self,
        eyes: Onlooker,
        played: Scenarios,
        other: QuickBooksCompany,
        projects: int,
        acts: Sequence[Act],
        approved: list[int],
        foresight: Foresight,
    ) -> None:
        self._eyes = eyes
        self._admin: Person = eyes.admin
        self._played = played
        self._own, self._other = eyes.books, other
        self._projects = projects
        self._acts = acts
        self._approved = approved
        self._foresight = foresight
        self._connection_id = ""
        self._bills = 0

    async def play(self, other_is_connected: asyncio.Event) -> None:
        """``other_is_connected``: the books chosen by mistake belong to another inBuild company by then.

        Until then nobody may move Intuit's clock either: half a connection would not survive it.
        """
        await other_is_connected.wait()
        self._connection_id = str((await self._eyes.card())["id"])
        self._bills = await self._eyes.bills()
        before = await self._eyes.kept(THROUGHOUT)
        unused, cut_off, paused, missed, *noticed = self._acts
        await self._go_unused(unused)
        await self._choose_other_books(unused)
        await self._reconnect(scenarios.SAME, unused)
        await self._be_cut_off(cut_off)
        await self._reconnect(scenarios.AFTER_CUT_OFF, cut_off)
        await self._disconnect(paused, missed)
        await self._connect_again(paused)
        await self._bring_in(missed)
        await self._lose_notices(noticed, before)

    # --- expired, and back

    async def _go_unused(self, act: Act) -> None:
        async with self._played.playing(scenarios.REFRESH_REFUSED) as failures:
            before = await self._eyes.kept()
            await self._eyes.quickbooks.pass_time(UNUSED_SECONDS)
            await self._approve(act)
            await self._eyes.becomes(UNUSED, failures)
            await self._eyes.waits(act, WAITS_FOR_RECONNECT.format(name=self._own.name), failures)
            await self._foresight.look([_key(act)])
            failures.extend(lost(before, await self._eyes.kept()))
            await self._count_bills(0, failures)

    async def _choose_other_books(self, waiting: Act) -> None:
        async with self._played.playing(scenarios.DIFFERENT) as failures:
            before = await self._eyes.kept(EVERYTHING)
            attempt = await self._admin.begin_connecting()
            await self._admin.answer_consent(attempt, decision="connect", realm_id=self._other.realm_id)
            await self._admin.ended(attempt)
            reason = OTHER_COMPANY.format(old=self._own.name, new=self._other.name)
            await self._eyes.becomes(failed(UNUSED, reason), failures)
            await self._eyes.waits(waiting, WAITS_FOR_RECONNECT.format(name=self._own.name), failures)
            failures.extend(changes(before, await self._eyes.kept(EVERYTHING)))
            await self._count_bills(0, failures)

    async def _reconnect(self, scenario: str, waiting: Act) -> None:
        async with self._played.playing(scenario) as failures:
            before = await self._eyes.kept()
            await self._connect(failures)
            await self._eyes.posted([waiting], failures)
            failures.extend(changes(before, await self._eyes.kept(), new_links=1))
            await self._count_bills(1, failures)

    async def _be_cut_off(self, act: Act) -> None:
        async with self._played.playing(scenarios.CUT_OFF) as failures:
            before = await self._eyes.kept()
            await self._eyes.quickbooks.switch(disconnect_answer="403")
            if not await self._eyes.quickbooks.disconnect_apps(self._own.realm_id):
                failures.append("there was no consent to take back")
            await self._approve(act)
            await self._eyes.becomes(CUT_OFF, failures)
            await self._eyes.waits(act, WAITS_FOR_RECONNECT.format(name=self._own.name), failures)
            await self._foresight.look([_key(act)])
            failures.extend(lost(before, await self._eyes.kept()))
            await self._count_bills(0, failures)

    async def _connect(self, failures: list[str]) -> None:
        connection_id = await self._admin.connect_quickbooks(self._own.realm_id)
        if connection_id != self._connection_id:
            failures.append("the same QuickBooks company got another connection")
        await self._eyes.becomes(MIRRORED, failures)

    # --- disconnected, and connected again

    async def _disconnect(self, paused: Act, missed: Act) -> None:
        """One invoice is held by a pause when the connection is cut; one is approved while nothing is connected."""
        async with self._played.playing(scenarios.DISCONNECTED) as failures:
            await self._foresight.hold_back()
            await self._approve(paused)
            await self._eyes.waits(paused, WAITS_FOR_RESUME, failures)
            await self._until_hooks(self._projects)
            before = await self._eyes.kept()
            await self._admin.disconnect(self._connection_id)
            await self._eyes.becomes(DISCONNECTED, failures)
            await self._eyes.waits(paused, WAITS_FOR_BOOKS, failures)
            if consents := await self._eyes.consents():
                failures.append(f"Intuit still holds {consents} consents")
            await self._until_hooks(0)
            await self._approve(missed)
            failures.extend(changes(before, await self._eyes.kept()))
            await self._count_bills(0, failures)

    async def _connect_again(self, paused: Act) -> None:
        """Everything is as it was, the pause and the toggle included."""
        async with self._played.playing(scenarios.AGAIN) as failures:
            before = await self._eyes.kept()
            await self._connect(failures)
            await self._eyes.waits(paused, WAITS_FOR_RESUME, failures)
            await self._until_hooks(self._projects)
            failures.extend(changes(before, await self._eyes.kept()))
            if (consents := await self._eyes.consents()) != 1:
                failures.append(f"Intuit holds {consents} consents, should be one")
            await self._count_bills(0, failures)
            await self._foresight.look([_key(paused)])
            await self._foresight.let_go()
            await self._eyes.posted([paused], failures)
            await self._count_bills(1, failures)

    async def _bring_in(self, missed: Act) -> None:
        async with self._played.playing(scenarios.GAP) as failures:

            async def complete() -> dict[str, Any] | None:
                gap = await self._admin.gap()
                return gap if gap is not None and gap["complete"] else None

            gap: dict[str, Any] = await eventually("what was approved in between is offered", complete)
            offered = (gap["count"], Decimal(str(gap["total"])))
            if offered != (1, Decimal(missed["bill"]["total"])):
                failures.append(f"offered are {offered}, should be one of {missed['bill']['total']}")
            if await self._eyes.came_in(missed):
                failures.append("what was approved in between came in before anybody accepted it")
            async with self._foresight.before_posting(_key(missed)):
                await self._admin.bring_in(gap)
            await self._eyes.posted([missed], failures)
            await self._count_bills(1, failures)

    # --- Procore's notices

    async def _lose_notices(self, acts: Sequence[Act], before: Kept) -> None:
        """One approval whose notices are surely lost, one whose come twice, and the rest as it happens.

        Last of all: of what there was ``before`` the first expiry nothing is lost.
        """
        async with self._played.playing(scenarios.WEBHOOKS) as failures:
            procore, since = self._eyes.procore, await self._eyes.deliveries()
            unheard, repeated, *others, last = acts
            async with self._foresight.before_posting(*map(_key, acts)):
                await procore.switch(webhook_drop_rate=1.0)
                await self._approve(unheard)
                await procore.switch(webhook_drop_rate=0.0, webhook_duplicate_rate=1.0)
                await self._approve(repeated)
                await procore.switch(webhook_drop_rate=DROPPED, webhook_duplicate_rate=REPEATED)
                for act in others:
                    await self._approve(act)
                for edit in range(MOST_EDITS):
                    if (await self._eyes.notices(since)).are_enough:
                        break
                    await procore.edit_requisition(last["requisition_id"], comment=f"Correction {edit}")
                await self._approve(last)
            await self._eyes.posted(acts, failures)
            await procore.switch(webhook_drop_rate=0.0, webhook_duplicate_rate=0.0)

            async def nothing_astray() -> bool:
                return not astray(await self._eyes.notices(since), await self._eyes.inbox())

            await comes_about(nothing_astray)
            failures.extend(astray(await self._eyes.notices(since), await self._eyes.inbox()))
            await self._count_bills(len(acts), failures)
            failures.extend(lost(before, await self._eyes.kept(THROUGHOUT)))

    # --- what is done again and again

    async def _approve(self, act: Act) -> None:
        await self._eyes.procore.set_requisition_status(act["requisition_id"], "approved")
        self._approved.append(act["requisition_id"])

    async def _until_hooks(self, count: int) -> None:
        async def are_there() -> bool:
            return await self._eyes.hooks() == count

        await eventually(f"Procore has {count} webhooks of ours", are_there)

    async def _count_bills(self, more: int, failures: list[str]) -> None:
        """So many bills are new since the last count, in the whole QuickBooks company."""
        self._bills += more
        if (count := await self._eyes.bills()) != self._bills:
            failures.append(f"{count} bills are in QuickBooks, should be {self._bills}")
            self._bills = count


def _key(act: Act) -> tuple[str, str]:
    return REQUISITION, str(act["requisition_id"])


__all__ = ["Regular"]
