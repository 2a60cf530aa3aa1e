"""The first page: what needs a person, what went to QuickBooks lately, what waits and why, and what went wrong last."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from accounting.connection_states import counts_as_active
from accounting.states import Badge
from accounting.work_list import Task
from api.access import SESSION_USER, Accountant, ServicesNow, Visitor, member
from api.intents import switching
from api.intents.matching import MATCHED
from api.invoice_words import freshness_sentence, waiting_words
from api.pages.list_address import PATH
from api.pages.rendering import page
from api.resolving import page_for_all
from api.services import Services
from api.words import status_of
from models import connection_cards
from models.company_zone import company_zone
from models.first_steps import first_steps
from models.freshness import freshness
from models.invoice_pages import badge_counts
from models.last_error import last_error
from models.posted_days import PostedDay, posted_days
from models.work_list import WaitingGroup, waiting_groups, work_list

router = APIRouter()

WORK_SHOWN = 8
WEEK = 7
DONE = {"sync": "Looking at Procore now. New approvals appear within seconds."}


@dataclass(frozen=True)
class Week:
    """What went to QuickBooks in the last seven days, today included, and in the seven before."""

    days: list[PostedDay]
    count: int
    total: Decimal
    count_before: int

    @classmethod
    def of(cls, fortnight: list[PostedDay]) -> "Week":
        before, days = fortnight[:-WEEK], fortnight[-WEEK:]
        return cls(
            days,
            sum(day.count for day in days),
            sum((day.total for day in days), Decimal(0)),
            sum(day.count for day in before),
        )

    @property
    def tallest(self) -> Decimal:
        """The largest day, for the scale of the chart."""
        return max(day.total for day in self.days)

    @property
    def today(self) -> date:
        return self.days[-1].day


@router.get("/")
async def home(request: Request, services: ServicesNow, done: str = "") -> Response:
    if not request.session.get(SESSION_USER):
        return page(request, "sign_in.html")
    return await _dashboard(request, await member(request, services), services, DONE.get(done))


async def _dashboard(request: Request, visitor: Visitor, services: Services, done: str | None) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        cards = await connection_cards.connection_cards(session)
        steps = await first_steps(session)
        counts = await badge_counts(session)
        work = await work_list(session, WORK_SHOWN)
        waiting = await waiting_groups(session)
        zone = await company_zone(session)
        week = Week.of(await posted_days(session, zone, 2 * WEEK))
        fresh = await freshness(session)
        error = await last_error(session)
    live = [card.connection for card in cards if counts_as_active(card.connection.state)]
    by_badge = {one.badge: one for one in counts}
    return page(
        request,
        "home.html",
        visitor,
        connections=[(connection, status_of(connection)) for connection in live],
        steps=steps,
        counts=counts,
        needs_you=by_badge.get(Badge.NEEDS_YOU),
        waiting_now=by_badge.get(Badge.WAITING),
        work=[(task, _work_link(visitor, task)) for task in work],
        waiting=[(group, waiting_words(group.reason), _waiting_link(group)) for group in waiting],
        week=week,
        zone=zone,
        fresh=fresh,
        fresh_sentence=freshness_sentence(fresh, services.clock.now()),
        error=error,
        done=done,
    )


def _work_link(visitor: Visitor, task: Task) -> str:
    """Where the button is: the one invoice, the page that settles all of them, the form on the first of them.

    Who may press no button is led to the list of those that the same decision frees.
    """
    invoice = f"{PATH}/{task.invoice_id}"
    if task.touches == 1:
        return invoice
    if page_of_all := page_for_all(visitor, task.connection_id, task.reason, task.subject, task.subject_key):
        return page_of_all
    if task.reason in MATCHED and visitor.may_work_on_invoices:
        return invoice
    subject = {"subject": task.subject_key} if task.subject_key else {}
    return f"{PATH}?{urlencode({'blocker': task.reason.value, **subject})}"


def _waiting_link(group: WaitingGroup) -> str:
    narrowed = {"blocker": group.reason.value} if group.reason else {}
    return f"{PATH}?{urlencode({'status': Badge.WAITING.value, **narrowed})}"


@router.post("/sync-now")
async def sync_now(visitor: Accountant, services: ServicesNow) -> Response:
    await switching.sync_now(services, visitor)
    return RedirectResponse("/?done=sync", 303)
