"""Invoices: the list, one invoice with its timeline, uploads and their approval."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import BaseModel, Field, ValidationError

from accounting.blockers import BlockerReason
from accounting.invoice import InvoiceSource
from accounting.states import Badge
from api.access import Accountant, Member, ServicesNow
from api.answers import Answer
from api.intents import uploading
from api.intents.uploading import LARGEST_PDF, UploadForm
from api.money import Money
from api.problems import not_found, validation_problem
from api.sent_bill import SentBill, read_sent_bill
from api.timelines import Told, timeline_of
from models.invoice_pages import InvoiceFilter, InvoiceOrder, SortColumn, Unapproved, list_invoices
from models.invoice_sheet import InvoiceSheet, LinkedBill, invoice_sheet
from models.uploads import UploadedDocument

router = APIRouter(tags=["invoices"])


class ListedAnswer(Answer):
    id: Annotated[UUID, Field(validation_alias="invoice_id")]
    reference: int
    badge: str
    source: str
    number: str
    vendor_id: str
    vendor_name: str
    project_id: str
    project_name: str
    billing_date: date
    currency: str
    due: Money
    reason: str | None


class BadgeCountAnswer(Answer):
    badge: str
    count: int
    due: Money


class InvoicesAnswer(BaseModel):
    """A page; ``total`` and ``total_due`` are of everything that matches, ``badges`` of it under any badge."""

    invoices: list[ListedAnswer]
    total: int
    total_due: Money
    badges: list[BadgeCountAnswer]


class LineAnswer(Answer):
    position: int
    description: str
    budget_code: str | None
    gross: Money
    withheld: Money
    released: Money
    net: Money


class ReasonAnswer(Answer):
    reason: str
    sentence: str
    button: str | None
    owner: str
    since: datetime


class BillLineAnswer(Answer):
    account: str
    description: str
    amount: Money
    quantity: Money | None = None
    unit_price: Money | None = None


class BillAnswer(BaseModel):
    quickbooks_id: str
    transaction_type: str
    quickbooks_company: str
    quickbooks_kind: str
    number: str
    total: Money
    linked_at: datetime
    origin: str
    bill_date: date | None
    due_date: date | None
    memo: str | None
    lines: list[BillLineAnswer]


class EventAnswer(Answer):
    at: datetime
    who: str
    what: str
    kind: str
    data: dict[str, Any]


class InvoiceAnswer(BaseModel):
    """One invoice: header, lines, open reasons, the bill as posted and the timeline, oldest first."""

    id: UUID
    reference: int
    badge: str
    state: str
    source: str
    source_id: str
    number: str
    vendor_name: str
    project_id: str
    project_name: str
    commitment_number: str | None
    billing_date: date
    currency: str
    due: Money
    approved_at: datetime | None
    imported_at: datetime
    lines: list[LineAnswer]
    reasons: list[ReasonAnswer]
    bill: BillAnswer | None
    documents: list[str]
    timeline: list[EventAnswer]


class UploadedAnswer(BaseModel):
    id: UUID


class ApprovedAnswer(BaseModel):
    approved: bool = True


@router.get("/invoices")
async def invoices(
    visitor: Member,
    services: ServicesNow,
    badge: Badge | None = None,
    project_id: Annotated[str | None, Query(max_length=32)] = None,
    vendor_id: Annotated[str | None, Query(max_length=32)] = None,
    source: InvoiceSource | None = None,
    blocker: BlockerReason | Unapproved | None = None,
    subject: Annotated[str | None, Query(max_length=128)] = None,
    search: Annotated[str, Query(max_length=100)] = "",
    sort: SortColumn = SortColumn.IMPORTED,
    ascending: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> InvoicesAnswer:
    wanted = InvoiceFilter(
        badge=badge,
        project_id=project_id,
        vendor_id=vendor_id,
        source=source,
        waits_for=blocker,
        subject_key=subject,
        search=search.strip(),
    )
    order = InvoiceOrder(sort, descending=not ascending)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        page = await list_invoices(session, wanted, limit, offset, order)
    return InvoicesAnswer(
        invoices=[ListedAnswer.model_validate(row) for row in page.rows],
        total=page.total,
        total_due=page.total_due,
        badges=[BadgeCountAnswer.model_validate(one) for one in page.badges],
    )


@router.get("/invoices/{invoice_id}")
async def one_invoice(invoice_id: UUID, visitor: Member, services: ServicesNow) -> InvoiceAnswer:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        sheet = await invoice_sheet(session, invoice_id)
        if sheet is None:
            raise not_found("invoice")
        told = await timeline_of(session, invoice_id)
    return _answer(sheet, told)


@router.post("/invoices/uploads", status_code=201)
async def upload_invoice(
    visitor: Accountant,
    services: ServicesNow,
    response: Response,
    invoice: Annotated[str, Form(description="The invoice as JSON: see UploadForm", max_length=1_000_000)],
    document: Annotated[UploadFile | None, File(description="The invoice's PDF, at most 25 MB")] = None,
) -> UploadedAnswer:
    """201 for a new upload, 200 for one with the same ``upload_id`` sent again."""
    try:
        form = UploadForm.model_validate_json(invoice)
    except ValidationError as invalid:
        raise validation_problem(invalid.errors()) from None
    invoice_id, is_new = await uploading.upload(services, visitor, form, await read_document(document))
    if not is_new:
        response.status_code = 200
    return UploadedAnswer(id=invoice_id)


async def read_document(document: UploadFile | None) -> UploadedDocument | None:
    """The uploaded file; one byte more than allowed is enough to know that it is too large."""
    if document is None or (not document.filename and not document.size):
        return None
    content = await document.read(LARGEST_PDF + 1)
    return UploadedDocument(document.filename or "invoice.pdf", "application/pdf", content)


@router.post("/invoices/{invoice_id}/approve")
async def approve_invoice(invoice_id: UUID, visitor: Accountant, services: ServicesNow) -> ApprovedAnswer:
    await uploading.approve(services, visitor, invoice_id)
    return ApprovedAnswer()


def _answer(sheet: InvoiceSheet, told: list[Told]) -> InvoiceAnswer:
    row = sheet.invoice
    return InvoiceAnswer(
        id=row.id,
        reference=row.reference or 0,
        badge=sheet.badge.value,
        state=row.state.value,
        source=row.source.value,
        source_id=row.source_id,
        number=row.number,
        vendor_name=row.vendor_name,
        project_id=row.project_id,
        project_name=sheet.project_name,
        commitment_number=sheet.commitment_number,
        billing_date=row.billing_date,
        currency=row.currency,
        due=row.due,
        approved_at=row.approved_at,
        imported_at=row.imported_at,
        lines=[LineAnswer.model_validate(line) for line in sheet.lines],
        reasons=[ReasonAnswer.model_validate(one) for one in sheet.reasons],
        bill=_bill_answer(sheet.bill, read_sent_bill(sheet.bill)) if sheet.bill else None,
        documents=list(sheet.documents),
        timeline=[EventAnswer.model_validate(one) for one in told],
    )


def _bill_answer(bill: LinkedBill, sent: SentBill | None) -> BillAnswer:
    return BillAnswer(
        quickbooks_id=bill.quickbooks_id,
        transaction_type=bill.transaction_type,
        quickbooks_company=bill.quickbooks_company,
        quickbooks_kind=bill.quickbooks_kind,
        number=bill.number,
        total=bill.total,
        linked_at=bill.linked_at,
        origin=bill.origin,
        bill_date=sent.bill_date if sent else None,
        due_date=sent.due_date if sent else None,
        memo=sent.memo if sent else None,
        lines=[BillLineAnswer.model_validate(line) for line in (sent.lines if sent else ())],
    )
