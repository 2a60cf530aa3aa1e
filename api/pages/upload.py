"""Uploading an invoice: the form, and the form again with what is wrong with it, nothing typed being lost."""

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api.access import Accountant, ServicesNow, Visitor
from api.intents import uploading
from api.intents.uploading import UploadForm
from api.pages.rendering import page
from api.problems import Problem, validation_problem
from api.routes.invoices import read_document
from api.services import Services
from foundation.ids import new_id
from models.invoice_choices import known_codes, project_names, vendor_names

router = APIRouter(prefix="/invoices/upload")

ROWS = 4
MOST_ROWS = 200
# As people write amounts: with a currency sign and thousands separators, which mean nothing.
WRITTEN = re.compile(r"^(?P<sign>-?)\$?(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?P<cents>\.[0-9]*)?$")

Text = Annotated[str, Form(max_length=1_000)]
Texts = Annotated[list[str] | None, Form(max_length=MOST_ROWS)]


@dataclass(frozen=True)
class TypedLine:
    """A line as typed: text, right or wrong."""

    description: str = ""
    code: str = ""
    amount: str = ""
    retainage: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.description or self.code or self.amount or self.retainage)


@dataclass(frozen=True)
class Typed:
    """The form as typed. ``upload_id`` stays the same until the upload is taken: sending twice is one upload."""

    upload_id: str
    project_id: str = ""
    vendor_name: str = ""
    number: str = ""
    billing_date: str = ""
    commitment_number: str = ""
    total: str = ""
    lines: list[TypedLine] = field(default_factory=list)

    @property
    def rows(self) -> list[TypedLine]:
        """The lines to show: what was typed, and room for more."""
        typed = [line for line in self.lines if not line.is_blank]
        return typed + [TypedLine()] * max(ROWS - len(typed), 1)


@router.get("")
async def show(request: Request, visitor: Accountant, services: ServicesNow) -> Response:
    return await _page(request, visitor, services, Typed(str(new_id(services.clock))))


@router.post("")
async def upload(
    request: Request,
    visitor: Accountant,
    services: ServicesNow,
    upload_id: Text,
    project_id: Text = "",
    vendor_name: Text = "",
    number: Text = "",
    billing_date: Text = "",
    commitment_number: Text = "",
    total: Text = "",
    description: Texts = None,
    code: Texts = None,
    amount: Texts = None,
    retainage: Texts = None,
    document: Annotated[UploadFile | None, File()] = None,
) -> Response:
    columns = [[text.strip() for text in column or []] for column in (description, code, amount, retainage)]
    typed = Typed(
        upload_id,
        project_id,
        vendor_name,
        number,
        billing_date,
        commitment_number,
        total.strip(),
        [TypedLine(*cells) for cells in zip_longest(*columns, fillvalue="")],
    )
    try:
        form = _form(typed, await _codes(services, visitor))
        invoice_id, is_new = await uploading.upload(services, visitor, form, await read_document(document))
    except Problem as problem:
        return await _page(request, visitor, services, typed, problem)
    return _leave(request, f"/invoices/{invoice_id}?done={'uploaded' if is_new else 'known'}")


def _leave(request: Request, path: str) -> Response:
    """To another page, also from a form that a script has sent and that stays where it is."""
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"hx-redirect": path})
    return RedirectResponse(path, 303)


async def _page(
    request: Request, visitor: Visitor, services: Services, typed: Typed, problem: Problem | None = None
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        projects = await project_names(session)
        vendors = await vendor_names(session)
        codes = await known_codes(session)
    return page(
        request,
        "upload.html",
        visitor,
        status=problem.status if problem else 200,
        problem=problem,
        typed=typed,
        projects=projects,
        vendors=[name for _, name in vendors],
        codes=list(codes),
        today=services.clock.now().date(),
    )


async def _codes(services: Services, visitor: Visitor) -> dict[str, str]:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        return await known_codes(session)


def _form(typed: Typed, codes: dict[str, str]) -> UploadForm:
    """What was typed, checked. Raises Problem 422 that names the field."""
    lines: list[dict[str, Any]] = [
        {
            "description": line.description,
            "amount": _plain(line.amount) or "0",
            "retainage": _plain(line.retainage) or "0",
            "budget_code": line.code or None,
            "cost_code_id": codes.get(line.code),
        }
        for line in typed.lines
        if not line.is_blank
    ]
    if not lines:
        raise Problem(422, "no_lines", "An invoice needs at least one line. Add what is billed, then upload it again.")
    for name, value in REQUIRED.items():
        if not getattr(typed, name).strip():
            raise Problem(422, "missing_field", f"{value} is missing. Fill it in, then upload the invoice again.")
    try:
        return UploadForm.model_validate(
            {
                "upload_id": _upload_id(typed.upload_id),
                "project_id": typed.project_id,
                "vendor_name": typed.vendor_name,
                "number": typed.number,
                "billing_date": typed.billing_date,
                "commitment_number": typed.commitment_number.strip() or None,
                "total": _plain(typed.total),
                "lines": lines,
            }
        )
    except ValidationError as invalid:
        raise validation_problem(invalid.errors()) from None


REQUIRED = {
    "project_id": "The project",
    "vendor_name": "The vendor",
    "number": "The invoice number",
    "billing_date": "The billing date",
    "total": "The amount due",
}


def _upload_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Problem(422, "form_broken", "This form is damaged. Open the upload page again and fill it in.") from None


def _plain(text: str) -> str:
    """An amount without sign of currency and thousands separators; anything else as it is, to be refused in words."""
    written = WRITTEN.match(text.replace(" ", "").replace("−", "-"))
    if written is None:
        return text
    return f"{written['sign']}{written['digits'].replace(',', '')}{(written['cents'] or '').rstrip('.')}"
