"""Backfill: a plan's four piles, its run through crashes, and the statement that closes it."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from temporalio.exceptions import ApplicationError

from accounting.numbers import normalise
from accounting.plan import PlanEntry, PlanVerdict
from accounting.plan_statement import PlanOutcome, StatementLine, adds_up
from activities.piling import Listed, Piling
from activities.recently_read import RECENTLY_READ
from api.routes.mirroring import piles_of
from contracts.mirroring import PlanRequest, WatchResult
from models.connections import pause_posting
from models.database import Actor, CompanySession
from models.invoice_documents import as_if_imported
from models.plan_statement import statement_now
from models.requisitions import fingerprint
from models.routes import routes_now
from models.runnable import LEASE
from models.tables import ActorKind, MirroringPlan, MirroringPlanEntry, ProcoreRequisition, QuickBooksTransaction
from models.toggle import plan_by_id, request_plan
from models.toggle import switch_on as toggle_on
from tests.activities.conftest import Opener
from tests.activities.deaths import Fate, mortal
from tests.backfill_world import FIRST_TYPED, backfill_world
from tests.desks import Desks, as_activity

P, O = PlanVerdict, PlanOutcome  # noqa: E741


async def run(desks: Desks, fate: Fate) -> None:
    """Look, prepare and send until the plan is closed, starting anew after each death: its leases have to run out."""
    while (await the_plan(desks)).closed_at is None:
        try:
            found = await desks.look()
            if not isinstance(found, WatchResult):
                desks.advance(min(found, timedelta(minutes=10)))
                continue
            for batch in found.batches:
                await desks.post(batch)
        except BaseException:
            if not fate.is_dead:
                raise
            fate.revive()
            desks.advance(LEASE + timedelta(minutes=1))


async def the_plan(desks: Desks) -> MirroringPlan:
    async with desks.product.session() as session:
        found = await session.exec(select(MirroringPlan).where(MirroringPlan.company_id == desks.company_id))
        plan: MirroringPlan = found.one()
    return plan


async def entries(desks: Desks) -> dict[str, MirroringPlanEntry]:
    async with desks.product.session() as session:
        found = await session.exec(select(MirroringPlanEntry).where(MirroringPlanEntry.company_id == desks.company_id))
        return {entry.requisition_id: entry for entry in found}


async def lines(desks: Desks) -> tuple[StatementLine, ...]:
    plan = await the_plan(desks)
    async with desks.product.session() as session:
        return await statement_now(session, plan)


async def copied(session: CompanySession, quickbooks_id: str) -> QuickBooksTransaction:
    """A bill in our copy of the books."""
    found = await session.exec(
        select(QuickBooksTransaction)
        .where(QuickBooksTransaction.company_id == session.company_id)
        .where(QuickBooksTransaction.quickbooks_id == quickbooks_id)
    )
    return found.one()


def of_pile(desks: Desks, pile: str) -> list[str]:
    return [requisition_id for requisition_id, wanted in desks.expected["piles"].items() if wanted == pile]


def bills_in(desks: Desks) -> list[dict[str, Any]]:
    return list(desks.product.quickbooks.companies[desks.expected["realm_id"]].entities["Bill"].values())


def as_compared(rows: list[dict[str, Any]]) -> Counter[tuple[str, Decimal]]:
    return Counter((row["DocNumber"], Decimal(row["TotalAmt"])) for row in rows)


async def check(desks: Desks) -> None:
    """The piles, the bills, the links and the statement are what the world's literals say."""
    expected = desks.expected
    piled = await entries(desks)
    assert {key: entry.verdict.value for key, entry in piled.items()} == expected["piles"]
    ours = [row for row in bills_in(desks) if "inBuild" in row.get("PrivateNote", "")]
    wanted = [expected["requisitions"][key]["bill"] for key in of_pile(desks, "create")]
    assert as_compared(ours) == Counter((bill["number"], Decimal(bill["total"])) for bill in wanted)
    links = await desks.links()
    assert set(links) == {*of_pile(desks, "create"), *of_pile(desks, "link")}
    typed = {str(FIRST_TYPED + place): key for place, key in enumerate(expected["piles"])}
    assert all(typed[links[key].quickbooks_id] == key for key in of_pile(desks, "link"))
    states = await desks.states()
    assert Counter(states.values()) == {
        "posted": len(of_pile(desks, "create")),
        "linked": len(of_pile(desks, "link")),
        "needs_you": len(of_pile(desks, "ask")),
    }
    assert await desks.holds() == {key: ["likely_duplicate"] for key in of_pile(desks, "ask")}
    closed = await lines(desks)
    assert {(line.verdict, line.outcome, line.count) for line in closed} == {
        (P.LINK, O.LINKED, len(of_pile(desks, "link"))),
        (P.CREATE, O.POSTED, len(of_pile(desks, "create"))),
        (P.ASK, O.NEEDS_YOU, len(of_pile(desks, "ask"))),
        (P.SKIP, O.LEFT_OUT, len(of_pile(desks, "skip"))),
    }
    assert adds_up(piles_of(await the_plan(desks)), closed)


async def test_an_undisturbed_run_ends_with_every_invoice_in_its_pile(open_world: Opener) -> None:
    async with open_world(backfill_world(40)) as desks:
        await desks.connect()
        await desks.switch_on()
        plan = await the_plan(desks)
        assert (plan.link_count, plan.create_count, plan.ask_count, plan.skip_count) == (12, 16, 4, 8)
        assert (plan.posts_count, plan.held_count) == (16, 0)
        await run(desks, Fate(0, 1, "nobody"))
        await check(desks)


async def switch_on(desks: Desks, fate: Fate) -> None:
    """Plan, however often whoever makes the plan dies over it, and sign it off."""
    start = date.fromisoformat(desks.expected["start_date"])
    async with desks.product.session() as session:
        plan_id = await request_plan(session, start, desks.product.admin_id)
    while (await the_plan(desks)).hash is None:
        try:
            await as_activity(desks.mirroring.make_plan, PlanRequest(company_id=desks.company_id, plan_id=plan_id))
        except ApplicationError as later:
            desks.advance(later.next_retry_delay or timedelta(0))
        except BaseException:
            if not fate.is_dead:
                raise
            fate.revive()
    async with desks.product.session() as session:
        await toggle_on(session, plan_id, (await the_plan(desks)).hash or "", desks.product.admin_id)


async def another_plan(desks: Desks) -> MirroringPlan:
    """A plan made beside the one there is."""
    async with desks.product.session() as session:
        plan_id = await request_plan(session, date.fromisoformat(desks.expected["start_date"]), UUID(int=1))
    await as_activity(desks.mirroring.make_plan, PlanRequest(company_id=desks.company_id, plan_id=plan_id))
    async with desks.product.session() as session:
        plan = await plan_by_id(session, plan_id)
    assert plan is not None
    return plan


async def test_a_plan_drafted_invoice_by_invoice_is_the_same(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(backfill_world(40)) as desks:
        await desks.connect()
        await switch_on(desks, Fate(0, 1, "nobody"))
        together = (await the_plan(desks)).hash
        await desks.switch_off()
        monkeypatch.setattr("activities.piling.AT_ONCE", 1)
        plan = await another_plan(desks)
        assert (plan.hash, plan.posts_count) == (together, 16)


async def test_a_number_of_two_commitments_is_known_whatever_was_drafted_before(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.piling.AT_ONCE", 1)
    async with open_world(backfill_world(20)) as desks:
        await desks.connect()
        await switch_on(desks, Fate(0, 1, "nobody"))
        asked = of_pile(desks, "ask")[0]
        async with desks.product.session() as session:
            found = await session.exec(
                select(ProcoreRequisition)
                .where(ProcoreRequisition.company_id == session.company_id)
                .where(ProcoreRequisition.requisition_id == asked)
            )
            row = found.one()
            invoice = RECENTLY_READ.find(row.raw_sha256)
            assert invoice is not None
            routes = await routes_now(session)
            (document,) = (await as_if_imported(session, [invoice])).values()
            # Typed by hand as a number is written that stands on two commitments; its amount says nothing.
            typed = await copied(session, str(FIRST_TYPED + list(desks.expected["piles"]).index(asked)))
            typed.number = f"{document.commitment_number} {invoice.number}"
            typed.normalised_number = normalise(typed.number)
            session.add(typed)
        entry = PlanEntry(asked, P.CREATE, "", invoice.number, invoice.vendor_name, invoice.project_id, invoice.due)
        listed = [Listed(entry, invoice)]

        async def verdict_with(later: bool) -> PlanVerdict:
            piling = Piling(desks.product.outside, desks.company_id, Actor(ActorKind.WORKFLOW), routes)
            await piling.add(listed)
            if later:
                async with desks.product.session() as session:
                    elsewhere = {"id": session.new_id(), "requisition_id": "another", "commitment_id": "another"}
                    session.add(ProcoreRequisition(**row.model_dump() | elsewhere))
            (piled,) = (await piling.pile(listed)).entries
            return piled.verdict

        assert [await verdict_with(later=False), await verdict_with(later=True)] == [P.CREATE, P.ASK]


# What was about to be awaited when its process died is never awaited.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
async def test_2000_invoices_killed_20_times_end_as_an_undisturbed_run(
    open_world: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    planning, running = Fate(3, 12, "three deaths"), Fate(17, 24, "seventeen deaths")
    async with open_world(backfill_world(2000)) as desks:
        await desks.connect()
        async with mortal(desks, planning, monkeypatch):
            await switch_on(desks, planning)
        async with mortal(desks, running, monkeypatch):
            await run(desks, running)
        assert planning.kills + running.kills == 20
        await check(desks)


async def test_another_bill_in_the_books_makes_another_plan(open_world: Opener) -> None:
    async with open_world(backfill_world(20)) as desks:
        await desks.connect()
        await switch_on(desks, Fate(0, 1, "nobody"))
        first = (await the_plan(desks)).hash
        await desks.switch_off()
        # A bill that was surely an invoice's own has another number by now: that is another list to sign.
        async with desks.product.session() as session:
            row = await copied(session, f"{FIRST_TYPED}")
            row.number, row.normalised_number = "SOMETHING ELSE", "somethingelse"
            session.add(row)
        plan = await another_plan(desks)
        assert plan.hash not in (None, first)
        assert (plan.link_count, plan.ask_count) == (5, 3)


async def test_a_bill_that_was_changed_after_sign_off_is_asked_about(open_world: Opener) -> None:
    async with open_world(backfill_world(20)) as desks:
        await desks.connect()
        await desks.switch_on()
        changed, gone = of_pile(desks, "link")[:2]
        keys = {key: entry.transaction_key.partition(":")[2] for key, entry in (await entries(desks)).items()}
        async with desks.product.session() as session:
            row, deleted = await copied(session, keys[changed]), await copied(session, keys[gone])
            row.total, deleted.is_deleted = Decimal("1.00"), True
            session.add_all((row, deleted))
        await run(desks, Fate(0, 1, "nobody"))
        held = await desks.holds()
        assert held[changed] == held[gone] == ["likely_duplicate"]
        closed = {(line.verdict, line.outcome): line.count for line in await lines(desks)}
        assert closed[P.LINK, O.NEEDS_YOU] == 2
        assert closed[P.LINK, O.LINKED] == len(of_pile(desks, "link")) - 2


async def test_what_is_withdrawn_before_it_comes_in_stays_out_and_the_statement_says_so(open_world: Opener) -> None:
    async with open_world(backfill_world(20)) as desks:
        await desks.connect()
        await desks.switch_on()
        withdrawn = of_pile(desks, "create")[0]
        async with desks.product.session() as session:
            found = await session.exec(select(ProcoreRequisition).where(ProcoreRequisition.requisition_id == withdrawn))
            row = found.one()
            row.raw = row.raw.replace('"approved"', '"under_review"')
            row.raw_sha256, row.status = fingerprint(row.raw), "under_review"
            session.add(row)
        await run(desks, Fate(0, 1, "nobody"))
        closed = {(line.verdict, line.outcome): line.count for line in await lines(desks)}
        assert closed[P.CREATE, O.WITHDRAWN] == 1
        assert closed[P.CREATE, O.POSTED] == len(of_pile(desks, "create")) - 1


async def test_a_paused_run_posts_nothing_and_goes_on_when_it_is_resumed(open_world: Opener) -> None:
    async with open_world(backfill_world(20)) as desks:
        connection = await desks.connect()
        await desks.switch_on()
        before = len(bills_in(desks))
        async with desks.product.session() as session:
            await pause_posting(session, connection.id, True, desks.product.admin_id)
        assert await desks.runnable() == []
        assert len(bills_in(desks)) == before
        assert (await the_plan(desks)).closed_at is None
        standing = {(line.verdict, line.outcome): line.count for line in await lines(desks)}
        # Links write nothing to QuickBooks.
        assert standing[P.LINK, O.LINKED] == len(of_pile(desks, "link"))
        assert standing[P.CREATE, O.ON_ITS_WAY] == len(of_pile(desks, "create"))
        async with desks.product.session() as session:
            await pause_posting(session, connection.id, False, desks.product.admin_id)
        await run(desks, Fate(0, 1, "nobody"))
        await check(desks)


async def test_a_start_of_years_ago_reads_the_books_of_years_ago(open_world: Opener) -> None:
    world = backfill_world(20)
    for bill in world.quickbooks_online["companies"][0]["Bill"]:
        # What is paid and older than two years is not read before somebody plans to start that long ago.
        bill["Balance"] = 0
    async with open_world(world, start=datetime(2029, 3, 1, 12, tzinfo=UTC)) as desks:
        await desks.connect()
        await desks.switch_on()
        assert (await the_plan(desks)).link_count == len(of_pile(desks, "link"))
