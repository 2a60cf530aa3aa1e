"""One linked pair as three versions of a bill: what was posted, what Procore says now, what QuickBooks says now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from accounting.bill_types import BillDraft, LineRole, TransactionKind
from accounting.money import ZERO
from accounting.quantities import ONE

# QuickBooks' names by (list, id): ("Vendor", "58"), ("Account", "80"), ("Item", "501"), ("Customer", …), ("Class", …).
Names = Mapping[tuple[str, str], str]
_RETAINAGE = frozenset({LineRole.RETAINAGE_WITHHELD, LineRole.RETAINAGE_RELEASED})


@dataclass(frozen=True)
class BillLineAsIs:
    """One line of a bill as somebody has it; ids that are not there are empty, retainage withheld is negative.

    That a line is one of retainage is told by its account: it names a difference and makes none. Neither does
    ``quantity``, which only says how an amount is to be written.
    """

    amount: Decimal
    account_id: str = ""
    item_id: str = ""
    customer_id: str = ""
    class_id: str = ""
    is_retainage: bool = field(default=False, compare=False)
    quantity: Decimal = field(default=ONE, compare=False)


class Approval(StrEnum):
    """How the requisition stands in Procore now; GONE: deleted there, or not visible to us any more."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    GONE = "gone"


@dataclass(frozen=True)
class BillAsIs:
    """One version of a bill or vendor credit, in QuickBooks' ids. An empty ``ap_account_id`` was not told."""

    vendor_id: str
    number: str
    bill_date: date
    ap_account_id: str
    total: Decimal
    lines: tuple[BillLineAsIs, ...]
    kind: TransactionKind = TransactionKind.BILL


@dataclass(frozen=True)
class InProcore:
    """Procore's side: the bill its invoice would be now, and how it stands.

    ``bill`` is None where the invoice as it is now cannot be drafted, ``held`` says why. ``status`` is Procore's word.
    ``paid`` is what its contract payments come to, as far as we read them; None where no payment is compared.
    """

    bill: BillAsIs | None
    approval: Approval = Approval.APPROVED
    status: str = "approved"
    paid: Decimal | None = None
    held: str = ""


@dataclass(frozen=True)
class InQuickBooks:
    """QuickBooks' side, from our copy of the books. ``bill`` is None until it was read there with its lines.

    ``open`` is what is left to pay; None where QuickBooks has not said. ``paid`` is the cash of the payments that
    Procore is to show, None where none is compared.
    """

    bill: BillAsIs | None
    is_deleted: bool = False
    open: Decimal | None = None
    paid: Decimal | None = None


@dataclass(frozen=True)
class LinkedPair:
    """An invoice and the bill it is linked to. ``posted`` is None for a bill that a person linked."""

    posted: BillAsIs | None
    procore: InProcore
    quickbooks: InQuickBooks
    names: Names

    @property
    def is_voided(self) -> bool:
        """Voiding leaves the bill in the books with every amount zero (Intuit: TxnVoidRq; Bill, void)."""
        now, was = self.quickbooks.bill, self.posted or self.procore.bill
        return now is not None and was is not None and _has_money(was) and not _has_money(now)

    @property
    def settled_in_quickbooks(self) -> Decimal | None:
        """How much of the bill is settled there, by payments, credits or discounts; None where it is not known."""
        now, left = self.quickbooks.bill, self.quickbooks.open
        return None if now is None or left is None or self.quickbooks.is_deleted else now.total - left


def as_it_would_be_posted(draft: BillDraft) -> BillAsIs:
    """A draft as a version to compare."""
    return BillAsIs(
        vendor_id=draft.vendor_id,
        number=draft.number,
        bill_date=draft.bill_date,
        ap_account_id=draft.ap_account_id,
        total=draft.total,
        lines=tuple(
            BillLineAsIs(
                line.amount,
                line.account_id,
                line.item_id,
                line.customer_id,
                line.class_id or "",
                line.role in _RETAINAGE,
                line.quantity,
            )
            for line in draft.lines
        ),
        kind=draft.kind,
    )


def _has_money(bill: BillAsIs) -> bool:
    return bill.total != ZERO or any(line.amount != ZERO for line in bill.lines)
