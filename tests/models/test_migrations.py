"""The migrations make exactly the schema of the tables, and undo themselves."""

import re
from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from demo.embedded import EmbeddedPostgres, unique_name
from models import tables
from models.migrate import alembic_config, upgrade


@pytest.fixture
def empty_database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    name = unique_name("test_0")
    yield postgres.create_database(name)
    postgres.drop_database(name)


def _objects(url: str) -> set[str]:
    """Everything of ours in the database: tables, sequences, functions and types, each by kind and name."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return {
            f"{kind} {name}"
            for kind, name in connection.execute(
                """
                SELECT 'relation ' || relkind::text, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                UNION ALL
                SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                UNION ALL
                SELECT 'type', typname FROM pg_type
                WHERE typnamespace = 'public'::regnamespace AND typrelid = 0 AND typelem = 0
                """
            )
        }


def test_up_down_and_up_again(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    upgrade(empty_database_url)
    schema = _objects(empty_database_url)
    assert {"relation r invoice", "relation r event_log", "function refuse_rewriting"} <= schema

    command.downgrade(config, "base")
    assert {thing for thing in _objects(empty_database_url) if "alembic_version" not in thing} == set()

    upgrade(empty_database_url)
    assert _objects(empty_database_url) == schema


def test_tables_and_migrations_agree(database_url: str) -> None:
    # Raises when autogenerate would have anything to write.
    command.check(alembic_config(database_url))


def test_a_column_takes_the_words_its_code_knows_and_no_others(database_url: str) -> None:
    # Autogenerate does not compare CHECK constraints.
    known = {
        f"{table.name}.{column.name}": set(words.enums)
        for table in tables.Company.metadata.sorted_tables
        for column in table.columns
        if isinstance(words := getattr(column.type, "impl", None), sa.Enum)
    }
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        taken = {
            f"{table}.{column}": set(re.findall(r"'(\w+)'::", rule))
            for table, column, rule in connection.execute(
                """
                SELECT conrelid::regclass::text, attname, pg_get_constraintdef(rule.oid)
                FROM pg_constraint AS rule JOIN pg_attribute ON attrelid = conrelid AND conkey = ARRAY[attnum]
                WHERE contype = 'c' AND pg_get_constraintdef(rule.oid) LIKE '%::character varying%'
                """
            )
        }
    assert known and {name: taken.get(name) for name in known} == known


def test_a_table_without_its_migration_is_found(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    upgrade(empty_database_url)
    with psycopg.connect(empty_database_url.replace("+psycopg", "")) as connection:
        connection.execute("ALTER TABLE invoice DROP COLUMN vendor_name")
    with pytest.raises(Exception, match="vendor_name"):
        command.check(config)


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    before = _objects(database_url)
    upgrade(database_url)
    assert _objects(database_url) == before


def test_there_is_one_line_of_migrations() -> None:
    script = ScriptDirectory.from_config(alembic_config("postgresql+psycopg://nobody@/nothing"))
    assert len(script.get_heads()) == 1
