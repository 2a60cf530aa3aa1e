"""The one package that looks across companies gives away ids, and writes down who asked."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
import pytest_asyncio
from sqlmodel import select

from models import directory
from models.database import Actor, Database
from models.directory import FoundIds, SealedTokens, SeenCompany, SeenPerson
from models.tables import ActorKind, AuditLog, ConnectionState
from tests.api.seeding import add_connection, add_invoice
from tests.companies import add_company

COMMAND = Actor(ActorKind.COMMAND, "test")
UNTIL = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def support(database: Database) -> UUID:
    async with database.directory() as session:
        user_id = await directory.record_sign_in(
            session, database.clock, "simulated", SeenPerson("1", "sam@inbuild.example", "Sam"), []
        )
        assert await directory.grant_support(session, "simulated", "SAM@inbuild.example", True)
    return user_id


async def test_support_finds_ids_by_number_realm_and_name_and_is_audited(database: Database, support: UUID) -> None:
    company_id = await add_company(database, "Hartwell Construction")
    async with database.company(company_id, COMMAND) as session:
        connection_id = await add_connection(session, support, realm_id="9130350000000042")
        invoice_id = await add_invoice(
            session, "INV-77", connection_id=connection_id, source_id="562949953430999", due=Decimal("10.00")
        )
    for text, expected in (
        (
            "hartwell",
            [FoundIds(company_id, "company", company_id), FoundIds(company_id, "connection", connection_id)],
        ),
        ("9130350000000042", [FoundIds(company_id, "connection", connection_id)]),
        (" INV-77 ", [FoundIds(company_id, "invoice", invoice_id)]),
        ("562949953430999", [FoundIds(company_id, "invoice", invoice_id)]),
    ):
        async with database.directory() as session:
            assert await directory.find_for_support(session, database.clock, support, text) == expected
    async with database.company(company_id, COMMAND) as session:
        audited = list(await session.exec(select(AuditLog)))
    asked = sorted(row.data["text"] for row in audited)
    assert asked == ["562949953430999", "9130350000000042", "INV-77", "hartwell"]
    assert {(row.actor_kind, row.actor_id) for row in audited} == {(ActorKind.SUPPORT, str(support))}


async def test_nobody_but_support_looks_across_companies(database: Database, support: UUID) -> None:
    async with database.directory() as session:
        assert await directory.grant_support(session, "simulated", "sam@inbuild.example", False)
    with pytest.raises(PermissionError):
        async with database.directory() as session:
            await directory.find_for_support(session, database.clock, support, "hartwell")


async def test_support_is_granted_to_people_who_have_signed_in(database: Database) -> None:
    async with database.directory() as session:
        assert not await directory.grant_support(session, "simulated", "nobody@inbuild.example", True)


async def test_a_new_company_starts_with_the_feature_off(database: Database) -> None:
    seen = [SeenCompany("4907", "Hartwell", True)]
    person = SeenPerson("7", "ada@example.test", "Ada")
    async with database.directory() as session:
        user_id = await directory.record_sign_in(session, database.clock, "simulated", person, seen)
        user = await directory.signed_in_user(session, user_id)
    assert user is not None
    company = user.companies[0]
    assert (company.feature_enabled, company.is_company_admin, company.is_accountant) == (False, True, False)


async def test_signing_in_again_ends_what_procore_no_longer_lists(database: Database) -> None:
    person = SeenPerson("7", "ada@example.test", "Ada")
    async with database.directory() as session:
        for companies in (
            [SeenCompany("1", "One", True), SeenCompany("2", "Two", False)],
            [SeenCompany("2", "Two, Inc.", True)],
        ):
            user_id = await directory.record_sign_in(session, database.clock, "simulated", person, companies)
        user = await directory.signed_in_user(session, user_id)
    assert user is not None
    assert [(one.name, one.is_company_admin) for one in user.companies] == [("Two, Inc.", True)]


async def test_a_refresh_token_is_given_out_once(database: Database, support: UUID) -> None:
    async with database.directory() as session:
        await directory.store_user_tokens(session, support, SealedTokens(b"a", b"r", UNTIL))
        assert await directory.take_refresh_token(session, support) == b"r"
    async with database.directory() as session:
        assert await directory.take_refresh_token(session, support) is None
        assert await directory.user_tokens(session, support) == SealedTokens(b"a", None, UNTIL)


async def test_a_realm_is_found_while_it_is_connected(database: Database, support: UUID) -> None:
    company_id = await add_company(database)
    async with database.company(company_id, COMMAND) as session:
        live = await add_connection(session, support, realm_id="1")
        await add_connection(session, support, realm_id="2", state=ConnectionState.DISCONNECTED)
    async with database.directory() as session:
        assert await directory.company_of_realm(session, "simulated", "1") == (company_id, live)
        assert await directory.company_of_realm(session, "simulated", "2") is None
        assert await directory.company_of_realm(session, "production", "1") is None
