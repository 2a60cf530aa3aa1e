"""What this process has read lately, by the fingerprint of the text: a plan's invoices come in right after it was made.

A text always reads the same, so whoever finds nothing here reads it again and gets the same.
"""

from collections import OrderedDict

from models.invoices import NewInvoice

# With four lines each about 10 MB.
MOST = 2_000

_lately: OrderedDict[str, NewInvoice] = OrderedDict()


def remember(invoice: NewInvoice) -> None:
    """Keep an invoice for whoever needs the same text read again; the oldest goes when there are too many."""
    _lately[invoice.source_sha256] = invoice
    _lately.move_to_end(invoice.source_sha256)
    if len(_lately) > MOST:
        _lately.popitem(last=False)


def recently_read(fingerprint: str) -> NewInvoice | None:
    """The invoice that a text of this fingerprint stands for, where it was read lately."""
    return _lately.get(fingerprint)
