"""Alembic's entry: the target is SQLModel's metadata, the address comes from the caller or from DATABASE_URL."""

import os
from typing import Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

import models.tables  # noqa: F401 - registers the schema


def _database_url() -> str:
    url = context.config.attributes.get("database_url") or os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("settings: DATABASE_URL is missing (see .env.example)")
    return str(url)


def _render_as_plain_type(kind: str, thing: object, _: object) -> str | Literal[False]:
    # A migration must not change its meaning when our column types do: it names SQLAlchemy's own types.
    if kind == "type" and isinstance(thing, sa.types.TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    return False


def _run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        render_item=_render_as_plain_type,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    engine = sa.create_engine(_database_url(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()
