"""The leak scan finds a canary wherever one is planted, in whatever shape, and nothing where there is none."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.worker import Worker

from demo.check.leaks import Canary, Histories, leaks_in_database, leaks_in_files, search_histories
from demo.check.ledger import plain_url
from demo.person import eventually
from tests.demo.check.leaky import Leaky, complain, take

WORD = "canary0123456789abcdef"


@pytest.mark.parametrize("before", [b"", b"x", b"ab", b"abc"])
@pytest.mark.parametrize("after", [b"", b":", b";;"])
def test_a_canary_is_found_in_every_shape(before: bytes, after: bytes) -> None:
    said = before + WORD.encode() + after
    assert Canary(WORD).is_in(said)
    assert Canary(WORD).is_in(said.hex().encode())
    assert Canary(WORD).is_in(b"Basic " + base64.b64encode(said))
    assert Canary(WORD).is_in(base64.urlsafe_b64encode(said).rstrip(b"="))


def test_each_of_several_words_is_found() -> None:
    several = Canary(WORD, "a-secret-we-made")
    assert several.is_in(WORD.encode()) and several.is_in(base64.b64encode(b"user:a-secret-we-made"))


def test_what_only_resembles_a_canary_is_none() -> None:
    assert not Canary(WORD).is_in(WORD[:-1].encode() + b"e " + WORD.upper().encode())
    assert not Canary(WORD).is_in(base64.b64encode(b"nothing to see here, move along please"))


def test_a_canary_in_a_log_line_is_found(tmp_path: Path) -> None:
    (tmp_path / "api.log").write_text("fine\nfine\n")
    (tmp_path / "worker.log").write_text(f"fine\nasked with Bearer at-{WORD}-xyz\n")
    assert [leak.where for leak in leaks_in_files(tmp_path, Canary(WORD))] == ["worker.log, line 2"]


COMPANY = "0190c0de-0000-7000-8000-000000000001"
PLANTINGS = {
    "event_log.data": """INSERT INTO event_log (company_id, seq, subject_kind, subject_id, kind, schema_version,
        occurred_at, recorded_at, actor_kind, data) VALUES (%(company)s, 1, 'invoice', '1', 'sending', 1,
        '2026-01-01Z', '2026-01-01Z', 'workflow', jsonb_build_object('error', %(text)s::text))""",
    "company.name": "UPDATE company SET name = %(text)s WHERE id = %(company)s",
    "audit_log.data": """INSERT INTO audit_log (company_id, id, at, actor_kind, action, data) VALUES (%(company)s,
        %(company)s, '2026-01-01Z', 'command', 'look', jsonb_build_object('said', %(text)s::text))""",
    "app_user.login": """INSERT INTO app_user (id, procore_environment, procore_user_id, login, name, is_support,
        session_epoch, created_at, last_signed_in_at) VALUES (%(company)s, 'simulated', '1', %(text)s, 'x', false, 0,
        '2026-01-01Z', '2026-01-01Z')""",
}


@pytest.fixture
def planted_database(database_url: str) -> str:
    with psycopg.connect(plain_url(database_url)) as database:
        database.execute(
            "INSERT INTO company (id, procore_environment, procore_company_id, name, feature_enabled, event_seq, "
            "created_at) VALUES (%s, 'simulated', '1', 'Builders', true, 0, '2026-01-01Z')",
            [COMPANY],
        )
    return database_url


def test_a_clean_database_has_no_leak(planted_database: str) -> None:
    assert list(leaks_in_database(planted_database, Canary(WORD))) == []


@pytest.mark.parametrize("place", PLANTINGS)
def test_a_canary_in_a_column_is_found(planted_database: str, place: str) -> None:
    with psycopg.connect(plain_url(planted_database)) as database:
        database.execute(PLANTINGS[place].encode(), {"company": COMPANY, "text": f"token at-{WORD}-1"})
    table, column = place.split(".")
    (leak,) = leaks_in_database(planted_database, Canary(WORD))
    assert leak.where == f"table {table}, column {column}"


def test_a_token_stored_without_encryption_is_found(planted_database: str) -> None:
    with psycopg.connect(plain_url(planted_database)) as database:
        database.execute(PLANTINGS["app_user.login"].encode(), {"company": COMPANY, "text": "ada"})
        database.execute(
            "INSERT INTO user_credential (user_id, access_token, expires_at) VALUES (%s, %s, '2026-01-01Z')",
            [COMPANY, f"at-{WORD}".encode()],
        )
    (leak,) = leaks_in_database(planted_database, Canary(WORD))
    assert leak.where == "table user_credential, column access_token"


@pytest_asyncio.fixture
async def leaky(temporal_client: Client, task_queue: str) -> AsyncIterator[Client]:
    worker = Worker(temporal_client, task_queue=task_queue, workflows=[Leaky], activities=[take, complain])
    async with worker:
        yield temporal_client


async def scanned(client: Client, word: str, workflow_id: str) -> Histories:
    """The search, once the workflow is listed: Temporal's list lags behind its histories."""

    async def ask() -> Histories | None:
        found = await search_histories(client, Canary(word))
        return found if workflow_id in found.workflow_ids else None

    histories: Histories = await eventually("the workflow is listed", ask)
    return histories


async def test_a_canary_in_an_activity_argument_is_found(leaky: Client, task_queue: str) -> None:
    word, workflow_id = f"canary{uuid4().hex}", f"leaky/{uuid4()}"
    await leaky.execute_workflow(Leaky.run, args=["argument", word], id=workflow_id, task_queue=task_queue)
    wheres = [leak.where for leak in (await scanned(leaky, word, workflow_id)).leaks]
    # The workflow's own argument and the activity's.
    assert len(wheres) >= 2
    assert all(where.startswith(f"history of {workflow_id}") for where in wheres)


async def test_a_canary_in_an_error_is_found(leaky: Client, task_queue: str) -> None:
    word, workflow_id = f"canary{uuid4().hex}", f"leaky/{uuid4()}"
    backwards = "".join(reversed(word))
    await leaky.execute_workflow(Leaky.run, args=["error", backwards], id=workflow_id, task_queue=task_queue)
    assert (await scanned(leaky, word, workflow_id)).leaks


async def test_a_canary_in_a_memo_is_found(leaky: Client, task_queue: str) -> None:
    word, workflow_id = f"canary{uuid4().hex}", f"leaky/{uuid4()}"
    await leaky.execute_workflow(
        Leaky.run, args=["not at all", ""], id=workflow_id, task_queue=task_queue, memo={"token": word}
    )
    assert (await scanned(leaky, word, workflow_id)).leaks


async def test_a_clean_workflow_has_no_leak(leaky: Client, task_queue: str) -> None:
    workflow_id = f"leaky/{uuid4()}"
    await leaky.execute_workflow(Leaky.run, args=["argument", "nothing"], id=workflow_id, task_queue=task_queue)
    assert (await scanned(leaky, f"canary{uuid4().hex}", workflow_id)).leaks == ()
