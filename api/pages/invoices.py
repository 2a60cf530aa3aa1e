"""The list of invoices, and what is done to many of them at once."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from accounting.invoice import InvoiceSource
from api.access import Accountant, Member, ServicesNow
from api.intents import bulk
from api.intents.bulk import MOST_AT_ONCE, BulkAction, BulkOutcome
from api.invoice_words import filter_reasons, freshness_sentence
from api.pages.list_address import LAST_PAGE, PAGE_SIZE, SOURCE_WORDS, ListAddress
from api.pages.rendering import page
from models.company_zone import company_zone
from models.freshness import freshness
from models.invoice_choices import project_names, reasons_now, vendor_names
from models.invoice_pages import list_invoices

router = APIRouter()

SOURCES = {InvoiceSource.PROCORE_REQUISITION: "Procore", InvoiceSource.UPLOAD: "Upload"}


@router.get("/invoices")
async def invoices(request: Request, visitor: Member, services: ServicesNow, done: str = "") -> Response:
    address = ListAddress.read(request.query_params)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        found = await list_invoices(session, address.wanted, PAGE_SIZE, address.offset, address.order)
        projects = await project_names(session)
        vendors = await vendor_names(session)
        reasons = await reasons_now(session)
        fresh = await freshness(session)
        zone = await company_zone(session)
    return page(
        request,
        "invoices.html",
        visitor,
        address=address,
        wanted=address.wanted,
        found=found,
        everything=sum(one.count for one in found.badges),
        projects=projects,
        vendors=vendors,
        reasons=filter_reasons(reasons, address.wanted.waits_for),
        sources=[(word, SOURCES[source]) for source, word in SOURCE_WORDS.items()],
        pages=min(max(1, -(-found.total // PAGE_SIZE)), LAST_PAGE),
        cut_off=found.total > PAGE_SIZE * LAST_PAGE,
        fresh=fresh,
        zone=zone,
        fresh_sentence=freshness_sentence(fresh, services.clock.now()),
        may_work=visitor.may_work_on_invoices,
        done=_told(done),
    )


@router.post("/invoices/bulk")
async def act_on_many(
    visitor: Accountant,
    services: ServicesNow,
    action: Annotated[BulkAction, Form()],
    invoice: Annotated[list[UUID] | None, Form(max_length=MOST_AT_ONCE)] = None,
    back_to: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    outcome = await bulk.act(services, visitor, action, invoice or [])
    # Only what the list itself could have said is taken from the form.
    address = ListAddress.read(QueryParams(back_to.partition("?")[2]))
    told = f"{outcome.action}.{outcome.done}.{outcome.left}"
    return RedirectResponse(f"{address.page_path}page={address.page}&done={told}", 303)


def _told(done: str) -> str | None:
    """The sentence of what was done, from the address; None for anything it did not write itself."""
    action, _, counts = done.partition(".")
    changed, _, left = counts.partition(".")
    numbers = all(count.isascii() and count.isdigit() and len(count) < 5 for count in (changed, left))
    if action not in set(BulkAction) or not numbers:
        return None
    return BulkOutcome(BulkAction(action), int(changed), int(left)).sentence
