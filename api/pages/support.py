"""inBuild's own support view: find anything, see how it stands and why, enable the feature. It changes nothing else."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.access import ServicesNow, Support
from api.intents import supporting
from api.pages.rendering import page
from api.problems import not_found
from api.sent_bill import read_sent_bill
from api.temporal_links import temporal_address
from api.timelines import timeline_of
from api.words import PRODUCTS, status_of
from models import support, toggle
from models.company_zone import company_zone
from models.connection_cards import connection_cards
from models.events import audit, event_of
from models.invoice_pages import InvoiceFilter, list_invoices
from models.invoice_sheet import invoice_sheet

HERE = "/support"
router = APIRouter(prefix=HERE)

INVOICES_SHOWN = 15
AUDITS_SHOWN = 20
DONE = {"on": "The feature is on for this company."}


@router.get("")
async def look_up(
    request: Request, person: Support, services: ServicesNow, text: Annotated[str, Query(max_length=2000)] = ""
) -> Response:
    hits = await supporting.look_up(services, person, text)
    return page(request, "support.html", person, text=text.strip(), hits=hits)


@router.get("/companies/{company_id}")
async def company(
    company_id: UUID,
    request: Request,
    person: Support,
    services: ServicesNow,
    search: Annotated[str, Query(max_length=100)] = "",
    done: str = "",
) -> Response:
    async with services.database.company(company_id, person.actor) as session:
        facts = await support.company_facts(session)
        if facts is None:
            raise not_found("company")
        audit(session, "support_viewed", what="company", search=search)
        cards = await connection_cards(session)
        mirroring = await toggle.toggle_view(session)
        invoices = await list_invoices(session, InvoiceFilter(search=search.strip()), INVOICES_SHOWN)
        audits = await support.newest_audits(session, AUDITS_SHOWN)
        zone = await company_zone(session)
    workflows = await supporting.workflows_of(
        services, company_id, [(card.connection.id, card.connection.quickbooks_company_name) for card in cards]
    )
    looked = [look.last_looked_at for look in mirroring.projects if look.last_looked_at]
    return page(
        request,
        "support_company.html",
        person,
        done=DONE.get(done),
        facts=facts,
        zone=zone,
        connections=[(card, status_of(card.connection)) for card in cards],
        product=PRODUCTS,
        workflows=workflows,
        mirroring=mirroring,
        last_looked_at=max(looked, default=None),
        troubles=[look for look in mirroring.projects if look.trouble],
        invoices=invoices,
        search=search.strip(),
        audits=audits,
    )


@router.post("/companies/{company_id}/feature")
async def enable_feature(company_id: UUID, person: Support, services: ServicesNow) -> Response:
    await supporting.enable_feature(services, person, company_id)
    return RedirectResponse(f"{HERE}/companies/{company_id}?done=on", 303)


@router.get("/companies/{company_id}/invoices/{invoice_id}")
async def invoice(
    company_id: UUID, invoice_id: UUID, request: Request, person: Support, services: ServicesNow
) -> Response:
    async with services.database.company(company_id, person.actor) as session:
        facts = await support.company_facts(session)
        sheet = await invoice_sheet(session, invoice_id) if facts else None
        if facts is None or sheet is None:
            raise not_found("invoice")
        audit(session, "support_viewed", what="invoice", invoice_id=str(invoice_id))
        told = await timeline_of(session, invoice_id)
    return page(
        request,
        "support_invoice.html",
        person,
        facts=facts,
        sheet=sheet,
        invoice=sheet.invoice,
        sent=read_sent_bill(sheet.bill) if sheet.bill else None,
        told=told,
        links_to_temporal=services.settings.temporal_ui_url is not None,
    )


@router.get("/companies/{company_id}/invoices/{invoice_id}/history")
async def history(
    company_id: UUID,
    invoice_id: UUID,
    person: Support,
    services: ServicesNow,
    event: Annotated[int, Query(ge=1, le=2**62)],
) -> Response:
    """From an event of the timeline to its run in the Temporal Web UI."""
    async with services.database.company(company_id, person.actor) as session:
        row = await event_of(session, "invoice", invoice_id, event)
        if row is None:
            raise not_found("event")
        audit(session, "support_viewed", what="history", invoice_id=str(invoice_id), event=event)
    return RedirectResponse(await temporal_address(services, row), 303)
