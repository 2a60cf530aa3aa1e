"""One invoice: what it says, the bill it became, what it waits for, and everything that ever happened to it."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from accounting.blockers import BlockerReason
from accounting.invoice import InvoiceSource
from accounting.states import BEFORE_SENDING, HAS_BILL
from api.access import Accountant, Member, ServicesNow, Visitor
from api.differences_shown import differences_shown
from api.intents import bulk, confirming_payments, matching, uploading
from api.intents.bulk import BulkAction
from api.pages.company_file_cards import place_sentence
from api.pages.forms import typed_amount
from api.pages.invoices import SOURCES
from api.pages.rendering import instant, page
from api.problems import Problem, not_found
from api.recoding_shown import Recoding
from api.resolving import Resolution, requisition_page, resolution
from api.sent_bill import read_sent_bill
from api.services import Services
from api.shown_payments import InProcoreNow, shown_payment
from api.temporal_links import temporal_address
from api.timelines import Told, timeline_of
from api.ways_out import ways_out
from models.company_files import company_files_now, place_in_line
from models.contract_payments import shares_of_invoice
from models.database import CompanySession
from models.events import event_of
from models.invoice_sheet import LinkedBill, invoice_sheet
from models.mapping_pages import targets_like
from models.mappings import connection_settings, list_of
from models.members import names_of
from models.tables import InvoiceRow, MappingKind, QuickBooksKind
from models.taking_back_shown import newest_item

router = APIRouter(prefix="/invoices/{invoice_id}")

# More names than a list one types into can help with; any other name may be typed all the same.
OFFERED = 500
MATCH_WORDS = {
    MappingKind.VENDOR: "Vendor in QuickBooks",
    MappingKind.PROJECT: "Customer or job in QuickBooks",
    MappingKind.COST_CODE: "Category (account) in QuickBooks",
}
DONE = {
    "matched": "Matched. Every invoice that waited for it goes on by itself.",
    "approved": "Approved. The invoice goes to QuickBooks by itself.",
    "tried": "The invoice is tried again. What still stands in the way will show here.",
    "nothing": "There was nothing to try again.",
    "updating": "The bill is updated as soon as both sides have been read again.",
    "kept": "Kept as it is. It shows again when something else differs.",
    "again": "The invoice is posted again, as a new bill.",
    "uploaded": "Uploaded. It goes to QuickBooks once it is approved.",
    "known": "This upload had arrived before; nothing was added.",
    "confirmed": "Confirmed. What of it was cash goes to Procore by itself.",
    "reviewed": "Approved. Exactly this bill goes to QuickBooks by itself.",
    "decided": "Kept. The invoice goes on by itself, unless something else still holds it.",
    "recoded": "Kept, for this invoice only. The invoice goes on by itself, unless something else still holds it.",
    "not_recoded": "Taken back. Data mapping decides again.",
    "linked": "Linked. Nothing is posted for this invoice.",
    "unlinked": "Unlinked. The invoice goes on by itself.",
    "dont_post": "This invoice stays out of QuickBooks.",
    "after_all": "The invoice goes on by itself.",
    "creating": (
        "The vendor is being created in QuickBooks. A company file gets it when its Web Connector calls next. What "
        "waits for it then goes on by itself."
    ),
}


@router.get("")
async def invoice(
    invoice_id: UUID, request: Request, visitor: Member, services: ServicesNow, done: str = ""
) -> Response:
    return await show_invoice(request, visitor, services, invoice_id, done=DONE.get(done))


async def show_invoice(
    request: Request,
    visitor: Visitor,
    services: Services,
    invoice_id: UUID,
    *,
    done: str | None = None,
    problem: Problem | None = None,
    typed: str = "",
) -> Response:
    """The page of one invoice; ``problem`` says what was refused, ``typed`` is what the person had written.

    Raises Problem 404.
    """
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        sheet = await invoice_sheet(session, invoice_id)
        if sheet is None:
            raise not_found("invoice")
        told = await timeline_of(session, invoice_id)
        row = sheet.invoice
        approvers = await names_of(session, [row.approved_by] if row.approved_by else [])
        resolutions = [resolution(services.settings, visitor, row, reason) for reason in sheet.reasons]
        in_line = await _in_line(session, row)
        differs = await differences_shown(session, visitor, row)
        take_back = await newest_item(session, invoice_id)
        shares = await shares_of_invoice(session, invoice_id)
        ways = await ways_out(session, visitor, row, sheet.reasons)
        offered = await _offered(session, row.connection_id, resolutions, ways.recoding)
    payments = [one for share in shares if (one := shown_payment(share, services.clock.now())) is not None]
    is_upload = row.source is InvoiceSource.UPLOAD
    return page(
        request,
        "invoice.html",
        visitor,
        status=problem.status if problem else 200,
        problem=problem,
        typed=typed,
        done=done,
        sheet=sheet,
        invoice=row,
        source=SOURCES[row.source],
        resolutions=resolutions,
        offered=offered,
        in_line=in_line,
        take_back=take_back,
        ways=ways,
        match_words=MATCH_WORDS,
        differs=differs,
        in_procore=None if is_upload else requisition_page(services.settings, row),
        in_quickbooks=_bill_page(services, sheet.bill) if sheet.bill else None,
        sent=read_sent_bill(sheet.bill) if sheet.bill else None,
        payments=payments,
        in_procore_now=InProcoreNow,
        told=told,
        seen=told[-1].seq if told else 0,
        approved_by=approvers.get(row.approved_by) if row.approved_by else None,
        unapproved=is_upload and row.approved_at is None and row.state in BEFORE_SENDING,
        links_to_temporal=visitor.user.is_support and services.settings.temporal_ui_url is not None,
    )


async def _in_line(session: CompanySession, row: InvoiceRow) -> str | None:
    """Where an invoice stands in its company file's line; None where nothing waits there."""
    if row.connection_id is None or row.state in HAS_BILL:
        return None
    for file in (await company_files_now(session, [row.connection_id])).values():
        place = await place_in_line(session, file, row.id)
        return place_sentence(file, place) if place is not None else None
    return None


async def _offered(
    session: CompanySession,
    connection_id: UUID | None,
    resolutions: Sequence[Resolution],
    recoding: Recoding | None,
) -> dict[MappingKind, list[str]]:
    """QuickBooks' names to choose from, for each kind of match or choice the page asks for."""
    kinds = {one.match for one in resolutions if one.match is not None}
    if recoding is not None:
        kinds |= {MappingKind.COST_CODE} | ({MappingKind.VENDOR} if recoding.vendor is not None else set())
    if connection_id is None or not kinds:
        return {}
    basis = (await connection_settings(session, connection_id)).posting_basis
    offered = {}
    for kind in kinds:
        entries = await targets_like(session, connection_id, list_of(kind, basis), "", OFFERED)
        offered[kind] = [entry.full_name for entry in entries]
    return offered


def _bill_page(services: Services, bill: LinkedBill) -> str | None:
    """Where QuickBooks Online shows the bill or vendor credit; a company file has no address."""
    if bill.quickbooks_kind != QuickBooksKind.ONLINE.value:
        return None
    settings, company_id = services.settings, bill.quickbooks_company_id
    match bill.transaction_type:
        case "Bill":
            return settings.intuit_bill_page.format(company_id=company_id, bill_id=bill.quickbooks_id)
        case "VendorCredit":
            return settings.intuit_vendor_credit_page.format(company_id=company_id, credit_id=bill.quickbooks_id)
    return None


Seen = Annotated[int, Form(ge=0)]


@router.post("/approve")
async def approve(
    invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow, seen: Seen = 0
) -> Response:
    # A second click finds the first one's approval: that is no change the person has not seen.
    if stale := await _stale(services, visitor, invoice_id, seen, {"approved"}):
        return await show_invoice(request, visitor, services, invoice_id, problem=stale)
    await uploading.approve(services, visitor, invoice_id)
    return RedirectResponse(f"/invoices/{invoice_id}?done=approved", 303)


@router.post("/try-again")
async def try_again(
    invoice_id: UUID, request: Request, visitor: Accountant, services: ServicesNow, seen: Seen = 0
) -> Response:
    if stale := await _stale(services, visitor, invoice_id, seen, {"tried_again"}):
        return await show_invoice(request, visitor, services, invoice_id, problem=stale)
    outcome = await bulk.act(services, visitor, BulkAction.TRY_AGAIN, [invoice_id])
    return RedirectResponse(f"/invoices/{invoice_id}?done={'tried' if outcome.done else 'nothing'}", 303)


@router.post("/match")
async def match(
    invoice_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    reason: Annotated[BlockerReason, Form()],
    subject: Annotated[str, Form(max_length=128)],
    name: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    try:
        await matching.match(services, visitor, invoice_id, reason, subject, name)
    except Problem as problem:
        if problem.status == 404:
            raise
        return await show_invoice(request, visitor, services, invoice_id, problem=problem, typed=name)
    return RedirectResponse(f"/invoices/{invoice_id}?done=matched", 303)


@router.post("/payments/{payment_id}/confirm")
async def confirm_payment(
    invoice_id: UUID,
    payment_id: UUID,
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    cash: Annotated[str, Form(max_length=24)] = "",
) -> Response:
    try:
        await confirming_payments.confirm(services, visitor, invoice_id, payment_id, typed_amount(cash))
    except Problem as problem:
        if problem.status == 404:
            raise
        return await show_invoice(request, visitor, services, invoice_id, problem=problem)
    return RedirectResponse(f"/invoices/{invoice_id}?done=confirmed", 303)


async def _stale(
    services: Services, visitor: Visitor, invoice_id: UUID, seen: int, expected: set[str]
) -> Problem | None:
    """What happened to the invoice since the form was shown, if it is more than what the form itself does.

    ``seen`` 0 is a form that does not say what it saw. Raises Problem 404.
    """
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        sheet = await invoice_sheet(session, invoice_id)
        told = await timeline_of(session, invoice_id) if sheet else []
    if sheet is None:
        raise not_found("invoice")
    news = [event for event in told if event.seq > seen]
    if not seen or all(event.kind in expected for event in news):
        return None
    happened = "; ".join(_in_words(event, sheet.project_time_zone) for event in news)
    return Problem(
        409,
        "changed_meanwhile",
        f"This invoice has changed since you opened it: {happened}. Nothing was done. Look at it as it is now, then "
        "decide.",
    )


def _in_words(event: Told, time_zone: str | None) -> str:
    return f"{event.what} ({event.who}, {instant(event.at, time_zone)})"


@router.get("/history")
async def history(
    invoice_id: UUID, visitor: Member, services: ServicesNow, event: Annotated[int, Query(ge=1, le=2**62)]
) -> Response:
    """From an event of the timeline to its run in the Temporal Web UI. Support only."""
    if not visitor.user.is_support:
        raise Problem(403, "not_support", "Only inBuild support can open workflow histories.")
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        row = await event_of(session, "invoice", invoice_id, event)
    if row is None:
        raise not_found("event")
    return RedirectResponse(await temporal_address(services, row), 303)
