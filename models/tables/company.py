"""Companies (inBuild's customers), the people who sign in, and what a company has set."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import UtcInstant, belongs_to_company, references
from models.tables.base import CompanyRow


class Company(SQLModel, table=True):
    """inBuild's customer: exactly one Procore company in one environment."""

    __table_args__ = (sa.UniqueConstraint("procore_environment", "procore_company_id"),)

    id: UUID = Field(primary_key=True)
    procore_environment: str = Field(max_length=32)
    procore_company_id: str = Field(max_length=32)
    name: str
    feature_enabled: bool = False
    service_account_id: str | None = Field(default=None, max_length=32)
    event_seq: int = Field(default=0, sa_type=sa.BigInteger)
    created_at: datetime = Field(sa_type=UtcInstant)


class AppUser(SQLModel, table=True):
    """A person who signed in with Procore; one row for all companies, because Procore's user id is global.

    ``session_epoch`` rises when they sign out: cookies of an earlier one open nothing, wherever they were copied to.
    """

    __tablename__ = "app_user"
    __table_args__ = (sa.UniqueConstraint("procore_environment", "procore_user_id"),)

    id: UUID = Field(primary_key=True)
    procore_environment: str = Field(max_length=32)
    procore_user_id: str = Field(max_length=32)
    login: str
    name: str
    is_support: bool = False
    session_epoch: int = 0
    created_at: datetime = Field(sa_type=UtcInstant)
    last_signed_in_at: datetime = Field(sa_type=UtcInstant)


class Membership(CompanyRow, table=True):
    """A user's place in a company. ``is_company_admin`` is Procore's verdict as read at ``checked_at``."""

    __table_args__ = (
        belongs_to_company(),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"]),
        sa.UniqueConstraint("company_id", "user_id"),
        sa.Index(None, "user_id"),
    )

    user_id: UUID
    is_company_admin: bool = False
    is_accountant: bool = False
    checked_at: datetime = Field(sa_type=UtcInstant)


class UserCredential(SQLModel, table=True):
    """A signed-in user's Procore tokens, encrypted. A refresh burns the old token whether or not its answer arrives."""

    __tablename__ = "user_credential"
    __table_args__ = (sa.ForeignKeyConstraint(["user_id"], ["app_user.id"]),)

    user_id: UUID = Field(primary_key=True)
    access_token: bytes
    refresh_token: bytes | None = None
    expires_at: datetime = Field(sa_type=UtcInstant)


class CompanySettings(SQLModel, table=True):
    """What a company has set for itself; one row a company."""

    __tablename__ = "company_settings"
    __table_args__ = (belongs_to_company(),)

    company_id: UUID = Field(primary_key=True)
    approved_as_noted: bool = True
    updated_at: datetime = Field(sa_type=UtcInstant)
    updated_by: UUID | None = None


class Document(CompanyRow, table=True):
    """Bytes of an invoice's document, encrypted; the API and the worker share no disk."""

    __table_args__ = (
        references("invoice", "invoice_id"),
        sa.Index(None, "company_id", "invoice_id"),
    )

    invoice_id: UUID
    file_name: str = Field(max_length=255)
    content_type: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64)
    content: bytes
    created_at: datetime = Field(sa_type=UtcInstant)
