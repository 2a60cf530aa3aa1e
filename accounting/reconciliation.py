"""Reconciliation: what Procore has approved to date is accounted for, place by place, to the cent.

    approved in Procore now + approval withdrawn since + approved in inBuild (uploads)
        = posted and linked bills + every place an invoice without a bill can be in + named changes

Retainage and net tie each by itself, and with them gross, which is their sum: what was billed before retainage, with
the tax that comes on top. The identity holds for each project and month, so it holds for every selection of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from accounting.money import ZERO
from accounting.states import HAS_BILL, Badge, InvoiceFacts, InvoiceState, badge


@dataclass(frozen=True)
class Amounts:
    """Retainage withheld less released, and what is due now, in the books' currency."""

    retainage: Decimal = ZERO
    net: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        return self.net + self.retainage

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(self.retainage + other.retainage, self.net + other.net)

    def __sub__(self, other: "Amounts") -> "Amounts":
        return Amounts(self.retainage - other.retainage, self.net - other.net)

    def __bool__(self) -> bool:
        return self.retainage != ZERO or self.net != ZERO


NOTHING = Amounts()


class Part(StrEnum):
    """What a row of the statement says: where an approval came from, where it is now, what changed in between, and
    what happened to its bill in the books since.
    """

    APPROVED = "approved"
    PLACE = "place"
    CHANGE = "change"
    BOOKS = "books"


class Origin(StrEnum):
    PROCORE = "Approved in Procore now"
    WITHDRAWN = "Approval withdrawn since"
    UPLOAD = "Approved in inBuild (uploads)"


class Place(StrEnum):
    """Where an approved invoice is: in the books, or why not. The words are those of the badges."""

    BILLED = "Posted and linked bills"
    REMOVED = "Removed in QuickBooks"
    WAITING = "Waiting"
    NEEDS_YOU = "Needs you"
    DONT_POST = "Don't post"
    WITHDRAWN = "Approval withdrawn before posting"
    NOTHING_TO_POST = "Nothing to post"
    TAKEN_BACK = "Taken back"
    NOT_IMPORTED = "Not imported"


class Change(StrEnum):
    """Why what stands in a place is not what is approved in Procore now."""

    AFTER_POSTING = "Changed in Procore after posting"
    BEFORE_POSTING = "Changed in Procore, not taken over yet"
    LINKED = "Linked to a bill of another amount"
    POSTED = "Posted with another amount"
    BOOKED_NET = "Retainage kept out of the books"


class InBooks(StrEnum):
    """What happened in QuickBooks to a bill after it was posted or linked."""

    EDITED = "Edited in QuickBooks"
    GONE = "Voided or deleted in QuickBooks"


_PLACE_OF_BADGE = {
    Badge.WAITING: Place.WAITING,
    Badge.NEEDS_YOU: Place.NEEDS_YOU,
    Badge.DONT_POST: Place.DONT_POST,
    Badge.APPROVAL_WITHDRAWN: Place.WITHDRAWN,
    Badge.NOTHING_TO_POST: Place.NOTHING_TO_POST,
    Badge.TAKEN_BACK: Place.TAKEN_BACK,
}


@dataclass(frozen=True)
class Imported:
    """An invoice of ours: its amounts as it came in, and its bill's as posted or linked (None without a live one)."""

    amounts: Amounts
    state: InvoiceState
    facts: InvoiceFacts
    bill: Amounts | None = None
    linked_by_person: bool = False

    @property
    def place(self) -> Place:
        if self.state in HAS_BILL:
            return Place.REMOVED if self.facts.removed_in_quickbooks else Place.BILLED
        return _PLACE_OF_BADGE[badge(self.state, self.facts)]

    @property
    def stands(self) -> Amounts:
        """What is accounted for in its place."""
        return self.bill if self.bill is not None and self.state in HAS_BILL else self.amounts


@dataclass(frozen=True)
class Approved:
    """One requisition or upload that was approved at some time.

    ``in_procore`` is what Procore has approved now, None for an upload and where nothing is approved any more.
    ``invoice`` is None for what was not imported; ``reason`` then says why, in a sentence. One of the two is there.
    """

    in_procore: Amounts | None
    invoice: Imported | None
    is_upload: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Group:
    """A project's month in one set of books; ``connection_id`` is empty where there are none. ``month`` is its first
    day."""

    project_id: str
    connection_id: str
    month: date


@dataclass(frozen=True)
class Row:
    """One row of the statement. ``reason`` refines *Not imported*, and is empty elsewhere."""

    part: Part
    name: str
    reason: str
    invoices: int
    amounts: Amounts


def rows_of(approval: Approved) -> Iterator[Row]:
    """What one approval adds to the statement: its origin, its place, and the change between them if there is one."""
    origin, approved = _origin(approval)
    yield Row(Part.APPROVED, origin, "", 1, approved)
    place, stands = _place(approval)
    yield Row(Part.PLACE, place, approval.reason if place is Place.NOT_IMPORTED else "", 1, stands)
    if moved := approved - stands:
        yield Row(Part.CHANGE, _change(approval, approved, moved), "", 1, moved)


def _origin(approval: Approved) -> tuple[Origin, Amounts]:
    invoice = approval.invoice
    if invoice is not None and approval.is_upload:
        return Origin.UPLOAD, invoice.amounts
    withdrawn = invoice is not None and invoice.facts.approval_withdrawn
    if approval.in_procore is not None and not withdrawn:
        return Origin.PROCORE, approval.in_procore
    # What it came to when it was approved: Procore may say anything of it by now.
    return Origin.WITHDRAWN, invoice.amounts if invoice is not None else NOTHING


def _place(approval: Approved) -> tuple[Place, Amounts]:
    if approval.invoice is None:
        return Place.NOT_IMPORTED, approval.in_procore or NOTHING
    return approval.invoice.place, approval.invoice.stands


def _change(approval: Approved, approved: Amounts, moved: Amounts) -> Change:
    invoice = approval.invoice
    if invoice is None or invoice.state not in HAS_BILL:
        return Change.BEFORE_POSTING
    if invoice.linked_by_person:
        return Change.LINKED
    if approved != invoice.amounts:
        return Change.AFTER_POSTING
    if not moved.net and invoice.bill is not None and not invoice.bill.retainage:
        return Change.BOOKED_NET
    return Change.POSTED


def since_posted(bill: Amounts, now: Amounts | None) -> Row | None:
    """What happened in the books to a bill that was posted or linked with these amounts; None: nothing.

    ``now`` are its amounts there, None for a bill that is deleted; a voided one stands there with nothing.
    """
    if now is None or (bill and not now):
        return Row(Part.BOOKS, InBooks.GONE, "", 1, NOTHING - bill)
    return Row(Part.BOOKS, InBooks.EDITED, "", 1, now - bill) if now != bill else None


class Statement:
    """The sums of many approvals, by group and row. It holds a row for each kind there is, never an approval."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Group, Part, str, str], tuple[int, Amounts]] = {}

    def add(self, group: Group, approval: Approved) -> None:
        for row in rows_of(approval):
            self.add_row(group, row)

    def add_left_out(self, group: Group, invoices: int, amounts: Amounts, reason: str) -> None:
        """As ``add`` for that many requisitions that were not imported, all for one reason."""
        for row in rows_of(Approved(amounts, None, reason=reason)):
            self.add_row(group, replace(row, invoices=invoices))

    def add_row(self, group: Group, row: Row) -> None:
        key = (group, row.part, row.name, row.reason)
        count, amounts = self._sums.get(key, (0, NOTHING))
        self._sums[key] = (count + row.invoices, amounts + row.amounts)

    def rows(self) -> Iterator[tuple[Group, Row]]:
        """Every row of every group, in the order in which they first came."""
        for (group, part, name, reason), (count, amounts) in self._sums.items():
            yield group, Row(part, name, reason, count, amounts)


_ORDER: Mapping[str, int] = {name.value: place for place, name in enumerate((*Origin, *Place, *Change, *InBooks))}


@dataclass(frozen=True)
class Totals:
    """A statement over whatever was chosen: rows of one name are one, in the order in which they are read."""

    approved: tuple[Row, ...]
    places: tuple[Row, ...]
    changes: tuple[Row, ...]
    books: tuple[Row, ...]

    @property
    def approved_to_date(self) -> Amounts:
        return _sum(self.approved)

    @property
    def changed(self) -> Amounts:
        return _sum(self.changes)

    @property
    def accounted_for(self) -> Amounts:
        return _sum(self.places) + self.changed

    @property
    def unexplained(self) -> Amounts:
        """Nothing, or somebody has to be told: retainage and net each to the cent."""
        return self.approved_to_date - self.accounted_for

    @property
    def ties(self) -> bool:
        return not self.unexplained

    @property
    def billed(self) -> Amounts:
        """Every bill as it was posted or linked, those that are gone from the books included."""
        return self.of(Place.BILLED, Place.REMOVED)

    @property
    def in_books(self) -> Amounts:
        """What the linked bills come to in QuickBooks now."""
        return self.billed + _sum(self.books)

    @property
    def invoices(self) -> int:
        return sum(row.invoices for row in self.approved)

    def of(self, *names: Place) -> Amounts:
        """What stands in these places, with all their reasons."""
        return _sum(row for row in self.places if row.name in names)


def totals(rows: Iterable[Row]) -> Totals:
    """Sum rows of any number of groups into one statement."""
    sums: dict[tuple[Part, str, str], tuple[int, Amounts]] = {}
    for row in rows:
        key = (row.part, row.name, row.reason)
        count, amounts = sums.get(key, (0, NOTHING))
        sums[key] = (count + row.invoices, amounts + row.amounts)
    ordered = sorted(
        (Row(part, name, reason, count, amounts) for (part, name, reason), (count, amounts) in sums.items()),
        key=lambda row: (_ORDER.get(row.name, len(_ORDER)), row.name, row.reason),
    )
    return Totals(*(tuple(row for row in ordered if row.part is part) for part in Part))


def _sum(rows: Iterable[Row]) -> Amounts:
    return sum((row.amounts for row in rows), NOTHING)
