"""What this process has read lately, by the fingerprint of the text: a plan's invoices come in right after it was made.

A text always reads the same, so whoever finds nothing here reads it again and gets the same.
"""

from collections import OrderedDict

from models.invoices import NewInvoice

# An invoice may have hundreds of lines, and a line takes about 1 KB, its share of the invoice included.
MOST_LINES = 8_000


class RecentlyRead:
    """Invoices of at most ``most_lines`` lines together; those read longest ago go first."""

    def __init__(self, most_lines: int = MOST_LINES) -> None:
        self._most_lines = most_lines
        self._lines = 0
        self._invoices: OrderedDict[str, NewInvoice] = OrderedDict()

    def remember(self, invoice: NewInvoice) -> None:
        """Keep an invoice for whoever needs the same text read again."""
        self._forget(self._invoices.pop(invoice.source_sha256, None))
        self._invoices[invoice.source_sha256] = invoice
        self._lines += len(invoice.lines)
        while self._lines > self._most_lines:
            self._forget(self._invoices.popitem(last=False)[1])

    def find(self, fingerprint: str) -> NewInvoice | None:
        """The invoice that a text of this fingerprint stands for, where it was read lately."""
        return self._invoices.get(fingerprint)

    def _forget(self, invoice: NewInvoice | None) -> None:
        self._lines -= len(invoice.lines) if invoice is not None else 0


RECENTLY_READ = RecentlyRead()
