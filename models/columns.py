"""Column types that keep our promises: instants are aware and UTC, money never loses a cent, enums stay text."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from accounting.money import has_fraction_of_cent


class UtcInstant(sa.types.TypeDecorator[datetime]):
    """An aware instant, stored and read back in UTC. A naive datetime raises ValueError."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a stored instant needs a time zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None


class Amount(sa.types.TypeDecorator[Decimal]):
    """NUMERIC(18,2). PostgreSQL would round a third decimal silently, so it raises ValueError here."""

    impl = sa.Numeric(18, 2)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Decimal | None:
        if value is not None and has_fraction_of_cent(value):
            raise ValueError(f"{value} has a fraction of a cent and cannot be stored")
        return value


class Quantity(sa.types.TypeDecorator[Decimal]):
    """NUMERIC(20,7): quantities and unit prices."""

    impl = sa.Numeric(20, 7)
    cache_ok = True


class ProviderText(sa.types.TypeDecorator[str]):
    """A document of Procore's or QuickBooks' as it came, of many lines of JSON: never changed, rarely read."""

    impl = sa.String
    cache_ok = True


def enum_column(enum: type[StrEnum], name: str) -> type[sa.types.TypeDecorator[Any]]:
    """A text column checked against the enum's values: native PostgreSQL enums would outlive a downgrade."""

    class EnumColumn(sa.types.TypeDecorator[Any]):
        impl = sa.Enum(
            enum,
            native_enum=False,
            create_constraint=True,
            name=name,
            length=32,
            values_callable=lambda members: [member.value for member in members],
        )
        cache_ok = True

    return EnumColumn


METADATA_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def company_id_field() -> Any:
    return Field(primary_key=True, nullable=False)


def row_id_field() -> Any:
    return Field(primary_key=True, nullable=False)


def references(table: str, *columns: str, name: str | None = None) -> sa.ForeignKeyConstraint:
    """A composite foreign key within one company: (company_id, column) -> (company_id, id)."""
    return sa.ForeignKeyConstraint(["company_id", *columns], [f"{table}.company_id", f"{table}.id"], name=name)


def belongs_to_company() -> sa.ForeignKeyConstraint:
    """For a table whose rows need not refer to another row of their company: by ``references`` that is said already."""
    return sa.ForeignKeyConstraint(["company_id"], ["company.id"])


__all__ = [
    "METADATA_NAMES",
    "UUID",
    "Amount",
    "Quantity",
    "UtcInstant",
    "belongs_to_company",
    "company_id_field",
    "enum_column",
    "references",
    "row_id_field",
]
