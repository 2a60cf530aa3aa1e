"""The guardian comes at once for what happened while QuickBooks was being read: an end, or a warning nobody gave."""

from datetime import timedelta

import pytest

from contracts.connection import ConnectionRef, ConnectionStatus
from models.connections import credential_of
from simulators.faults import FaultRule
from tests.activities.conftest import Opener
from tests.desks import Desks, as_activity
from tests.small_world import small_world

DAY, READING = timedelta(days=1), timedelta(minutes=20)


async def read_slowly(desks: Desks, ref: ConnectionRef, hard_end_in: timedelta) -> ConnectionStatus:
    """Read the books while twenty minutes pass; what the reading says at its end."""
    async with desks.product.session() as session:
        credential = await credential_of(session, ref.connection_id)
        assert credential is not None
        credential.hard_expires_at = session.now + hard_end_in
        session.add(credential)
    lost = desks.product.quickbooks.faults.add(FaultRule(effect="status", status=503, path="/query"))
    with pytest.raises(Exception, match="503"):
        await as_activity(desks.connections.read_books, ref)
    desks.product.quickbooks.faults.remove(lost)
    desks.advance(READING)
    return await as_activity(desks.connections.read_books, ref)


@pytest.mark.parametrize(
    ("hard_end_in", "then", "why"),
    [(READING / 2, "expired", "hard_end"), (30 * DAY + READING / 2, "active", None)],
    ids=["the end", "a warning"],
)
async def test_what_came_while_the_books_were_read_is_seen_at_once(
    open_world: Opener, hard_end_in: timedelta, then: str, why: str | None
) -> None:
    async with open_world(small_world(1)) as desks:
        connection = await desks.connect()
        ref = ConnectionRef(company_id=desks.company_id, connection_id=connection.id)
        status = await read_slowly(desks, ref, hard_end_in)
        assert (status.state, status.look_in) == ("active", timedelta(0))
        guarded = await as_activity(desks.connections.guard_connection, ref)
        assert (guarded.state, guarded.reason) == (then, why)
        assert guarded.state == "expired" or (guarded.look_in or timedelta(0)) > 15 * DAY
