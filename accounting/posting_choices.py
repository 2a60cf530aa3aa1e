"""What a company may choose about how its bills are made in one set of books. The first of each is the default."""

from enum import StrEnum


class LineKind(StrEnum):
    """What a bill's lines name: QuickBooks calls it a category (Desktop: Expenses tab) or a product (Items tab)."""

    ACCOUNT = "account"
    ITEM = "item"


class LineGrouping(StrEnum):
    SOV_LINE = "sov_line"
    BUDGET_CODE = "budget_code"


class BillDateSource(StrEnum):
    BILLING_DATE = "billing_date"
    APPROVAL_DATE = "approval_date"
    PERIOD_END = "period_end"


class RetainageBooking(StrEnum):
    """GROSS books what is withheld as a payable; NET books cost less retainage, and the rest when it is billed."""

    GROSS = "gross"
    NET = "net"


class MissingLienWaiver(StrEnum):
    """MARK posts with ``HOLD – LIEN WAIVER`` first in the memo; WAIT holds the invoice until the waiver is there."""

    MARK = "mark"
    WAIT = "wait"


class ChangedInvoice(StrEnum):
    """What happens when an invoice is changed in Procore after its bill was posted, unpaid and unchanged."""

    ASK = "ask"
    UPDATE = "update"
