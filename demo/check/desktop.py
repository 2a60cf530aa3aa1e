"""The customer with QuickBooks Desktop, beside the story: two company files on one PC, each with its own jobs.

Both are connected, mapped and routed; the PC sleeps while mirroring is turned on, and wakes. Then every bill that the
seed names must be there once, in its own file. In the end bills are paid (``demo.check.desktop_payments``).
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import httpx

from demo.check.desktop_payments import PC, DesktopPayments
from demo.check.foresight import Foreseen, Preview, foreseen, previewed_in, unread_contracts
from demo.check.previews import Received
from demo.desktop_person import DesktopPerson, somebody_with_desktop
from demo.outside_control import SimulatorControl, control_of
from demo.person import NotDone, eventually
from demo.setting_up import NotGranted, Seed, grant_feature
from demo.stack import Stack
from simulators.world.documents import Documents

# Real seconds between NoOp and the next question, where a Web Connector waits five.
NO_OP_SECONDS = 0.3
PATIENCE = 120.0
# Looks that find nothing new to do, one after another, before all is believed to be over.
AT_REST = 3


@dataclass(frozen=True)
class DeskBill:
    """A bill as a person reads it, by names; its lines in no order."""

    vendor: str
    number: str
    date: str
    due: str
    total: Decimal
    lines: tuple[tuple[str, str, Decimal], ...]


@dataclass(frozen=True)
class DesktopResult:
    """What came of it. ``troubles`` are sentences; bills that nobody ordered count as duplicates.

    ``payments`` entered in the files had to reach Procore; ``foreseen`` tells how the bills had been previewed.
    """

    files: int = 0
    invoices: int = 0
    missing: int = 0
    duplicates: int = 0
    wrong_file: int = 0
    payments: int = 0
    foreseen: Foreseen = field(default_factory=Foreseen)
    troubles: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        return self.invoices > 0 and not (self.missing or self.duplicates or self.wrong_file or self.troubles)


class DesktopStory:
    """Plays the customer. It knows the seed's literals and nothing of the product. ``payments`` come last."""

    def __init__(
        self, stack: Stack, documents: Documents, procore: SimulatorControl, say: Callable[[str], None]
    ) -> None:
        self._stack = stack
        self._expected: dict[str, Any] = documents.expected["desktop"]
        self._seed = Seed.of(documents.procore, documents.expected)
        self._say = say
        self.passwords: list[str] = []
        self._database_url = stack.database_url
        self._previews: dict[str, dict[int, Preview]] = {}
        self.payments = DesktopPayments(documents, stack.database_url, procore, say)

    async def play(self) -> DesktopResult:
        """All of it. What is refused, or does not come about in time, is a trouble of the result."""
        async with (
            somebody_with_desktop(self._stack.app_url) as person,
            control_of(self._stack.quickbooks_desktop_url) as desk,
        ):
            before = {file: await desk.bills_of(file) for file in self._expected["files"]}
            troubles: tuple[str, ...] = ()
            try:
                await self._act(person, desk)
            except (NotDone, NotGranted, httpx.HTTPError, LookupError) as broken:
                troubles = (f"the story of QuickBooks Desktop broke off: {broken!r}",)
            finally:
                self.payments.may_go_down.set()
            after = {file: await desk.bills_of(file) for file in self._expected["files"]}
        result = judge(self._expected["requisitions"].values(), before, after, (*troubles, *self.payments.troubles))
        seen = [
            foreseen(previews, Received.in_file(before[file], after[file])) for file, previews in self._previews.items()
        ]
        return replace(result, payments=len(self.payments.expected), foreseen=sum(seen, Foreseen()))

    async def _act(self, person: DesktopPerson, desk: SimulatorControl) -> None:
        await desk.switch(noop_seconds=NO_OP_SECONDS)
        await person.be_seen(self._seed.desktop_admin_user_id)
        await grant_feature(self._stack, self._seed.desktop_company_id)
        await person.sign_in(self._seed.desktop_admin_user_id)
        await person.choose_company(self._seed.desktop_company_id)
        applications: list[str] = []
        connections: dict[str, str] = {}
        vendors = frozenset(one["bill"]["vendor"] for one in self._expected["requisitions"].values() if "bill" in one)
        for file in self._expected["files"]:
            application, connections[file] = await self._connect(person, desk, file)
            applications.append(application)
        self._say("two company files are connected")
        await desk.press(PC, "sleep")
        plan = await person.make_plan(self._seed.start_date)
        for file, told in self._expected["files"].items():
            for project_id in told["project_ids"]:
                await person.route(project_id, connections[file])
        await person.turn_on(plan)

        async def everything_came_in() -> bool:
            return int((await person.invoices(limit=1))["total"]) >= plan.create_count

        await eventually("the invoices of the company files come in", everything_came_in, PATIENCE)
        for connection_id in connections.values():
            await person.match_vendors(connection_id, vendors)
        await self._look_ahead(person, connections)
        await desk.press(PC, "wake")
        await self._until_nothing_moves(person, desk, applications)
        self._say("the PC woke up and its bills are posted")

        async def update() -> None:
            for application in applications:
                await desk.update(PC, application)

        await self.payments.play(person, desk, next(iter(connections.values())), update)

    async def _look_ahead(self, person: DesktopPerson, connections: Mapping[str, str]) -> None:
        """Preview everything while the PC sleeps."""

        async def contracts_read() -> bool:
            return not await asyncio.to_thread(unread_contracts, self._database_url, self._seed.desktop_company_id)

        await eventually("the contracts of the company files are read", contracts_read, PATIENCE)
        for file, connection_id in connections.items():
            shown = await previewed_in(person, connection_id)
            self._previews[file] = {one["reference"]: one["preview"] for one in shown}

    async def _connect(self, person: DesktopPerson, desk: SimulatorControl, file: str) -> tuple[str, str]:
        """Connect one company file: the user name its Web Connector row goes by, and its connection."""
        begun = await person.begin_file()
        self.passwords.append(begun.password)
        await desk.press(PC, "open_file", file=file)
        await desk.press(PC, "add_application", qwc=begun.qwc, password=begun.password)

        async def connected() -> str | None:
            await desk.update(PC, begun.user_name)
            return await person.connected_file(begun)

        connection_id: str = await eventually(f"{file} is connected and read", connected, PATIENCE)
        # QuickBooks has one window: closed, so that each update opens its own file.
        await desk.press(PC, "quit_quickbooks")
        await person.choose_accounts(connection_id, self._seed.expense_account, self._seed.retainage_account)
        await person.take_no_project_unasked(connection_id)
        return begun.user_name, connection_id

    async def _until_nothing_moves(
        self, person: DesktopPerson, desk: SimulatorControl, applications: Sequence[str]
    ) -> None:
        """Update, row by row, until nothing waits any more."""

        async def nothing_waits() -> bool:
            for application in applications:
                await desk.update(PC, application)
            return int((await person.invoices(badge="Waiting", limit=1))["total"]) == 0

        for _ in range(AT_REST):
            await eventually("nothing waits for the company files", nothing_waits, PATIENCE)
            await asyncio.sleep(NO_OP_SECONDS)


def judge(
    outcomes: Iterable[Mapping[str, Any]],
    before: Mapping[str, Sequence[Mapping[str, Any]]],
    after: Mapping[str, Sequence[Mapping[str, Any]]],
    troubles: tuple[str, ...] = (),
) -> DesktopResult:
    """Compare the bills that came into each file with those the seed orders for it."""
    wanted: dict[str, Counter[DeskBill]] = {file: Counter() for file in after}
    for outcome in outcomes:
        if "bill" in outcome:
            wanted[outcome["file"]][_ordered(outcome["bill"])] += 1
    old = {bill["id"] for bills in before.values() for bill in bills}
    came = {file: Counter(_stands(bill) for bill in bills if bill["id"] not in old) for file, bills in after.items()}
    missing: Counter[DeskBill] = Counter()
    spare: Counter[DeskBill] = Counter()
    for file in after:
        missing += wanted[file] - came[file]
        spare += came[file] - wanted[file]
    # What is missing in one file and stands in the other one was routed wrongly.
    wrong_file = sum((missing & spare).values())
    return DesktopResult(
        files=len(after),
        invoices=sum(sum(bills.values()) for bills in wanted.values()),
        missing=sum(missing.values()) - wrong_file,
        duplicates=sum(spare.values()) - wrong_file,
        wrong_file=wrong_file,
        troubles=troubles,
    )


def _ordered(bill: Mapping[str, Any]) -> DeskBill:
    lines = [(line["account"], line["customer"], Decimal(line["amount"])) for line in bill["lines"]]
    return DeskBill(
        bill["vendor"], bill["number"], bill["date"], bill["due"], Decimal(bill["total"]), tuple(sorted(lines))
    )


def _stands(bill: Mapping[str, Any]) -> DeskBill:
    lines = [(line["account"], line["customer"] or "", Decimal(line["amount"])) for line in bill["lines"]]
    return DeskBill(
        bill["vendor"], bill["number"] or "", bill["date"], bill["due"], Decimal(bill["total"]), tuple(sorted(lines))
    )


__all__ = ["DeskBill", "DesktopResult", "DesktopStory", "judge"]
