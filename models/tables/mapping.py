"""Mappings from Procore to QuickBooks, and the cached lists of each QuickBooks company."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from models.columns import UtcInstant, enum_column, references
from models.tables.base import CompanyRow


class MappingKind(StrEnum):
    """What is mapped; ``procore_id`` means another thing for each.

    VENDOR: Procore's vendor id. PROJECT, PROJECT_CLASS, PROJECT_LOCATION: the project's id, to a customer, a class, a
    location. COST_CODE: the cost code's id. COST_TYPE and BUDGET_CODE: the text, folded as ``accounting.coding`` does.
    TERMS: the commitment's terms as typed, folded. TAX_CODE: Procore's tax code id. RETAINAGE_ACCOUNT and AP_ACCOUNT:
    empty; these override the connection's settings in a narrower scope.
    """

    VENDOR = "vendor"
    PROJECT = "project"
    PROJECT_CLASS = "project_class"
    PROJECT_LOCATION = "project_location"
    COST_CODE = "cost_code"
    COST_TYPE = "cost_type"
    BUDGET_CODE = "budget_code"
    TERMS = "terms"
    TAX_CODE = "tax_code"
    RETAINAGE_ACCOUNT = "retainage_account"
    AP_ACCOUNT = "ap_account"


class MappingAuthor(StrEnum):
    EXACT_NAME = "exact_name"
    PERSON = "person"
    IMPORT = "import"


class Mapping(CompanyRow, table=True):
    """One version of one mapping. The live version is the one without ``superseded_at``; older ones are its history.

    ``scope`` is empty for the whole connection, else ``project:<id>``, ``commitment:<id>`` or ``invoice:<id>``.
    """

    __table_args__ = (
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "connection_id", "kind", "scope", "procore_id", "version"),
        sa.Index(
            "uq_mapping_live",
            "company_id",
            "connection_id",
            "kind",
            "scope",
            "procore_id",
            unique=True,
            postgresql_where=sa.text("superseded_at IS NULL"),
        ),
    )

    connection_id: UUID
    kind: MappingKind = Field(sa_type=enum_column(MappingKind, "mapping_kind"))
    scope: str = Field(default="", max_length=64)
    procore_id: str = Field(max_length=64)
    procore_name: str
    target_entity: str = Field(max_length=32)
    target_id: str = Field(max_length=64)
    version: int
    author_kind: MappingAuthor = Field(sa_type=enum_column(MappingAuthor, "mapping_author"))
    author_id: UUID | None = None
    created_at: datetime = Field(sa_type=UtcInstant)
    superseded_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    # Who ended it where no newer version did: the mapping was removed.
    removed_by: UUID | None = None


class ReferenceEntry(CompanyRow, table=True):
    """One entry of a QuickBooks company's lists (vendor, customer, account, item, class, term), as last read."""

    __tablename__ = "reference_entry"
    __table_args__ = (
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "connection_id", "entity", "quickbooks_id"),
        sa.Index(None, "company_id", "connection_id", "entity", "name_key"),
    )

    connection_id: UUID
    entity: str = Field(max_length=32)
    quickbooks_id: str = Field(max_length=64)
    name: str
    full_name: str
    name_key: str
    active: bool
    account_type: str | None = Field(default=None, max_length=64)
    account_subtype: str | None = Field(default=None, max_length=64)
    terms_id: str | None = Field(default=None, max_length=64)
    terms_days: int | None = None
    details: dict[str, Any] = Field(sa_type=JSONB)
    read_at: datetime = Field(sa_type=UtcInstant)
