"""How bills are made in one connection's books: every setting with its default, and what each means."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from accounting.account_choice import AccountUse, item_refusal, refusal
from api.access import ChangingAdmin, ReadingAdmin, ServicesNow, Visitor
from api.intents import connection_settings
from api.intents.connection_settings import SettingsChange
from api.pages.connection_frame import ROOT, connection_frame
from api.pages.forms import read_form, typed_fields
from api.pages.rendering import page
from api.problems import Problem
from api.services import Services
from api.words import all_projects_sentence, pause_sentence
from models import mappings, reference_lists
from models.all_projects import all_projects
from models.coding import as_account, as_item
from models.connection_settings import choices_of, last_changed_by
from models.going_on import held_by_pause
from models.tables import ReferenceEntry

router = APIRouter(prefix=ROOT)

DONE = {"settings": "Settings saved. Invoices that waited for them go on by themselves."}
TIME_ZONES = (
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
)


@router.get("/{connection_id}")
async def settings(
    connection_id: UUID, request: Request, visitor: ReadingAdmin, services: ServicesNow, done: str = ""
) -> Response:
    return await _settings(request, visitor, services, connection_id, done=DONE.get(done))


async def _settings(
    request: Request,
    visitor: Visitor,
    services: Services,
    connection_id: UUID,
    *,
    done: str | None = None,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        frame = await connection_frame(session, connection_id, "")
        stored = await mappings.connection_settings(session, connection_id)
        chart = await reference_lists.entries_of(session, connection_id, ["Account"])
        items = await reference_lists.entries_of(session, connection_id, ["Item"])
        changed = await last_changed_by(session, connection_id)
        waiting = await held_by_pause(session, connection_id)
        whole = await all_projects(session, frame["connection"])
    chosen: dict[str, Any] = asdict(choices_of(stored))
    overtaken = problem is not None and problem.code == "settings_changed_meanwhile"
    return page(
        request,
        "connection_settings.html",
        visitor,
        status=problem.status if problem else 200,
        problem=problem,
        done=done,
        **frame,
        # What was typed stands until it is saved, except in a form that others overtook: that one shows theirs.
        chosen={**chosen, **_as_typed(chosen, typed)} if typed and problem and not overtaken else chosen,
        version=stored.version,
        changed=changed,
        posting_paused=stored.posting_paused,
        pause=pause_sentence(stored.posting_paused, waiting),
        clash=all_projects_sentence(whole) if whole.on and whole.rivals else "",
        books_closed_through=stored.books_closed_through,
        items=[(one.quickbooks_id, one.full_name) for one in items if item_refusal(as_item(one)) is None],
        expense_accounts=_usable(AccountUse.EXPENSE, chart),
        retainage_accounts=_usable(AccountUse.RETAINAGE, chart),
        ap_accounts=_usable(AccountUse.ACCOUNTS_PAYABLE, chart),
        time_zones=TIME_ZONES,
    )


@router.post("/{connection_id}")
async def change(connection_id: UUID, request: Request, visitor: ChangingAdmin, services: ServicesNow) -> Response:
    typed = await typed_fields(request)
    try:
        await connection_settings.change(services, visitor, connection_id, read_form(SettingsChange, typed))
    except Problem as problem:
        if problem.status == 404:
            raise
        return await _settings(request, visitor, services, connection_id, problem=problem, typed=typed)
    return RedirectResponse(f"{ROOT}/{connection_id}?done=settings", 303)


def _as_typed(chosen: dict[str, Any], typed: dict[str, str]) -> dict[str, Any]:
    """A refused form's fields, in the form the page shows stored ones."""
    return {
        name: typed[name] == "true" if isinstance(chosen[name], bool) else typed[name]
        for name in chosen
        if name in typed
    }


def _usable(use: AccountUse, chart: list[ReferenceEntry]) -> list[tuple[str, str]]:
    return [
        (entry.quickbooks_id, f"{entry.full_name} · {entry.account_type}" if entry.account_type else entry.full_name)
        for entry in chart
        if refusal(use, as_account(entry)) is None
    ]
