"""What a person may decide about one invoice on its page, with the amounts and names that each word is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from accounting.blockers import BlockerReason
from accounting.checks import small_difference, to_be_paid
from accounting.duplicates import BookedTransaction
from accounting.money import ZERO
from accounting.retainage import excess
from accounting.states import BEFORE_SENDING, InvoiceState
from api.access import Visitor
from api.intents.creating_vendor import proposal
from api.recoding_shown import Recoding, recoding_of
from api.routes.deciding import PreviewAnswer, preview_answer
from models.bill_files import ShownFile, shown_files
from models.connections import connection_by_id
from models.database import CompanySession
from models.drafting import Drafting, preview
from models.look_alikes import migrated_bills
from models.new_vendors import newest_wanted
from models.open_reasons import OpenReason
from models.tables import AttemptState, InvoiceRow, QuickBooksKind

R = BlockerReason
OPEN = (AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNCLEAR)


@dataclass(frozen=True)
class NewVendorShown:
    """A vendor that may be created under ``name``; ``coming`` while it is, ``refused`` as QuickBooks said.

    ``by_pc``: only the next session of a company file brings it there.
    """

    procore_id: str
    name: str
    coming: bool
    refused: str
    by_pc: bool


@dataclass(frozen=True)
class WaysOut:
    """Amounts are None where there is nothing to say yes to; ``keys`` are all look-alikes, ``usable`` those in
    QuickBooks. ``migrated`` are bills of these books that one posted elsewhere may have become. ``waiver_missing`` is
    None where its reason asks for it already.
    """

    preview: PreviewAnswer | None = None
    credit: Decimal | None = None
    difference: Decimal | None = None
    beyond: Decimal | None = None
    keys: tuple[str, ...] = ()
    usable: frozenset[str] = frozenset()
    is_elsewhere: bool = False
    migrated: tuple[BookedTransaction, ...] = ()
    vendor: NewVendorShown | None = None
    recoding: Recoding | None = None
    waiver_missing: bool | None = None
    may_hold_back: bool = False
    may_post_after_all: bool = False
    may_unlink: bool = False
    files: list[ShownFile] = field(default_factory=list)


async def ways_out(
    session: CompanySession, visitor: Visitor, row: InvoiceRow, reasons: Sequence[OpenReason]
) -> WaysOut:
    """Everything this person may decide; readers decide nothing and see the files only."""
    files = await shown_files(session, row.id)
    if not visitor.may_work_on_invoices:
        return WaysOut(files=files)
    if row.state not in BEFORE_SENDING:
        return WaysOut(
            files=files,
            may_post_after_all=row.state is InvoiceState.DONT_POST,
            may_unlink=row.state is InvoiceState.LINKED,
        )
    held = {one.reason for one in reasons}
    keys = tuple(one.subject_key for one in reasons if one.reason is R.LIKELY_DUPLICATE)
    ways = WaysOut(files=files, keys=keys, usable=frozenset(one for one in keys if ":" in one), may_hold_back=True)
    if row.connection_id is None or row.approval_withdrawn:
        return ways
    previewed = next(iter(await preview(session, [row])), None)
    if previewed is None:
        return ways
    of = previewed.drafting
    return replace(
        ways,
        preview=preview_answer(previewed),
        waiver_missing=None if R.LIEN_WAIVER in held else of.books.decisions.lien_waiver_missing,
        is_elsewhere=R.POSTED_ELSEWHERE in held,
        migrated=await _migrated(session, row, keys) if R.POSTED_ELSEWHERE in held else (),
        credit=to_be_paid(of.invoice) if R.NEGATIVE_TOTAL in held else None,
        difference=small_difference(of.invoice) or None if R.SMALL_DIFFERENCE in held else None,
        beyond=_beyond(of) or None if R.RETAINAGE_OPENING_BALANCE in held else None,
        vendor=await _new_vendor(session, visitor, row) if R.VENDOR_UNMAPPED in held else None,
        recoding=await recoding_of(session, row, of),
    )


async def _migrated(session: CompanySession, row: InvoiceRow, keys: Sequence[str]) -> tuple[BookedTransaction, ...]:
    if row.connection_id is None:
        return ()
    found = await migrated_bills(session, row.connection_id, row.normalised_number, row.due)
    return tuple(one for one in found if one.key not in keys)


def _beyond(of: Drafting) -> Decimal:
    balance = replace(of.balance, opening=of.balance.opening + of.books.retainage_opening)
    return max(excess(of.invoice, balance), ZERO)


async def _new_vendor(session: CompanySession, visitor: Visitor, row: InvoiceRow) -> NewVendorShown | None:
    if row.connection_id is None or not visitor.company.feature_enabled:
        return None
    wanted = (await newest_wanted(session, row.connection_id, [row.vendor_id])).get(row.vendor_id)
    coming = wanted is not None and wanted.state in OPEN
    was_refused = wanted is not None and wanted.state is AttemptState.REJECTED
    refused = (wanted.answer or "") if wanted is not None and was_refused else ""
    taken = [wanted.display_name] if wanted is not None and was_refused else []
    name = await proposal(session, row.connection_id, row.vendor_name, taken)
    if name is None:
        return None
    connection = await connection_by_id(session, row.connection_id)
    by_pc = connection is not None and connection.kind is QuickBooksKind.DESKTOP
    return NewVendorShown(row.vendor_id, name, coming, refused, by_pc)
