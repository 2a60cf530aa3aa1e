"""A connection's Data mapping tab: what Procore's vendors, projects and cost codes are in QuickBooks, saved in bulk."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from accounting.coding import TargetKind
from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import creating_vendor
from api.intents import mapping as intents
from api.intents.mapping import NotSaved, TypedMapping
from api.intents.mapping_versions import check_connection
from api.pages.connection_frame import ROOT, connection_frame
from api.pages.forms import typed_fields
from api.pages.rendering import page, query, templates
from api.problems import Problem
from api.services import Services
from models.mapping_pages import Shown, mapping_page, targets_like
from models.mappings import connection_settings, list_of
from models.tables import MappingKind

router = APIRouter(prefix=ROOT)
BELOW = "/mapping"

NAMES_SHOWN = 25
TARGETS_OFFERED = 50
DONE = {
    "saved": "Mappings saved. Invoices that waited for them go on by themselves.",
    "creating": (
        "The vendor is being created in QuickBooks. A company file gets it when its Web Connector calls next. What "
        "waits for it then goes on by itself."
    ),
}


@dataclass(frozen=True)
class KindWords:
    """What a kind of mapping is called on its page."""

    tab: str
    procore: str
    quickbooks: str


KINDS = {
    MappingKind.VENDOR: KindWords("Vendors", "Vendor in Procore", "Vendor in QuickBooks"),
    MappingKind.PROJECT: KindWords("Projects", "Project in Procore", "Customer or job in QuickBooks"),
    MappingKind.COST_CODE: KindWords("Cost codes", "Budget code (cost code + cost type)", "Category (account)"),
}


def _words(kind: MappingKind, basis: TargetKind) -> KindWords:
    words = KINDS[kind]
    return replace(words, quickbooks="Product or service (item)") if list_of(kind, basis) == "Item" else words


@dataclass(frozen=True)
class Wanted:
    """Which page of which mapping, as its address says."""

    kind: MappingKind
    shown: Shown
    search: str
    number: int

    def address(self, path: str, **more: object) -> str:
        told = {"kind": self.kind.value, "show": self.shown.value, "search": self.search, "page": self.number, **more}
        return f"{path}?{query(**told)}"


def _wanted(kind: str, show: str, search: str, number: int) -> Wanted:
    """An unknown word in an address means the first choice."""
    chosen = next((one for one in KINDS if one.value == kind), MappingKind.VENDOR)
    shown = next((one for one in Shown if one.value == show), Shown.ALL)
    return Wanted(chosen, shown, search.strip(), number)


@router.get("/{connection_id}" + BELOW)
async def data_mapping(
    connection_id: UUID,
    request: Request,
    visitor: ReadingAdmin,
    services: ServicesNow,
    kind: str = "",
    show: str = "",
    search: Annotated[str, Query(max_length=100)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
    done: str = "",
) -> Response:
    wanted = _wanted(kind, show, search, number)
    return await _page(request, visitor, services, connection_id, wanted, done=DONE.get(done))


async def _page(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    wanted: Wanted,
    *,
    done: str | None = None,
    wrong: NotSaved | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    offset = (wanted.number - 1) * NAMES_SHOWN
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        frame = await connection_frame(session, connection_id, BELOW)
        found = await mapping_page(
            session, connection_id, wanted.kind, wanted.shown, wanted.search, NAMES_SHOWN, offset
        )
        basis = (await connection_settings(session, connection_id)).posting_basis
        offered = await targets_like(session, connection_id, list_of(wanted.kind, basis), "", TARGETS_OFFERED)
    path = f"{frame['path']}{BELOW}"
    return page(
        request,
        "data_mapping.html",
        visitor,
        status=422 if wrong else 200,
        done=done,
        **frame,
        here=path,
        kinds=[(f"{path}?{query(kind=one.value)}", words.tab, one is wanted.kind) for one, words in KINDS.items()],
        words=_words(wanted.kind, basis),
        wanted=wanted,
        found=found,
        offered=offered,
        pages=max(1, -(-found.total // NAMES_SHOWN)),
        wrong=wrong.rows if wrong else {},
        typed=typed or {},
    )


@router.get("/{connection_id}" + BELOW + "/targets")
async def targets(
    connection_id: UUID,
    request: Request,
    visitor: ReadingAdmin,
    services: ServicesNow,
    kind: str = "",
    row: str = "",
) -> Response:
    """The options to choose from while somebody types in a row: QuickBooks' names that have the text in them."""
    text = request.query_params.get(f"target.{row}", "").strip()[:100]
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        await check_connection(session, connection_id)
        basis = (await connection_settings(session, connection_id)).posting_basis
        entity = list_of(_wanted(kind, "", "", 1).kind, basis)
        offered = await targets_like(session, connection_id, entity, text, TARGETS_OFFERED)
    return templates.TemplateResponse(request, "mapping_targets.html", {"offered": offered})


@router.post("/{connection_id}" + BELOW)
async def save(connection_id: UUID, request: Request, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    typed = await typed_fields(request)
    number = typed.get("page", "1")
    wanted = _wanted(
        typed.get("kind", ""), typed.get("show", ""), typed.get("search", ""), int(number) if number.isdigit() else 1
    )
    try:
        await intents.save(services, visitor, connection_id, wanted.kind, _rows(typed))
    except NotSaved as wrong:
        return await _page(request, visitor, services, connection_id, wanted, wrong=wrong, typed=typed)
    return RedirectResponse(wanted.address(f"{ROOT}/{connection_id}{BELOW}", done="saved"), 303)


@router.post("/{connection_id}" + BELOW + "/create-vendor")
async def create(connection_id: UUID, request: Request, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    """Create one row's vendor in QuickBooks: under the name that is typed beside it, else under Procore's."""
    typed = await typed_fields(request)
    one = typed.get("create", "")[:64]
    name = typed.get(f"target.{one}", "").strip() or typed.get(f"name.{one}", "")
    wanted = _wanted(MappingKind.VENDOR.value, typed.get("show", ""), typed.get("search", ""), 1)
    try:
        await creating_vendor.create_vendor(services, visitor, connection_id, one, name)
    except Problem as problem:
        if problem.status == 404:
            raise
        wrong = NotSaved({one: problem.message})
        return await _page(request, visitor, services, connection_id, wanted, wrong=wrong, typed=typed)
    return RedirectResponse(wanted.address(f"{ROOT}/{connection_id}{BELOW}", done="creating"), 303)


def _rows(typed: dict[str, str]) -> list[TypedMapping]:
    ids = [name.removeprefix("target.") for name in typed if name.startswith("target.")][:NAMES_SHOWN]
    return [
        TypedMapping(
            procore_id=one[:64],
            procore_name=typed.get(f"name.{one}", one)[:200],
            shown_version=int(version) if (version := typed.get(f"version.{one}", "0")).isdigit() else 0,
            shown_name=typed.get(f"was.{one}", ""),
            name=typed[f"target.{one}"].strip(),
        )
        for one in ids
    ]
