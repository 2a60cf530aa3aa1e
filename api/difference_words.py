"""Differences between an invoice and its bill in people's words."""

from accounting.differences import BillField, Side

FIELD_WORDS = {
    BillField.VENDOR: "Vendor",
    BillField.NUMBER: "Number",
    BillField.DATE: "Bill date",
    BillField.AP_ACCOUNT: "A/P account",
    BillField.TOTAL: "Total",
    BillField.LINE: "Line",
    BillField.LINE_AMOUNT: "Amount",
    BillField.LINE_TARGET: "Account or item",
    BillField.LINE_PROJECT: "Customer or job",
    BillField.LINE_CLASS: "Class",
    BillField.RETAINAGE: "Retainage",
    BillField.PAID: "Paid",
    BillField.APPROVAL_WITHDRAWN: "Approval withdrawn",
    BillField.REQUISITION_DELETED: "Deleted in Procore",
    BillField.NO_BILL: "Would make no bill now",
    BillField.VOIDED: "Voided in QuickBooks",
    BillField.DELETED: "Deleted in QuickBooks",
}
SIDE_WORDS = {
    Side.PROCORE: "Changed in Procore",
    Side.QUICKBOOKS: "Changed in QuickBooks",
    Side.BOTH: "Changed on both sides",
    Side.UNKNOWN: "Never posted by inBuild",
}


def field_words(field: str, line: str) -> str:
    """``Amount, line 2``; a field that this version does not know by its name."""
    words = FIELD_WORDS[BillField(field)] if field in set(BillField) else field
    return f"{words}, {line}" if line else words


def side_words(side: str) -> str:
    return SIDE_WORDS[Side(side)] if side in set(Side) else side
