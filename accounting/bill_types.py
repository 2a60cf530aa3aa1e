"""A bill as we mean to post it: what the draft is made of, and what it answers to."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from accounting.blockers import Hold
from accounting.numbers import QBO_DOC_NUMBER_LIMIT


class LineRole(StrEnum):
    COST = "cost"
    RETAINAGE_WITHHELD = "retainage_withheld"
    RETAINAGE_RELEASED = "retainage_released"


@dataclass(frozen=True)
class BillLine:
    """One line of a bill; ``amount`` in the bill's currency, negative for retainage withheld. Never billable."""

    role: LineRole
    account_id: str
    description: str
    amount: Decimal
    customer_id: str
    class_id: str | None = None


@dataclass(frozen=True)
class BillDraft:
    """The one right bill of an invoice, in QuickBooks' ids.

    ``number`` fits QuickBooks; ``full_number`` is the vendor's own. ``bill_date`` and ``due_date`` are plain dates.
    """

    vendor_id: str
    number: str
    full_number: str
    bill_date: date
    due_date: date
    terms_id: str | None
    ap_account_id: str
    memo: str
    currency: str
    lines: tuple[BillLine, ...]
    total: Decimal


@dataclass(frozen=True)
class Held:
    """The invoice cannot be posted as it is; every reason found, not only the first."""

    holds: tuple[Hold, ...]


@dataclass(frozen=True)
class NothingToPost:
    """Every line is zero: recorded, nothing goes to QuickBooks."""


@dataclass(frozen=True)
class Terms:
    """Payment terms: days from the bill date to the due date, and QuickBooks' id for them where it has one."""

    days: int
    terms_id: str | None = None


@dataclass(frozen=True)
class Books:
    """Where one invoice's bill goes, in QuickBooks' ids; None where nothing is mapped.

    ``cost_accounts`` maps a Procore cost code id to an account id; ``default_account_id`` answers for the others and
    is None unless an admin set one. ``home_currency`` is ISO 4217. A bill's number has at most ``number_limit``
    characters here.
    """

    vendor_id: str | None
    customer_id: str | None
    class_id: str | None
    cost_accounts: dict[str, str]
    default_account_id: str | None
    retainage_account_id: str | None
    ap_account_id: str
    commitment_terms: Terms | None
    vendor_terms: Terms | None
    default_terms: Terms
    home_currency: str
    number_limit: int = QBO_DOC_NUMBER_LIMIT


@dataclass(frozen=True)
class RetainageBalance:
    """What is booked in QuickBooks for one vendor and commitment before this invoice."""

    withheld: Decimal
    released: Decimal

    @property
    def open(self) -> Decimal:
        return self.withheld - self.released
