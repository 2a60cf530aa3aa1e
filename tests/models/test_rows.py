"""Many rows in one statement: nothing is lost, rounded or let through on the way."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from models.database import Actor, CompanySession, Database
from models.requisitions import SeenRequisition, fingerprint, store_requisitions, texts_of
from models.rows import insert_rows
from models.tables import ActorKind, EventLog, MirroringPlanEntry
from tests.companies import add_company

SOMEBODY = Actor(ActorKind.USER, "somebody")
AWKWARD = 'quotes " and \\ backslash, tab\t, newline\n, Ünïcödé 漢字 🏗, {braces}, NULL, %s, \\u0000'
MOMENT = datetime(2026, 6, 1, 12, 30, 0, 123456, tzinfo=UTC)


def event(company_id: UUID, seq: int, **changes: Any) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "seq": seq,
        "subject_kind": "invoice",
        "subject_id": "1",
        "kind": "told",
        "schema_version": 1,
        "occurred_at": MOMENT,
        "recorded_at": MOMENT,
        "actor_kind": ActorKind.USER,
        "actor_id": None,
        "data": {},
        **changes,
    }


async def told(session: CompanySession) -> list[EventLog]:
    found = await session.exec(
        select(EventLog).where(EventLog.company_id == session.company_id).order_by(EventLog.seq)  # type: ignore[arg-type]
    )
    return list(found)


async def test_every_kind_of_value_comes_back_as_it_went_in(database: Database, company_id: UUID) -> None:
    nested = {"text": AWKWARD, "list": [1, None, True], "sum": "12.30"}
    async with database.company(company_id, SOMEBODY) as session:
        rows = [event(company_id, 1, subject_id=AWKWARD[:40], data=nested), event(company_id, 2, actor_id="ada")]
        await insert_rows(session, EventLog, rows)
        first, second = await told(session)
    assert (first.subject_id, first.data, first.actor_id) == (AWKWARD[:40], nested, None)
    assert first.occurred_at == MOMENT
    assert first.actor_kind is ActorKind.USER
    assert (second.seq, second.actor_id) == (2, "ada")


async def test_a_text_of_procore_is_kept_to_the_letter_and_its_later_reading_counts(
    database: Database, company_id: UUID
) -> None:
    async with database.company(company_id, SOMEBODY) as session:
        await store_requisitions(
            session, [SeenRequisition("7", "p", text, fingerprint(text)) for text in ("an earlier page", AWKWARD)]
        )
        stored = await texts_of(session, ["7"])
    assert stored == {"7": AWKWARD}


async def test_rows_of_another_company_are_not_written(database: Database, company_id: UUID) -> None:
    other = await add_company(database)
    async with database.company(company_id, SOMEBODY) as session:
        await insert_rows(session, EventLog, [event(other, 1)])
    async with database.company(other, SOMEBODY) as session:
        assert await told(session) == []


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("occurred_at", datetime(2026, 6, 1), ValueError),  # noqa: DTZ001 - naive on purpose
        ("subject_id", object(), TypeError),
    ],
)
async def test_what_a_column_refuses_is_refused(
    database: Database, company_id: UUID, name: str, value: object, error: type[Exception]
) -> None:
    async with database.company(company_id, SOMEBODY) as session:
        with pytest.raises(error):
            await insert_rows(session, EventLog, [event(company_id, 1, **{name: value})])


async def test_a_fraction_of_a_cent_is_refused_before_it_is_rounded(database: Database, company_id: UUID) -> None:
    row = {"company_id": company_id, "id": uuid4(), "due": Decimal("1.001")}
    async with database.company(company_id, SOMEBODY) as session:
        with pytest.raises(ValueError, match="fraction of a cent"):
            await insert_rows(session, MirroringPlanEntry, [row])
