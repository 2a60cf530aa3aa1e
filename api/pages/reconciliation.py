"""Reconciliation: what is approved and where it is, every difference with its explanation, and the report to print."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from accounting.reconciliation import Place
from accounting.states import Badge
from api.access import Accountant, Member, ServicesNow
from api.difference_words import field_words, side_words
from api.intents import reconciling
from api.pages.rendering import page
from api.reconciliation_report import counts_agree, overview
from models.company_zone import company_zone
from models.reconciliation_runs import Selection

router = APIRouter(prefix="/reconciliation")

PATH = "/reconciliation"
PAGE_SIZE = 50
LAST_PAGE = 200
# What a printed report can carry; the table to download has them all.
MOST_PRINTED = 2_000
LONGEST_NOTE = 500
DONE = {
    "run": "Comparing now. This page shows the result when it is there.",
    "explained": "Explained. It stays so until one of the two values changes.",
    "opened": "The explanation was taken back.",
}
BADGE_OF_PLACE = {
    Place.WAITING: Badge.WAITING,
    Place.NEEDS_YOU: Badge.NEEDS_YOU,
    Place.DONT_POST: Badge.DONT_POST,
    Place.WITHDRAWN: Badge.APPROVAL_WITHDRAWN,
    Place.NOTHING_TO_POST: Badge.NOTHING_TO_POST,
    Place.TAKEN_BACK: Badge.TAKEN_BACK,
    Place.REMOVED: Badge.REMOVED_IN_QUICKBOOKS,
}


@dataclass(frozen=True)
class ReconciliationAddress:
    """What the address asks for; what of it this version does not know is left out."""

    wanted: Selection
    page: int

    @classmethod
    def read(cls, given: QueryParams) -> "ReconciliationAddress":
        page = given.get("page", "")
        return cls(
            Selection(
                project_id=given.get("project", "")[:32] or None,
                connection_id=_id(given.get("connection", "")),
                first=month(given.get("from", "")),
                last=month(given.get("to", "")),
            ),
            min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )

    @property
    def query(self) -> str:
        """The filter as it stands in an address; empty where there is none."""
        wanted = self.wanted
        named = {
            "project": wanted.project_id,
            "connection": str(wanted.connection_id) if wanted.connection_id else None,
            "from": f"{wanted.first:%Y-%m}" if wanted.first else None,
            "to": f"{wanted.last:%Y-%m}" if wanted.last else None,
        }
        return urlencode({name: value for name, value in named.items() if value})

    @property
    def is_narrowed(self) -> bool:
        return self.wanted != Selection()

    def to(self, path: str) -> str:
        """Another address about the same selection."""
        return f"{path}?{self.query}" if self.query else path

    @property
    def page_path(self) -> str:
        return f"{PATH}?{self.query}&" if self.query else f"{PATH}?"

    @property
    def period(self) -> str:
        """The months that are wanted, in a sentence."""
        first, last = self.wanted.first, self.wanted.last
        if first is None and last is None:
            return "Everything approved to date."
        since = f" from {first:%B %Y}" if first else ""
        until = f" through {last:%B %Y}" if last else ""
        return f"Billed{since}{until}."

    @property
    def here(self) -> str:
        return f"{self.query}&page={self.page}"

    def table(self, path: str) -> str:
        """The same selection for a program's route."""
        names = {"project": "project_id", "connection": "connection_id", "from": "first", "to": "last"}
        given = urlencode([(names[name], value) for name, value in QueryParams(self.query).items()])
        return f"{path}?{given}" if given else path

    def of_project(self, project_id: str) -> str:
        return f"{PATH}?{urlencode([*self._others('project'), ('project', project_id)])}"

    def invoices_in(self, place: str) -> str | None:
        """The list of the invoices in a place; None where the list has no such filter."""
        badge = BADGE_OF_PLACE.get(Place(place))
        if badge is None:
            return None
        project = {"project": self.wanted.project_id} if self.wanted.project_id else {}
        return f"/invoices?{urlencode({'status': badge.value, **project})}"

    def _others(self, left_out: str) -> list[tuple[str, str]]:
        return [(name, value) for name, value in QueryParams(self.query).items() if name != left_out]


def month(text: str) -> date | None:
    """The first day of ``2026-06``; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@router.get("")
async def reconciliation(request: Request, visitor: Member, services: ServicesNow, done: str = "") -> Response:
    address = ReconciliationAddress.read(request.query_params)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        shown = await overview(session, address.wanted, PAGE_SIZE, (address.page - 1) * PAGE_SIZE)
        zone = await company_zone(session)
    standing = shown.counts.open + shown.counts.explained
    return page(
        request,
        "reconciliation.html",
        visitor,
        address=address,
        wanted=address.wanted,
        shown=shown,
        report=shown.report,
        standing=standing,
        pages=min(max(1, -(-standing // PAGE_SIZE)), LAST_PAGE),
        zone=zone,
        months=[(f"{one:%Y-%m}", f"{one:%B %Y}") for one in shown.choices.months],
        agrees=shown.report is None or counts_agree(shown.report),
        may_work=visitor.may_work_on_invoices,
        field_words=field_words,
        side_words=side_words,
        done=DONE.get(done),
    )


@router.get("/report")
async def printed(request: Request, visitor: Member, services: ServicesNow) -> Response:
    """The whole report on one page, laid out for paper."""
    address = ReconciliationAddress.read(request.query_params)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        shown = await overview(session, address.wanted, MOST_PRINTED)
        zone = await company_zone(session)
    return page(
        request,
        "reconciliation_report.html",
        visitor,
        address=address,
        wanted=address.wanted,
        shown=shown,
        report=shown.report,
        standing=shown.counts.open + shown.counts.explained,
        period=address.period,
        zone=zone,
        field_words=field_words,
        side_words=side_words,
    )


@router.post("/run")
async def run_now(
    visitor: Accountant,
    services: ServicesNow,
    reread: Annotated[bool, Form()] = False,
    back_to: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    await reconciling.run_now(services, visitor, reread=reread)
    return _back(back_to, "run")


@router.post("/differences/{difference_id}/explain")
async def explain(
    difference_id: UUID,
    visitor: Accountant,
    services: ServicesNow,
    fingerprint: Annotated[str, Form(max_length=64)],
    note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
    back_to: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    await reconciling.explain(services, visitor, difference_id, fingerprint, note)
    return _back(back_to, "explained")


@router.post("/differences/{difference_id}/open")
async def open_again(
    difference_id: UUID,
    visitor: Accountant,
    services: ServicesNow,
    back_to: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    await reconciling.open_again(services, visitor, difference_id)
    return _back(back_to, "opened")


def _back(back_to: str, done: str) -> Response:
    # Only what the page itself could have said is taken from the form.
    address = ReconciliationAddress.read(QueryParams(back_to))
    return RedirectResponse(f"{address.page_path}page={address.page}&done={done}", 303)
