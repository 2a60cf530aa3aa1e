"""The invoice list's address: filter, order and page, read from the query string and written back into links.

Everything the list shows is in its address, so that it can be kept, sent to somebody and come back to. What an address
says that this version does not know is left out rather than refused: it may come from an old bookmark.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from accounting.blockers import BlockerReason
from accounting.invoice import InvoiceSource
from accounting.states import Badge
from models.invoice_pages import InvoiceFilter, InvoiceOrder, SortColumn, Unapproved, WaitsFor

PATH = "/invoices"
PAGE_SIZE = 50
# Counting rows to skip costs time; whoever wants to see further narrows the filter.
LAST_PAGE = 200
LONGEST_SEARCH = 100
LONGEST_ID = 128
SOURCE_WORDS = {InvoiceSource.PROCORE_REQUISITION: "procore", InvoiceSource.UPLOAD: "upload"}

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class ListAddress:
    """What the address asks for."""

    wanted: InvoiceFilter
    order: InvoiceOrder
    page: int

    @classmethod
    def read(cls, given: QueryParams) -> "ListAddress":
        return cls(
            wanted=InvoiceFilter(
                badge=_one_of(Badge, given.get("status", "")),
                project_id=given.get("project", "")[:LONGEST_ID] or None,
                vendor_id=given.get("vendor", "")[:LONGEST_ID] or None,
                source=next((source for source, word in SOURCE_WORDS.items() if word == given.get("source")), None),
                waits_for=_waits_for(given.get("blocker", "")),
                subject_key=given.get("subject", "")[:LONGEST_ID] or None,
                search=given.get("search", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
            ),
            order=_order(given.get("sort", "")),
            page=_page(given.get("page", "")),
        )

    @property
    def offset(self) -> int:
        return (self.page - 1) * PAGE_SIZE

    @property
    def is_narrowed(self) -> bool:
        return self.wanted != InvoiceFilter()

    @property
    def source_word(self) -> str:
        return SOURCE_WORDS[self.wanted.source] if self.wanted.source else ""

    @property
    def sort_word(self) -> str:
        """Empty for the list as it opens."""
        if self.order == InvoiceOrder():
            return ""
        return f"{'-' if self.order.descending else ''}{self.order.column.value}"

    def fields(self, *without: str) -> dict[str, str]:
        """What the address says, by the names of its parts; what it leaves open and ``without`` are left out."""
        wanted = self.wanted
        everything = {
            "status": wanted.badge.value if wanted.badge else "",
            "project": wanted.project_id or "",
            "vendor": wanted.vendor_id or "",
            "source": self.source_word,
            "blocker": wanted.waits_for.value if wanted.waits_for else "",
            "subject": wanted.subject_key or "",
            "search": wanted.search,
            "sort": self.sort_word,
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in everything.items() if value and name not in without}

    def without(self, *names: str) -> str:
        """The link that drops these parts, and leads to the first page."""
        return _link(self.fields("page", *names))

    def with_badge(self, badge: Badge | None) -> str:
        return _link(replace(self, wanted=replace(self.wanted, badge=badge)).fields("page"))

    @property
    def sort_path(self) -> str:
        """Where the name of a sort goes at the end."""
        return _open(self.fields("page", "sort")) + "sort="

    @property
    def page_path(self) -> str:
        """Where ``page=`` goes at the end."""
        return _open(self.fields("page"))

    @property
    def here(self) -> str:
        return _link(self.fields())


def _link(fields: dict[str, str]) -> str:
    return f"{PATH}?{urlencode(fields)}" if fields else PATH


def _open(fields: dict[str, str]) -> str:
    return f"{_link(fields)}{'&' if fields else '?'}"


def _one_of(enum: type[E], word: str) -> E | None:
    return enum(word) if word in set(enum) else None


def _waits_for(word: str) -> WaitsFor | None:
    return _one_of(BlockerReason, word) or _one_of(Unapproved, word)


def _order(word: str) -> InvoiceOrder:
    column = _one_of(SortColumn, word.removeprefix("-"))
    return InvoiceOrder(column, word.startswith("-")) if column else InvoiceOrder()


def _page(word: str) -> int:
    return min(max(int(word), 1), LAST_PAGE) if word.isascii() and word.isdigit() and len(word) < 9 else 1
