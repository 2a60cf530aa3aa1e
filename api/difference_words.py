"""Differences between invoices and their bills in people's words: on the invoice's page and in lists of many alike."""

from accounting.differences import BillField, Side

FIELDS = {
    BillField.VENDOR: "Vendor",
    BillField.NUMBER: "Bill number",
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
    BillField.NO_BILL: "Would make no bill now",
    BillField.APPROVAL_WITHDRAWN: "Approval withdrawn",
    BillField.REQUISITION_DELETED: "Deleted in Procore",
    BillField.VOIDED: "Voided in QuickBooks",
    BillField.DELETED: "Deleted in QuickBooks",
}
WHO = {
    Side.PROCORE: "Changed in Procore",
    Side.QUICKBOOKS: "Changed in QuickBooks",
    Side.BOTH: "Changed in both",
    Side.UNKNOWN: "Not posted by inBuild",
}


def field_words(field: str, line: str) -> str:
    """``Amount, line 2``; a field that this version does not know by its name."""
    words = FIELDS[BillField(field)] if field in set(BillField) else field
    return f"{words}, {line}" if line else words


def side_words(side: str) -> str:
    return WHO[Side(side)] if side in set(Side) else side
