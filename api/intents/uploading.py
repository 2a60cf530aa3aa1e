"""Uploading an invoice with its PDF, and approving it."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from accounting.invoice import InvoiceLine
from accounting.money import has_fraction_of_cent, to_cents
from api.access import Visitor
from api.money import Money
from api.problems import Problem, not_found
from api.services import Services
from api.telling import tell
from foundation.secret_box import SecretPlace
from models import uploads
from models.uploads import UploadedDocument, UploadedInvoice

LARGEST_PDF = 25 * 1024 * 1024
PDF_START = b"%PDF-"

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class UploadLine(BaseModel):
    """One line: ``amount`` billed this period; ``retainage`` negative when withheld, positive when released."""

    model_config = ConfigDict(extra="forbid")

    description: Line
    amount: Money = Decimal(0)
    retainage: Money = Decimal(0)
    cost_code_id: Annotated[str, StringConstraints(max_length=32)] | None = None
    budget_code: Annotated[str, StringConstraints(max_length=100)] | None = None


class UploadForm(BaseModel):
    """An invoice as typed in. ``upload_id`` is the sender's own: sent twice it is one upload."""

    model_config = ConfigDict(extra="forbid")

    upload_id: UUID
    project_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32)]
    vendor_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    billing_date: date
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    commitment_number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] | None = None
    total: Money
    lines: Annotated[list[UploadLine], Field(min_length=1, max_length=500)]


async def upload(
    services: Services, visitor: Visitor, form: UploadForm, document: UploadedDocument | None
) -> tuple[UUID, bool]:
    """Write the invoice down; its id, and whether it is new. Raises Problem 413 and 422."""
    if document is not None:
        _check_pdf(document)
    invoice = _checked(form)
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            invoice_id, is_new = await uploads.write_upload(session, invoice)
            if is_new and document is not None:
                document_id = session.new_id()
                place = SecretPlace("document", "content", document_id)
                sealed = services.secret_box.seal(document.content, place)
                await uploads.keep_document(session, document_id, invoice_id, document, sealed)
    except uploads.UnknownProject:
        raise Problem(
            422, "unknown_project", "inBuild does not know this Procore project. Choose one from the list."
        ) from None
    except uploads.UnknownCommitment:
        raise Problem(
            422,
            "unknown_commitment",
            f"Commitment {invoice.commitment_number} is not one of the project's. Correct it or leave it empty.",
        ) from None
    return invoice_id, is_new


def _check_pdf(document: UploadedDocument) -> None:
    if len(document.content) > LARGEST_PDF:
        raise Problem(413, "pdf_too_large", "The PDF is larger than 25 MB. Make it smaller and upload it again.")
    if not document.content.startswith(PDF_START):
        raise Problem(422, "not_a_pdf", "The file is not a PDF. Upload the invoice as a PDF, or without a file.")


def _checked(form: UploadForm) -> UploadedInvoice:
    amounts = [form.total, *(line.amount for line in form.lines), *(line.retainage for line in form.lines)]
    if any(has_fraction_of_cent(amount) for amount in amounts):
        raise Problem(
            422, "fraction_of_cent", "An amount has a fraction of a cent, which no bill can hold. Correct it."
        )
    if form.total < 0 or any(line.amount < 0 for line in form.lines):
        raise Problem(
            422,
            "negative_amount",
            "Amounts cannot be negative, except retainage withheld on a line. Correct them and upload again.",
        )
    total, lines = to_cents(form.total), tuple(_line(place, line) for place, line in enumerate(form.lines, start=1))
    added_up = sum((line.net for line in lines), Decimal("0.00"))
    if added_up != total:
        raise Problem(
            422,
            "lines_do_not_add_up",
            f"The lines add up to {added_up:,.2f}, the total says {total:,.2f}. Correct one of them.",
        )
    return UploadedInvoice(
        upload_id=form.upload_id,
        project_id=form.project_id,
        vendor_name=form.vendor_name,
        number=form.number,
        billing_date=form.billing_date,
        currency=form.currency,
        commitment_number=form.commitment_number or None,
        due=total,
        lines=lines,
    )


def _line(position: int, line: UploadLine) -> InvoiceLine:
    amount, retainage = to_cents(line.amount), to_cents(line.retainage)
    return InvoiceLine(
        position=position,
        description=line.description,
        cost_code_id=line.cost_code_id,
        budget_code=line.budget_code,
        gross=amount,
        withheld=max(-retainage, Decimal("0.00")),
        released=max(retainage, Decimal("0.00")),
        net=amount + retainage,
    )


async def approve(services: Services, visitor: Visitor, invoice_id: UUID) -> None:
    """Approve an upload, so that it syncs; approving twice changes nothing. Raises Problem 404 and 409."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            approved = await uploads.approve_upload(session, invoice_id, visitor.user_id)
    except uploads.NotAnUpload:
        raise Problem(
            409, "approved_in_procore", "This invoice came from Procore and is approved there. Nothing was changed."
        ) from None
    if approved is None:
        raise not_found("invoice")
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "an upload was approved"))
