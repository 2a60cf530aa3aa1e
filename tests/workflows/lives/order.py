"""What must be true of a company at every moment, whatever was done: held against its rows and both sets of books."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from accounting.connection_states import AttemptOutcome, ConnectionState, check_connection_move
from models.tables import ConnectionAttempt, TokenRevocation
from simulators.quickbooks_online.simulation import Simulation
from tests.workflows.lives.world import LETTERS, realm_of

Rows = list[dict[str, Any]]

WITHOUT_SECRETS = "- 'access_token' - 'refresh_token' - 'previous_refresh_token'"
# When the files of a bill are due is cleared once they hang there: no part of the link.
WITHOUT_FILES = "- 'files_due_at'"
TABLES = {
    "connections": "connection", "credentials": "credential", "settings": "connection_settings", "mappings": "mapping",
    "links": "bill_link", "invoices": "invoice", "mirroring": "mirroring", "intervals": "mirroring_interval",
}  # fmt: skip
ROWS = "(SELECT coalesce(json_agg(to_jsonb(one) {}), '[]') FROM {} one WHERE company_id = %(company_id)s)"
TOLD = (
    "(SELECT coalesce(json_agg(to_jsonb(told) ORDER BY seq), '[]') FROM event_log told"
    " WHERE company_id = %(company_id)s AND subject_kind = 'connection')"
)
LEFT_OUT = {"credential": WITHOUT_SECRETS, "bill_link": WITHOUT_FILES}
PARTS = [ROWS.format(LEFT_OUT.get(table, ""), table) + f" AS {name}" for name, table in TABLES.items()]
SNAPSHOT = f"SELECT {', '.join(PARTS)}, {TOLD} AS events"


@dataclass(frozen=True)
class Standing:
    """A company's rows at one moment."""

    connections: Rows
    credentials: Rows
    settings: Rows
    mappings: Rows
    links: Rows
    invoices: Rows
    mirroring: Rows
    intervals: Rows
    events: Rows


@dataclass
class Remembered:
    """Rows as they stood after the last step, by their id. A row that an admin changes is forgotten first."""

    settings: dict[str, Any] = field(default_factory=dict)
    mappings: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Any] = field(default_factory=dict)
    invoices: set[str] = field(default_factory=set)

    def settings_change(self, connection_id: UUID) -> None:
        self.settings.pop(str(connection_id), None)


async def standing_of(rows: psycopg.AsyncConnection[dict[str, Any]], company_id: UUID) -> Standing:
    """One statement, and so one moment."""
    found = await (await rows.execute(SNAPSHOT, {"company_id": company_id})).fetchone()
    assert found is not None
    return Standing(**found)


def check_order(now: Standing, remembered: Remembered, quickbooks: Simulation, place: int) -> None:
    """Raises AssertionError where the company is not in order; else remembers how it stands."""
    _check_active(now)
    _check_moves(now)
    _check_kept(now, remembered)
    _check_bills(now, quickbooks, place)


def left_over(
    attempts: Sequence[ConnectionAttempt], revocations: Sequence[TokenRevocation], now: datetime
) -> list[str]:
    """What must not outlive a life: attempts past their deadline, tokens that nobody has revoked."""
    late = [one for one in attempts if one.outcome == AttemptOutcome.PENDING and one.deadline <= now]
    return [
        *(f"attempt {one.id} is pending past its deadline {one.deadline}" for one in late),
        *(f"a token of realm {one.quickbooks_company_id} is still to be revoked" for one in revocations),
    ]


def _check_active(now: Standing) -> None:
    """One kind at a time, one realm of it; tokens exactly where it is connected; mirroring only while one is."""
    live = [one for one in now.connections if one["state"] != ConnectionState.DISCONNECTED]
    assert len({one["kind"] for one in live}) <= 1, "two kinds of QuickBooks are active"
    online = {one["id"] for one in live if one["kind"] == "online"}
    assert len(online) <= 1, "two realms are active"
    assert {one["connection_id"] for one in now.credentials} == online, "tokens without a connection, or none with one"
    is_on = any(one["is_on"] for one in now.mirroring)
    assert sum(one["off_at"] is None for one in now.intervals) == is_on, "the toggle and its intervals disagree"
    assert live or not is_on, "mirroring is on with nothing connected"


def _check_moves(now: Standing) -> None:
    """Every transition is an event with its actor, and every one was a legal move."""
    for connection in now.connections:
        state = ConnectionState.ACTIVE
        for one in now.events:
            moved = one["kind"].removeprefix("connection_")
            if one["subject_id"] == connection["id"] and moved in list(ConnectionState):
                check_connection_move(state, ConnectionState(moved))
                assert one["actor_kind"] and one["actor_id"], "a transition that nobody made"
                state = ConnectionState(moved)
        assert state == connection["state"], f"the events tell {state}, the row {connection['state']}"


def _check_kept(now: Standing, remembered: Remembered) -> None:
    """Settings change only by an admin's step, mappings and links never; no invoice is lost."""
    for name, rows, key in (
        ("settings", now.settings, "connection_id"),
        ("mappings", now.mappings, "id"),
        ("links", now.links, "id"),
    ):
        before, after = getattr(remembered, name), {row[key]: row for row in rows}
        assert {one: after.get(one) for one in before} == before, f"{name} changed by themselves"
        before.update(after)
    invoices = {one["id"] for one in now.invoices}
    assert remembered.invoices <= invoices, "an invoice is lost"
    remembered.invoices = invoices


def _check_bills(now: Standing, quickbooks: Simulation, place: int) -> None:
    """One bill an invoice, in the books that the invoice and its link name and in no others."""
    realm = {one["id"]: one["quickbooks_company_id"] for one in now.connections}
    invoices = {f"inBuild {one['reference']}": one for one in now.invoices}
    linked = {one["invoice_id"]: one for one in now.links}
    bills: Counter[str] = Counter()
    for letter in LETTERS:
        books = quickbooks.companies[realm_of(place, letter)]
        for bill in books.entities["Bill"].values():
            invoice = invoices[bill["PrivateNote"][bill["PrivateNote"].rindex("inBuild ") :]]
            bills[invoice["id"]] += 1
            assert realm[invoice["connection_id"]] == books.realm_id, "a bill in the wrong books"
            assert invoice["state"] in ("sending", "posted"), "a bill that its invoice knows nothing of"
            if invoice["id"] in linked:
                assert realm[linked[invoice["id"]]["connection_id"]] == books.realm_id, "a link to the wrong books"
    assert all(count == 1 for count in bills.values()), f"an invoice was posted twice: {bills}"
    assert set(linked) <= set(bills), "a link without a bill"
    assert {one["id"] for one in now.invoices if one["state"] == "posted"} == set(linked), "posted without a link"
