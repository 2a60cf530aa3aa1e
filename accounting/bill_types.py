"""A bill as we mean to post it: what the draft is made of, and what it answers to."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from accounting.bill_settings import DEFAULT_SETTINGS, NOTHING_DECIDED, BillSettings, Decisions
from accounting.blockers import Hold
from accounting.coding import Coding
from accounting.duplicates import BookedTransaction
from accounting.money import ZERO
from accounting.numbers import QBO_DOC_NUMBER_LIMIT
from accounting.quantities import ONE, unit_price
from accounting.tax import TaxTreatment


class TransactionKind(StrEnum):
    """What goes to QuickBooks: a vendor credit where the amount due is negative and a person said so."""

    BILL = "bill"
    VENDOR_CREDIT = "vendor_credit"


class LineRole(StrEnum):
    COST = "cost"
    TAX = "tax"
    RETAINAGE_WITHHELD = "retainage_withheld"
    RETAINAGE_RELEASED = "retainage_released"
    # Retainage withheld before these books knew of it: it was never a liability here, so it is cost now.
    RELEASE_TO_COST = "release_to_cost"


@dataclass(frozen=True)
class BillLine:
    """One line of a bill; ``amount`` in the bill's currency, negative for retainage withheld.

    Either ``account_id`` or ``item_id`` is set, the other is empty. An item goes as quantity 1 × amount unless
    ``quantity`` × ``unit_price`` is exactly the amount.
    """

    role: LineRole
    account_id: str
    description: str
    amount: Decimal
    customer_id: str
    class_id: str | None = None
    item_id: str = ""
    billable: bool = False
    quantity: Decimal = ONE

    @property
    def unit_price(self) -> Decimal:
        """What one of the item costs; the whole amount where the quantity is one."""
        return unit_price(self.amount, self.quantity)


@dataclass(frozen=True)
class BillDraft:
    """The one right bill of an invoice, in QuickBooks' ids.

    ``number`` fits QuickBooks; ``full_number`` is the vendor's own. ``bill_date`` and ``due_date`` are plain dates.
    A vendor credit has every line's sign changed, so that its total is positive; QuickBooks keeps no due date and no
    terms for one. ``tax_treatment`` records how the invoice's sums took the tax.
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
    kind: TransactionKind = TransactionKind.BILL
    location_id: str | None = None
    tax_treatment: TaxTreatment = TaxTreatment.NONE


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
class WithheldIn:
    """Retainage withheld in one account; None where it is not known, or takes nothing any more: the one in force."""

    account_id: str | None
    amount: Decimal


@dataclass(frozen=True)
class RetainageBalance:
    """What is booked in QuickBooks for one vendor and commitment before this invoice.

    ``opening`` is what an admin confirmed to be booked there already when these books were switched on. ``withheld_in``
    is all that was ever withheld, by account, the oldest first; corrections and releases are not taken off.
    """

    withheld: Decimal
    released: Decimal
    opening: Decimal = ZERO
    withheld_in: tuple[WithheldIn, ...] = ()

    @property
    def open(self) -> Decimal:
        return self.opening + self.withheld - self.released


@dataclass(frozen=True)
class Books:
    """Where one invoice's bill goes, in QuickBooks' ids, and what these books hold against it.

    None where nothing is mapped. ``coding`` answers for cost lines. ``refused`` are holds for what is mapped but no
    longer taken by QuickBooks (inactive, merged, of the wrong type). ``bill_date`` is the day the settings choose
    where it is not the billing date. ``retainage_opening`` is the confirmed opening balance of the commitment,
    ``retainage_opening_account_id`` the account it was confirmed in.
    ``closed_through`` and ``lock_date`` are closed days themselves. ``posted_in`` names the QuickBooks company that
    has, or had, a bill of this invoice. ``home_currency`` is ISO 4217. A number here has at most ``number_limit``
    characters; ``is_company_file`` says that the books are QuickBooks Desktop's, which holds fewer characters.
    """

    vendor_id: str | None
    customer_id: str | None
    class_id: str | None
    coding: Coding
    retainage_account_id: str | None
    ap_account_id: str
    commitment_terms: Terms | None
    vendor_terms: Terms | None
    default_terms: Terms
    home_currency: str
    location_id: str | None = None
    refused: tuple[Hold, ...] = ()
    settings: BillSettings = DEFAULT_SETTINGS
    decisions: Decisions = NOTHING_DECIDED
    bill_date: date | None = None
    retainage_opening: Decimal = ZERO
    retainage_opening_account_id: str | None = None
    closed_through: date | None = None
    lock_date: date | None = None
    look_alikes: tuple[BookedTransaction, ...] = ()
    posted_in: str | None = None
    number_limit: int = QBO_DOC_NUMBER_LIMIT
    is_company_file: bool = False
