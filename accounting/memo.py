"""The words on a bill: its memo with our marker in it, and the description of each line."""

import re
from collections.abc import Sequence

from accounting.invoice import Invoice, InvoiceLine, InvoiceSource
from accounting.numbers import BillNumber
from accounting.text import one_line, shortened

# QuickBooks Online: Bill.PrivateNote and Line.Description hold at most 4000 characters (REF-BILL).
TEXT_LIMIT = 4000
_NUMBER_LIMIT = 1000
_LOOKS_LIKE_MARKER = re.compile(r"inBuild (?=\d)")


def marker(reference: int) -> str:
    """What tells, in a bill's memo, that the bill is ours and which invoice it answers: ``inBuild 77123``."""
    return f"inBuild {reference}"


def carries_marker(memo: str, reference: int) -> bool:
    """Whether a memo, whatever people wrote around it, carries the marker of exactly this invoice."""
    return re.search(rf"(?<!\w){re.escape(marker(reference))}(?!\w)", memo) is not None


LIEN_WAIVER_NOTE = "HOLD – LIEN WAIVER"
PAY_WHEN_PAID_NOTE = "PAY WHEN PAID"


def memo(invoice: Invoice, number: BillNumber, notes: Sequence[str] = ()) -> str:
    """``Procore SC-001 #3, Tower · inBuild 77123``, with the vendor's full number where the bill's differs.

    ``notes`` come first: whoever pays the bill reads them before anything else.

    At most 4000 characters; the marker always survives, and no customer's text can pass for one.
    """
    tail = f" · {marker(invoice.reference)}"
    if number.is_altered:
        tail = f", Invoice {_quoted(shortened(one_line(number.full_number), _NUMBER_LIMIT))}{tail}"
    before = "".join(f"{note} · " for note in notes)
    head = _quoted(f"{before}{_origin(invoice)}, {one_line(invoice.project_name)}")
    return shortened(head, TEXT_LIMIT - len(tail)) + tail


def line_description(line: InvoiceLine) -> str:
    """``<budget code> <description>``, at most 4000 characters."""
    return shortened(one_line(f"{line.budget_code or ''} {line.description}"), TEXT_LIMIT)


def retainage_description(verb: str, invoice: Invoice) -> str:
    """``Retainage withheld, SC-001 #3``; an upload without a commitment is named by its invoice number."""
    on = _commitment(invoice) or f"invoice {one_line(invoice.number)}".strip()
    return shortened(f"Retainage {verb}, {on}", TEXT_LIMIT)


def tax_description(line: InvoiceLine) -> str:
    """``Tax, <budget code> <description>``: it lies beside its cost line."""
    return shortened(f"Tax, {line_description(line)}", TEXT_LIMIT)


def excess_description(invoice: Invoice) -> str:
    """``Retainage released, withheld before these books, SC-001 #3``."""
    return retainage_description("released, withheld before these books", invoice)


def _origin(invoice: Invoice) -> str:
    if invoice.source is InvoiceSource.UPLOAD:
        return "inBuild upload"
    return f"Procore {_commitment(invoice) or f'#{invoice.sequence}'}"


def _commitment(invoice: Invoice) -> str:
    number = one_line(invoice.commitment_number)
    return f"{number} #{invoice.sequence}" if number else ""


def _quoted(text: str) -> str:
    return _LOOKS_LIKE_MARKER.sub("inBuild-", text)
