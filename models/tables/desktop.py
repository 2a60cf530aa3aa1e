"""QuickBooks Desktop: the Web Connector's sessions, what was handed out in them, the queue of writes, what to read."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from models.columns import Amount, UtcInstant, enum_column, references
from models.tables.base import CompanyRow


class DesktopSession(CompanyRow, table=True):
    """One session of the Web Connector, from its sign-in to its end. Of the ticket only the SHA-256 is kept.

    ``company_file`` is the path that is open on the PC; ``verified_at`` is when the open file proved to be the right
    one. ``trouble`` is what the Web Connector shows when it asks for the last error.
    """

    __tablename__ = "desktop_session"
    __table_args__ = (
        references("web_connector_login", "login_id"),
        references("connection", "connection_id"),
        sa.UniqueConstraint("ticket_sha256"),
        sa.Index(
            "uq_desktop_session_open",
            "company_id",
            "login_id",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index("ix_desktop_session_newest", "company_id", "login_id", "opened_at"),
    )

    login_id: UUID
    connection_id: UUID | None = None
    ticket_sha256: str = Field(max_length=64)
    opened_at: datetime = Field(sa_type=UtcInstant)
    last_call_at: datetime = Field(sa_type=UtcInstant)
    closed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    verified_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    company_file: str | None = None
    closing_date: date | None = None
    trouble: str | None = None
    waits: int = 0
    other_path_tried: bool = False
    handed_out: int = 0
    answered: int = 0


class WriteState(StrEnum):
    """WAITING for a session; SENT; UNCLEAR: sent, and the answer never came; then how it ended.

    POSTPONED was surely not done and goes again by itself.
    """

    WAITING = "waiting"
    SENT = "sent"
    UNCLEAR = "unclear"
    DONE = "done"
    REFUSED = "refused"
    POSTPONED = "postponed"


class RecoveryStep(StrEnum):
    """What comes next for an unclear write: ask what came of its message set, then look for the bill itself."""

    STATUS_CHECK = "status_check"
    LOOK_UP = "look_up"


class DesktopWrite(CompanyRow, table=True):
    """One write in the queue of a company file: the posting attempt it carries out, the exact text, what came of it.

    Its place is ``queued_at``, then ``position``. ``looked_at`` is when Procore was last asked about its invoice; a
    write that ``is_removal`` asks nothing of Procore and never grows stale.
    ``checked_session_id`` is the session in which the books were searched for a bill of this number before sending, or
    for this very bill after its answer was lost.
    """

    __tablename__ = "desktop_write"
    __table_args__ = (
        references("connection", "connection_id"),
        references("posting_attempt", "attempt_id"),
        references("desktop_session", "session_id"),
        sa.UniqueConstraint("company_id", "attempt_id"),
        sa.UniqueConstraint("company_id", "connection_id", "message_set_id"),
        # The rule everything else rests on: nobody sends while an earlier write has no answer.
        sa.Index(
            "uq_desktop_write_unanswered",
            "company_id",
            "connection_id",
            unique=True,
            postgresql_where=sa.text("state IN ('sent', 'unclear')"),
        ),
        sa.Index(
            "ix_desktop_write_waiting",
            "company_id",
            "connection_id",
            "queued_at",
            "position",
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(
            "ix_desktop_write_to_take_in",
            "company_id",
            "answered_at",
            postgresql_where=sa.text("taken_in_at IS NULL"),
        ),
        sa.Index("ix_desktop_write_answered", "company_id", "connection_id", "answered_at"),
    )

    connection_id: UUID
    attempt_id: UUID
    state: WriteState = Field(sa_type=enum_column(WriteState, "desktop_write_state"))
    step: RecoveryStep | None = Field(default=None, sa_type=enum_column(RecoveryStep, "desktop_recovery_step"))
    looked_at: datetime = Field(sa_type=UtcInstant)
    is_removal: bool = False
    queued_at: datetime = Field(sa_type=UtcInstant)
    position: int
    checked_session_id: UUID | None = None
    message_set_id: str = Field(max_length=20)
    text: str | None = None
    session_id: UUID | None = None
    sent_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    answered_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    said_done: bool = False
    rounds: int = 0
    verdict: str | None = Field(default=None, max_length=32)
    code: str | None = Field(default=None, max_length=32)
    sentence: str | None = None
    adopted: bool = False
    txn_id: str | None = Field(default=None, max_length=64)
    edit_sequence: str | None = Field(default=None, max_length=32)
    number: str | None = Field(default=None, max_length=64)
    total: Decimal | None = Field(default=None, sa_type=Amount)
    open_amount: Decimal | None = Field(default=None, sa_type=Amount)
    memo: str | None = None
    taken_in_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class ReadingKind(StrEnum):
    """What is read of a company file, in this order: terms before the vendors that have them, all else that may stand
    for an invoice before the bills, right before them what paid them, and last what was deleted.
    """

    TERMS = "terms"
    ACCOUNTS = "accounts"
    CLASSES = "classes"
    VENDORS = "vendors"
    CUSTOMERS = "customers"
    ITEMS = "items"
    CHECKS = "checks"
    CARD_CHARGES = "card_charges"
    CREDITS = "credits"
    CHECK_PAYMENTS = "check_payments"
    CARD_PAYMENTS = "card_payments"
    BILLS = "bills"
    DELETED = "deleted"


class DesktopReading(CompanyRow, table=True):
    """One list, or the bills, of one company file: when it is due, and up to where it was read.

    ``watermark`` is the newest TimeModified seen, as QuickBooks wrote it, without its offset. While pages are being
    read, ``session_id`` and ``iterator_id`` name the session that reads them; an iterator ends with its session.
    ``newest`` becomes the watermark with the last page.
    """

    __tablename__ = "desktop_reading"
    __table_args__ = (
        references("connection", "connection_id"),
        references("desktop_session", "session_id"),
        sa.UniqueConstraint("company_id", "connection_id", "kind"),
    )

    connection_id: UUID
    kind: ReadingKind = Field(sa_type=enum_column(ReadingKind, "desktop_reading_kind"))
    place: int
    due_at: datetime = Field(sa_type=UtcInstant)
    started_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    session_id: UUID | None = None
    iterator_id: str | None = Field(default=None, max_length=64)
    from_modified: str | None = Field(default=None, max_length=32)
    newest: str | None = Field(default=None, max_length=32)
    watermark: str | None = Field(default=None, max_length=32)
    read_whole_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    read_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    trouble: str | None = None


class ExchangeKind(StrEnum):
    OPENING = "opening"
    STATUS_CHECK = "status_check"
    LOOK_UP = "look_up"
    CHECK = "check"
    WRITE = "write"
    READING = "reading"


class DesktopExchange(CompanyRow, table=True):
    """One message set as handed out, and the answer exactly as it came: stored before anybody reads it.

    ``interpreted_at`` is when the session went on with it, ``taken_in_at`` when its contents reached our copy of the
    books.
    """

    __tablename__ = "desktop_exchange"
    __table_args__ = (
        references("desktop_session", "session_id"),
        references("desktop_write", "write_id"),
        references("desktop_reading", "reading_id"),
        sa.UniqueConstraint("company_id", "session_id", "position"),
        sa.Index(
            "uq_desktop_exchange_open",
            "company_id",
            "session_id",
            unique=True,
            postgresql_where=sa.text("answered_at IS NULL"),
        ),
        sa.Index(
            "ix_desktop_exchange_to_take_in",
            "company_id",
            "id",
            postgresql_where=sa.text("kind = 'reading' AND interpreted_at IS NOT NULL AND taken_in_at IS NULL"),
        ),
    )

    session_id: UUID
    position: int
    kind: ExchangeKind = Field(sa_type=enum_column(ExchangeKind, "desktop_exchange_kind"))
    write_id: UUID | None = None
    reading_id: UUID | None = None
    request_id: str = Field(max_length=50)
    text: str
    handed_out_at: datetime = Field(sa_type=UtcInstant)
    answered_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    answer: str | None = None
    hresult: str = ""
    message: str = ""
    # Of a page: when its reading began, whether that reads everything, and whether this page is the last of it.
    reading_began_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    is_whole: bool = False
    is_last_page: bool = False
    interpreted_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    taken_in_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    trouble: str | None = None
