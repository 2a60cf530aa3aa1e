"""Writes to QuickBooks: each is an attempt committed before it is sent, and what came of it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from models.columns import Amount, ProviderText, UtcInstant, enum_column, references
from models.tables.base import CompanyRow


class PostingOperation(StrEnum):
    CREATE_BILL = "create_bill"
    CREATE_VENDOR_CREDIT = "create_vendor_credit"
    UPDATE = "update"
    DELETE = "delete"
    VOID = "void"
    REVERSE = "reverse"
    CREATE_VENDOR = "create_vendor"
    ATTACH = "attach"
    CREATE_CONTRACT_PAYMENT = "create_contract_payment"


class AttemptState(StrEnum):
    PREPARED = "prepared"
    SENT = "sent"
    UNCLEAR = "unclear"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


OPEN_ATTEMPT = sa.text("state IN ('prepared', 'sent', 'unclear')")


class PostingBatch(CompanyRow, table=True):
    """Writes that travel in one request. Members, order and ids are frozen: sent again unchanged or not at all."""

    __tablename__ = "posting_batch"
    __table_args__ = (references("connection", "connection_id"),)

    connection_id: UUID
    project_id: str = Field(max_length=32)
    request_id: str = Field(max_length=36)
    created_at: datetime = Field(sa_type=UtcInstant)
    sent_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    leased_until: datetime | None = Field(default=None, sa_type=UtcInstant)


class PostingAttempt(CompanyRow, table=True):
    """One write: its exact bytes, its key, and the values to look it up by when the answer is lost."""

    __tablename__ = "posting_attempt"
    __table_args__ = (
        references("connection", "connection_id"),
        references("posting_batch", "batch_id"),
        sa.UniqueConstraint("company_id", "subject_kind", "subject_id", "operation", "generation"),
        sa.UniqueConstraint("company_id", "batch_id", "position"),
        sa.Index(
            "uq_posting_attempt_open",
            "company_id",
            "subject_kind",
            "subject_id",
            "operation",
            unique=True,
            postgresql_where=OPEN_ATTEMPT,
        ),
    )

    connection_id: UUID
    batch_id: UUID
    position: int
    subject_kind: str = Field(max_length=32)
    subject_id: UUID
    operation: PostingOperation = Field(sa_type=enum_column(PostingOperation, "posting_operation"))
    generation: int
    body: bytes
    draft_hash: str = Field(max_length=64)
    memo_marker: str = Field(max_length=64)
    lookup_vendor_id: str = Field(max_length=64)
    lookup_number: str = Field(max_length=64)
    lookup_total: Decimal = Field(sa_type=Amount)
    retainage_withheld: Decimal = Field(default=Decimal(0), sa_type=Amount)
    retainage_released: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Where it withholds retainage; releases may come out of several accounts, the oldest first.
    retainage_account_id: str | None = Field(default=None, max_length=64)
    bill_date: date
    mapping_versions: str = ""
    state: AttemptState = Field(sa_type=enum_column(AttemptState, "attempt_state"))
    created_at: datetime = Field(sa_type=UtcInstant)
    sent_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    quickbooks_id: str | None = Field(default=None, max_length=64)
    answer_code: str | None = Field(default=None, max_length=32)
    answer: str | None = None
    adopted: bool = False
    workflow_id: str | None = Field(default=None, max_length=255)
    run_id: str | None = Field(default=None, max_length=64)
    activity_id: str | None = Field(default=None, max_length=64)
    traceparent: str | None = Field(default=None, max_length=64)


class LinkOrigin(StrEnum):
    POSTED = "posted"
    ADOPTED = "adopted"
    BY_PERSON = "by_person"


class BillLink(CompanyRow, table=True):
    """That an invoice has a bill in a QuickBooks company. Kept after a disconnect; ended, never deleted."""

    __tablename__ = "bill_link"
    __table_args__ = (
        references("invoice", "invoice_id"),
        references("connection", "connection_id"),
        sa.Index(
            "uq_bill_link_live_invoice",
            "company_id",
            "invoice_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "uq_bill_link_live_transaction",
            "company_id",
            "connection_id",
            "transaction_type",
            "quickbooks_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "company_id", "linked_at"),
        # Ended links too: an invoice tells of every bill it had.
        sa.Index("ix_bill_link_invoice", "company_id", "invoice_id"),
        sa.Index(
            "ix_bill_link_commitment", "company_id", "commitment_id", postgresql_where=sa.text("ended_at IS NULL")
        ),
        sa.Index(
            "ix_bill_link_files_due",
            "company_id",
            "files_due_at",
            postgresql_where=sa.text("files_due_at IS NOT NULL"),
        ),
    )

    invoice_id: UUID
    connection_id: UUID
    transaction_type: str = Field(max_length=32)
    quickbooks_id: str = Field(max_length=64)
    sync_token: str = Field(max_length=32)
    number: str = Field(max_length=64)
    total: Decimal = Field(sa_type=Amount)
    retainage_withheld: Decimal = Field(default=Decimal(0), sa_type=Amount)
    retainage_released: Decimal = Field(default=Decimal(0), sa_type=Amount)
    retainage_account_id: str | None = Field(default=None, max_length=64)
    commitment_id: str = Field(max_length=32)
    origin: LinkOrigin = Field(sa_type=enum_column(LinkOrigin, "link_origin"))
    linked_at: datetime = Field(sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    # When its invoice's files are to be attached; None once that is done, and where it is not done at all.
    files_due_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class QuickBooksTransaction(CompanyRow, table=True):
    """Our copy of one transaction in the books: bills, credits, checks, expenses and payments."""

    __tablename__ = "quickbooks_transaction"
    __table_args__ = (
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "connection_id", "transaction_type", "quickbooks_id"),
        sa.Index(None, "company_id", "connection_id", "vendor_id", "normalised_number"),
        # The bills that do not count by some day: few, among all there ever were.
        sa.Index("ix_quickbooks_transaction_dated", "company_id", "transaction_date"),
        sa.Index("ix_quickbooks_transaction_gone", "company_id", postgresql_where=sa.text("is_deleted")),
    )

    connection_id: UUID
    transaction_type: str = Field(max_length=32)
    quickbooks_id: str = Field(max_length=64)
    sync_token: str = Field(max_length=32)
    vendor_id: str | None = Field(default=None, max_length=64)
    number: str | None = None
    normalised_number: str | None = None
    transaction_date: date | None = None
    total: Decimal | None = Field(default=None, sa_type=Amount)
    balance: Decimal | None = Field(default=None, sa_type=Amount)
    memo: str | None = None
    # Duplicates are compared by job and gross amount too; None where only our own posting told of the transaction.
    customer_ids: list[str] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    gross: Decimal | None = Field(default=None, sa_type=Amount)
    is_deleted: bool = False
    raw: str = Field(sa_type=ProviderText)
    updated_at: datetime = Field(sa_type=UtcInstant)
    read_at: datetime = Field(sa_type=UtcInstant)
