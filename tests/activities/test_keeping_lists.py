"""QuickBooks' lists follow what a person does there, in the change query that is asked anyway: not a read more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from accounting.blockers import BlockerReason
from accounting.states import InvoiceState
from activities.payments import PaymentDesk
from activities.refreshing_books import FRESH_FOR, OVERLAP, bring_up_to_date
from contracts.mirroring import WatchResult
from contracts.payments import PullRequest
from models.database import Actor
from models.inbox import Notice, keep_notices
from models.mappings import MappingKey, MappingTarget, save_mapping
from models.reference_lists import entries_by_key
from models.tables import ActorKind, Connection, InboxSource, MappingAuthor, MappingKind, ReferenceEntry
from providers.quickbooks_online.answers import CDC_MOST_OBJECTS
from simulators.quickbooks_online.books import Books
from simulators.quickbooks_online.people import Action, act
from simulators.world.documents import Documents
from tests.activities.conftest import Opener
from tests.desks import Desks, as_activity
from tests.small_world import small_world

ACTOR = Actor(ActorKind.COMMAND, "test")
VERIFIED: dict[str, Any] = {"intuit_webhook_verifier": "v-token-6b1f"}


@dataclass
class Lists:
    """A connected company, the person at its books, and our copy of the lists."""

    desks: Desks
    connection: Connection

    @property
    def books(self) -> Books:
        return self.desks.product.quickbooks.companies[self.connection.quickbooks_company_id]

    def do(self, action: str, **fields: Any) -> dict[str, Any]:
        realm = self.connection.quickbooks_company_id
        done: dict[str, Any] = act(self.books, Action.model_validate({"action": action, "realm": realm, **fields}))
        return done

    def named(self, kind: str, name: str) -> str:
        """The id of an entry of QuickBooks' own list."""
        found = (one for one in self.books.entities[kind].values() if name in (one.get("DisplayName"), one.get("Name")))
        return str(next(found)["Id"])

    async def copied(self, entity: str, quickbooks_id: str) -> ReferenceEntry | None:
        async with self.desks.product.session() as session:
            found = await entries_by_key(session, self.connection.id, {entity: {quickbooks_id}})
        return found.get((entity, quickbooks_id))

    async def refresh(self) -> list[str]:
        """Bring the copy of the books up to now; what was asked of QuickBooks for it, but for the closing date, which
        is asked for where an hour of the day begins meanwhile.
        """
        self.desks.advance(FRESH_FOR + timedelta(seconds=1))
        product = self.desks.product
        before = len(product.quickbooks.traffic.entries(0, 100_000))
        client = product.outside.quickbooks(self.desks.company_id, self.connection, ACTOR)
        await bring_up_to_date(product.outside, self.desks.company_id, self.connection.id, client, ACTOR)
        asked = [one["path"] for one in product.quickbooks.traffic.entries(before, 100_000)]
        named = [path.rsplit("/", 1)[1] for path in asked if "/v3/company/" in path]
        return [name for name in named if name != "preferences"]

    async def told(self, subject: str) -> None:
        """Intuit's webhook tells of a change."""
        notice = Notice(subject, subject, self.connection.quickbooks_company_id)
        database = self.desks.product.outside.database
        async with database.company(self.desks.company_id, Actor(ActorKind.PROVIDER, "intuit")) as session:
            await keep_notices(session, InboxSource.INTUIT, [notice])

    async def look_and_pull(self) -> bool:
        """What the workflow does with a look; whether the books were asked."""
        found = await self.desks.look()
        pulls = found.pulls if isinstance(found, WatchResult) else []
        for connection_id in pulls:
            request = PullRequest(company_id=self.desks.company_id, connection_id=connection_id)
            await as_activity(PaymentDesk(self.desks.product.outside).pull_payments, request)
        return bool(pulls)


@asynccontextmanager
async def lists_of(open_world: Opener, documents: Documents, **more: Any) -> AsyncIterator[Lists]:
    async with open_world(documents, **more) as desks:
        yield Lists(desks, await desks.connect())


async def test_one_change_query_brings_what_is_new_renamed_inactive_and_merged_away(open_world: Opener) -> None:
    async with lists_of(open_world, small_world(1)) as lists:
        renamed, inactive, loser, winner = list(lists.books.entities["Vendor"])[:4]
        net_50 = str(lists.do("create", kind="Term", fields={"Name": "Net 50", "DueDays": 50})["Id"])
        lists.do("rename", kind="Vendor", id=renamed, value="Acme Concrete of Tacoma")
        lists.do("deactivate", kind="Vendor", id=inactive)
        lists.do("merge_vendors", id=loser, other_id=winner)
        new = {"DisplayName": "Zenith Glass", "TermRef": {"value": net_50}}
        made = str(lists.do("create", kind="Vendor", fields=new)["Id"])
        asked = await lists.refresh()
        assert asked == ["cdc"]
        entries = {one: await lists.copied("Vendor", one) for one in (renamed, inactive, loser, winner, made)}
        told = {one: (entry.name, entry.active) for one, entry in entries.items() if entry is not None}
        assert told[renamed] == ("Acme Concrete of Tacoma", True)
        assert told[made] == ("Zenith Glass", True)
        assert [told[one][1] for one in (inactive, loser, winner)] == [False, False, True]
        glass = entries[made]
        assert glass is not None and (glass.terms_id, glass.terms_days) == (net_50, 50)
        # Told once more, within the overlap of two queries, it is no news.
        before = glass.read_at
        assert await lists.refresh() == ["cdc"]
        again = await lists.copied("Vendor", made)
        assert again is not None and again.read_at == before


async def test_where_a_parent_is_renamed_the_names_below_it_follow(open_world: Opener) -> None:
    async with lists_of(open_world, small_world(1)) as lists:
        parent = lists.do("create", kind="Customer", fields={"DisplayName": "Hartwell_1"})
        below = {"DisplayName": "Tower", "ParentRef": {"value": parent["Id"]}, "Job": True}
        job = str(lists.do("create", kind="Customer", fields=below)["Id"])
        await lists.refresh()
        # Beyond the overlap of two queries: the job itself is told of no more.
        lists.desks.advance(OVERLAP)
        await lists.refresh()
        lists.do("rename", kind="Customer", id=parent["Id"], value="Hartwell Group")
        assert await lists.refresh() == ["cdc", "query"]
        entry = await lists.copied("Customer", job)
        assert entry is not None and (entry.name, entry.full_name) == ("Tower", "Hartwell Group:Tower")


async def test_a_mapped_vendor_made_inactive_holds_its_invoice_and_frees_it_when_it_is_active_again(
    open_world: Opener,
) -> None:
    async with lists_of(open_world, small_world(1)) as lists:
        desks = lists.desks
        await desks.switch_on()
        (batch,) = await desks.runnable()
        (row,) = (await desks.invoices()).values()
        vendor = lists.named("Vendor", row.vendor_name)
        async with desks.product.session() as session:
            await save_mapping(
                session, lists.connection.id, MappingKey(MappingKind.VENDOR, row.vendor_id), row.vendor_name,
                MappingTarget("Vendor", vendor), author=MappingAuthor.PERSON, author_id=desks.product.admin_id,
            )  # fmt: skip
        lists.do("deactivate", kind="Vendor", id=vendor)
        desks.advance(FRESH_FOR + timedelta(minutes=5))
        await desks.post(batch)
        # Held before anything is sent: the look before the round knew.
        assert [*(await desks.holds()).values()] == [[BlockerReason.VENDOR_INACTIVE]]
        assert await desks.attempts() == []
        lists.do("edit", kind="Vendor", id=vendor, fields={"Active": True})
        assert await lists.refresh() == ["cdc"]
        await desks.post_everything()
        assert [*(await desks.states()).values()] == [InvoiceState.POSTED]


async def test_a_vendor_added_in_quickbooks_frees_what_waits_for_it_with_no_bill_of_ours_in_those_books(
    open_world: Opener,
) -> None:
    async with lists_of(open_world, small_world(1), **VERIFIED) as lists:
        desks = lists.desks
        await desks.switch_on()
        (batch,) = await desks.runnable()
        (row,) = (await desks.invoices()).values()
        lists.do("rename", kind="Vendor", id=lists.named("Vendor", row.vendor_name), value="Somebody Else")
        desks.advance(FRESH_FOR + timedelta(minutes=5))
        await desks.post(batch)
        assert [*(await desks.holds()).values()] == [[BlockerReason.VENDOR_UNMAPPED]]
        desks.advance(timedelta(minutes=20))
        assert not await lists.look_and_pull()
        lists.do("create", kind="Vendor", fields={"DisplayName": row.vendor_name})
        await lists.told("vendor/77/created")
        desks.advance(timedelta(minutes=1))
        assert await lists.look_and_pull()
        await desks.post_everything()
        assert [*(await desks.states()).values()] == [InvoiceState.POSTED]


@pytest.mark.parametrize("refused", [False, True])
async def test_where_an_answer_is_full_or_refused_the_lists_are_read_whole(open_world: Opener, refused: bool) -> None:
    async with lists_of(open_world, small_world(1)) as lists:
        loser, winner = list(lists.books.entities["Vendor"])[:2]
        if refused:
            lists.desks.product.quickbooks.clock.advance(timedelta(days=31))
        else:
            for number in range(CDC_MOST_OBJECTS):
                lists.books.add("Vendor", {"DisplayName": f"Vendor {number}", "Active": True})
        lists.do("merge_vendors", id=loser, other_id=winner)
        asked = await lists.refresh()
        assert asked[0] == "cdc" and asked.count("query") > 7
        entry = await lists.copied("Vendor", loser)
        assert entry is not None and not entry.active
