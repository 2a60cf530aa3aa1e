"""Payments: what QuickBooks says of bill payments, and what of each went to our invoices and on to Procore."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from accounting.payment_changes import WriteHold
from models.columns import Amount, UtcInstant, enum_column, references
from models.tables.base import CompanyRow


class BillPaymentRow(CompanyRow, table=True):
    """Our copy of one bill payment in the books, of either QuickBooks; it stays when it is gone there.

    Beside the copy of bills and credits, not in it: no payment is ever the duplicate of an invoice. ``lines`` are what
    it settles and uses up, ``bill_ids`` the bills among them.
    """

    __tablename__ = "bill_payment"
    __table_args__ = (
        references("connection", "connection_id"),
        sa.UniqueConstraint("company_id", "connection_id", "kind", "quickbooks_id"),
        sa.Index("ix_bill_payment_bills", "bill_ids", postgresql_using="gin"),
    )

    connection_id: UUID
    kind: str = Field(max_length=32)
    quickbooks_id: str = Field(max_length=64)
    vendor_id: str = Field(max_length=64)
    total: Decimal = Field(sa_type=Amount)
    paid_on: date
    number: str = Field(max_length=64)
    is_card: bool
    is_to_be_printed: bool
    currency: str = Field(max_length=3)
    lines: list[dict[str, str]] = Field(sa_type=JSONB)
    bill_ids: list[str] = Field(sa_type=JSONB)
    is_gone: bool = False
    read_at: datetime = Field(sa_type=UtcInstant)


class PaymentShare(CompanyRow, table=True):
    """What one payment did for one invoice's bill, and the contract payment it became in Procore.

    The amounts are zero once the payment is gone or was moved to another bill. ``confirmed_cash`` is what a person said
    of it where QuickBooks leaves it open. ``is_due``: somebody has to look whether Procore is to follow, not before
    ``not_before``. The columns that begin with ``procore`` are what we know to stand there; ``procore_is_ours`` is
    False for a payment that a person had entered. ``hold`` and ``said`` are why it was not written the last time.
    """

    __tablename__ = "payment_share"
    __table_args__ = (
        references("connection", "connection_id"),
        references("bill_payment", "payment_id"),
        references("invoice", "invoice_id"),
        sa.UniqueConstraint("company_id", "payment_id", "invoice_id"),
        sa.Index(None, "company_id", "invoice_id"),
        sa.Index("ix_payment_share_due", "company_id", "connection_id", postgresql_where=sa.text("is_due")),
    )

    connection_id: UUID
    payment_id: UUID
    invoice_id: UUID
    bill_id: str = Field(max_length=64)
    cash: Decimal = Field(sa_type=Amount)
    credit: Decimal = Field(sa_type=Amount)
    discount: Decimal = Field(sa_type=Amount)
    other: Decimal = Field(sa_type=Amount)
    is_unclear: bool = False
    confirmed_cash: Decimal | None = Field(default=None, sa_type=Amount)
    confirmed_by: UUID | None = None
    is_due: bool = False
    not_before: datetime | None = Field(default=None, sa_type=UtcInstant)
    leased_until: datetime | None = Field(default=None, sa_type=UtcInstant)
    leased_by: str | None = Field(default=None, max_length=128)
    hold: WriteHold | None = Field(default=None, sa_type=enum_column(WriteHold, "payment_hold"))
    said: str | None = None
    procore_payment_id: str | None = Field(default=None, max_length=32)
    procore_amount: Decimal | None = Field(default=None, sa_type=Amount)
    procore_paid_on: date | None = None
    procore_check_number: str | None = Field(default=None, max_length=64)
    procore_is_ours: bool = False
    written_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    changed_at: datetime = Field(sa_type=UtcInstant)


__all__ = ["BillPaymentRow", "PaymentShare"]
