"""What follows a bill or comes before it on a click: the files attached to it, and vendors created in QuickBooks."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from models.columns import UtcInstant, enum_column, references
from models.tables.base import CompanyRow
from models.tables.posting import OPEN_ATTEMPT, AttemptState


class FileOrigin(StrEnum):
    PROCORE = "procore"
    UPLOAD = "upload"


class FileState(StrEnum):
    """SENT is a file whose upload began and whose answer nobody wrote down: it is looked up before anything else."""

    WAITING = "waiting"
    SENT = "sent"
    ATTACHED = "attached"
    LEFT_OUT = "left_out"


class BillFile(CompanyRow, table=True):
    """One file of an invoice on its way to the bill in QuickBooks. Its bytes stay where they are.

    ``origin_id`` is Procore's id of the attachment, or ours of the document. ``sha256`` and ``size`` are of the bytes
    that were sent. ``note`` says why it was left out.
    """

    __tablename__ = "bill_file"
    __table_args__ = (
        references("bill_link", "link_id"),
        sa.UniqueConstraint("company_id", "link_id", "origin", "origin_id"),
    )

    link_id: UUID
    position: int
    origin: FileOrigin = Field(sa_type=enum_column(FileOrigin, "file_origin"))
    origin_id: str = Field(max_length=64)
    file_name: str
    state: FileState = Field(sa_type=enum_column(FileState, "file_state"))
    size: int | None = Field(default=None, sa_type=sa.BigInteger)
    sha256: str | None = Field(default=None, max_length=64)
    quickbooks_id: str | None = Field(default=None, max_length=64)
    note: str = ""
    failure_count: int = 0
    created_at: datetime = Field(sa_type=UtcInstant)
    sent_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class NewVendor(CompanyRow, table=True):
    """A vendor that a person wants created in QuickBooks: its exact bytes, its key (the row's id), what came of it.

    ``answer`` is QuickBooks' refusal as a sentence.
    """

    __tablename__ = "new_vendor"
    __table_args__ = (
        references("connection", "connection_id"),
        sa.Index(
            "uq_new_vendor_open",
            "company_id",
            "connection_id",
            "procore_id",
            unique=True,
            postgresql_where=OPEN_ATTEMPT,
        ),
    )

    connection_id: UUID
    procore_id: str = Field(max_length=64)
    procore_name: str
    display_name: str = Field(max_length=500)
    body: bytes
    state: AttemptState = Field(sa_type=enum_column(AttemptState, "new_vendor_state"))
    quickbooks_id: str | None = Field(default=None, max_length=64)
    answer: str | None = None
    asked_by: UUID
    asked_at: datetime = Field(sa_type=UtcInstant)
    sent_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)
