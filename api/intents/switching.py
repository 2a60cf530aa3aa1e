"""The mirroring toggle: asking for a plan, switching on by its hash, switching off, looking now."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from accounting.closed_periods import in_words
from accounting.dates import local_date
from accounting.duplicates import NEAR
from api.access import Visitor, require_feature
from api.problems import Problem
from api.services import Services
from api.telling import tell
from contracts.mirroring import Toggled
from models import toggle
from models.company_zone import company_zone
from models.connections import connected
from models.desktop_readings import first_day
from models.projects import look_now
from models.tables import Connection, QuickBooksKind
from models.toggle import Switched


def _nothing_connected() -> Problem:
    return Problem(409, "nothing_connected", "No QuickBooks is connected. Connect it in Accounting Integrations first.")


async def request_plan(services: Services, visitor: Visitor, start_date: date) -> UUID:
    """Ask for the list of what switching on from a date would bring in. Raises Problem 409 and 422."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            # Today where the company builds: by UTC tomorrow begins there in the afternoon, or was hours ago.
            if start_date > local_date(session.now, await company_zone(session)):
                raise Problem(
                    422, "start_date_in_future", "The start date lies in the future. Choose today or an earlier date."
                )
            _check_reach(start_date, services.clock.now(), await connected(session))
            plan_id = await toggle.request_plan(session, start_date, visitor.user_id)
    except toggle.NothingConnected:
        raise _nothing_connected() from None
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "a plan was asked for"))
    return plan_id


def _check_reach(start_date: date, now: datetime, connections: Sequence[Connection]) -> None:
    """An invoice is compared with bills dated near it: of a company file only those of the last two years are read."""
    earliest = first_day(now) + NEAR
    file = next((one for one in connections if one.kind is QuickBooksKind.DESKTOP), None)
    if file is not None and start_date < earliest:
        raise Problem(
            422,
            "start_date_beyond_copy",
            f"inBuild reads the bills of {file.quickbooks_company_name} two years back, so it could not tell which "
            f"earlier invoices are in there already. Choose {in_words(earliest)} or a later date.",
        )


async def switch_on(services: Services, visitor: Visitor, plan_id: UUID, plan_hash: str) -> Switched:
    """Turn mirroring on as planned. Raises Problem 409 where the plan is not what is true now."""
    try:
        async with services.database.company(visitor.company_id, visitor.actor) as session:
            switched = await toggle.switch_on(session, plan_id, plan_hash, visitor.user_id)
    except toggle.NothingConnected:
        raise _nothing_connected() from None
    except toggle.AlreadyOn:
        raise Problem(
            409, "already_on", "Mirroring is on already. Turn it off first to choose another start date."
        ) from None
    except toggle.PlanNotReady:
        raise Problem(
            409,
            "plan_not_ready",
            "The list of invoices is not ready. Wait until it shows count and total, then confirm.",
        ) from None
    except toggle.PlanOutdated:
        raise Problem(
            409,
            "plan_outdated",
            "The list of invoices has changed since you saw it. Nothing was turned on; look at the new list, then "
            "confirm it.",
        ) from None
    await _tell(services, visitor, switched)
    return switched


async def switch_off(services: Services, visitor: Visitor) -> Switched:
    """Turn mirroring off; what is already imported goes on."""
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        switched = await toggle.switch_off(session, visitor.user_id)
    await _tell(services, visitor, switched)
    return switched


async def _tell(services: Services, visitor: Visitor, switched: Switched) -> None:
    # Told also when nothing changed: a repeated request heals a message that was lost, and the version makes it safe.
    message = Toggled(
        on=switched.on,
        version=switched.version,
        actor=visitor.user.name,
        plan_id=switched.plan_id if switched.on else None,
    )
    await tell(services.workflows.toggle_mirroring(visitor.company_id, visitor.company.name, message))


async def sync_now(services: Services, visitor: Visitor) -> None:
    """Make every project due and wake the company. Raises Problem 403 and 409."""
    require_feature(visitor)
    async with services.database.company(visitor.company_id, visitor.actor) as session:
        view = await toggle.toggle_view(session)
        if not view.has_connection:
            raise _nothing_connected()
        await look_now(session)
    await tell(services.workflows.wake_company(visitor.company_id, visitor.company.name, "sync now"))
