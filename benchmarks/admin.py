"""The hands of a company's admin, without a browser: connect, choose accounts, plan, switch mirroring on.

The same queries and signals as the API's routes, so that the API is no part of what is measured.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from sqlmodel import select

from activities.connecting import attempt_place
from activities.outside import Outside
from benchmarks.simulated import Simulated
from contracts.mirroring import Toggled
from foundation.ids import new_id
from models.attempts import attempt, attempt_of_state, keep_code, start_attempt
from models.connection_cards import AccountChoices, choose_accounts
from models.database import Actor, CompanySession
from models.reference_lists import entries_of
from models.tables import (
    ActorKind,
    AppUser,
    AttemptOutcome,
    Company,
    Connection,
    MirroringPlan,
    QuickBooksKind,
)
from models.toggle import plan_by_id, request_plan, switch_on

T = TypeVar("T")
PATIENCE_SECONDS = 120.0
# Rarely enough to be no load of its own beside what is measured.
LOOK_EVERY_SECONDS = 0.05
ADMIN = "bench-admin"


IS_MADE = "SELECT id FROM mirroring_plan WHERE company_id = %(company_id)s AND id = %(plan_id)s AND state = 'ready'"


@dataclass(frozen=True)
class _Made:
    id: UUID


class Stuck(Exception):
    """What was waited for did not come true in two minutes."""


@dataclass(frozen=True)
class Admin:
    """One company of the simulated world, and its admin."""

    outside: Outside
    company_id: UUID
    company_name: str
    user_id: UUID

    def session(self) -> AbstractAsyncContextManager[CompanySession]:
        return self.outside.database.company(self.company_id, Actor(ActorKind.USER, str(self.user_id)))

    async def connect(self, realm_id: str) -> Connection:
        """Connect QuickBooks Online through its consent page; returns when the lists of its books are read."""
        clock, workflows = self.outside.clock, self.outside.workflows
        state, deadline = f"state-{new_id(clock)}", clock.now() + timedelta(minutes=15)
        async with self.session() as session:
            started = await start_attempt(session, QuickBooksKind.ONLINE, self.user_id, state, deadline)
        await workflows.start_attempt(self.company_id, started.attempt_id, QuickBooksKind.ONLINE.value, deadline)
        consent = await self.outside.http.post(
            self.outside.intuit.authorize_url(state), data={"decision": "connect", "realm_id": realm_id}
        )
        brought = parse_qs(urlsplit(consent.headers["location"]).query)
        async with self.session() as session:
            row = await attempt_of_state(session, brought["state"][0])
            if row is None:
                raise Stuck("the attempt is gone")
            sealed = self.outside.secrets.seal_text(brought["code"][0], attempt_place("code", row.id))
            keep_code(session, row, sealed, brought["realmId"][0])
        await workflows.callback_received(started.attempt_id, clock.now())

        async def connected() -> Connection | None:
            async with self.session() as session:
                now = await attempt(session, started.attempt_id)
                if now is None or now.outcome is AttemptOutcome.FAILED:
                    raise Stuck(f"connecting failed: {now.reason if now else 'the attempt is gone'}")
                found = await session.exec(
                    select(Connection).where(
                        Connection.company_id == self.company_id, Connection.id == now.connection_id
                    )
                )
                row = found.first()
            return row if row is not None and row.lists_read_at is not None else None

        return await eventually("the connection", connected)

    async def choose_accounts(self, connection_id: UUID, expense: str, retainage: str) -> None:
        """Set the default expense account and the retainage account, by full name."""
        async with self.session() as session:
            chart = await entries_of(session, connection_id, ["Account"])
            ids = {account.full_name: account.quickbooks_id for account in chart}
            choices = AccountChoices(ids[expense], ids[retainage], None, 30)
            await choose_accounts(session, connection_id, choices, self.user_id)

    async def plan(self, start_date: date) -> MirroringPlan:
        """Ask for a plan and wait until it is made."""
        async with self.session() as session:
            plan_id = await request_plan(session, start_date, self.user_id)
        await self.outside.workflows.wake_company(self.company_id, self.company_name, "plan wanted")

        async def made() -> MirroringPlan | None:
            async with self.session() as session:
                # Asked for so often that an object for every answer would be a load beside what is measured.
                if not await session.ask(IS_MADE, _Made, plan_id=plan_id):
                    return None
                return await plan_by_id(session, plan_id)

        return await eventually("the plan", made)

    async def switch_on(self, plan: MirroringPlan) -> None:
        """Accept the plan."""
        async with self.session() as session:
            switched = await switch_on(session, plan.id, plan.hash or "", self.user_id)
        toggled = Toggled(on=True, version=switched.version, actor=ADMIN, plan_id=plan.id)
        await self.outside.workflows.toggle_mirroring(self.company_id, self.company_name, toggled)


async def sign_up(outside: Outside, simulated: Simulated) -> Admin:
    """The company as the first sign-in of its admin makes it, with the feature on."""
    clock, world = outside.clock, simulated.documents.procore
    environment = outside.settings.procore_environment
    (company,) = [one for one in world["companies"] if str(one["id"]) == simulated.procore_company_id]
    admin = Admin(outside, new_id(clock), str(company["name"]), new_id(clock))
    async with outside.database.directory() as session:
        session.add(
            Company(
                id=admin.company_id,
                procore_environment=environment,
                procore_company_id=simulated.procore_company_id,
                name=admin.company_name,
                feature_enabled=True,
                created_at=clock.now(),
            )
        )
        session.add(
            AppUser(
                id=admin.user_id,
                procore_environment=environment,
                procore_user_id="1",
                login=ADMIN,
                name=ADMIN,
                created_at=clock.now(),
                last_signed_in_at=clock.now(),
            )
        )
    return admin


async def eventually(what: str, ask: Callable[[], Awaitable[T | None]]) -> T:
    """What ``ask`` returns once it returns something. Raises Stuck after two minutes."""
    for _ in range(int(PATIENCE_SECONDS / LOOK_EVERY_SECONDS)):
        answer = await ask()
        if answer is not None:
            return answer
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    raise Stuck(f"{what} did not come within {PATIENCE_SECONDS:.0f} s")
