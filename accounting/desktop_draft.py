"""A draft as a company file of QuickBooks Desktop can hold it: its characters, its lengths."""

import hashlib
from dataclasses import replace

from accounting.bill_types import BillDraft
from accounting.desktop_text import REPLACEMENT, known_to_quickbooks, shortened
from accounting.numbers import QBD_REF_NUMBER_LIMIT

# qbXML 13.0: BillAdd Memo.
TEXT_LIMIT = 4095
HASH_LENGTH = 4


def in_words_of_a_company_file(draft: BillDraft) -> BillDraft:
    """The draft in the words that will stand in the company file, so that it is found by them again.

    A number with characters QuickBooks Desktop lacks keeps what it has of others and gets four hexadecimal digits of
    the whole; the vendor's own then stands in the memo, as far as it can be written there. What goes to the Expenses
    tab comes before what goes to the Items tab.
    """
    number = desktop_number(draft.number)
    memo = known_to_quickbooks(draft.memo)
    own = known_to_quickbooks(draft.full_number).replace("inBuild ", "inBuild-")
    if number != draft.number and own not in memo:
        memo = f"Invoice {shortened(own, TEXT_LIMIT // 4)}, {memo}"
    return replace(
        draft,
        number=number,
        memo=_without_its_head(memo, TEXT_LIMIT),
        lines=tuple(
            replace(line, description=shortened(known_to_quickbooks(line.description), TEXT_LIMIT))
            for line in sorted(draft.lines, key=lambda line: bool(line.item_id))
        ),
    )


def desktop_number(number: str) -> str:
    """At most 20 characters of Windows-1252; two numbers that differ stay apart."""
    known = known_to_quickbooks(number)
    if known == number and len(known) <= QBD_REF_NUMBER_LIMIT:
        return known
    digest = hashlib.sha1(number.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    tail = known.replace(REPLACEMENT, "").strip()[-(QBD_REF_NUMBER_LIMIT - HASH_LENGTH - 1) :].strip()
    return f"{tail}-{digest[:HASH_LENGTH].upper()}".lstrip("-")


def _without_its_head(memo: str, limit: int) -> str:
    """A memo cut at its beginning: our marker stands at its end."""
    return memo if len(memo) <= limit else "..." + memo[-(limit - 3) :]
