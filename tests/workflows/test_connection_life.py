"""A connection's whole life: every way an attempt fails, an authorisation ends, and books come and go."""

import asyncio
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.testing import ActivityEnvironment

from accounting.connection_states import ExpiryReason
from activities.connecting import CODE_REFUSED, CODE_UNCLEAR, WRONG_ENVIRONMENT, WRONG_FILE
from activities.connection import ConnectionDesk, Housekeeping
from activities.establishing import ANOTHER_CONNECTED, OTHER_KIND
from contracts.connection import ConnectionRef
from contracts.names import CONNECTION_STATE_ATTRIBUTE
from models.connections import connection_by_id, credential_of, revocations_of, want_disconnect
from models.gaps import GapListOutdated, accept_gap_list, gap_list
from models.invoice_pages import InvoiceFilter, list_invoices
from models.members import switch_feature
from models.routes import route_project
from models.tables import AttemptOutcome, Connection, ConnectionAttempt
from models.waiting_invoices import WaitingListOutdated, move_waiting, waiting_invoices
from models.web_connector import earlier_files
from simulators.faults import FaultRule
from tests.product import Product, eventually
from tests.small_world import small_world
from tests.workflows.conftest import NO_CACHE, Runner
from tests.workflows.life import begin_file, connect_file, disconnect, events, kept, live, open_file, pause, toggle
from tests.workflows.stories import (
    SETTLED,
    all_in,
    bills_of,
    connected,
    connection_workflow,
    details,
    going,
    planned,
    states,
    wanted_bills,
)
from tests.workflows.test_connecting import called_back, next_door

TOKENS, REVOKE = "/tokens/bearer$", "/tokens/revoke$"


async def settled() -> None:
    """What has not come by then stays out."""
    await asyncio.sleep(SETTLED.total_seconds())


def approve(product: Product) -> list[str]:
    """Approve everything that is under review in Procore; the ids."""
    found = [one for one, row in product.procore.records.requisitions.items() if row.wire["status"] == "under_review"]
    for one in found:
        product.change(str(one), status="approved")
    return [str(one) for one in found]


# --- attempts


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (FaultRule(effect="html", method="POST", path=TOKENS, status=200), CODE_UNCLEAR),
        (FaultRule(effect="empty", method="POST", path=TOKENS), CODE_UNCLEAR),
        (
            FaultRule(effect="status", method="POST", path=TOKENS, status=200, body={"access_token": "at-alone"}),
            CODE_UNCLEAR,
        ),
        (
            FaultRule(effect="status", method="POST", path=TOKENS, status=200, body={"error": "invalid_grant"}),
            CODE_REFUSED,
        ),
        (FaultRule(effect="status", method="GET", path="/companyinfo/", status=403, body={
            "fault": {"error": [{"code": "3100", "message": "ApplicationAuthorizationFailed"}], "type": "AUTHORIZATION"}
        }), WRONG_ENVIRONMENT),
    ],
    ids=["HTML", "empty", "no refresh token", "200 with an error", "wrong environment"],
)  # fmt: skip
async def test_an_odd_answer_ends_the_attempt_with_its_reason(run_world: Runner, fault: FaultRule, reason: str) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        product.quickbooks.faults.add(fault)
        ended = await called_back(product, documents.expected["realm_id"])
        assert (ended.outcome, ended.reason) == (AttemptOutcome.FAILED, reason)
        assert await live(product) == []


async def revoked(product: Product) -> list[bool]:
    return [grant.revoked for grant in product.quickbooks.oauth.store.grants]


async def test_a_failed_attempts_tokens_are_revoked_however_long_intuit_is_away(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        product.quickbooks.companies[documents.expected["realm_id"]].company_info["Country"] = "CA"
        away = product.quickbooks.faults.add(FaultRule(effect="status", status=503, method="POST", path=REVOKE))
        ended = await called_back(product, documents.expected["realm_id"])
        assert ended.refresh_token is None

        async def waits() -> bool:
            async with product.session() as session:
                return len(await revocations_of(session, attempt_id=ended.id)) == 1

        await eventually(waits)
        assert await revoked(product) == [False]
        product.quickbooks.faults.remove(away)

        async def is_revoked() -> bool:
            return await revoked(product) == [True] and not await waits()

        await eventually(is_revoked)


async def test_a_revocation_that_intuit_does_not_know_is_done(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await connected(product, documents)
        product.quickbooks.faults.add(FaultRule(effect="status", status=400, method="POST", path=REVOKE))
        await disconnect(product, connection)
        async with product.session() as session:
            assert await revocations_of(session, connection_id=connection.id) == []


async def test_a_refused_neighbours_tokens_are_dropped_and_never_revoked(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        await connected(product, documents)
        neighbour = await next_door(product)
        ended = await called_back(neighbour, documents.expected["realm_id"])
        assert ended.outcome is AttemptOutcome.FAILED

        async def dropped() -> bool:
            async with neighbour.session() as session:
                return not await revocations_of(session, attempt_id=ended.id)

        await eventually(dropped)
        assert await revoked(product) == [False, False]
        assert not [one for one in product.quickbooks.traffic.entries() if one["path"].endswith("revoke")]


async def test_two_admins_who_race_connect_one_kind(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        file_attempt, file_id = await begin_file(product)
        online_attempt = await product.come_back_from_consent(documents.expected["realm_id"])

        async def online() -> ConnectionAttempt:
            await product.outside.workflows.callback_received(online_attempt, product.outside.clock.now())
            return await product.ended_attempt(online_attempt)

        ended = await asyncio.gather(online(), open_file(product, file_attempt, file_id, "Books"))
        assert sorted(one.outcome for one in ended) == [AttemptOutcome.FAILED, AttemptOutcome.SUCCEEDED]
        (connection,) = await live(product)
        loser = next(one for one in ended if one.outcome is AttemptOutcome.FAILED)
        kind = {"online": "QuickBooks Online", "desktop": "QuickBooks Desktop"}[connection.kind.value]
        assert (loser.reason or "").startswith(OTHER_KIND.format(kind=kind, new="").split(",", maxsplit=1)[0])


# --- company files


async def test_company_files_stand_side_by_side_and_a_project_posts_where_an_admin_says(run_world: Runner) -> None:
    documents = small_world(1, waiting=1)
    async with run_world(documents) as product:
        first = await connect_file(product, "Hartwell East")
        await product.switch_on(await planned(product, documents))

        async def came_in() -> bool:
            return len(await product.invoices()) == 1

        await eventually(came_in)
        before = await toggle(product)
        second = await connect_file(product, "Hartwell West")
        assert {one.id for one in await live(product)} == {first.id, second.id}
        after = await toggle(product)
        assert (after.is_on, after.version) == (before.is_on, before.version) == (True, before.version)
        (invoice,) = (await product.invoices()).values()
        async with product.session() as session:
            await route_project(session, invoice.project_id, second, product.admin_id)
        (later,) = approve(product)
        await product.sync_now()

        async def came() -> bool:
            return later in await product.invoices()

        await eventually(came)
        invoices = await product.invoices()
        assert invoices[later].connection_id == second.id
        # Routed when it came in: another route moves nothing by itself.
        assert invoices[invoice.source_id].connection_id == first.id


async def test_an_earlier_file_gets_its_file_id_again_and_another_is_refused_by_name(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await connect_file(product, "Hartwell East")
        before = await kept(product)
        await disconnect(product, connection)
        async with product.session() as session:
            (offered,) = await earlier_files(session)
        assert (offered.connection_id, offered.company_file) == (connection.id, "C:\\Books\\Hartwell East.qbw")
        attempt_id, file_id = await begin_file(product, connection)
        assert file_id == connection.quickbooks_company_id
        refused = await open_file(product, attempt_id, "{another}", "Somebody else's")
        assert (refused.outcome, refused.reason) == (
            AttemptOutcome.FAILED,
            WRONG_FILE.format(name="Somebody else's"),
        )
        assert (await product.connection(connection.id)).state == "disconnected"
        again = await connect_file(product, "Hartwell East", connection)
        assert (again.id, again.state) == (connection.id, "active")
        assert await kept(product) == before


# --- how an authorisation ends


async def expired_because(product: Product, connection: Connection) -> str | None:
    async def found() -> Connection | None:
        row = await product.connection(connection.id)
        return row if row.state == "expired" else None

    row: Connection = await eventually(found)
    return row.state_reason


async def test_use_finds_that_the_person_lost_access(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await connected(product, documents)
        product.quickbooks.companies[connection.quickbooks_company_id].users.clear()
        await product.switch_on(await planned(product, documents))
        assert await expired_because(product, connection) == ExpiryReason.USER_LOST_ACCESS
        await all_in(product, "imported", 1)


async def test_use_finds_that_the_app_was_disconnected_at_intuit(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await connected(product, documents)
        product.quickbooks.change_switches({"disconnect_answer": "403"})
        product.quickbooks.disconnect(connection.quickbooks_company_id)
        await product.switch_on(await planned(product, documents))
        assert await expired_because(product, connection) == ExpiryReason.NOT_AUTHORISED


async def test_a_refused_refresh_is_found_by_the_guardian_and_shown_with_its_sentence(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await connected(product, documents)
        await product.expire(connection)
        assert await expired_because(product, connection) == ExpiryReason.REFRESH_REFUSED

        async def told() -> bool:
            shown = await details(connection_workflow(product, connection))
            wanted = (
                "State: expired",
                ExpiryReason.REFRESH_REFUSED.sentence,
                "Waits for an admin to reconnect",
                "Since: 20",
            )
            return all(words in shown for words in wanted)

        await eventually(told)
        described = await connection_workflow(product, connection).describe()
        assert described.typed_search_attributes.get(CONNECTION_STATE_ATTRIBUTE) == "expired"
        assert await described.static_summary() == f"Connection to {connection.quickbooks_company_name}"


async def test_the_guardian_warns_before_the_hard_end_and_then_says_that_it_came(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await connected(product, documents)
        desk, now = ConnectionDesk(product.outside), product.outside.clock.now()
        ref = ConnectionRef(company_id=product.company_id, connection_id=connection.id)
        told: list[list[int]] = []
        for left in (timedelta(days=40), timedelta(days=29), timedelta(days=28), timedelta(days=13), timedelta(days=2)):
            async with product.session() as session:
                credential = await credential_of(session, connection.id)
                assert credential is not None
                credential.hard_expires_at = now + left
                session.add(credential)
            status = await ActivityEnvironment().run(desk.guard_connection, ref)
            assert status.state == "active" and status.look_at is not None
            assert status.look_at <= now + left
            found = await events(product, "connection", connection.id)
            told.append([one.data["days"] for one in found if one.kind == "authorisation_ends_soon"])
        assert told == [[], [30], [30], [30, 14], [30, 14, 3]]
        async with product.session() as session:
            credential = await credential_of(session, connection.id)
            assert credential is not None
            credential.hard_expires_at = now - timedelta(minutes=1)
            session.add(credential)
        status = await ActivityEnvironment().run(desk.guard_connection, ref)
        assert (status.state, status.reason) == ("expired", ExpiryReason.HARD_END)


async def test_reconnecting_changes_no_setting_mapping_or_link(run_world: Runner) -> None:
    documents = small_world(2)
    async with run_world(documents) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 2)
        before = await kept(product)
        assert len(before["bill_link"]) == 2
        await product.expire(connection)
        again = await product.connect(documents.expected["realm_id"])
        assert (again.id, again.state, again.state_reason) == (connection.id, "active", None)
        assert await kept(product) == before
        actors = {one.kind: one.actor_kind for one in await events(product, "connection", connection.id)}
        assert actors["connection_active"] == "user"


# --- disconnecting, and connecting again


async def test_what_was_approved_in_the_gap_comes_in_only_from_its_list(run_world: Runner) -> None:
    documents = small_world(2, waiting=2)
    async with run_world(documents) as product:
        connection = await going(product, documents)
        await all_in(product, "posted", 2)
        before = await kept(product)
        await disconnect(product, connection)
        assert not (await toggle(product)).is_on
        in_gap = approve(product)
        await asyncio.sleep(1.1)  # Procore keeps whole seconds
        again = await product.connect(documents.expected["realm_id"])
        assert again.id == connection.id
        assert (await toggle(product)).is_on
        await product.sync_now()

        async def listed() -> bool:
            async with product.session() as session:
                found = await gap_list(session)
            return found is not None and found.complete and len(found.entries) == len(in_gap)

        await eventually(listed)
        await settled()
        assert set(await states(product)) == {
            one for one, row in documents.expected["requisitions"].items() if row["verdict"] == "bill"
        }
        assert await kept(product) == before
        async with product.session() as session:
            found = await gap_list(session)
            assert found is not None
            with pytest.raises(GapListOutdated):
                await accept_gap_list(session, "another", product.admin_id)
            assert (found.totals.create, found.totals.create_sum) == (
                2,
                sum((one.due for one in found.entries), Decimal(0)),
            )
            await accept_gap_list(session, found.hash, product.admin_id)
        await product.wake("accepted")
        await all_in(product, "posted", 4)
        bills = bills_of(product, documents)
        assert bills.total() == 4 and set(bills.values()) == {1}
        actors = {one.kind: one.actor_kind for one in await events(product, "connection", connection.id)}
        assert actors["connection_disconnected"] == "user"


async def test_a_company_never_connected_before_starts_off_and_gets_waiting_invoices_by_a_click_only(
    run_world: Runner,
) -> None:
    documents = small_world(3)
    async with run_world(documents) as product:
        # Without accounts nothing is posted.
        first = await product.connect(documents.expected["realm_id"])
        await product.switch_on(await planned(product, documents))
        await all_in(product, "needs_you", 3)
        await disconnect(product, first)
        other = await product.connect(documents.expected["other_realm_id"])
        assert not (await toggle(product)).is_on
        await settled()
        assert {row.connection_id for row in (await product.invoices()).values()} == {first.id}
        async with product.session() as session:
            waiting = await waiting_invoices(session, other.id)
            assert waiting.count == 3
            with pytest.raises(WaitingListOutdated):
                await move_waiting(session, other, "another")
            await move_waiting(session, other, waiting.hash)
        assert {row.connection_id for row in (await product.invoices()).values()} == {other.id}
        await product.wake("moved")
        await settled()
        # Its own lists have neither the vendors nor the jobs; nothing was posted to either company.
        assert (
            product.bills(documents.expected["realm_id"]) == product.bills(documents.expected["other_realm_id"]) == []
        )


async def test_an_invoice_with_a_bill_is_never_offered_to_other_books(run_world: Runner) -> None:
    documents = small_world(2)
    async with run_world(documents) as product:
        first = await going(product, documents)
        await all_in(product, "posted", 2)
        await disconnect(product, first)
        other = await product.connect(documents.expected["other_realm_id"])
        async with product.session() as session:
            assert (await waiting_invoices(session, other.id)).count == 0


async def test_a_second_realm_is_refused_while_one_is_connected(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        late = await product.come_back_from_consent(documents.expected["other_realm_id"])
        async with product.session() as session:
            row = await session.get(ConnectionAttempt, (product.company_id, late))
            # An attempt that was open when somebody else finished another one.
            row.outcome = AttemptOutcome.FAILED
        first = await connected(product, documents)
        async with product.session() as session:
            row = await session.get(ConnectionAttempt, (product.company_id, late))
            row.outcome, row.ended_at, row.reason = AttemptOutcome.PENDING, None, None
        await product.outside.workflows.callback_received(late, product.outside.clock.now())
        ended = await product.ended_attempt(late)
        names = [
            product.quickbooks.companies[documents.expected[one]].company_info["CompanyName"]
            for one in ("realm_id", "other_realm_id")
        ]
        assert ended.reason == ANOTHER_CONNECTED.format(old=names[0], new=names[1])
        assert [one.id for one in await live(product)] == [first.id]


async def test_a_wish_to_disconnect_whose_message_was_lost_is_fulfilled_all_the_same(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await connected(product, documents)
        async with product.session() as session:
            row = await connection_by_id(session, connection.id, lock=True)
            assert row is not None
            await want_disconnect(session, row, product.admin_id)
        await ActivityEnvironment().run(Housekeeping(product.outside).restart_missing)

        async def gone() -> bool:
            return (await product.connection(connection.id)).state == "disconnected"

        await eventually(gone)


async def test_a_disconnect_does_not_wait_for_quickbooks_to_answer(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        attempt_id = await product.come_back_from_consent(documents.expected["realm_id"])
        product.quickbooks.faults.add(FaultRule(effect="status", status=503, method="GET", path="/query"))
        await product.outside.workflows.callback_received(attempt_id, product.outside.clock.now())
        ended = await product.ended_attempt(attempt_id)
        assert ended.connection_id is not None, ended.reason
        connection = await product.connection(ended.connection_id)

        async def is_asked() -> bool:
            return any("/query" in one["path"] for one in product.quickbooks.traffic.entries())

        await eventually(is_asked)
        await disconnect(product, connection)
        assert (await product.connection(connection.id)).lists_read_at is None


# --- waiting


async def first_reason(product: Product) -> str | None:
    async with product.session() as session:
        page = await list_invoices(session, InvoiceFilter(), 50)
    reasons = Counter(row.reason for row in page.rows)
    assert len(reasons) == 1
    return next(iter(reasons))


async def test_a_pause_holds_posting_and_not_imports(run_world: Runner) -> None:
    documents = small_world(2)
    async with run_world(documents, cached_workflows=NO_CACHE) as product:
        connection = await connected(product, documents)
        await pause(product, connection, True)
        await product.switch_on(await planned(product, documents))
        await all_in(product, "imported", 2)
        await settled()
        assert bills_of(product, documents) == Counter()
        assert "Posting is paused" in (await first_reason(product) or "")
        await pause(product, connection, False)
        await all_in(product, "posted", 2)
        assert bills_of(product, documents) == wanted_bills(documents)


async def test_with_the_feature_off_nothing_comes_in_and_nothing_goes_out(run_world: Runner) -> None:
    documents = small_world(2, waiting=1)
    async with run_world(documents) as product:
        connection = await connected(product, documents)
        await pause(product, connection, True)
        await product.switch_on(await planned(product, documents))
        await all_in(product, "imported", 2)
        async with product.session() as session:
            await switch_feature(session, False)
        approve(product)
        await pause(product, connection, False)
        await product.sync_now()
        await settled()
        assert set((await states(product)).values()) == {"imported"} and len(await states(product)) == 2
        assert "Feature not enabled" in (await first_reason(product) or "")
        async with product.session() as session:
            await switch_feature(session, True)
        await product.sync_now()
        await all_in(product, "posted", 3)


async def test_every_page_says_what_an_invoice_waits_for(run_world: Runner) -> None:
    documents = small_world(1)
    async with run_world(documents) as product:
        connection = await connected(product, documents)
        await pause(product, connection, True)
        await product.switch_on(await planned(product, documents))
        await all_in(product, "imported", 1)
        await product.expire(connection)
        assert f"The connection to {connection.quickbooks_company_name} has expired" in (
            await first_reason(product) or ""
        )
        await disconnect(product, connection)
        assert "No QuickBooks connected" in (await first_reason(product) or "")
