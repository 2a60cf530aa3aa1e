"""A company with posted bills, somebody who pays them in QuickBooks, and the activities that follow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlmodel import col, select

from activities.payments import PaymentDesk
from activities.refreshing_books import FRESH_FOR
from contracts.mirroring import WatchResult
from contracts.payments import Followed, FollowRequest, PullRequest
from models.connection_settings import change_settings, choices_of
from models.mappings import connection_settings
from models.tables import Connection, InvoiceRow, PaymentShare
from simulators.procore.issued_payments import change, issue
from simulators.procore.requisition_book import Actor as ProcorePerson
from simulators.quickbooks_online.books import Books
from simulators.quickbooks_online.people import Action, act
from tests.activities.conftest import Opener
from tests.desks import Desks, as_activity
from tests.small_world import small_world

# The zone of the jobs that are farthest behind UTC.
WESTERNMOST = ZoneInfo("Pacific/Honolulu")


@dataclass
class Paying:
    """The hands of whoever pays, and the worker's."""

    desks: Desks
    desk: PaymentDesk
    connection: Connection

    @property
    def books(self) -> Books:
        return self.desks.product.quickbooks.companies[self.connection.quickbooks_company_id]

    @property
    def today(self) -> date:
        """The day that has begun wherever the company builds: what is dated later waits."""
        return self.desks.clock.now().astimezone(WESTERNMOST).date()

    # --- in QuickBooks

    def do(self, action: str, **fields: Any) -> dict[str, Any]:
        realm = self.connection.quickbooks_company_id
        done: dict[str, Any] = act(self.books, Action.model_validate({"action": action, "realm": realm, **fields}))
        return done

    async def bills(self) -> list[str]:
        """The bills of our invoices, in the order of their requisitions."""
        links = await self.desks.links()
        return [links[one].quickbooks_id for one in sorted(links)]

    # --- in Procore

    def issued(self) -> list[dict[str, Any]]:
        """Every contract payment there, in the order it was made."""
        return list(self.desks.product.procore.records.contract_payments.values())

    def issue(self, **fields: Any) -> dict[str, Any]:
        """A person enters a payment on a commitment."""
        simulator = self.desks.product.procore
        return issue(simulator, fields, ProcorePerson(next(iter(simulator.records.users.values()))))

    def correct(self, payment_id: int, **fields: Any) -> None:
        """A person edits a payment on its page."""
        simulator = self.desks.product.procore
        change(simulator, payment_id, fields, ProcorePerson(next(iter(simulator.records.users.values()))))

    def cash(self) -> list[tuple[str, str | None]]:
        """Amount and check number of every contract payment."""
        return [(one["amount"], one.get("check_number")) for one in self.issued()]

    async def arrange_fault(self, **rule: Any) -> None:
        """The next such call about contract payments goes wrong."""
        rule = {"path": "contract_payments", "count": 1, **rule}
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{self.desks.product.procore_url}/control/faults", json=rule)
        assert answer.is_success, answer.text

    # --- the product

    async def write_back(self, since: date | None = None, *, on: bool = True) -> None:
        start = since or date(2026, 1, 1)
        async with self.desks.product.session() as session:
            wanted = replace(
                choices_of(await connection_settings(session, self.connection.id)), write_back=on, write_back_from=start
            )
            await change_settings(session, self.connection.id, wanted, None, self.desks.product.admin_id)

    async def pull(self) -> bool:
        self.desks.advance(FRESH_FOR + timedelta(seconds=1))
        request = PullRequest(company_id=self.desks.company_id, connection_id=self.connection.id)
        return (await as_activity(self.desk.pull_payments, request)).asked

    async def follow(self) -> Followed:
        """Look, and let Procore follow everything the look found due."""
        whole = Followed()
        found = await self.desks.look()
        if isinstance(found, WatchResult):
            for payments in found.payments:
                request = FollowRequest(company_id=self.desks.company_id, payments=payments)
                done = await as_activity(self.desk.follow_payments, request)
                summed = {name: getattr(whole, name) + getattr(done, name) for name in Followed.model_fields}
                whole = Followed(**summed)
        return whole

    async def sync(self) -> Followed:
        await self.pull()
        return await self.follow()

    async def shares(self) -> list[PaymentShare]:
        async with self.desks.product.session() as session:
            found = await session.exec(
                select(PaymentShare)
                .where(PaymentShare.company_id == self.desks.company_id)
                .order_by(col(PaymentShare.id))
            )
            return list(found)

    async def invoices(self) -> list[InvoiceRow]:
        """In the order of their requisitions."""
        rows = await self.desks.invoices()
        return [rows[one] for one in sorted(rows)]


@asynccontextmanager
async def paying(open_world: Opener, invoices: int = 1, projects: int = 1, **settings: Any) -> AsyncIterator[Paying]:
    """A world whose invoices are posted, write-back on."""
    async with open_world(small_world(invoices, projects), **settings) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        await desks.post_everything()
        hands = Paying(desks, PaymentDesk(desks.product.outside), connection)
        await hands.write_back()
        await hands.pull()
        yield hands
