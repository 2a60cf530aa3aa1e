"""Connections to QuickBooks: the attempts to make them, their tokens and their settings."""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from accounting.bill_settings import BillDateSource, ChangedInvoice, LineGrouping, MissingLienWaiver, RetainageBooking
from accounting.coding import TargetKind
from accounting.connection_states import AttemptOutcome, ConnectionState
from models.columns import UtcInstant, belongs_to_company, enum_column, references
from models.tables.base import CompanyRow


class QuickBooksKind(StrEnum):
    ONLINE = "online"
    DESKTOP = "desktop"


class AttemptPurpose(StrEnum):
    CONNECT = "connect"
    RECONNECT = "reconnect"


KindColumn = enum_column(QuickBooksKind, "quickbooks_kind")
LIVE = sa.text("state <> 'disconnected'")


class Connection(CompanyRow, table=True):
    """The link to one QuickBooks company (a realm or a company file). The row outlives a disconnect.

    ``quickbooks_company_id`` is the realm id or the FileID, text, meaningful together with ``environment``.
    """

    __table_args__ = (
        belongs_to_company(),
        sa.UniqueConstraint("company_id", "kind", "environment", "quickbooks_company_id"),
        # A QuickBooks company has one owner at a time, whichever inBuild company it is.
        sa.Index(
            "uq_connection_live_quickbooks_company",
            "kind",
            "environment",
            "quickbooks_company_id",
            unique=True,
            postgresql_where=LIVE,
        ),
        sa.Index(
            "uq_connection_one_online_per_company",
            "company_id",
            unique=True,
            postgresql_where=sa.text("state <> 'disconnected' AND kind = 'online'"),
        ),
    )

    kind: QuickBooksKind = Field(sa_type=KindColumn)
    environment: str = Field(max_length=32)
    quickbooks_company_id: str = Field(max_length=64)
    quickbooks_company_name: str
    state: ConnectionState = Field(sa_type=enum_column(ConnectionState, "connection_state"))
    state_reason: str | None = None
    state_since: datetime = Field(sa_type=UtcInstant)
    connected_by: UUID
    connected_at: datetime = Field(sa_type=UtcInstant)
    country: str = Field(max_length=3)
    home_currency: str = Field(max_length=3)
    legal_name: str | None = None
    last_posted_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    lists_read_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    # Up to when our copy of the books' transactions is complete.
    transactions_read_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    # The wish itself, so that a message lost on the way to the workflow is not the end of it.
    disconnect_wanted_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    disconnect_wanted_by: UUID | None = None
    # PROVIDER_DOWN or QUOTA, which provider it is in people's words, and since when; null while work goes through.
    trouble: str | None = Field(default=None, max_length=32)
    trouble_with: str | None = Field(default=None, max_length=32)
    trouble_since: datetime | None = Field(default=None, sa_type=UtcInstant)
    version: int = 1


class ConnectionAttempt(CompanyRow, table=True):
    """One attempt to connect or reconnect; it changes a connection only by succeeding."""

    __tablename__ = "connection_attempt"
    __table_args__ = (
        belongs_to_company(),
        references("connection", "connection_id"),
        references("web_connector_login", "login_id"),
        sa.Index(None, "state_hash", unique=True),
        sa.Index(
            "uq_connection_attempt_pending",
            "company_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("outcome = 'pending'"),
        ),
    )

    kind: QuickBooksKind = Field(sa_type=KindColumn)
    purpose: AttemptPurpose = Field(sa_type=enum_column(AttemptPurpose, "attempt_purpose"))
    connection_id: UUID | None = None
    state_hash: str = Field(max_length=64)
    started_by: UUID
    started_at: datetime = Field(sa_type=UtcInstant)
    deadline: datetime = Field(sa_type=UtcInstant)
    outcome: AttemptOutcome = Field(sa_type=enum_column(AttemptOutcome, "attempt_outcome"))
    reason: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    quickbooks_company_id: str | None = Field(default=None, max_length=64)
    code: bytes | None = None
    code_used_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    login_id: UUID | None = None
    access_token: bytes | None = None
    refresh_token: bytes | None = None
    access_expires_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    refresh_expires_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    hard_expires_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class Credential(CompanyRow, table=True):
    """A connection's tokens, encrypted. ``generation`` rises with every stored pair."""

    __table_args__ = (
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "connection_id"),
    )

    connection_id: UUID
    access_token: bytes
    refresh_token: bytes
    previous_refresh_token: bytes | None = None
    access_expires_at: datetime = Field(sa_type=UtcInstant)
    refresh_expires_at: datetime = Field(sa_type=UtcInstant)
    hard_expires_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    generation: int = 1
    # Once Intuit has refused the refresh token for good, nobody asks again: only a new consent helps.
    refused_reason: str | None = Field(default=None, max_length=32)
    warned_days: int | None = None


class TokenLease(CompanyRow, table=True):
    """Who may refresh a connection's tokens until when. One left behind tells that an answer was lost."""

    __tablename__ = "token_lease"
    __table_args__ = (
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "connection_id"),
    )

    connection_id: UUID
    owner: UUID
    until: datetime = Field(sa_type=UtcInstant)
    generation: int


class TokenRevocation(CompanyRow, table=True):
    """A token to be revoked at Intuit; nothing else reads it, and a newer consent for the realm deletes it."""

    __tablename__ = "token_revocation"
    __table_args__ = (
        belongs_to_company(),
        sa.Index(None, "company_id", "environment", "quickbooks_company_id"),
    )

    connection_id: UUID | None = None
    attempt_id: UUID | None = None
    environment: str = Field(max_length=32)
    quickbooks_company_id: str = Field(max_length=64)
    token: bytes
    created_at: datetime = Field(sa_type=UtcInstant)


class WebConnectorLogin(CompanyRow, table=True):
    """What the Web Connector on the customer's PC signs in with, for one company file.

    ``file_id`` is the GUID that the Web Connector writes into the company file; it is made once and given out again.
    Of the password only an argon2id hash is kept.
    """

    __tablename__ = "web_connector_login"
    __table_args__ = (
        belongs_to_company(),
        references("connection", "connection_id"),
        sa.UniqueConstraint("user_name"),
        sa.UniqueConstraint("file_id"),
    )

    connection_id: UUID | None = None
    user_name: str = Field(max_length=64)
    password_hash: str = Field(max_length=255)
    file_id: str = Field(max_length=64)
    company_file: str | None = None
    created_at: datetime = Field(sa_type=UtcInstant)
    password_set_at: datetime = Field(sa_type=UtcInstant)
    file_downloaded_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    seen_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    # Since when it signs in with a wrong password; None once it came with the right one.
    refused_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    # Which file this login was last used for, on which PC: another one is refused until an admin sets a new password.
    bound_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    bound_machine: str | None = None
    bound_company_name: str | None = None
    trouble: str | None = None
    trouble_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class ProjectRoute(CompanyRow, table=True):
    """An admin's word on which books a project posts to; ``connection_id`` None says *Not in these books*."""

    __tablename__ = "project_route"
    __table_args__ = (
        belongs_to_company(),
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "project_id"),
    )

    project_id: str = Field(max_length=32)
    connection_id: UUID | None = None
    version: int = 1
    routed_at: datetime = Field(sa_type=UtcInstant)
    routed_by: UUID


class ProjectSettings(SQLModel, table=True):
    """What an admin has set for one Procore project; no row is the defaults."""

    __tablename__ = "project_settings"
    __table_args__ = (belongs_to_company(),)

    company_id: UUID = Field(primary_key=True)
    project_id: str = Field(primary_key=True, max_length=32)
    pay_when_paid: bool = False
    updated_at: datetime = Field(sa_type=UtcInstant)
    updated_by: UUID


class ConnectionSettings(SQLModel, table=True):
    """How bills are made in one connection's books. Accounts are QuickBooks ids, None until an admin chose one.

    Quiet hours (Desktop) are wall-clock times in ``quiet_time_zone``; both None is none.
    """

    __tablename__ = "connection_settings"
    __table_args__ = (references("connection", "connection_id"),)

    company_id: UUID = Field(primary_key=True)
    connection_id: UUID = Field(primary_key=True)
    default_account_id: str | None = Field(default=None, max_length=64)
    default_item_id: str | None = Field(default=None, max_length=64)
    retainage_account_id: str | None = Field(default=None, max_length=64)
    ap_account_id: str | None = Field(default=None, max_length=64)
    default_terms_days: int = 30
    lock_date: date | None = None
    # QuickBooks' own closing date, as last read; the day itself is closed.
    books_closed_through: date | None = None
    posting_basis: TargetKind = Field(default=TargetKind.ACCOUNT, sa_type=enum_column(TargetKind, "posting_basis"))
    line_grouping: LineGrouping = Field(
        default=LineGrouping.SOV_LINE, sa_type=enum_column(LineGrouping, "line_grouping")
    )
    bill_date_source: BillDateSource = Field(
        default=BillDateSource.BILLING_DATE, sa_type=enum_column(BillDateSource, "bill_date_source")
    )
    retainage_booking: RetainageBooking = Field(
        default=RetainageBooking.GROSS, sa_type=enum_column(RetainageBooking, "retainage_booking")
    )
    missing_lien_waiver: MissingLienWaiver = Field(
        default=MissingLienWaiver.MARK, sa_type=enum_column(MissingLienWaiver, "missing_lien_waiver")
    )
    changed_invoice: ChangedInvoice = Field(
        default=ChangedInvoice.ASK, sa_type=enum_column(ChangedInvoice, "changed_invoice")
    )
    billable: bool = False
    review_before_posting: bool = False
    confirm_exact_matches: bool = True
    write_back: bool = False
    write_back_from: date | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_time_zone: str = Field(default="America/New_York", max_length=64)
    all_projects: bool = True
    posting_paused: bool = False
    pause_version: int = 0
    batches_in_flight: int = 4
    version: int = 1
    updated_at: datetime = Field(sa_type=UtcInstant)
    updated_by: UUID | None = None


class ProviderPace(SQLModel, table=True):
    """Up to when the places for requests of one kind to one QuickBooks company are taken."""

    __tablename__ = "provider_pace"
    __table_args__ = (references("connection", "connection_id"),)

    company_id: UUID = Field(primary_key=True)
    connection_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True, max_length=16)
    reserved_until: datetime = Field(sa_type=UtcInstant)


__all__ = [
    "AttemptOutcome",
    "AttemptPurpose",
    "Connection",
    "ConnectionAttempt",
    "ConnectionSettings",
    "ConnectionState",
    "Credential",
    "ProjectRoute",
    "ProjectSettings",
    "ProviderPace",
    "QuickBooksKind",
    "TokenLease",
    "TokenRevocation",
    "WebConnectorLogin",
]
