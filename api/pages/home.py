"""The first page: is QuickBooks connected, what needs a person, what came through."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from accounting.connection_states import counts_as_active
from accounting.states import Badge
from api.access import SESSION_USER, Accountant, ServicesNow, member
from api.intents import switching
from api.pages.rendering import page
from api.words import status_of
from models import connection_cards, toggle
from models.invoice_pages import LARGEST_FIRST, InvoiceFilter, badge_counts, list_invoices

router = APIRouter()

NEEDS_YOU = InvoiceFilter(badge=Badge.NEEDS_YOU)
NEEDS_SHOWN = 5
DONE = {"sync": "Looking at Procore now. New approvals appear within seconds."}


@router.get("/")
async def home(request: Request, services: ServicesNow, done: str = "") -> Response:
    if not request.session.get(SESSION_USER):
        return page(request, "sign_in.html")
    visitor = await member(request, services)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        cards = await connection_cards.connection_cards(session)
        counts = await badge_counts(session)
        needs = await list_invoices(session, NEEDS_YOU, NEEDS_SHOWN, order=LARGEST_FIRST)
        mirroring = await toggle.toggle_view(session)
    live = [card for card in cards if counts_as_active(card.connection.state)]
    looked = [look.last_looked_at for look in mirroring.projects if look.last_looked_at]
    return page(
        request,
        "home.html",
        visitor,
        connections=[(card.connection, status_of(card.connection)) for card in live],
        counts=counts,
        needs=needs,
        mirroring=mirroring,
        last_looked_at=max(looked, default=None),
        last_posted_at=max((c.connection.last_posted_at for c in live if c.connection.last_posted_at), default=None),
        done=DONE.get(done),
    )


@router.post("/sync-now")
async def sync_now(visitor: Accountant, services: ServicesNow) -> Response:
    await switching.sync_now(services, visitor)
    return RedirectResponse("/?done=sync", 303)
