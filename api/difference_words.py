"""Differences between invoices and their bills in people's words, where each stands in a list by itself."""

from accounting.differences import BillField, Side
from api.differences_shown import FIELDS, WHO

# On the invoice's page the bill is in sight; in a list the words have to say what became of it.
FIELD_WORDS = FIELDS | {
    BillField.APPROVAL_WITHDRAWN: "Approval withdrawn",
    BillField.REQUISITION_DELETED: "Deleted in Procore",
    BillField.NO_BILL: "Would make no bill now",
    BillField.VOIDED: "Voided in QuickBooks",
    BillField.DELETED: "Deleted in QuickBooks",
}


def field_words(field: str, line: str) -> str:
    """``Amount, line 2``; a field that this version does not know by its name."""
    words = FIELD_WORDS[BillField(field)] if field in set(BillField) else field
    return f"{words}, {line}" if line else words


def side_words(side: str) -> str:
    return WHO[Side(side)] if side in set(Side) else side
