"""Invoice numbers: how two of them compare, and how one fits into QuickBooks."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from accounting.text import sendable

# QuickBooks Online: Bill.DocNumber holds at most 21 characters (REF-BILL).
QBO_DOC_NUMBER_LIMIT = 21
# QuickBooks Desktop: qbXML 13.0, BillAdd RefNumber.
QBD_REF_NUMBER_LIMIT = 20
_HASH_LENGTH = 4
_SEPARATORS = frozenset("#./")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


@dataclass(frozen=True)
class BillNumber:
    """``number`` fits QuickBooks. ``full_number`` is the vendor's own, or the one made up for a blank."""

    number: str
    full_number: str

    @property
    def is_altered(self) -> bool:
        """Whether the vendor's own number cannot be read off the bill's number alone."""
        return self.number != self.full_number


def normalise(number: str) -> str:
    """The number as duplicates are compared: ``INV #0042`` and ``inv-42`` are the same.

    Case, spaces, dashes, ``#``, ``.`` and ``/`` do not count, nor do leading zeros of a run of digits. Empty for a
    number that says nothing; an empty one is never the duplicate of another.
    """
    bare = "".join([c for c in sendable(number).casefold() if c.isalnum() or not _separates(c)])
    return _LEADING_ZEROS.sub("", bare)


def bill_number(
    invoice_number: str,
    commitment_number: str,
    sequence: int,
    used_on_other_commitment: bool,
    limit: int = QBO_DOC_NUMBER_LIMIT,
) -> BillNumber:
    """The bill's number for a vendor's invoice number.

    Blank (nothing but separators counts as blank): ``<commitment>-<sequence>``. Used on another commitment of the
    same vendor: ``<commitment> <number>``. Longer than ``limit``: its tail, a dash and four hexadecimal digits of the
    SHA-1 of the whole, so that two long numbers with one tail stay apart.
    """
    commitment = sendable(commitment_number)
    if not normalise(invoice_number):
        made_up = f"{commitment}-{sequence}" if commitment else str(sequence)
        return BillNumber(_fit(made_up, limit), made_up)
    own = sendable(invoice_number)
    distinct = f"{commitment} {own}" if used_on_other_commitment and commitment else own
    return BillNumber(_fit(distinct, limit), own)


def _separates(character: str) -> bool:
    return character.isspace() or character in _SEPARATORS or unicodedata.category(character) == "Pd"


def _fit(number: str, limit: int) -> str:
    if len(number) <= limit:
        return number
    digest = hashlib.sha1(number.encode(), usedforsecurity=False).hexdigest()
    tail = number[-(limit - _HASH_LENGTH - 1) :]
    return f"{tail}-{digest[:_HASH_LENGTH].upper()}"
